"""``clinic messages``: when, and how much at most, is said to patients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .desks import signed_in
from .output import echo, echo_json
from .verbs import PLAIN, Json, example

if TYPE_CHECKING:
    from ..domain.message_settings import MessageSettings

verbs = typer.Typer(
    help="Show and set quiet hours and caps.", epilog=example("messages show"), **PLAIN
)


@verbs.command("show", epilog=example("messages show"))
def show(context: typer.Context, as_json: Json = False) -> None:
    """Show the quiet hours and the caps."""
    from dataclasses import asdict  # noqa: PLC0415

    from ..domain.message_settings import message_settings  # noqa: PLC0415

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
) -> None:
    """Set the quiet hours and the caps; what is not named stays."""
    from dataclasses import replace  # noqa: PLC0415

    from ..domain.message_settings import (  # noqa: PLC0415
        change_message_settings,
        message_settings,
    )

    with signed_in(context) as desk:
        wanted = desk.read_now(message_settings)
        if quiet is not None:
            starts, ends = _quiet(quiet)
            wanted = replace(wanted, quiet_from=starts, quiet_until=ends)
        caps = {"daily_cap": daily, "patient_cap": patient, "actor_cap": account}
        given = {name: cap for name, cap in caps.items() if cap is not None}
        wanted = replace(wanted, **given)
        desk.run_now(change_message_settings, wanted, desk.now())
    _say(wanted)


def _quiet(text: str) -> tuple[int | None, int | None]:
    from ..domain.errors import BadInput  # noqa: PLC0415
    from ..domain.timeofday import read_time  # noqa: PLC0415

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


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"
