"""A booking costs little more than its own statements, and no more in a full book."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import islice

import pytest

from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.openings.openings import OpeningSearch, find_openings
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.domain.visits.requests import new_key
from tests.bench import bare
from tests.bench.bare import Script
from tests.bench.books import DOCTORS, LARGE, SMALL
from tests.bench.conftest import DatabaseAt, DeskAt
from tests.bench.measure import Report, in_turn, in_words, ratio
from tests.small_clinic import NOW

_ROUNDS = 100
_CHECK_UP = 2


class Wishes:
    """Visits that would fit in the week after NOW, each asked for once and by another patient."""

    def __init__(self, desk: Desk, database: Database) -> None:
        self._desk = desk
        self._database = database
        self._unasked = self._all()

    def _all(self) -> Iterator[BookingRequest]:
        until = NOW + timedelta(days=7)
        starts = {}
        for doctor in range(1, DOCTORS + 1):
            search = OpeningSearch(_CHECK_UP, NOW, (doctor,), until=until, limit=20)
            starts[doctor] = self._desk.read_now(find_openings, search, NOW).openings
        patients = iter(range(1, SMALL.patients))
        for number in range(20):
            for doctor, found in starts.items():
                if number < len(found):
                    at = found[number].starts_at
                    yield BookingRequest(doctor, _CHECK_UP, at, patient_id=next(patients))

    def next(self, many: int) -> list[tuple[BookingRequest, Script]]:
        """So many of them, tried out without booking anything, and what was sent for that."""
        tried = (
            (replace(wish, key=new_key()), script)
            for wish in self._unasked
            if (script := bare.script_of(self._database, self._desk.actor, wish)) is not None
        )
        found = list(islice(tried, many))
        assert len(found) == many, "the books are too full for another measurement"
        return found


@pytest.fixture
def wishes(kind: str, desk_at: DeskAt, database_at: DatabaseAt) -> dict[str, Wishes]:
    """Visits to book in a large book and in a small one."""
    return {
        size.name: Wishes(desk_at(kind, size), database_at(kind, size)) for size in (LARGE, SMALL)
    }


def test_a_booking(
    kind: str, desk_at: DeskAt, database_at: DatabaseAt, wishes: dict[str, Wishes], report: Report
) -> None:
    large, small = desk_at(kind, LARGE), desk_at(kind, SMALL)

    def measure() -> dict[str, list[float]]:
        asked = [wish for wish, _ in wishes["large"].next(_ROUNDS)]
        asked_small = [wish for wish, _ in wishes["small"].next(_ROUNDS)]
        scripts = [script for _, script in wishes["large"].next(_ROUNDS)]
        with closing(bare.connect(database_at(kind, LARGE))) as driver:
            return in_turn(
                _ROUNDS,
                program=lambda turn: large.run_now(book_appointment, asked[turn], NOW),
                driver=lambda turn: bare.send(driver, scripts[turn]),
                small=lambda turn: small.run_now(book_appointment, asked_small[turn], NOW),
            )

    times: dict[str, list[float]] = {}

    def against_driver() -> tuple[float, str]:
        times.update(measure())
        words = f"program {in_words(times['program'])}, driver {in_words(times['driver'])}"
        return ratio(times["program"], times["driver"]), words

    def against_small() -> tuple[float, str]:
        if "compared" in times:
            times.update(measure())
        times["compared"] = []
        words = f"large {in_words(times['program'])}, small {in_words(times['small'])}"
        return ratio(times["program"], times["small"]), words

    try:
        report.hold(f"{kind}: booking, program to bare driver, p50", "×", 2.5, against_driver)
    finally:
        report.hold(f"{kind}: booking, large book to small, p50", "×", 1.3, against_small)


def test_round_trips_of_a_booking(desk_at: DeskAt, database_at: DatabaseAt, report: Report) -> None:
    """Counted where it counts: the server says once a round trip that it is ready for more."""
    desk, database = desk_at("postgresql", SMALL), database_at("postgresql", SMALL)
    wishes = Wishes(desk, database)

    def measure() -> tuple[float, str]:
        for wish, _ in wishes.next(10):  # As often as makes the driver prepare the statements.
            desk.run_now(book_appointment, wish, NOW)
        ((wish, _),) = wishes.next(1)
        with tempfile.TemporaryFile("w+", encoding="utf-8") as trace:
            _trace(database, trace.fileno())
            desk.run_now(book_appointment, wish, NOW)
            _trace(database, None)
            trace.seek(0)
            return trace.read().count("ReadyForQuery"), "BEGIN and COMMIT included"

    report.hold("postgresql: round trips of a booking", "", 8, measure)


def _trace(database: Database, file: int | None) -> None:
    """Let libpq write down what is said on the connection that is used next, or no more."""
    with closing(database.engine.raw_connection()) as raw:
        connection = raw.driver_connection
        assert connection is not None
        if file is None:
            connection.pgconn.untrace()
        else:
            connection.pgconn.trace(file)
