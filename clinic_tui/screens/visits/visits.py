"""Each thing done to a visit, as one story: ask, run, tell; or come back with the refusal.

Every coroutine here belongs into a ``@work`` method that is not exclusive: cancelling a write
would lose its answer, not the write. Each answers with where the visit stands now, or with None
when nothing was done. What only some of them lead on to is imported once they do.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ...domain.codes import CancelledBy, Status
from ...domain.errors import Refusal
from ...domain.patients.history import patient_record
from ...domain.visits.appointments import AppointmentDetails, BookedAppointment, appointment_details
from ...domain.visits.cancelling import cancel_appointment, reinstate_appointment
from ...domain.visits.flow import arrive, check_in, confirm_request, finish, mark_noshow, step_back
from ...domain.visits.moving import move_appointment
from ...domain.visits.requests import new_key
from ..base import ClinicScreen
from ..booking.draft import BookingDraft
from ..messages import OpenPatient
from ..saving import saved
from ..wording import done_words
from .appointment import Deed, VisitDialog
from .cancelling import CancelAnswer, CancelDialog, CancelDraft
from .moving import MoveAnswer, MoveDialog, draft_of

if TYPE_CHECKING:
    from datetime import datetime

    from ...desk import Operation

_NEXT_STEP = {Status.ARRIVED: check_in, Status.CHECKED_IN: finish}
_SAID = {
    Status.PENDING: "has asked for it again",
    Status.BOOKED: "is booked",
    Status.ARRIVED: "has arrived",
    Status.CHECKED_IN: "is in the room",
    Status.FULFILLED: "is done",
    Status.NOSHOW: "did not come",
}


_left_moves: WeakKeyDictionary[ClinicScreen, dict[int, BookingDraft]] = WeakKeyDictionary()
_left_cancellations: WeakKeyDictionary[ClinicScreen, dict[int, CancelDraft]] = WeakKeyDictionary()


async def move_visit(screen: ClinicScreen, appointment_id: int) -> BookedAppointment | None:
    """Move a visit; of a series this one or more, as is asked."""
    from ..several.series_changes import move_several, this_or_more  # noqa: PLC0415 - later

    return await this_or_more(screen, appointment_id, "Move", _move_one, move_several)


async def _move_one(screen: ClinicScreen, appointment_id: int) -> BookedAppointment | None:
    """Move a visit to another time, doctor or room; until that is taken it stands as it did."""
    desk, drafts = screen.desk, _left_moves.setdefault(screen, {})
    draft = drafts.pop(appointment_id, None)
    refusal: Refusal | None = None
    while True:
        try:
            visit = await desk.read(appointment_details, appointment_id)
        except Refusal as gone:
            screen.refuse(gone)
            return None
        draft = replace(draft or draft_of(visit), refusal=refusal)
        answer: MoveAnswer = await screen.app.push_screen_wait(MoveDialog(desk, visit, draft))
        draft = answer.draft
        if answer.request is None:
            drafts[appointment_id] = draft
            return None
        try:
            moved = await saved(screen, move_appointment, answer.request, desk.now())
        except Refusal as refused:
            refusal = refused
        else:
            done = done_words("Moved", moved.status, desk.actor)
            await _tell_and_fill(screen, moved, done)
            return moved


async def cancel_visit(screen: ClinicScreen, appointment_id: int) -> BookedAppointment | None:
    """Cancel a visit; of a series this one or more, as is asked."""
    from ..several.series_changes import cancel_several, this_or_more  # noqa: PLC0415 - later

    return await this_or_more(screen, appointment_id, "Cancel", _cancel_one, cancel_several)


async def decline_visit(screen: ClinicScreen, appointment_id: int) -> BookedAppointment | None:
    """Say no to a visit that was asked for, which is the clinic's wish; of a series to more."""
    from ..several.series_changes import cancel_several, this_or_more  # noqa: PLC0415 - later

    declining = partial(_cancel_one, wish=CancelledBy.CLINIC)
    return await this_or_more(screen, appointment_id, "Decline", declining, cancel_several)


async def _cancel_one(
    screen: ClinicScreen, appointment_id: int, wish: CancelledBy | None = None
) -> BookedAppointment | None:
    """Cancel a visit: whose wish, unless that is known, and why."""
    desk, drafts = screen.desk, _left_cancellations.setdefault(screen, {})
    draft = drafts.pop(appointment_id, CancelDraft(wish))
    while True:
        try:
            visit = await desk.read(appointment_details, appointment_id)
        except Refusal as gone:
            screen.refuse(gone)
            return None
        answer: CancelAnswer = await screen.app.push_screen_wait(CancelDialog(desk, visit, draft))
        draft = answer.draft
        if answer.request is None:
            drafts[appointment_id] = draft
            return None
        try:
            cancelled = await saved(screen, cancel_appointment, answer.request, desk.now())
        except Refusal as refusal:
            draft = replace(draft, refusal=refusal)
        else:
            await _tell_and_fill(screen, cancelled, "Cancelled")
            return cancelled


async def _tell_and_fill(screen: ClinicScreen, visit: BookedAppointment, done: str) -> None:
    """Say what was done; offer the time that it frees to whoever waits for it."""
    from ..waitlist.offering import tell_and_fill  # noqa: PLC0415 - later

    await tell_and_fill(screen, visit.read_back(screen.desk.zone), visit.freed, title=done)


async def show_visit(screen: ClinicScreen, appointment_id: int) -> BookedAppointment | None:
    """Show a visit in full; its keys act on it. What is given up on leads back to it."""
    desk = screen.desk
    while True:
        try:
            visit = await desk.read(appointment_details, appointment_id)
            record = await desk.read(patient_record, visit.patient_id, desk.now())
        except Refusal as refusal:
            screen.refuse(refusal)
            return None
        series = await _series_words(screen, appointment_id)
        dialog = VisitDialog(desk, visit, record, series)
        deed: Deed | None = await screen.app.push_screen_wait(dialog)
        if deed is None:
            return None
        if deed is Deed.PATIENT:
            screen.post_message(OpenPatient(visit.patient_id))
            return None
        if deed is Deed.EARLIER:
            await _want_earlier(screen, appointment_id)
            continue
        if deed is Deed.SERIES:
            await _repeat(screen, visit)
            continue
        if deed is Deed.STEP:
            done = await step_visit(screen, appointment_id, visit.status)
        else:
            done = await _DEEDS[deed](screen, appointment_id)
        if done is not None:
            return done


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


async def reinstate_visit(screen: ClinicScreen, appointment_id: int) -> BookedAppointment | None:
    """Bring a cancelled visit back to where it stood."""
    return await _step(screen, appointment_id, reinstate_appointment)


async def noshow_visit(screen: ClinicScreen, appointment_id: int) -> BookedAppointment | None:
    """Mark a visit to which nobody came."""
    return await _step(screen, appointment_id, mark_noshow)


_DEEDS = {
    Deed.MOVE: move_visit,
    Deed.CANCEL: cancel_visit,
    Deed.STEP_BACK: step_back_visit,
    Deed.CONFIRM: confirm_visit,
    Deed.REINSTATE: reinstate_visit,
    Deed.NOSHOW: noshow_visit,
}


async def _series_words(screen: ClinicScreen, appointment_id: int) -> str:
    """Its place in its series, if it is in one."""
    from ..several.series_changes import series_words  # noqa: PLC0415 - later

    return await series_words(screen, appointment_id)


async def _want_earlier(screen: ClinicScreen, appointment_id: int) -> None:
    """Ask when the visit could be earlier."""
    from ..waitlist.wishing import want_earlier  # noqa: PLC0415 - later

    await want_earlier(screen, appointment_id)


async def _repeat(screen: ClinicScreen, visit: AppointmentDetails) -> None:
    """The same visit again and again, from a week later on."""
    from ..several.repeating import book_visits_that_repeat  # noqa: PLC0415 - later

    draft = BookingDraft(
        visit.doctor_id, visit.starts_at + timedelta(days=7), visit.patient_id,
        visit_type_id=visit.visit_type_id,
    )  # fmt: skip
    await book_visits_that_repeat(screen, draft)


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
