"""Sixteen desks book series that overlap: one wins whole, the others are refused whole."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.models import Appointment, AuditEntry, Notice, Series, SeriesVisit, table
from clinic_tui.domain.series.series import SeriesRequest, book_series
from clinic_tui.domain.times.walltime import instant
from clinic_tui.domain.visits.together import TogetherRequest, VisitTogether, book_together
from tests.small_clinic import NOW, ZONE, SmallClinic

from .racing import NO_OVERLAPS, RACERS, Lane, Racers, deadlocks, overlaps, say_speed
from .test_booking_races import one_patient_each

_VISITS = 10
_ROUNDS = 3
_TUESDAY = NOW.date() + timedelta(days=1)


def book_overlapping(lane: Lane, clinic: SmallClinic, patients: list[int]) -> None:
    """A series at the same time as everybody's: half of them from a week later on."""
    for number in range(_ROUNDS):
        request = SeriesRequest(
            patients[lane.number],
            clinic.lee,
            clinic.follow_up,
            _TUESDAY + timedelta(days=7 * (lane.number % 2)),
            (9 + number) * 60,
            f"FREQ=WEEKLY;COUNT={_VISITS}",
        )
        lane.run(book_series, request, NOW, key=request.key)


def book_crosswise(lane: Lane, clinic: SmallClinic, patients: list[int]) -> None:
    """The same two visits, which half of them name in the opposite order: who waits for whom?"""
    for number in range(_ROUNDS):
        starts_at = instant(_TUESDAY + timedelta(days=number), 14 * 60, ZONE)
        visits = (
            VisitTogether(clinic.lee, clinic.follow_up, starts_at),
            VisitTogether(clinic.okafor, clinic.follow_up, starts_at + timedelta(minutes=20)),
        )[:: 1 if lane.number % 2 else -1]
        request = TogetherRequest(patients[lane.number], visits)
        lane.run(book_together, request, NOW, key=request.key)


def _count(session: Session, entity: type) -> int:
    return session.scalar(select(func.count()).select_from(table(entity))) or 0


def test_overlapping_series(
    clinic: SmallClinic, database: Database, racers: Racers, kind: str
) -> None:
    patients = database.transact(one_patient_each, clinic)
    before = database.read(_count, AuditEntry)
    answers = racers.race(book_overlapping, database, clinic.receptionist, clinic, patients)
    say_speed(f"{kind}: {RACERS} book series over each other", answers)
    outcomes = Counter(answer.outcome for answer in answers)
    assert outcomes == {"done": _ROUNDS, "SlotTaken": (RACERS - 1) * _ROUNDS}
    losers = [answer for answer in answers if answer.outcome == "SlotTaken"]
    assert all(answer.sentence.endswith("of the series was booked.") for answer in losers)
    assert database.read(_count, Appointment) == _ROUNDS * _VISITS
    assert database.read(_count, SeriesVisit) == _ROUNDS * _VISITS
    assert database.read(_count, Series) == _ROUNDS
    assert database.read(_count, AuditEntry) == before + _ROUNDS
    # These patients have no address: each visit's message is its doctor's.
    assert database.read(_count, Notice) == _ROUNDS * _VISITS
    assert database.read(overlaps) == NO_OVERLAPS
    assert database.read(deadlocks) == 0


def test_several_at_once_crosswise(
    clinic: SmallClinic, database: Database, racers: Racers, kind: str
) -> None:
    patients = database.transact(one_patient_each, clinic)
    answers = racers.race(book_crosswise, database, clinic.receptionist, clinic, patients)
    say_speed(f"{kind}: {RACERS} book two visits crosswise", answers)
    outcomes = Counter(answer.outcome for answer in answers)
    assert outcomes == {"done": _ROUNDS, "SlotTaken": (RACERS - 1) * _ROUNDS}
    assert database.read(_count, Appointment) == 2 * _ROUNDS
    assert database.read(overlaps) == NO_OVERLAPS
    assert database.read(deadlocks) == 0
