"""``clinic book``, ``move``, ``swap``, ``cancel``, ``reinstate``, ``check-in``: single visits."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from ..domain.codes import CancelledBy
from .desks import signed_in
from .output import alternatives_shown, echo_json
from .verbs import PLAIN, Json, example
from .visit_shown import (
    At,
    Minutes,
    NewMinutes,
    ToDoctor,
    ToRoom,
    Visit,
    read_number,
    tell,
    visit_json,
)
from .who import (
    the_doctor,
    the_length,
    the_moment,
    the_move,
    the_patient,
    the_room_id,
    the_visit_type,
)

verbs = typer.Typer(**PLAIN)


@verbs.command("book", epilog=example('book "garcia fri 3pm lee 20m"'))
def book(
    context: typer.Context,
    line: Annotated[
        str, typer.Argument(metavar="LINE", help="All of it, as “garcia tue 3pm lee 20m”.")
    ] = "",
    patient: Annotated[
        str | None,
        typer.Option(
            metavar="WHO", help="A record number, or words, digits or a birth date as in a search."
        ),
    ] = None,
    doctor: Annotated[
        str | None, typer.Option(metavar="NAME", help="A name, a number or an outside identifier.")
    ] = None,
    visit_type: Annotated[
        str | None, typer.Option("--type", metavar="NAME", help="The visit type, as “follow-up”.")
    ] = None,
    at: Annotated[str | None, At] = None,
    minutes: Minutes = "",
    room: Annotated[str, typer.Option(metavar="NAME", help="Where.")] = "",
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why the patient comes.")] = "",
    hold: Annotated[
        int | None,
        typer.Option(metavar="HOLD", help="The hold to make a visit of.", parser=read_number),
    ] = None,
    overbook: Annotated[
        str | None, typer.Option(metavar="REASON", help="Beside what the doctor has then, and why.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Book a visit. Said in a line, in any order, or by options.

    A refusal says what stands in the way and offers up to three openings, and so does a line
    that leaves open when or with whom.
    """
    from ..domain.visits.booking import BookingRequest, book_appointment, overbook_appointment  # noqa: PLC0415
    from .bar_line import request_in  # noqa: PLC0415

    by_options = {one is not None for one in (patient, doctor, visit_type, at)}
    if by_options != {not line}:
        raise typer.BadParameter("write a LINE, or else --patient, --doctor, --type and --at")
    with signed_in(context) as desk:
        if line:
            request = request_in(desk, line)
        else:
            request = BookingRequest(
                doctor_id=the_doctor(desk, doctor or ""),
                visit_type_id=the_visit_type(desk, visit_type or "").visit_type_id,
                starts_at=the_moment(desk, at or ""),
                patient_id=the_patient(desk, patient or ""),
            )
        request = replace(
            request,
            minutes=the_length(minutes) if minutes else request.minutes,
            room_id=the_room_id(desk, room) if room else None,
            note=note,
            hold_id=hold,
        )
        with alternatives_shown(desk, as_json=as_json):
            if overbook is not None:
                answer = desk.run_now(overbook_appointment, request, overbook, desk.now())
            else:
                answer = desk.run_now(book_appointment, request, desk.now())
        tell(answer, desk.zone, as_json=as_json)


@verbs.command("move", epilog=example('move 12 --at "mon 9:20" --doctor okafor'))
def move(
    context: typer.Context,
    visit: Visit,
    at: Annotated[str, At],
    doctor: ToDoctor = "",
    room: ToRoom = "",
    minutes: NewMinutes = "",
    as_json: Json = False,
) -> None:
    """Move a visit. When the new place is refused it stays where it was."""
    from ..domain.visits.moving import move_appointment  # noqa: PLC0415

    with signed_in(context) as desk:
        request = the_move(desk, visit, at, doctor, room, minutes)
        with alternatives_shown(desk, as_json=as_json):
            answer = desk.run_now(move_appointment, request, desk.now())
        tell(answer, desk.zone, as_json=as_json)


@verbs.command("swap", epilog=example("swap 12 15"))
def swap(
    context: typer.Context,
    visit: Visit,
    other: Annotated[
        int, typer.Argument(metavar="OTHER", help="The other's number.", parser=read_number)
    ],
    as_json: Json = False,
) -> None:
    """Let two visits change places.

    Doctor, start and room are exchanged; each keeps its own length.
    """
    from ..domain.visits.swapping import SwapRequest, swap_appointments  # noqa: PLC0415

    with signed_in(context) as desk:
        with alternatives_shown(desk, as_json=as_json):
            both = desk.run_now(swap_appointments, SwapRequest(visit, other), desk.now())
        if as_json:
            echo_json([visit_json(one, desk.zone) for one in both])
            return
        for one in both:
            tell(one, desk.zone, as_json=False)


@verbs.command("cancel", epilog=example('cancel 12 --by clinic --reason "doctor is ill"'))
def cancel(
    context: typer.Context,
    visit: Visit,
    by: Annotated[CancelledBy, typer.Option(help="Whose wish it is.")] = CancelledBy.PATIENT,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, in a few words.")] = "",
    as_json: Json = False,
) -> None:
    """Cancel a visit: its time is free at once."""
    from ..domain.visits.cancelling import CancelRequest, cancel_appointment  # noqa: PLC0415

    with signed_in(context) as desk:
        request = CancelRequest(visit, by, reason)
        answer = desk.run_now(cancel_appointment, request, desk.now())
        tell(answer, desk.zone, as_json=as_json)


@verbs.command("reinstate", epilog=example("reinstate 12"))
def reinstate(context: typer.Context, visit: Visit, as_json: Json = False) -> None:
    """Bring a cancelled visit back to where it stood, if that is free."""
    from ..domain.visits.cancelling import reinstate_appointment  # noqa: PLC0415
    from ..domain.visits.requests import new_key  # noqa: PLC0415

    with signed_in(context) as desk:
        with alternatives_shown(desk, as_json=as_json):
            answer = desk.run_now(reinstate_appointment, visit, desk.now(), new_key())
        tell(answer, desk.zone, as_json=as_json)


@verbs.command("check-in", epilog=example("check-in 12"))
def check_in(
    context: typer.Context,
    visit: Visit,
    arrived: Annotated[
        bool, typer.Option("--arrived", help="Only arrived, not in the room yet.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check a patient in: here, and in the room."""
    from ..domain.visits import flow  # noqa: PLC0415
    from ..domain.visits.requests import new_key  # noqa: PLC0415

    step = flow.arrive if arrived else flow.check_in
    with signed_in(context) as desk:
        answer = desk.run_now(step, visit, desk.now(), new_key())
        tell(answer, desk.zone, as_json=as_json)
