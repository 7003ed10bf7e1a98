"""What the verbs about visits share: their options, and how a visit is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import echo, echo_json, iso

if TYPE_CHECKING:
    from ..domain.appointments import BookedAppointment

LAST = 2**31 - 1
"""The greatest number that the tables give."""
Visit = Annotated[
    int,
    typer.Argument(
        metavar="VISIT", help="The visit's number, as “agenda” shows it.", min=1, max=LAST
    ),
]
At = typer.Option(
    "--at", metavar="WHEN", help="When, as “2026-11-24 15:00” or “fri 3pm”, by the clinic's clock."
)
Type = Annotated[
    str, typer.Option("--type", metavar="NAME", help="The visit type, as “follow-up”.")
]
Minutes = Annotated[
    str, typer.Option(metavar="LENGTH", help="As 20 or 1h30; the visit type's length if not given.")
]


def tell(answer: BookedAppointment, zone: str, *, as_json: bool) -> None:
    """Say where the visit stands now."""
    if as_json:
        echo_json(visit_json(answer, zone))
        return
    echo(answer.read_back(zone))
    messages = {0: "", 1: ", 1 message queued"}.get(
        answer.notices, f", {answer.notices} messages queued"
    )
    echo(f"Visit {answer.appointment_id} is {answer.status}{messages}.")


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
    }
