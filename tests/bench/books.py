"""What is in the books that figures are measured on; always the same, whatever day it is.

Fifty doctors work Monday to Saturday, nine hours a day, of which visits fill three fifths. A
small book holds ten such days, a large one three years of them. A day holds the same visits in
every book that has it, with other patients, so that any difference is the size of the book.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from clinic_tui.domain.access import Actor, Role
from clinic_tui.domain.clinic.rooms import add_room
from clinic_tui.domain.clinic.settings import found_clinic
from clinic_tui.domain.clinic.visit_types import VisitTypeDetails, add_visit_type
from clinic_tui.domain.hours.hours import set_weekly_hours
from clinic_tui.domain.hours.schedule import Hours
from clinic_tui.domain.patients.contact import reversed_digits
from clinic_tui.domain.staff.accounts import AccountDetails, add_account, add_first_admin
from clinic_tui.domain.staff.doctors import COLOURS, DoctorDetails, add_doctor
from clinic_tui.domain.staff.sign_ins import current_actor
from clinic_tui.domain.times.walltime import instant
from tests.bench.people import Person, people
from tests.small_clinic import FOUNDED, NOW, SETTINGS, ZONE

DOCTORS = 50
VISITS_A_DAY = 1_000
"""Of all doctors together, near enough to find the day on which a book begins."""
RECEPTIONIST = 2
"""The second account that there is; the first is the admin's."""
ROOMLESS = 10
"""So many doctors see patients where there are no rooms to choose from."""
SPECIALTIES = (
    *("General practice", "Dermatology", "Paediatrics", "Cardiology"),
    *("Gynaecology", "Orthopaedics", "Neurology", "ENT"),
)
WORKDAY = ((8 * 60, 12 * 60), (13 * 60, 18 * 60))
WEEK = tuple(Hours(weekday, *hours) for weekday in range(6) for hours in WORKDAY)
_TYPES = (("Short", 10), ("Check-up", 15), ("Follow-up", 20), ("New patient", 30))
_HOW_OFTEN = (40, 35, 20, 5)
_GAPS = (0, 0, 0, 5, 5, 10, 15, 20, 35)
_HASH = "no password opens this account"
Rows = Iterator[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Size:
    """How much a book holds."""

    name: str
    appointments: int
    patients: int


SMALL = Size("small", 10_000, 1_000)
LARGE = Size("large", 1_000_000, 100_000)
CROWD = Size("crowd", 10_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit before there is a row. Instants are aware UTC; ``dice`` says what becomes of it."""

    doctor: int
    visit_type: int
    starts_at: datetime
    ends_at: datetime
    dice: float


def found(session: Session) -> None:
    """The clinic around the book, by the domain's own operations."""
    found_clinic(session, SETTINGS)
    admin = add_first_admin(session, "ada", "Ada Quist", _HASH, FOUNDED)
    for doctor, person in enumerate(people(DOCTORS)):
        details = DoctorDetails(
            f"{person.family_name}-{doctor}",
            person.given_name,
            specialties=(SPECIALTIES[doctor % len(SPECIALTIES)],),
            email=f"doctor{doctor}@example.org" if doctor % 2 else "",
            colour=COLOURS[doctor % len(COLOURS)],
        )
        set_weekly_hours(session, admin, add_doctor(session, admin, details, FOUNDED), WEEK, NOW)
    for name, minutes in _TYPES:
        add_visit_type(session, admin, VisitTypeDetails(name, name[:4], minutes), FOUNDED)
    for number in range(DOCTORS - ROOMLESS):
        add_room(session, admin, f"Room {number + 1}", FOUNDED)
    account = AccountDetails("ana", "Ana Brandt", frozenset({Role.RECEPTIONIST}))
    add_account(session, admin, account, _HASH, NOW)


def receptionist(session: Session) -> Actor:
    """Who works with the book."""
    return current_actor(session, Actor(RECEPTIONIST, "ana", "", frozenset()))


def visits(size: Size) -> list[Visit]:
    """The visits in order of their starts."""
    behind = size.appointments * 2 // 5 // VISITS_A_DAY
    day = NOW.date() - timedelta(days=behind * 7 // 6)
    planned: list[Visit] = []
    while len(planned) < size.appointments:
        if day.weekday() < 6:
            chance = random.Random(day.toordinal())
            of_day = [
                visit for doctor in range(1, DOCTORS + 1) for visit in _day(chance, doctor, day)
            ]
            planned += sorted(of_day, key=lambda visit: visit.starts_at)
        day += timedelta(days=1)
    return planned[: size.appointments]


def _day(chance: random.Random, doctor: int, day: date) -> Iterator[Visit]:
    for opens, closes in WORKDAY:
        at = opens + chance.choice(_GAPS)
        while True:
            kind = chance.choices(range(len(_TYPES)), _HOW_OFTEN)[0]
            minutes = _TYPES[kind][1]
            if at + minutes > closes:
                break
            starts_at = instant(day, at, ZONE)
            ends_at = starts_at + timedelta(minutes=minutes)
            yield Visit(doctor, kind + 1, starts_at, ends_at, chance.random())
            at += minutes + chance.choice(_GAPS)


def tables(size: Size) -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    """Each table that is filled past the domain: its name, its columns, its rows."""
    everybody = list(people(size.patients))
    yield "patients", _PATIENT_COLUMNS, map(_patient, everybody)
    words = ((p.number, word, p.name_key) for p in everybody for word in p.words)
    yield "patient_words", ("patient_id", "word", "name_key"), words
    phones = (
        (p.number, position, number, reversed_digits(number))
        for p in everybody
        for position, number in enumerate(p.phones)
    )
    yield "patient_phones", ("patient_id", "position", "number", "reversed_digits"), phones
    booked = list(_appointments(size))
    yield "appointments", _APPOINTMENT_COLUMNS, iter(booked)
    yield "outbox", _OUTBOX_COLUMNS, map(_notice, booked)
    yield "audit", _AUDIT_COLUMNS, map(_entry, booked)


_PATIENT_COLUMNS = (
    *("id", "record_number", "family_name", "given_name", "birth_date", "sex", "email"),
    *("address", "language", "email_consent_at", "sms_consent_at", "alert", "created_at"),
)


def _patient(person: Person) -> tuple[Any, ...]:
    return (
        person.number,
        person.record_number,
        person.family_name,
        person.given_name,
        person.birth_date,
        "female" if person.number % 2 else "male",
        f"patient{person.number}@example.org" if person.hears_by_email else "",
        f"Uferweg {person.number % 200}, 10115 Berlin",
        "de",
        FOUNDED if person.hears_by_email else None,
        FOUNDED if person.hears_by_sms else None,
        "" if person.number % 20 else "Penicillin [allergy]",
        FOUNDED,
    )


_APPOINTMENT_COLUMNS = (
    *("id", "patient_id", "doctor_id", "visit_type_id", "room_id", "starts_at", "ends_at"),
    *("blocked_from", "blocked_until", "status", "overbooked", "sequence", "note"),
    *("cancel_reason", "cancelled_by", "created_at"),
)


def _appointments(size: Size) -> Iterator[tuple[Any, ...]]:
    """The rows in the order in which they were booked: up to two months ahead of the visit.

    The patients come round in turn, so that nobody has two visits at a time.
    """
    chance = random.Random(size.patients)
    turn = list(range(1, size.patients + 1))
    chance.shuffle(turn)
    booked = []
    for number, visit in enumerate(visits(size)):
        ahead = timedelta(minutes=chance.randrange(60, 60 * 24 * 60))
        booked.append((visit.starts_at - ahead, turn[number % len(turn)], visit))
    booked.sort(key=lambda entry: entry[0])
    for number, (created_at, patient, visit) in enumerate(booked, start=1):
        status = _status(visit.dice, visit.starts_at < NOW)
        room = visit.doctor if visit.doctor <= DOCTORS - ROOMLESS else None
        times = (visit.starts_at, visit.ends_at) * 2
        who = (number, patient, visit.doctor, visit.visit_type, room)
        by = "patient" if status == "cancelled" else None
        yield (*who, *times, status, False, 0, "", "", by, created_at)


def _status(dice: float, past: bool) -> str:
    if dice < 0.06:
        return "cancelled"
    if not past:
        return "booked"
    return "noshow" if dice < 0.1 else "fulfilled"


_OUTBOX_COLUMNS = (
    *("id", "appointment_id", "sequence", "kind", "channel", "starts_at", "due_at", "status"),
    *("message_id", "created_at"),
)


def _notice(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The confirmation that was sent for it long ago."""
    number, starts_at, created_at = row[0], row[5], row[-1]
    said = ("confirmation", "email", starts_at, created_at, "sent")
    return (number, number, 0, *said, f"{_scattered(number, 'm')}@clinic", created_at)


_AUDIT_COLUMNS = (
    *("id", "at", "account_id", "operation", "request_key", "appointment_id", "patient_id"),
    *("doctor_id", "details"),
)


def _entry(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Who booked it."""
    number, patient, doctor, created_at = row[0], row[1], row[2], row[-1]
    key = _scattered(number, "k")
    return (1_000 + number, created_at, 1, "book", key, number, patient, doctor, "{}")


def _scattered(number: int, salt: str) -> str:
    """32 hexadecimal digits without any order, as a random key has; always the same."""
    return hashlib.sha256(f"{salt}{number}".encode()).hexdigest()[:32]
