"""``clinic book``, ``move``, ``cancel``, ``check-in``: what the screens do, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..domain.codes import CancelledBy
from .desks import signed_in
from .output import alternatives_shown, echo, echo_json, iso
from .verbs import PLAIN, Json
from .who import the_doctor, the_length, the_moment, the_patient, the_room_id, the_visit_type

if TYPE_CHECKING:
    from ..domain.appointments import BookedAppointment

verbs = typer.Typer(**PLAIN)

_LAST = 2**31 - 1
"""The greatest number that the tables give."""
_Visit = Annotated[
    int,
    typer.Argument(
        metavar="VISIT", help="The visit's number, as “agenda” shows it.", min=1, max=_LAST
    ),
]
_At = typer.Option(
    "--at", metavar="WHEN", help="When, as “2026-11-24 15:00” or “fri 3pm”, by the clinic's clock."
)
_Type = Annotated[
    str, typer.Option("--type", metavar="NAME", help="The visit type, as “follow-up”.")
]
_Minutes = Annotated[
    str, typer.Option(metavar="LENGTH", help="As 20 or 1h30; the visit type's length if not given.")
]


@verbs.command("book")
def book(
    context: typer.Context,
    patient: Annotated[
        str,
        typer.Option(
            metavar="WHO", help="A record number, or words, digits or a birth date as in a search."
        ),
    ],
    doctor: Annotated[
        str, typer.Option(metavar="NAME", help="A name, a number or an outside identifier.")
    ],
    visit_type: _Type,
    at: Annotated[str, _At],
    minutes: _Minutes = "",
    room: Annotated[str, typer.Option(metavar="NAME", help="Where.")] = "",
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why the patient comes.")] = "",
    as_json: Json = False,
) -> None:
    """Book a visit. A refusal says what stands in the way and offers up to three openings."""
    from ..domain.booking import BookingRequest, book_appointment  # noqa: PLC0415

    with signed_in(context) as desk:
        request = BookingRequest(
            doctor_id=the_doctor(desk, doctor),
            visit_type_id=the_visit_type(desk, visit_type).visit_type_id,
            starts_at=the_moment(desk, at),
            patient_id=the_patient(desk, patient),
            minutes=the_length(minutes),
            room_id=the_room_id(desk, room) if room else None,
            note=note,
        )
        with alternatives_shown(desk, as_json=as_json):
            answer = desk.run_now(book_appointment, request, desk.now())
        _tell(answer, desk.zone, as_json=as_json)


@verbs.command("move")
def move(
    context: typer.Context,
    visit: _Visit,
    at: Annotated[str, _At],
    doctor: Annotated[
        str, typer.Option(metavar="NAME", help="To this doctor; the same if not given.")
    ] = "",
    room: Annotated[
        str, typer.Option(metavar="NAME", help="To this room; the same if not given.")
    ] = "",
    minutes: Annotated[
        str, typer.Option(metavar="LENGTH", help="How long; as before if not given.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Move a visit. When the new place is refused it stays where it was."""
    from ..domain.appointments import appointment_details  # noqa: PLC0415
    from ..domain.moving import MoveRequest, move_appointment  # noqa: PLC0415

    with signed_in(context) as desk:
        before = desk.read_now(appointment_details, visit)
        request = MoveRequest(
            appointment_id=visit,
            doctor_id=the_doctor(desk, doctor) if doctor else before.doctor_id,
            starts_at=the_moment(desk, at),
            minutes=the_length(minutes)
            or int((before.ends_at - before.starts_at).total_seconds() // 60),
            room_id=the_room_id(desk, room) if room else before.room_id,
            seen_sequence=before.sequence,
        )
        with alternatives_shown(desk, as_json=as_json):
            answer = desk.run_now(move_appointment, request, desk.now())
        _tell(answer, desk.zone, as_json=as_json)


@verbs.command("cancel")
def cancel(
    context: typer.Context,
    visit: _Visit,
    by: Annotated[CancelledBy, typer.Option(help="Whose wish it is.")] = CancelledBy.PATIENT,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, in a few words.")] = "",
    as_json: Json = False,
) -> None:
    """Cancel a visit: its time is free at once."""
    from ..domain.cancelling import CancelRequest, cancel_appointment  # noqa: PLC0415

    with signed_in(context) as desk:
        request = CancelRequest(visit, by, reason)
        answer = desk.run_now(cancel_appointment, request, desk.now())
        _tell(answer, desk.zone, as_json=as_json)


@verbs.command("check-in")
def check_in(
    context: typer.Context,
    visit: _Visit,
    arrived: Annotated[
        bool, typer.Option("--arrived", help="Only arrived, not in the room yet.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check a patient in: here, and in the room."""
    from ..domain import flow  # noqa: PLC0415
    from ..domain.requests import new_key  # noqa: PLC0415

    step = flow.arrive if arrived else flow.check_in
    with signed_in(context) as desk:
        answer = desk.run_now(step, visit, desk.now(), new_key())
        _tell(answer, desk.zone, as_json=as_json)


def _tell(answer: BookedAppointment, zone: str, *, as_json: bool) -> None:
    """Say where the visit stands now."""
    if as_json:
        echo_json(_visit_json(answer, zone))
        return
    echo(answer.read_back(zone))
    messages = {0: "", 1: ", 1 message queued"}.get(
        answer.notices, f", {answer.notices} messages queued"
    )
    echo(f"Visit {answer.appointment_id} is {answer.status}{messages}.")


def _visit_json(answer: BookedAppointment, zone: str) -> dict[str, Any]:
    return {
        "visit": answer.appointment_id,
        "patient_id": answer.patient_id,
        "patient": answer.patient,
        "doctor_id": answer.doctor_id,
        "doctor": answer.doctor,
        "visit_type": answer.visit_type,
        "room": answer.room,
        "starts_at": iso(answer.starts_at, zone),
        "ends_at": iso(answer.ends_at, zone),
        "status": answer.status,
        "messages": answer.notices,
    }
