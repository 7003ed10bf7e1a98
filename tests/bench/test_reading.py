"""Reading in a large book costs what it costs in a small one: a day, a week, a month, openings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from clinic_tui.desk import Desk
from clinic_tui.domain.openings.openings import OpeningSearch, find_openings
from clinic_tui.domain.overview.calendar import calendar_day, calendar_month, calendar_week
from tests.bench.books import DOCTORS, LARGE, SMALL
from tests.bench.conftest import DeskAt
from tests.bench.measure import Report, in_turn, in_words, percentile, ratio
from tests.small_clinic import NOW

_ROUNDS = 60
_DAYS = 6
"""From NOW, a Monday, on: the working days that both books hold whole."""
FOLLOW_UP = 3


def _day(desk: Desk, number: int) -> Any:
    day = NOW.date() + timedelta(days=number % _DAYS)
    return desk.read_now(calendar_day, day, NOW)


def _any_day(desk: Desk, number: int) -> Any:
    """A day somewhere in three years, hardly ever the same."""
    day = NOW.date() + timedelta(days=(number * 37) % 900 - 400)
    return desk.read_now(calendar_day, day, NOW)


def _week(desk: Desk, number: int) -> Any:
    return desk.read_now(calendar_week, number % DOCTORS + 1, NOW.date(), NOW)


def _month(desk: Desk, number: int) -> Any:
    return desk.read_now(calendar_month, NOW.date(), NOW)


def _openings(desk: Desk, number: int) -> Any:
    search = OpeningSearch(FOLLOW_UP, NOW + timedelta(hours=number % 30))
    return desk.read_now(find_openings, search, NOW)


@pytest.mark.parametrize(
    ("what", "read", "most_ms"),
    [
        ("a day of 50 doctors", _day, 20),
        ("a week of one doctor", _week, 20),
        ("first 10 openings, any of 50 doctors", _openings, None),
    ],
)
def test_a_read_costs_what_it_costs_in_a_small_book(
    kind: str, desk_at: DeskAt, report: Report, what: str, read: Any, most_ms: float | None
) -> None:
    large, small = desk_at(kind, LARGE), desk_at(kind, SMALL)

    def measure() -> dict[str, list[float]]:
        return in_turn(
            _ROUNDS, large=lambda turn: read(large, turn), small=lambda turn: read(small, turn)
        )

    def against_small() -> tuple[float, str]:
        times = measure()
        return ratio(times["large"], times["small"]), in_words(times["large"])

    def alone() -> tuple[float, str]:
        times = measure()["large"]
        return percentile(times, 95), in_words(times)

    measure()
    report.hold(f"{kind}: {what}, large to small", "×", 1.3, against_small)
    report.hold(f"{kind}: {what}, p95", "ms", most_ms, alone)


@pytest.mark.parametrize(("what", "read"), [("any day", _any_day), ("a month's load", _month)])
def test_what_only_a_large_book_holds(
    kind: str, desk_at: DeskAt, report: Report, what: str, read: Any
) -> None:
    large = desk_at(kind, LARGE)

    def measure() -> tuple[float, str]:
        times = in_turn(_ROUNDS, large=lambda turn: read(large, turn))["large"]
        return percentile(times, 95), in_words(times)

    report.hold(f"{kind}: {what} of 50 doctors, p95", "ms", None, measure)
