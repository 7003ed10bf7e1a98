"""What other terminals change is told within a second, and never silently missed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from queue import Queue

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from clinic_tui import changes
from clinic_tui.changes import Follower, News, Watcher, watch
from clinic_tui.database import Database
from clinic_tui.domain.change_log import Change, ChangeKind
from clinic_tui.domain.codes import Sex
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment

from .patience import Stopwatch, here
from .small_clinic import NOW, SmallClinic

_AT = NOW + timedelta(hours=1)
_A_SECOND = 1.0
_PATIENCE = 60.0


@pytest.fixture
def watcher(clinic: SmallClinic, database: Database) -> Iterator[Watcher]:
    """Watches the small clinic."""
    with closing(watch(database)) as watching:
        yield watching


def _request(clinic: SmallClinic) -> BookingRequest:
    return BookingRequest(clinic.lee, clinic.follow_up, _AT, patient_id=clinic.maria)


def _until(watcher: Watcher, kind: ChangeKind) -> frozenset[Change]:
    """All changes of that kind of which is told at once, when the first of them is."""
    found: set[Change] = set()
    end = time.monotonic() + _PATIENCE
    while not found and (left := end - time.monotonic()) > 0:
        news = watcher.wait(left)
        assert not news.everything
        found |= {change for change in news.changes if change.kind is kind}
    return frozenset(found)


def test_whom_news_concern() -> None:
    """Visits from the first instant up to the last, whatever cannot be placed, and the kinds."""
    day, others = (_AT, _AT + timedelta(days=1)), {ChangeKind.HOURS}
    for instant, concerns in (
        (_AT - timedelta(seconds=1), False), (_AT, True), (day[1], False), (None, True),
    ):  # fmt: skip
        change = Change(ChangeKind.VISIT, 1, 1, instant)
        assert News(frozenset({change})).touches(others, *day) is concerns
    assert News(frozenset({Change(ChangeKind.HOURS, 1)})).touches(others, *day)
    assert not News(frozenset({Change(ChangeKind.MESSAGES)})).touches(others, *day)
    assert News(everything=True).touches((), *day)


def test_nothing_happens(watcher: Watcher) -> None:
    assert watcher.wait(0.01) == News()


def test_a_visit_booked_and_moved(
    clinic: SmallClinic, database: Database, watcher: Watcher
) -> None:
    """Of a move both places are told: where it stood and where it stands."""
    booked = database.transact(book_appointment, clinic.receptionist, _request(clinic), NOW)
    here = Change(ChangeKind.VISIT, clinic.lee, clinic.maria, _AT)
    assert _until(watcher, ChangeKind.VISIT) == {here}
    later = _AT + timedelta(days=1)
    request = MoveRequest(booked.appointment_id, clinic.okafor, later, 20, None)
    database.transact(move_appointment, clinic.receptionist, request, NOW)
    there = Change(ChangeKind.VISIT, clinic.okafor, clinic.maria, later)
    assert _until(watcher, ChangeKind.VISIT) == {here, there}


def test_hours_patients_and_the_clinic(
    clinic: SmallClinic, database: Database, watcher: Watcher
) -> None:
    patient = PatientDetails("Sato", "Ken", None, Sex.MALE, phones=("+4915123450000",))
    patient_id = database.transact(register_patient, clinic.receptionist, patient, NOW)
    assert _until(watcher, ChangeKind.PATIENT) == {Change(ChangeKind.PATIENT, None, patient_id)}
    database.transact(_execute, f"DELETE FROM weekly_hours WHERE doctor_id = {clinic.park}")
    assert _until(watcher, ChangeKind.HOURS) == {Change(ChangeKind.HOURS, clinic.park)}
    database.transact(_execute, "UPDATE clinic SET name = 'Lakeside'")
    assert _until(watcher, ChangeKind.CLINIC) == {Change(ChangeKind.CLINIC)}


def _execute(session: Session, statement: str) -> None:
    session.execute(text(statement))


def test_what_is_not_committed_is_not_told(
    clinic: SmallClinic, database: Database, watcher: Watcher
) -> None:
    with pytest.raises(ZeroDivisionError):
        database.transact(_book_and_fail, clinic)
    assert watcher.wait(0.3) == News()


def _book_and_fail(session: Session, clinic: SmallClinic) -> None:
    book_appointment(session, clinic.receptionist, _request(clinic), NOW)
    raise ZeroDivisionError


_ELSEWHERE = """
import sys, time
from clinic_tui.database import Database
from sqlalchemy import text
database = Database(sys.argv[1])
for number in range(5):
    print(input() and "", end="")
    database.transact(lambda s: s.execute(text("UPDATE doctors SET profile = profile || 'x'"
        " WHERE id = :id"), {"id": int(sys.argv[2])}))
    print(time.monotonic(), flush=True)
"""


def test_another_process_is_heard_within_a_second(
    clinic: SmallClinic, database: Database, watcher: Watcher, stopwatch: Stopwatch
) -> None:
    """From its commit to here, by the one clock that all processes share."""
    url = database.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", _ELSEWHERE, url, str(clinic.lee)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        for _ in range(5):
            other.stdin.write("go\n")
            other.stdin.flush()
            news = watcher.wait(_PATIENCE)
            heard = time.monotonic()
            assert news.changes == {Change(ChangeKind.DOCTOR, clinic.lee)}
            committed = float(other.stdout.readline())
            assert stopwatch.since(committed, heard) <= here(_A_SECOND)


@pytest.mark.parametrize("kind", ["postgresql"])
def test_a_lost_connection_means_that_anything_may_have_changed(
    clinic: SmallClinic, database: Database
) -> None:
    with closing(watch(database)) as watcher:
        database.transact(
            _execute,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN %' AND datname = current_database()",
        )
        database.transact(book_appointment, clinic.receptionist, _request(clinic), NOW)
        assert watcher.wait(_PATIENCE).everything
        database.transact(_execute, "UPDATE clinic SET name = 'Lakeside'")
        assert _until(watcher, ChangeKind.CLINIC) == {Change(ChangeKind.CLINIC)}


def test_a_follower_tells_of_what_comes_before_its_thread_does(
    clinic: SmallClinic, database: Database
) -> None:
    told: Queue[News] = Queue()
    follower = Follower(database, told.put)
    database.transact(book_appointment, clinic.receptionist, _request(clinic), NOW)
    follower.start()
    try:
        booked = Change(ChangeKind.VISIT, clinic.lee, clinic.maria, _AT)
        assert booked in told.get(timeout=_PATIENCE).changes
    finally:
        follower.stop(_PATIENCE)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_after_an_error_of_which_nobody_knows_everything_may_have_changed(
    clinic: SmallClinic, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "_AGAIN_SECONDS", 0.01)
    told: Queue[News] = Queue()

    def tell(news: News) -> None:
        told.put(news)
        if not news.everything:
            raise ZeroDivisionError

    follower = Follower(database, tell)
    follower.start()
    try:
        database.transact(book_appointment, clinic.receptionist, _request(clinic), NOW)
        assert not told.get(timeout=_PATIENCE).everything
        assert told.get(timeout=_PATIENCE).everything
    finally:
        follower.stop(_PATIENCE)


@pytest.mark.parametrize("renamings", [100, 5000])
def test_more_than_can_be_listed(
    clinic: SmallClinic, database: Database, watcher: Watcher, renamings: int
) -> None:
    """A hundred changes of one doctor are one; what SQLite has forgotten is everything."""
    for _ in range(renamings // 100):
        database.transact(_rename_often, clinic.lee)
    if database.is_sqlite and renamings > 4096:
        assert watcher.wait(_PATIENCE).everything
    else:
        assert _until(watcher, ChangeKind.DOCTOR) == {Change(ChangeKind.DOCTOR, clinic.lee)}


def _rename_often(session: Session, doctor_id: int) -> None:
    for number in range(100):
        session.execute(
            text("UPDATE doctors SET profile = :word WHERE id = :id"),
            {"word": str(number), "id": doctor_id},
        )


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_book_of_changes_stays_short(clinic: SmallClinic, database: Database) -> None:
    for _ in range(60):
        database.transact(_rename_often, clinic.lee)
    assert (
        database.read(lambda session: session.scalar(text("SELECT count(*) FROM changes"))) < 4500
    )
