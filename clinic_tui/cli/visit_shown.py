"""What the verbs about visits share: their options, and how a visit is told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..domain.times.walltime import say_span
from ..domain.visits.status_words import visit_stands
from .output import echo, echo_json, iso

if TYPE_CHECKING:
    from ..domain.visits.appointments import BookedAppointment
    from ..domain.waitlist.freed import Fitting, FreedTime

_LAST = 2**31 - 1
"""The greatest number that the tables give."""


def read_number(text: str) -> int:
    """The number of a visit, a hold, a place on the waitlist …: 1 to the greatest of a table."""
    digits = text.strip()
    if re.fullmatch("[0-9]{1,10}", digits) is None or not 1 <= int(digits) <= _LAST:
        raise typer.BadParameter(f"“{text}” is none of the numbers that clinic gives.")
    return int(digits)


Visit = Annotated[
    int,
    typer.Argument(
        metavar="VISIT", help="The visit's number, as “agenda” shows it.", parser=read_number
    ),
]
At = typer.Option(
    "--at", metavar="WHEN", help="When, as “2026-11-24 15:00” or “fri 3pm”, by the clinic's clock."
)
Type = Annotated[
    str, typer.Option("--type", metavar="NAME", help="The visit type, as “follow-up”.")
]
Minutes = Annotated[
    str, typer.Option(metavar="LENGTH", help="As 20 or 1h30; the visit type's if not given.")
]
ToDoctor = Annotated[
    str, typer.Option(metavar="NAME", help="To this doctor; the same if not given.")
]
ToRoom = Annotated[str, typer.Option(metavar="NAME", help="To this room; the same if not given.")]
NewMinutes = Annotated[
    str, typer.Option(metavar="LENGTH", help="How long; as before if not given.")
]
OnlyDoctors = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Only with this doctor; several may be.")
]
OnlySpecialty = Annotated[
    str, typer.Option(metavar="NAME", help="Only with doctors of this specialty.")
]
NotBefore = Annotated[
    str, typer.Option("--from", metavar="TIME", help="Not before this time of day.")
]
OverBy = Annotated[str, typer.Option(metavar="TIME", help="Over by this time of day.")]


def tell(answer: BookedAppointment, zone: str, *, as_json: bool) -> None:
    """Say where the visit stands now."""
    if as_json:
        echo_json(visit_json(answer, zone))
        return
    echo(answer.read_back(zone))
    messages = {0: "", 1: ", 1 message queued"}.get(
        answer.notices, f", {answer.notices} messages queued"
    )
    echo(f"Visit {answer.appointment_id} {visit_stands(answer.status)}{messages}.")
    if answer.freed is not None:
        tell_freed(answer.freed, zone)


def tell_freed(freed: FreedTime, zone: str) -> None:
    """Say what time is free again, and whom on the waitlist it would suit."""
    span = say_span(freed.starts_at, freed.ends_at, zone)
    echo(f"{span}, {freed.doctor}, is free again. It would suit:")
    for one in freed.fits:
        echo(say_fitting(one, zone))


def say_fitting(one: Fitting, zone: str) -> str:
    """Somebody who waits, when they would come, how to reach them, and why they stand there."""
    when = say_span(one.starts_at, one.ends_at, zone)
    parts = [one.patient, one.phone, one.visit_type, *one.reasons, one.note]
    return f"{one.entry_id:>7}  {when}  {', '.join(part for part in parts if part)}"


def freed_json(freed: FreedTime, zone: str) -> dict[str, Any]:
    """Time that is free again, as --json prints it."""
    return {
        "doctor_id": freed.doctor_id,
        "doctor": freed.doctor,
        "room_id": freed.room_id,
        "starts_at": iso(freed.starts_at, zone),
        "ends_at": iso(freed.ends_at, zone),
        "fits": [fitting_json(one, zone) for one in freed.fits],
    }


def fitting_json(one: Fitting, zone: str) -> dict[str, Any]:
    """Somebody who waits and fits, as --json prints it."""
    return {
        "place": one.entry_id,
        "patient_id": one.patient_id,
        "patient": one.patient,
        "phone": one.phone,
        "visit_type": one.visit_type,
        "urgency": one.urgency,
        "waiting_since": iso(one.waiting_since, zone),
        "note": one.note,
        "starts_at": iso(one.starts_at, zone),
        "ends_at": iso(one.ends_at, zone),
        "visit": one.appointment_id,
        "earlier_than": one.earlier_than and iso(one.earlier_than, zone),
        "reasons": list(one.reasons),
    }


def visit_json(answer: BookedAppointment, zone: str) -> dict[str, Any]:
    """A visit as --json prints it."""
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
        "freed": answer.freed and freed_json(answer.freed, zone),
    }
