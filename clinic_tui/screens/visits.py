"""Each thing done to a visit, as one story: ask, run, tell; or come back with the refusal.

Every coroutine here belongs into a ``@work`` method that is not exclusive: cancelling a write
would lose its answer, not the write. Each answers with where the visit stands now, or with None
when nothing was done.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ..domain.appointments import BookedAppointment
from ..domain.booking import book_appointment, new_key
from ..domain.codes import Status
from ..domain.errors import CannotBook, Refusal
from ..domain.flow import arrive, check_in, confirm_request, finish, mark_noshow, step_back
from .base import ClinicScreen
from .booking import BookingAnswer, BookingDialog, BookingDraft

if TYPE_CHECKING:
    from datetime import datetime

    from ..desk import Operation

_NEXT_STEP = {Status.ARRIVED: check_in, Status.CHECKED_IN: finish}
_SAID = {
    Status.BOOKED: "is booked",
    Status.ARRIVED: "has arrived",
    Status.CHECKED_IN: "is in the room",
    Status.FULFILLED: "is done",
    Status.NOSHOW: "did not come",
}
_left: WeakKeyDictionary[ClinicScreen, BookingDraft] = WeakKeyDictionary()
"""What was typed into a booking dialog that was left with Esc."""


async def book_visit(screen: ClinicScreen, draft: BookingDraft) -> BookedAppointment | None:
    """Book a visit, starting from what is known already."""
    desk = screen.desk
    while True:
        answer: BookingAnswer = await screen.app.push_screen_wait(BookingDialog(desk, draft))
        if answer.request is None:
            _left[screen] = answer.draft
            return None
        try:
            booked = await desk.run(book_appointment, answer.request, desk.now())
        except Refusal as refusal:
            alternatives = refusal.alternatives if isinstance(refusal, CannotBook) else ()
            draft = replace(answer.draft, refusal=str(refusal), alternatives=alternatives)
        else:
            screen.tell(booked.read_back(desk.zone))
            return booked


async def move_visit(screen: ClinicScreen, appointment_id: int) -> BookedAppointment | None:
    """Move a visit to another time, doctor or room."""
    raise NotImplementedError


async def cancel_visit(screen: ClinicScreen, appointment_id: int) -> BookedAppointment | None:
    """Cancel a visit: whose wish, and why."""
    raise NotImplementedError


async def show_visit(screen: ClinicScreen, appointment_id: int) -> BookedAppointment | None:
    """Show a visit in full; its keys act on it."""
    raise NotImplementedError


async def step_visit(
    screen: ClinicScreen, appointment_id: int, status: Status
) -> BookedAppointment | None:
    """The next step of a visit that is seen in ``status``: arrived, in the room, done."""
    step = _NEXT_STEP.get(status, arrive)
    return await _step(screen, appointment_id, step)


async def step_back_visit(screen: ClinicScreen, appointment_id: int) -> BookedAppointment | None:
    """Take a visit one step back."""
    return await _step(screen, appointment_id, step_back)


async def confirm_visit(screen: ClinicScreen, appointment_id: int) -> BookedAppointment | None:
    """Say yes to a visit that was asked for."""
    return await _step(screen, appointment_id, confirm_request)


async def noshow_visit(screen: ClinicScreen, appointment_id: int) -> BookedAppointment | None:
    """Mark a visit to which nobody came."""
    return await _step(screen, appointment_id, mark_noshow)


async def _step(
    screen: ClinicScreen,
    appointment_id: int,
    step: Operation[[int, datetime, str], BookedAppointment],
) -> BookedAppointment | None:
    desk = screen.desk
    try:
        done = await desk.run(step, appointment_id, desk.now(), new_key())
    except Refusal as refusal:
        screen.refuse(refusal)
        return None
    screen.tell(f"{done.patient} {_SAID[done.status]}.")
    return done
