"""``clinic messages``: when, how much at most and where to is said, and doctors' days."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from .desks import signed_in
from .output import echo, echo_json
from .verbs import PLAIN, Json, example
from .who import the_doctor

if TYPE_CHECKING:
    from ..domain.clinic.message_settings import MessageSettings

_NOON = 720
verbs = typer.Typer(
    help="Show and set quiet hours, caps, countries and doctors' agendas.",
    epilog=example("messages show"),
    **PLAIN,
)


class Wanted(StrEnum):
    """Yes or no."""

    ON = "on"
    OFF = "off"


@verbs.command("show", epilog=example("messages show"))
def show(context: typer.Context, as_json: Json = False) -> None:
    """Show the quiet hours, the caps, the countries, and when doctors are told of their day."""
    from dataclasses import asdict  # noqa: PLC0415

    from ..domain.clinic.message_settings import message_settings  # noqa: PLC0415

    with signed_in(context) as desk:
        found = desk.read_now(message_settings)
    if as_json:
        echo_json(asdict(found))
    else:
        _say(found)


@verbs.command("set", epilog=example("messages set --quiet 20:00-8:00 --patient 5"))
def change(
    context: typer.Context,
    quiet: Annotated[
        str | None,
        typer.Option(metavar="HOURS", help="Only what is pressing is said then; “off”: never."),
    ] = None,
    daily: Annotated[
        int | None, typer.Option(metavar="COUNT", help="Messages a day at most.")
    ] = None,
    patient: Annotated[
        int | None, typer.Option(metavar="COUNT", help="Messages a day to one patient at most.")
    ] = None,
    account: Annotated[
        int | None,
        typer.Option(metavar="COUNT", help="Messages an hour by one account's acts at most."),
    ] = None,
    agenda: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Doctors get their day by e-mail then, from noon on the next one; “off”: never.",
        ),
    ] = None,
    countries: Annotated[
        str | None,
        typer.Option(
            metavar="CODES", help="Texts go there alone, as “DE AT”; “own”: the clinic's country."
        ),
    ] = None,
) -> None:
    """Set quiet hours, caps, countries and the time of agendas; what is not named stays."""
    from dataclasses import replace  # noqa: PLC0415

    from ..domain.clinic.message_settings import change_message_settings, message_settings  # noqa: PLC0415
    from ..domain.times.timeofday import read_time  # noqa: PLC0415

    with signed_in(context) as desk:
        wanted = desk.read_now(message_settings)
        if quiet is not None:
            starts, ends = _quiet(quiet)
            wanted = replace(wanted, quiet_from=starts, quiet_until=ends)
        if agenda is not None:
            wanted = replace(wanted, agenda_minute=None if agenda == "off" else read_time(agenda))
        if countries is not None:
            wanted = replace(wanted, sms_countries="" if countries == "own" else countries)
        wanted = replace(
            wanted,
            daily_cap=wanted.daily_cap if daily is None else daily,
            patient_cap=wanted.patient_cap if patient is None else patient,
            actor_cap=wanted.actor_cap if account is None else account,
        )
        desk.run_now(change_message_settings, wanted, desk.now())
        wanted = desk.read_now(message_settings)
    _say(wanted)


@verbs.command("agenda", epilog=example("messages agenda off --doctor lee"))
def agenda(
    context: typer.Context,
    wanted: Annotated[Wanted, typer.Argument(metavar="ON|OFF", help="Whether it is sent.")],
    doctor: Annotated[
        str, typer.Option(metavar="NAME", help="Whose; a doctor's own if not named.")
    ] = "",
) -> None:
    """Let a doctor be told of their day by e-mail, or not any more."""
    from ..domain.errors import BadInput  # noqa: PLC0415
    from ..domain.staff.agendas import set_agenda_wanted  # noqa: PLC0415

    with signed_in(context) as desk:
        doctor_id = the_doctor(desk, doctor) if doctor else desk.actor.doctor_id
        if doctor_id is None:
            raise BadInput("Doctor", "Whose agenda? --doctor says it.")
        desk.run_now(set_agenda_wanted, doctor_id, wanted is Wanted.ON, desk.now())
    echo("The day comes by e-mail." if wanted is Wanted.ON else "No day by e-mail any more.")


def _quiet(text: str) -> tuple[int | None, int | None]:
    from ..domain.errors import BadInput  # noqa: PLC0415
    from ..domain.times.timeofday import read_time  # noqa: PLC0415

    if text == "off":
        return None, None
    starts, dash, ends = text.replace("–", "-").partition("-")
    if not dash:
        raise BadInput("Quiet", "Quiet: two times of day as 20:00-8:00, or “off”.")
    return read_time(starts), read_time(ends)


def _say(settings: MessageSettings) -> None:
    starts, ends = settings.quiet_from, settings.quiet_until
    if starts is None or ends is None:
        echo("No quiet hours.")
    else:
        echo(f"Quiet from {_clock(starts)} to {_clock(ends)}.")
    echo(
        f"At most {settings.daily_cap} messages a day, {settings.patient_cap} to one patient,"
        f" and {settings.actor_cap} an hour by one account."
    )
    where = settings.sms_countries or "the clinic's own country"
    echo(f"Texts go to mobiles in {where} only.")
    if (minute := settings.agenda_minute) is None:
        echo("Doctors get no agenda by e-mail.")
    else:
        day = "the day" if minute < _NOON else "the next day"
        echo(f"Doctors get {day} by e-mail at {_clock(minute)}.")


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"
