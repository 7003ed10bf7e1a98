"""The first openings of a whole specialty: quick in a full book, and no slower in a large one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.clinic.settings import load_settings
from clinic_tui.domain.codes import Status
from clinic_tui.domain.hours.roster import load_schedules
from clinic_tui.domain.models import Appointment, DoctorSpecialty, Specialty, table
from clinic_tui.domain.openings.openings import OpeningSearch, find_openings
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.domain.times.spans import Span, subtract
from clinic_tui.domain.times.walltime import from_seconds
from tests.bench import books
from tests.bench.books import DOCTORS, LARGE, SMALL, Size
from tests.bench.conftest import DatabaseAt, DeskAt
from tests.bench.measure import Report, in_turn, in_words, ratio
from tests.small_clinic import NOW

_FOLLOW_UP = 3
"""The visit type of 20 minutes."""
_PIECE = 20 * 60
_DAYS = timedelta(days=60)
_SPECIALTY = "Everything"
_NOTE = "to fill the book"
_AHEAD = Size("ahead", 150_000, 0)
"""As many visits as reach past the sixty days."""
_APPOINTMENTS = table(Appointment)


def _everybody(session: Session) -> int:
    """A specialty that all fifty doctors have."""
    specialties, links = table(Specialty), table(DoctorSpecialty)
    found = session.scalar(select(specialties.c.id).where(specialties.c.name == _SPECIALTY))
    if found is not None:
        return int(found)
    columns = {"name": _SPECIALTY, "name_key": _SPECIALTY.lower()}
    specialty: int = session.execute(
        insert(specialties).values(columns).returning(specialties.c.id)
    ).scalar_one()
    rows = [{"doctor_id": one, "specialty_id": specialty} for one in range(1, DOCTORS + 1)]
    session.execute(insert(links), rows)
    return specialty


def _fill(session: Session, size: Size, leave_each: int) -> None:
    """Take all time of sixty days but, of the pieces of 20 minutes, each so many-eth.

    A small book ends within days: what follows is first filled as a large one is.
    """
    since, until = NOW - timedelta(hours=1), NOW + _DAYS + timedelta(days=1)
    busy = _taken(session, since, until)
    new: list[tuple[int, int, int]] = []
    if size is SMALL:
        last = max(end for spans in busy.values() for _, end in spans)
        new = [
            (one.doctor, int(one.starts_at.timestamp()), int(one.ends_at.timestamp()))
            for one in books.visits(_AHEAD)
            if last + 3_600 < one.starts_at.timestamp() < until.timestamp()
        ]
    for doctor, start, end in new:
        busy.setdefault(doctor, []).append((start, end))
    schedules = load_schedules(session, load_settings(session), busy, since, until)
    pieces = 0
    for doctor, schedule in sorted(schedules.items()):
        for start, end in subtract(schedule.between(since, until), busy[doctor]):
            for at in range(start, end, _PIECE):
                stop = min(at + _PIECE, end)
                pieces += stop - at == _PIECE
                if stop - at < _PIECE or not leave_each or pieces % leave_each:
                    new += _at_least_five_minutes(doctor, at, stop)
    _insert(session, new)


def _at_least_five_minutes(doctor: int, start: int, stop: int) -> list[tuple[int, int, int]]:
    return [(doctor, start, stop)] if stop - start >= 300 else []


def _taken(session: Session, since: Any, until: Any) -> dict[int, list[Span]]:
    columns = _APPOINTMENTS.c
    busy: dict[int, list[Span]] = {}
    for doctor, start, end in session.execute(
        select(columns.doctor_id, columns.starts_at, columns.ends_at).where(
            columns.starts_at > since - timedelta(days=1),
            columns.starts_at < until,
            columns.status != Status.CANCELLED,
        )
    ):
        busy.setdefault(doctor, []).append((int(start.timestamp()), int(end.timestamp())))
    return busy


def _insert(session: Session, visits: list[tuple[int, int, int]]) -> None:
    """A patient a doctor, so that nobody is at two places."""
    actor = books.receptionist(session)
    patients = {
        doctor: register_patient(session, actor, PatientDetails("Filler", f"No {doctor}"), NOW)
        for doctor in range(1, DOCTORS + 1)
    }
    rows = []
    for doctor, start, end in visits:
        starts_at, ends_at = from_seconds(start), from_seconds(end)
        rows.append(
            {
                "doctor_id": doctor,
                "patient_id": patients[doctor],
                "visit_type_id": _FOLLOW_UP,
                "starts_at": starts_at,
                "ends_at": ends_at,
                "blocked_from": starts_at,
                "blocked_until": ends_at,
                "status": Status.BOOKED,
                "overbooked": False,
                "sequence": 0,
                "note": _NOTE,
                "cancel_reason": "",
                "created_at": NOW,
            }
        )
    session.execute(insert(_APPOINTMENTS), rows)


def _empty(session: Session) -> None:
    session.execute(delete(_APPOINTMENTS).where(_APPOINTMENTS.c.note == _NOTE))


@contextmanager
def _filled(databases: dict[Size, Database], leave_each: int) -> Iterator[None]:
    for size, database in databases.items():
        database.transact(_fill, size, leave_each)
        _tidy(database)
    try:
        yield
    finally:
        for database in databases.values():
            database.transact(_empty)
            _tidy(database)


def _tidy(database: Database) -> None:
    """What a server does by itself within minutes."""
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as one:
            one.execute(text("VACUUM ANALYZE appointments"))


@pytest.mark.parametrize(
    ("fullness", "leave_each", "found", "most_ms"),
    [("60 % full", None, 10, 8), ("99.9 % full", 185, 10, 15), ("nothing to find", 0, 0, 150)],
    ids=str,
)
def test_first_openings_of_a_specialty(
    kind: str,
    desk_at: DeskAt,
    database_at: DatabaseAt,
    report: Report,
    fullness: str,
    leave_each: int | None,
    found: int,
    most_ms: float,
) -> None:
    databases = {size: database_at(kind, size) for size in (LARGE, SMALL)}
    searches = {
        size: OpeningSearch(
            _FOLLOW_UP, NOW, specialty_id=database.transact(_everybody), until=NOW + _DAYS
        )
        for size, database in databases.items()
    }
    rounds = 20 if found else 7

    def look(size: Size) -> None:
        desk: Desk = desk_at(kind, size)
        openings = desk.read_now(find_openings, searches[size], NOW).openings
        assert len(openings) == found

    def measured() -> dict[str, list[float]]:
        return in_turn(rounds, large=lambda _: look(LARGE), small=lambda _: look(SMALL))

    def in_the_large_book() -> tuple[float, str]:
        times = measured()
        return median(times["large"]), in_words(times["large"])

    def against_the_small_one() -> tuple[float, str]:
        times = measured()
        words = f"large {in_words(times['large'])}, small {in_words(times['small'])}"
        return ratio(times["large"], times["small"]), words

    def hold() -> None:
        look(LARGE)
        look(SMALL)
        what = f"{kind}: first openings of {DOCTORS} doctors, {fullness}"
        report.hold(f"{what}, p50", "ms", most_ms, in_the_large_book)
        report.hold(f"{what}, large to small", "×", 1.3, against_the_small_one)

    if leave_each is None:
        hold()
        return
    with _filled(databases, leave_each):
        hold()
