"""Booking: insert first and ask afterwards.

The guards of ``guards`` decide a race, and only a refusal pays for finding out what stood in the
way.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .access import Actor, Permission, require
from .appointments import BookedAppointment
from .codes import Status
from .conflicts import taken
from .errors import BadInput
from .facts import Parties, Purpose, facts_of, place_for, refuse_unless_open
from .outbox import Announced, queue_booked
from .patients import PatientDetails, insert_patient
from .placing import insert_visit
from .requests import answered_visit, new_key, record_visit, status_by
from .text import clean_text
from .ways_back import made


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
        if answer := answered_visit(session, actor, "book", request.key):
            return answer
    patient_id = _patient(session, actor, request, now)
    parties = Parties(request.doctor_id, patient_id, request.visit_type_id, request.room_id)
    facts = facts_of(session, parties, request.key, Purpose.BOOK)
    if facts.answered_with and (answer := answered_visit(session, actor, "book", request.key)):
        return answer
    minutes = facts.usual.minutes if request.minutes is None else request.minutes
    fit = replace(facts.usual, minutes=minutes)
    place = place_for(parties, request.starts_at, fit, actor, now)
    refuse_unless_open(session, facts, place)
    status = status_by(actor, parties)
    appointment_id = insert_visit(session, place, status, note, now)
    if appointment_id is None:
        if answer := answered_visit(session, actor, "book", request.key):
            return answer
        raise taken(session, facts.settings, place, facts.doctor)
    notices = 0
    if status is Status.BOOKED:
        visit = Announced(appointment_id, 0, place.starts_at)
        notices = queue_booked(
            session, visit, facts.who, now, grace=facts.grace, reminder=facts.reminder
        )
    way_back = made((appointment_id,), status)
    record_visit(session, actor, "book", now, request.key, appointment_id, parties, way_back)
    return facts.answer(place, appointment_id, status, 0, notices)


def _wait_for_twin(session: Session, key: str) -> None:
    """Let the same request, sent twice at once, end first where it would register somebody twice.

    Other twins meet at the guards; SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def _patient(session: Session, actor: Actor, request: BookingRequest, now: datetime) -> int:
    if (request.patient_id is None) == (request.new_patient is None):
        raise BadInput("Patient", "A visit needs one patient: a known one or a new one.")
    if request.new_patient is None:
        return request.patient_id or 0
    require(actor, Permission.REGISTER_PATIENT)
    return insert_patient(session, actor, request.new_patient, now)
