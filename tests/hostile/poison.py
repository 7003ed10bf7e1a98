"""A clinic into whose tables somebody wrote past the domain: every text in every column.

Number by number the same string is a patient, a doctor, a specialty, a visit type, a room, a
closure, a time off, the note of a visit and of a wish, why a message failed and what a patient
replied, so that any screen can be asked for any of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from clinic_tui.domain.codes import (
    Channel,
    NoticeKind,
    NoticeStatus,
    ReplyMeaning,
    ReplyStatus,
    Sex,
    Status,
    Urgency,
    WaitlistStatus,
)
from clinic_tui.domain.models import (
    Account,
    Appointment,
    Base,
    Clinic,
    Closure,
    Doctor,
    DoctorSpecialty,
    ExtraHours,
    Notice,
    Patient,
    PatientPhone,
    PatientWord,
    Reply,
    Room,
    Specialty,
    TimeOff,
    VisitType,
    WaitlistEntry,
    WeeklyHours,
    table,
)
from clinic_tui.domain.patients.contact import reversed_digits
from clinic_tui.domain.times.walltime import instant, local_day
from tests.small_clinic import NOW, ZONE, SmallClinic

from .strings import AWKWARD, HARMFUL, in_one_spelling

_OF_EACH_SORT = (
    *("closing tag of nothing", "allergy", "action", "action of the screen", "link"),
    *("open bracket", "escaped bracket", "variable", "family emoji", "keycap", "combining"),
    *("arabic", "right and left", "devanagari", "hangul jamo", "chinese", "sixty"),
    *("eighty wide", "two hundred", "escape", "clipboard", "hyperlink", "title", "one byte csi"),
    *("one byte osc", "backspaces", "nul", "tab", "newline", "line separator", "override"),
    *("zero width space", "hangul filler", "accents piled up"),
)
TEXTS = tuple(in_one_spelling(AWKWARD[n]) if n in AWKWARD else HARMFUL[n] for n in _OF_EACH_SORT)
"""What is written into the tables, by number; no more than one list of a large terminal holds."""
WORD = "qa"
"""What finds every patient and every doctor, in the order of their numbers."""
MONDAY = local_day(NOW, ZONE)
TUESDAY = MONDAY + timedelta(days=1)
CLOSED_FROM = date(2027, 2, 1)
"""The first of the closed days: a number of days later is that number's closure."""
_MINUTES = 10


@dataclass(frozen=True, slots=True)
class Poisoned:
    """What was written, by number."""

    texts: tuple[str, ...]
    patients: tuple[int, ...]
    doctors: tuple[int, ...]
    visits: tuple[int, ...]


def poison(session: Session, clinic: SmallClinic, texts: Sequence[str] = TEXTS) -> Poisoned:
    """Write the texts into every column of people's text that there is.

    Lee sees all of them on Monday from now on, ten minutes each; every doctor of theirs has one
    visit on Tuesday, and is away on Wednesday. Every patient waits for another visit.
    """
    patients, doctors, visits = [], [], []
    for number, text in enumerate(texts):
        patient_id = _patient(session, number, text)
        doctor_id = _doctor(session, number, text)
        type_id = _add(
            session,
            VisitType,
            name=text,
            name_key=f"q{number}",
            short_name=text,
            minutes=_MINUTES,
            colour=text,
        )
        room_id = _add(session, Room, name=text, name_key=f"q{number}", active=True)
        _add(
            session,
            Closure,
            first_day=CLOSED_FROM + timedelta(days=number),
            last_day=CLOSED_FROM + timedelta(days=number),
            name=text,
        )
        whose = {"patient_id": patient_id, "visit_type_id": type_id, "room_id": room_id}
        at = NOW + timedelta(minutes=_MINUTES * number)
        visits.append(_visit(session, at, text, doctor_id=clinic.lee, **whose))
        _messages(session, number, text, visits[-1])
        at += timedelta(days=1)
        _visit(session, at, text, doctor_id=doctor_id, **whose)
        _waits(session, text, patient_id, type_id)
        patients.append(patient_id)
        doctors.append(doctor_id)
    return Poisoned(tuple(texts), tuple(patients), tuple(doctors), tuple(visits))


def call_the_clinic(session: Session, text: str) -> None:
    """Give the clinic and everybody with an account that name."""
    session.execute(update(table(Clinic)).values(name=text, phone=text, address=text))
    session.execute(update(table(Account)).values(name=text))


def _patient(session: Session, number: int, text: str) -> int:
    patient_id = _add(
        session,
        Patient,
        record_number=text,
        family_name=text,
        given_name="",
        sex=Sex.UNKNOWN,
        email=text,
        address=text,
        language=text,
        prefers=Channel.SMS,
        alert=text,
        outside_id=text,
        created_at=NOW,
    )
    key = f"{WORD} {number:04}"
    owner = {"patient_id": patient_id}
    session.execute(insert(table(PatientWord)).values(word=WORD, name_key=key, **owner))
    phone = {"position": 0, "number": text, "reversed_digits": reversed_digits(text)}
    session.execute(insert(table(PatientPhone)).values(owner | phone))
    return patient_id


def _doctor(session: Session, number: int, text: str) -> int:
    doctor_id = _add(
        session,
        Doctor,
        title="",
        given_name="",
        family_name=text,
        shown_name=text,
        name_key=f"{WORD} {number:04}",
        email=text,
        phone=text,
        colour=text,
        profile=text,
        active=True,
        outside_id=text,
    )
    specialty_id = _add(session, Specialty, name=text, name_key=f"q{number}")
    owner = {"doctor_id": doctor_id}
    session.execute(insert(table(DoctorSpecialty)).values(specialty_id=specialty_id, **owner))
    for weekday in range(5):
        _add(session, WeeklyHours, weekday=weekday, starts=540, ends=1020, every_weeks=1, **owner)
    away = instant(TUESDAY + timedelta(days=1), 0, ZONE)
    until = instant(TUESDAY + timedelta(days=2), 0, ZONE)
    _add(session, TimeOff, starts_at=away, ends_at=until, reason=text, **owner)
    extra = MONDAY + timedelta(days=5)
    _add(session, ExtraHours, day=extra, starts=540, ends=600, note=text, **owner)
    return doctor_id


def _visit(session: Session, at: datetime, text: str, **whose: int) -> int:
    until = at + timedelta(minutes=_MINUTES)
    return _add(
        session,
        Appointment,
        starts_at=at,
        ends_at=until,
        blocked_from=at,
        blocked_until=until,
        status=Status.BOOKED,
        overbooked=False,
        sequence=0,
        note=text,
        cancel_reason=text,
        created_at=NOW,
        **whose,
    )


def _messages(session: Session, number: int, text: str, visit_id: int) -> None:
    """A text about the visit that failed, and a reply from whoever has that number."""
    _add(
        session,
        Notice,
        appointment_id=visit_id,
        kind=NoticeKind.CHANGED,
        channel=Channel.SMS,
        starts_at=NOW + timedelta(days=1),
        due_at=NOW,
        status=NoticeStatus.FAILED,
        reason=text,
        provider_id=text,
        message_id=f"{number}@clinic",
        created_at=NOW,
    )
    _add(
        session,
        Reply,
        sid=f"SM{number}",
        channel=Channel.SMS,
        number=text,
        body=text,
        meaning=ReplyMeaning.OTHER,
        status=ReplyStatus.OPEN,
        received_at=NOW - timedelta(minutes=number),
        taken_at=NOW,
    )


def _waits(session: Session, text: str, patient_id: int, type_id: int) -> None:
    _add(
        session,
        WaitlistEntry,
        patient_id=patient_id,
        visit_type_id=type_id,
        first_day=MONDAY,
        weekdays=127,
        from_minute=0,
        until_minute=1440,
        urgency=Urgency.ROUTINE,
        status=WaitlistStatus.WAITING,
        note=text,
        created_at=NOW,
    )


def _add(session: Session, entity: type[Base], **columns: Any) -> int:
    known = table(entity)
    added: int = session.execute(insert(known).values(columns).returning(known.c.id)).scalar_one()
    return added
