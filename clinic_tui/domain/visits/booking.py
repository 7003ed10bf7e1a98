"""Booking: insert first and ask afterwards.

The guards of ``guards`` decide a race, and only a refusal pays for finding out what stood in the
way.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..codes import Status
from ..errors import BadInput
from ..hours.bounds import refuse_unless_open
from ..messages.notice_rows import Announced
from ..messages.outbox import queue_booked
from ..patients.details import PatientDetails
from ..patients.patients import insert_patient
from ..text import clean_text
from ..undo.ways_back import made
from .appointments import BookedAppointment
from .conflicts import Place
from .facts import Facts, Purpose, facts_of
from .obstacles import taken
from .parties import Parties, place_for
from .placing import held, insert_visit, take_hold
from .requests import answered_visit, new_key, record_visit, status_by, wait_for_twin


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """Who, with whom, what and when. ``starts_at`` is an aware instant on a whole minute.

    The patient is known (``patient_id``) or new (``new_patient``), never both. ``minutes`` None
    takes the visit type's length. ``hold_id`` is the actor's hold that becomes the visit, and
    ``desk`` the one that has it (None: any of theirs); one that ran out and is gone is nothing to
    go by, and the visit is booked as any other.
    """

    doctor_id: int
    visit_type_id: int
    starts_at: datetime
    patient_id: int | None = None
    new_patient: PatientDetails | None = None
    minutes: int | None = None
    room_id: int | None = None
    note: str = ""
    hold_id: int | None = None
    desk: str | None = None
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
    return _book(session, actor, "book", request, now)


def overbook_appointment(
    session: Session, actor: Actor, request: BookingRequest, reason: str, now: datetime
) -> BookedAppointment:
    """Book a visit beside whatever the doctor has then, or outside the hours; marked as such.

    The reason is required and kept with the visit. Patient and room are guarded as ever, and so
    is the doctor's time against later bookings beside ordinary visits. Refused: as booking is,
    except for the doctor's time and hours.
    """
    require(actor, Permission.OVERBOOK, doctor_id=request.doctor_id, patient_id=request.patient_id)
    require(actor, Permission.BOOK, doctor_id=request.doctor_id, patient_id=request.patient_id)
    why = clean_text(reason, "Reason", required=True)
    return _book(session, actor, "overbook", request, now, overbook_reason=why)


def _book(
    session: Session,
    actor: Actor,
    operation: str,
    request: BookingRequest,
    now: datetime,
    **overbooking: str,
) -> BookedAppointment:
    note = clean_text(request.note, "Note")
    if request.new_patient:
        wait_for_twin(session, request.key)
        if answer := answered_visit(session, actor, operation, request.key):
            return answer
    patient_id = _patient(session, actor, request, now)
    parties = Parties(request.doctor_id, patient_id, request.visit_type_id, request.room_id)
    facts = facts_of(session, parties, request.key, Purpose.BOOK)
    if facts.answered_with and (answer := answered_visit(session, actor, operation, request.key)):
        return answer
    minutes = facts.usual.minutes if request.minutes is None else request.minutes
    fit = replace(facts.usual, minutes=minutes)
    place = place_for(parties, request.starts_at, fit, actor, now)
    place = replace(place, overbooked=bool(overbooking))
    if not overbooking:
        refuse_unless_open(session, facts, place)
    status = status_by(actor, parties)
    appointment_id = _settle(session, request, facts, place, status, note, **overbooking)
    if appointment_id is None:
        if answer := answered_visit(session, actor, operation, request.key):
            return answer
        raise taken(session, facts.settings, place, facts.doctor)
    notices = 0
    if status is Status.BOOKED:
        visit = Announced(appointment_id, 0, place.starts_at, actor)
        notices = queue_booked(
            session, visit, facts.who, now, grace=facts.grace, reminders=facts.reminders
        )
    way_back = made((appointment_id,), status)
    record_visit(session, actor, operation, now, request.key, appointment_id, parties, way_back)
    return facts.answer(place, appointment_id, status, 0, notices)


def _settle(
    session: Session,
    request: BookingRequest,
    facts: Facts,
    place: Place,
    status: Status,
    note: str,
    **more: Any,
) -> int | None:
    """Make a visit of the hold that was named, if it stands yet, or else a new one.

    Answers the visit's id, or None where a guard refused a new one.
    """
    hold = None
    if request.hold_id is not None:
        hold = held(session, place.asked_by, request.hold_id)
    if hold is not None and request.desk in (None, hold.held_desk):
        its_place = replace(place, appointment_id=hold.id)
        if take_hold(session, facts, its_place, hold, status, note, **more):
            return request.hold_id
    return insert_visit(session, place, status, note, place.asked_at, **more)


def _patient(session: Session, actor: Actor, request: BookingRequest, now: datetime) -> int:
    if (request.patient_id is None) == (request.new_patient is None):
        raise BadInput("Patient", "A visit needs one patient: a known one or a new one.")
    if request.new_patient is None:
        return request.patient_id or 0
    require(actor, Permission.REGISTER_PATIENT)
    return insert_patient(session, actor, request.new_patient, now)
