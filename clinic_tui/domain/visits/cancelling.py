"""Cancelling: a visit's time is free at once; and reinstating one where it stood."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, update
from sqlalchemy.orm import Session

from ..access import Actor, Permission, may
from ..codes import CancelledBy, Status
from ..errors import WrongStatus
from ..hours.bounds import refuse_unless_open
from ..messages.notice_rows import Announced, put_in
from ..messages.outbox import queue_cancelled
from ..models import Appointment, table
from ..text import clean_text
from ..undo.setting_right import Restored, notices_to_set_right
from ..undo.ways_back import WayBack, changed
from ..waitlist.earlier import stand_no_more
from ..waitlist.filling import freed_time, slot_of
from .appointments import BookedAppointment, locked
from .facts import Purpose, facts_of
from .obstacles import refuse_taken
from .parties import parties_of, place_for
from .placing import fit_booked, occupy
from .requests import MOVABLE, answered_visit, new_key, record_visit, status_by
from .status_words import visit_stands
from .tray import take_off

_APPOINTMENTS = table(Appointment)


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """Which visit, whose wish, and why in a few words."""

    appointment_id: int
    cancelled_by: CancelledBy
    reason: str = ""
    key: str = field(default_factory=new_key)


def cancel_appointment(
    session: Session, actor: Actor, request: CancelRequest, now: datetime
) -> BookedAppointment:
    """Cancel a visit: its time is free at once, what was queued about it is withdrawn.

    The answer says who on the waitlist fits the time; whoever waited for an earlier one than that
    of this visit waits no more.

    Refused with ``WrongStatus`` unless the visit is pending, booked or arrived.
    """
    before = locked(session, actor, Permission.BOOK, request.appointment_id)
    if answer := answered_visit(session, actor, "cancel", request.key, before.id):
        return answer
    reason = clean_text(request.reason, "Reason")
    if before.status not in MOVABLE:
        raise WrongStatus(f"A visit that {visit_stands(before.status)} cannot be cancelled.")
    parties = parties_of(before)
    facts = facts_of(session, parties, request.key, Purpose.END)
    sequence = before.sequence + 1
    session.execute(
        update(_APPOINTMENTS)
        .where(_APPOINTMENTS.c.id == before.id)
        .values(cancelled_values(actor, before, request.cancelled_by, reason))
    )
    off = take_off(session, before.id)
    visit = Announced(before.id, sequence, before.starts_at, actor)
    asked = before.status is Status.PENDING
    notices = queue_cancelled(session, visit, facts.who, now, grace=facts.grace, asked=asked)
    left = (*off, *stand_no_more(session, [before.id], now))
    way_back = WayBack((changed(before, Status.CANCELLED, sequence),), left)
    record_visit(session, actor, "cancel", now, request.key, before.id, parties, way_back)
    freed = freed_time(session, slot_of(before), facts.settings, actor, now, before.patient_id)
    answer = facts.answer(before, before.id, Status.CANCELLED, sequence, notices)
    return replace(answer, freed=freed)


def reinstate_appointment(
    session: Session, actor: Actor, appointment_id: int, now: datetime, key: str
) -> BookedAppointment:
    """Bring a cancelled visit back to where it stood, as an ordinary one, if that is free.

    Goes through the same guards as a booking. Whoever has not heard of the cancellation yet, and
    knows the visit where it stands, is told nothing. Refused: ``WrongStatus`` unless it is
    cancelled; ``SlotTaken`` and ``OutsideHours`` as booking is.
    """
    before = locked(session, actor, Permission.BOOK, appointment_id)
    if answer := answered_visit(session, actor, "reinstate", key, before.id):
        return answer
    if before.status is not Status.CANCELLED:
        raise WrongStatus(f"A visit that {visit_stands(before.status)} cannot be reinstated.")
    parties = parties_of(before)
    facts = facts_of(session, parties, key, Purpose.MOVE)
    place = place_for(parties, before.starts_at, fit_booked(before), actor, now, appointment_id)
    refuse_unless_open(session, facts, place, before)
    sequence = before.sequence + 1
    status = status_by(actor, parties)
    back = {"status": status, "cancelled_by": None, "cancel_reason": "", "sequence": sequence}
    back |= {"overbooked": False, "overbook_reason": ""}
    refuse_taken(session, facts.settings, place, facts.doctor)
    stands = Restored(
        appointment_id, place.starts_at, place.doctor_id, status, before.sequence, before.sequence
    )
    said = notices_to_set_right(
        session, stands, facts.who, actor, now, grace=facts.grace, reminders=facts.reminders
    )
    notices = put_in(session, said)
    occupy(session, facts, place, back | {"arrived_at": None}, (parties,))
    way_back = WayBack((changed(before, status, sequence),))
    record_visit(session, actor, "reinstate", now, key, appointment_id, parties, way_back)
    return facts.answer(place, appointment_id, status, sequence, notices)


def cancelled_values(
    actor: Actor, before: Row[Any], cancelled_by: CancelledBy, reason: str
) -> dict[str, Any]:
    """Every column that changes where a visit is cancelled by the actor."""
    return {
        "status": Status.CANCELLED,
        "cancelled_by": _wish(actor, before, cancelled_by),
        "cancel_reason": reason,
        "sequence": before.sequence + 1,
    }


def _wish(actor: Actor, visit: Row[Any], said: CancelledBy) -> CancelledBy:
    """Whose wish a cancellation was: only whoever speaks for the clinic may say the clinic's."""
    speaks = may(actor, Permission.CONFIRM, doctor_id=visit.doctor_id)
    return said if speaks else CancelledBy.PATIENT
