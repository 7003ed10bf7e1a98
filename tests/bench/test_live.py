"""What one desk changes is on every other screen within a second, and no cursor jumps.

Four programs in four terminals look at the same day of one book, at which a fifth desk books and
cancels. Each change is counted from its commit to the last byte that makes it seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta
from time import perf_counter

import pytest

from clinic_tui.desk import Desk
from clinic_tui.domain.codes import CancelledBy
from clinic_tui.domain.openings.openings import OpeningSearch, find_openings
from clinic_tui.domain.overview.calendar import calendar_day
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.domain.visits.cancelling import CancelRequest, cancel_appointment
from tests.bench.books import SMALL
from tests.bench.conftest import DeskAt, UrlOf
from tests.bench.measure import Report, in_words, percentile
from tests.bench.terminals import Terminal, running
from tests.small_clinic import NOW

_CHECK_UP = 2
_TERMINALS, _VISITS = 4, 100
"""A visit is two changes: booked, and cancelled again."""
_DOWN = "\x1b[B"


def _opening(desk: Desk) -> tuple[int, datetime]:
    """Time that is free this morning with a doctor whose column is on every screen."""
    for column in desk.read_now(calendar_day, NOW.date(), NOW).columns[:4]:
        search = OpeningSearch(
            _CHECK_UP, NOW, (column.doctor_id,), until=NOW + timedelta(hours=3), limit=1
        )
        if found := desk.read_now(find_openings, search, NOW).openings:
            return column.doctor_id, found[0].starts_at
    raise AssertionError("the first doctors have no time left this morning")


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Each of the two databases."""
    kind: str = request.param
    return kind


@pytest.fixture
def terminals(
    kind: str, url_of: UrlOf, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Terminal]]:
    """Four programs with the day drawn and the cursor somewhere in it."""
    with ExitStack() as stack:
        opened = []
        for _ in range(_TERMINALS):
            command = ["-m", "tests.bench.program", url_of(kind, SMALL)]
            terminal = stack.enter_context(running(command, tmp_path_factory.mktemp("home")))
            terminal.until(lambda text: "▌" in text)
            opened.append(terminal)
        for terminal in opened:
            terminal.wait(6)  # Past what the program puts off until it stands.
            terminal.press(_DOWN * 8, quiet=0.5)
        yield opened


def _why(terminal: Terminal) -> str:
    """What is said of the cell under the cursor."""
    return "\n".join(terminal.text.splitlines()[-4:-1])


def _seen(terminal: Terminal, name: str, *, there: bool, since: float) -> float:
    """Milliseconds until the name is on that screen, or is no more."""
    terminal.until(lambda text: (name in text) is there)
    return (terminal.seen_at - since) * 1_000


def test_changes_of_another_desk(
    kind: str, desk_at: DeskAt, terminals: list[Terminal], report: Report
) -> None:
    """None is lost: one that never comes ends the measurement."""
    desk = desk_at(kind, SMALL)
    doctor, starts_at = _opening(desk)
    cursors = [_why(terminal) for terminal in terminals]
    late: list[float] = []
    with ThreadPoolExecutor(_TERMINALS) as watching:

        def watch(name: str, *, there: bool) -> None:
            since = perf_counter()
            late.extend(
                watching.map(lambda one: _seen(one, name, there=there, since=since), terminals)
            )
            assert [_why(terminal) for terminal in terminals] == cursors

        for number in range(_VISITS):
            name = f"Zz{number:03}"
            patient = desk.run_now(register_patient, PatientDetails(name, "Live"), NOW)
            wish = BookingRequest(doctor, _CHECK_UP, starts_at, patient)
            booked = desk.run_now(book_appointment, wish, NOW)
            watch(name, there=True)
            cancel = CancelRequest(booked.appointment_id, CancelledBy.PATIENT)
            desk.run_now(cancel_appointment, cancel, NOW)
            watch(name, there=False)
    what = f"{kind}: a change seen on {_TERMINALS} other screens, p95"
    report.hold(what, "ms", 1_000, lambda: (percentile(late, 95), in_words(late)))
