"""Booking a visit, as one story: ask, run, tell; or come back with the refusal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from ...domain.errors import Refusal
from ...domain.visits.appointments import BookedAppointment
from ...domain.visits.booking import BookingRequest
from ..base import ClinicScreen
from ..place.holding import Holding
from ..saving import while_saving
from ..wording import done_words
from .booking import BookingAnswer, BookingDialog
from .draft import BookingDraft


@dataclass(frozen=True, slots=True)
class _Left:
    """A booking left with Esc: what it had started from, and what had been typed by then."""

    start: BookingDraft
    draft: BookingDraft


_left: WeakKeyDictionary[ClinicScreen, _Left] = WeakKeyDictionary()


async def book_visit(screen: ClinicScreen, draft: BookingDraft) -> BookedAppointment | None:
    """Book a visit, starting from what is known already.

    What was typed into a dialog that was left is there again when one begins at the same place;
    begun elsewhere, or typed over, Ctrl+R brings it back.
    """
    desk, start, holding = screen.desk, draft, Holding(screen)
    left = _left.pop(screen, None)
    restored = left is not None and _place_of(left.start) == _place_of(draft)
    aside = left.draft if left else None
    if restored and aside is not None:
        draft, aside = aside, draft
    typed: str | None = None
    while True:
        dialog = BookingDialog(desk, draft, holding, aside=aside, restored=restored, typed=typed)
        answer: BookingAnswer = await screen.app.push_screen_wait(dialog)
        draft, typed = answer.draft, answer.typed
        if answer.other and aside is not None:
            draft, aside, restored = aside, draft, not restored
            holding.let_go()
        elif answer.request is None:
            _left[screen] = _Left(start, draft)
            holding.let_go()
            return None
        else:
            try:
                booked = await while_saving(screen, holding.book(answer.request))
            except Refusal as refusal:
                draft = replace(draft, refusal=refusal)
            else:
                holding.let_go()
                title = done_words("Booked", booked.status, desk.actor)
                screen.tell(_told(booked, answer.request, desk.zone), title=title)
                return booked


def _place_of(draft: BookingDraft) -> BookingDraft:
    """Where a booking begins, whatever its key is and however long it is free there."""
    return replace(draft, key="", free_minutes=None)


def _told(booked: BookedAppointment, request: BookingRequest, zone: str) -> str:
    """What to read to the caller; a request that had got through before may say something else."""
    said = booked.read_back(zone)
    patient_id = booked.patient_id if request.patient_id is None else request.patient_id
    asked = (patient_id, request.doctor_id, request.starts_at)
    if (booked.patient_id, booked.doctor_id, booked.starts_at) != asked:
        return f"The first try had been saved: {said}"
    return said
