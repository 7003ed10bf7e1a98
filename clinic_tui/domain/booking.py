"""Book, move, cancel, reinstate: each one transaction, each answered once per request key.

Booking inserts first and asks afterwards: the guards of ``guards`` decide a race, and only a
refusal pays for finding out what stood in the way. Moving locks in a fixed order (the visit,
doctors, patient, room), because two updates that cross under an exclusion constraint would
otherwise wait for each other.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.orm import Session

from .access import Actor, Permission, may, require
from .appointments import BookedAppointment, booked, locked
from .audit import answered, record
from .codes import CancelledBy, Status
from .conflicts import Place, taken
from .errors import BadInput, ChangedMeanwhile, WrongStatus
from .facts import (
    Facts,
    Parties,
    Purpose,
    facts_of,
    parties_of,
    place_for,
    refuse_unless_open,
)
from .models import Appointment, table
from .outbox import (
    NOBODY,
    Announced,
    Reachable,
    queue_booked,
    queue_cancelled,
    queue_moved,
    queue_reinstated,
)
from .patients import PatientDetails, insert_patient
from .placing import fit_of, insert_visit, occupy, place_columns
from .text import clean_text
from .walltime import local_day
from .ways_back import WayBack, changed, made

_APPOINTMENTS = table(Appointment)
_MOVABLE = (Status.PENDING, Status.BOOKED, Status.ARRIVED)


def new_key() -> str:
    """An idempotency key: made once where the request is typed, sent again with every retry."""
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """Who, with whom, what and when. ``starts_at`` is an aware instant on a whole minute.

    The patient is known (``patient_id``) or new (``new_patient``), never both. ``minutes`` None
    takes the visit type's length.
    """

    doctor_id: int
    visit_type_id: int
    starts_at: datetime
    patient_id: int | None = None
    new_patient: PatientDetails | None = None
    minutes: int | None = None
    room_id: int | None = None
    note: str = ""
    key: str = field(default_factory=new_key)


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """A visit's whole new place. ``seen_sequence`` is the one that the mover looked at, if any."""

    appointment_id: int
    doctor_id: int
    starts_at: datetime
    minutes: int
    room_id: int | None
    seen_sequence: int | None = None
    key: str = field(default_factory=new_key)


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """Which visit, whose wish, and why in a few words."""

    appointment_id: int
    cancelled_by: CancelledBy
    reason: str = ""
    key: str = field(default_factory=new_key)


def book_appointment(
    session: Session, actor: Actor, request: BookingRequest, now: datetime
) -> BookedAppointment:
    """Book the visit, queue its notices and write the trail; or refuse and write nothing.

    A request with a key that was already answered gets that answer again. A patient's own
    booking is ``pending`` until the clinic confirms it, and nobody is told before. Refused:
    ``NotPermitted``; ``NotFound`` and ``BadInput`` for what is named wrongly; ``OutsideHours``
    and ``SlotTaken`` with what stood in the way and up to three alternatives.
    """
    require(actor, Permission.BOOK, doctor_id=request.doctor_id, patient_id=request.patient_id)
    note = clean_text(request.note, "Note")
    if request.new_patient:
        _wait_for_twin(session, request.key)
        if answer := _answered(session, actor, "book", request.key):
            return answer
    patient_id = _patient(session, actor, request, now)
    parties = Parties(request.doctor_id, patient_id, request.visit_type_id, request.room_id)
    facts = facts_of(session, parties, request.key, Purpose.BOOK)
    if facts.answered_with and (answer := _answered(session, actor, "book", request.key)):
        return answer
    minutes = facts.usual.minutes if request.minutes is None else request.minutes
    fit = replace(facts.usual, minutes=minutes)
    place = place_for(parties, request.starts_at, fit, actor, now)
    refuse_unless_open(session, facts, place)
    status = _status_by(actor, parties)
    appointment_id = insert_visit(session, place, status, note, now)
    if appointment_id is None:
        if answer := _answered(session, actor, "book", request.key):
            return answer
        raise taken(session, facts.settings, place, facts.doctor)
    notices = 0
    if status is Status.BOOKED:
        visit = Announced(appointment_id, 0, place.starts_at)
        notices = queue_booked(
            session, visit, facts.who, now, grace=facts.grace, reminder=facts.reminder
        )
    way_back = made((appointment_id,), status)
    _record(session, actor, "book", now, request.key, appointment_id, parties, way_back)
    return facts.answer(place, appointment_id, status, 0, notices)


def move_appointment(
    session: Session, actor: Actor, request: MoveRequest, now: datetime
) -> BookedAppointment:
    """Move a visit to another time, doctor or room; it stays the same visit, buffers and all.

    Its own time counts as free; when the new place is refused the old one stands as it was. On
    another day, who had arrived is expected again. Moved by a patient it is a request again, as
    it is when a patient books. Refused: as booking is; ``BadInput`` where it
    stands already; ``WrongStatus`` unless the visit is pending, booked or arrived;
    ``ChangedMeanwhile`` when it is no longer where the mover saw it.
    """
    before = locked(session, actor, Permission.BOOK, request.appointment_id)
    require(actor, Permission.BOOK, doctor_id=request.doctor_id, patient_id=before.patient_id)
    if answer := _answered(session, actor, "move", request.key, before.id):
        return answer
    if before.status not in _MOVABLE:
        raise WrongStatus(f"A visit that is {before.status} cannot be moved.")
    if request.seen_sequence not in (None, before.sequence):
        raise ChangedMeanwhile("Somebody else has just moved that visit: please look again.")
    parties = Parties(request.doctor_id, before.patient_id, before.visit_type_id, request.room_id)
    facts = facts_of(session, parties, request.key, Purpose.MOVE)
    fit = replace(fit_of(before), minutes=request.minutes)
    place = place_for(parties, request.starts_at, fit, actor, now, request.appointment_id)
    if all(before._mapping[name] == value for name, value in place_columns(place).items()):
        raise BadInput("Start", "The visit stands there already.")
    refuse_unless_open(session, facts, place)
    sequence = before.sequence + 1
    values = {**place_columns(place), "sequence": sequence, "confirmed_at": None}
    status: Status = before.status
    if _status_by(actor, parties) is Status.PENDING:
        status = Status.PENDING
    elif status is Status.ARRIVED and _on_another_day(before, place, facts.settings.zone):
        status = Status.BOOKED
    if status is not before.status:
        values |= {"status": status, "arrived_at": None}
    occupy(session, facts, place, values, (parties_of(before), parties))
    who = NOBODY if status is Status.PENDING else facts.who
    notices = _announce_move(session, before, place, facts, who, sequence)
    way_back = WayBack((changed(before, status, sequence),))
    _record(session, actor, "move", now, request.key, before.id, parties, way_back)
    return facts.answer(place, before.id, status, sequence, notices)


def cancel_appointment(
    session: Session, actor: Actor, request: CancelRequest, now: datetime
) -> BookedAppointment:
    """Cancel a visit: its time is free at once, what was queued about it is withdrawn.

    Refused with ``WrongStatus`` unless the visit is pending, booked or arrived.
    """
    before = locked(session, actor, Permission.BOOK, request.appointment_id)
    if answer := _answered(session, actor, "cancel", request.key, before.id):
        return answer
    reason = clean_text(request.reason, "Reason")
    if before.status not in _MOVABLE:
        raise WrongStatus(f"A visit that is {before.status} cannot be cancelled.")
    parties = parties_of(before)
    facts = facts_of(session, parties, request.key, Purpose.END)
    sequence = before.sequence + 1
    session.execute(
        update(_APPOINTMENTS)
        .where(_APPOINTMENTS.c.id == before.id)
        .values(
            status=Status.CANCELLED,
            cancelled_by=_wish(actor, before, request.cancelled_by),
            cancel_reason=reason,
            sequence=sequence,
        )
    )
    visit = Announced(before.id, sequence, before.starts_at)
    asked = before.status is Status.PENDING
    notices = queue_cancelled(session, visit, facts.who, now, grace=facts.grace, asked=asked)
    way_back = WayBack((changed(before, Status.CANCELLED, sequence),))
    _record(session, actor, "cancel", now, request.key, before.id, parties, way_back)
    return booked(session, before.id, notices)


def reinstate_appointment(
    session: Session, actor: Actor, appointment_id: int, now: datetime, key: str
) -> BookedAppointment:
    """Bring a cancelled visit back to where it stood, if that is still free.

    Goes through the same guards as a booking. Refused: ``WrongStatus`` unless it is cancelled;
    ``SlotTaken`` and ``OutsideHours`` as booking is.
    """
    before = locked(session, actor, Permission.BOOK, appointment_id)
    if answer := _answered(session, actor, "reinstate", key, before.id):
        return answer
    if before.status is not Status.CANCELLED:
        raise WrongStatus(f"A visit that is {before.status} cannot be reinstated.")
    parties = parties_of(before)
    facts = facts_of(session, parties, key, Purpose.MOVE)
    place = place_for(parties, before.starts_at, fit_of(before), actor, now, appointment_id)
    refuse_unless_open(session, facts, place)
    sequence = before.sequence + 1
    status = _status_by(actor, parties)
    back = {"status": status, "cancelled_by": None, "cancel_reason": "", "sequence": sequence}
    occupy(session, facts, place, back | {"arrived_at": None}, (parties,))
    visit = Announced(appointment_id, sequence, place.starts_at)
    notices = queue_reinstated(
        session, visit, facts.who if status is Status.BOOKED else NOBODY, now,
        grace=facts.grace, reminder=facts.reminder,
    )  # fmt: skip
    way_back = WayBack((changed(before, status, sequence),))
    _record(session, actor, "reinstate", now, key, appointment_id, parties, way_back)
    return facts.answer(place, appointment_id, status, sequence, notices)


def _on_another_day(before: Row[Any], place: Place, zone: str) -> bool:
    return local_day(before.starts_at, zone) != local_day(place.starts_at, zone)


def _announce_move(
    session: Session, before: Row[Any], place: Place, facts: Facts, who: Reachable, sequence: int
) -> int:
    """Queue what must be said of a move; of one that is only asked for nobody has heard yet.

    What becomes a request is announced to nobody (``who``), but its doctor may have lost it.
    """
    if before.status is Status.PENDING:
        return 0
    lost = (before.doctor_id, before.starts_at) if before.doctor_id != place.doctor_id else None
    return queue_moved(
        session,
        Announced(before.id, sequence, place.starts_at),
        who,
        place.asked_at,
        grace=facts.grace,
        reminder=facts.reminder,
        lost=lost,
    )


def _status_by(actor: Actor, parties: Parties) -> Status:
    """Booked by whoever could confirm it; else, as by a patient, a request."""
    decides = may(actor, Permission.CONFIRM, doctor_id=parties.doctor_id)
    return Status.BOOKED if decides else Status.PENDING


def _wish(actor: Actor, visit: Row[Any], said: CancelledBy) -> CancelledBy:
    """Whose wish a cancellation was: only whoever speaks for the clinic may say the clinic's."""
    speaks = may(actor, Permission.CONFIRM, doctor_id=visit.doctor_id)
    return said if speaks else CancelledBy.PATIENT


def _wait_for_twin(session: Session, key: str) -> None:
    """Let the same request, sent twice at once, end first where it would register somebody twice.

    Other twins meet at the guards; SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def _answered(
    session: Session, actor: Actor, operation: str, key: str, appointment_id: int | None = None
) -> BookedAppointment | None:
    """The first answer to this very request, if there was one."""
    led_to = answered(session, actor, operation, key, appointment_id)
    return None if led_to is None else booked(session, led_to)


def _patient(session: Session, actor: Actor, request: BookingRequest, now: datetime) -> int:
    if (request.patient_id is None) == (request.new_patient is None):
        raise BadInput("Patient", "A visit needs one patient: a known one or a new one.")
    if request.new_patient is None:
        return request.patient_id or 0
    require(actor, Permission.REGISTER_PATIENT)
    return insert_patient(session, actor, request.new_patient, now)


def _record(
    session: Session,
    actor: Actor,
    operation: str,
    now: datetime,
    key: str,
    appointment_id: int,
    parties: Parties,
    way_back: WayBack,
) -> None:
    record(
        session,
        actor,
        operation,
        now,
        key=key,
        appointment_id=appointment_id,
        patient_id=parties.patient_id,
        doctor_id=parties.doctor_id,
        way_back=way_back,
    )
