"""``clinic hold`` and ``release``: an opening kept while one talks."""

from __future__ import annotations

from typing import Annotated

import typer

from .desks import signed_in
from .output import alternatives_shown, echo, echo_json, iso
from .verbs import PLAIN, Json, example
from .visit_shown import At, Minutes, Type, read_number
from .who import the_doctor, the_length, the_moment, the_patient, the_room_id, the_visit_type

verbs = typer.Typer(**PLAIN)


@verbs.command("hold", epilog=example('hold --doctor lee --type follow-up --at "fri 3pm"'))
def hold(
    context: typer.Context,
    doctor: Annotated[str, typer.Option(metavar="NAME", help="A name, a number or an identifier.")],
    visit_type: Type,
    at: Annotated[str, At],
    patient: Annotated[
        str, typer.Option(metavar="WHO", help="For whom, if that is known already.")
    ] = "",
    minutes: Minutes = "",
    room: Annotated[str, typer.Option(metavar="NAME", help="Where.")] = "",
    replaces: Annotated[
        int | None,
        typer.Option("--replace", metavar="HOLD", help="The hold to give up.", parser=read_number),
    ] = None,
    as_json: Json = False,
) -> None:
    """Hold an opening for three minutes, or for as long again.

    One at a time: “clinic book --hold” makes a visit of it, “clinic release” gives it back.
    """
    from ..domain.visits.holds import HoldRequest, hold_opening  # noqa: PLC0415

    with signed_in(context) as desk:
        request = HoldRequest(
            doctor_id=the_doctor(desk, doctor),
            visit_type_id=the_visit_type(desk, visit_type).visit_type_id,
            starts_at=the_moment(desk, at),
            desk=desk.name,
            patient_id=the_patient(desk, patient) if patient else None,
            minutes=the_length(minutes),
            room_id=the_room_id(desk, room) if room else None,
            replaces=replaces,
        )
        with alternatives_shown(desk, as_json=as_json):
            held = desk.run_now(hold_opening, request, desk.now())
        if as_json:
            echo_json(
                {
                    "hold": held.hold_id,
                    "doctor_id": held.doctor_id,
                    "starts_at": iso(held.starts_at, desk.zone),
                    "ends_at": iso(held.ends_at, desk.zone),
                    "held_until": iso(held.held_until, desk.zone),
                }
            )
            return
        from ..domain.times.walltime import local, say_span  # noqa: PLC0415

        until = local(held.held_until, desk.zone).strftime("%H:%M:%S")
        span = say_span(held.starts_at, held.ends_at, desk.zone)
        echo(f"Hold {held.hold_id}: {span}, until {until}.")


@verbs.command("release", epilog=example("release 12"))
def release(
    context: typer.Context,
    held: Annotated[
        int, typer.Argument(metavar="HOLD", help="Its number, as “hold” said.", parser=read_number)
    ],
    as_json: Json = False,
) -> None:
    """Give a held opening back."""
    from ..domain.visits.holds import release_hold  # noqa: PLC0415

    with signed_in(context) as desk:
        desk.run_now(release_hold, held, desk.now())
    if as_json:
        echo_json({"released": held})
        return
    echo("It is free again.")
