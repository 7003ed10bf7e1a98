"""Wall clock and instants: clocks that jump, zones with odd offsets, words for people."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_tui.domain.errors import BadInput
from clinic_tui.domain.times.walltime import (
    clock,
    day_bounds,
    instant,
    local,
    local_day,
    minute_of_day,
    say_day,
    say_moment,
    say_span,
    say_time,
    zone,
)

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "America/Sao_Paulo",
    "UTC",
)
_MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("zone_name", "day", "minute", "expected"),
    [
        ("Europe/Berlin", date(2026, 1, 7), 9 * 60, "2026-01-07 08:00"),
        ("Europe/Berlin", date(2026, 7, 7), 9 * 60, "2026-07-07 07:00"),
        ("Europe/Berlin", date(2026, 7, 7), 1440, "2026-07-07 22:00"),
        # Clocks back: the first of two 02:30s. Clocks forward: 02:30 is not, 03:30 is meant.
        ("Europe/Berlin", date(2026, 10, 25), 150, "2026-10-25 00:30"),
        ("Europe/Berlin", date(2026, 3, 29), 150, "2026-03-29 01:30"),
        ("America/New_York", date(2026, 11, 1), 90, "2026-11-01 05:30"),
        ("America/New_York", date(2026, 3, 8), 150, "2026-03-08 07:30"),
        # Half an hour of summer time.
        ("Australia/Lord_Howe", date(2026, 10, 4), 135, "2026-10-03 15:45"),
        ("Australia/Lord_Howe", date(2026, 4, 5), 105, "2026-04-04 14:45"),
        # Midnight itself is skipped, or happens twice.
        ("America/Havana", date(2026, 3, 8), 0, "2026-03-08 05:00"),
        ("America/Havana", date(2026, 11, 1), 0, "2026-11-01 04:00"),
        ("America/Havana", date(2026, 10, 31), 1440, "2026-11-01 04:00"),
        ("Asia/Kathmandu", date(2026, 11, 23), 9 * 60, "2026-11-23 03:15"),
        ("Pacific/Apia", date(2011, 12, 29), 1440, "2011-12-30 10:00"),
        ("Pacific/Apia", date(2011, 12, 31), 0, "2011-12-30 10:00"),
    ],
)
def test_wall_time_becomes_an_instant(
    zone_name: str, day: date, minute: int, expected: str
) -> None:
    at = instant(day, minute, zone_name)
    assert at.tzinfo is UTC
    assert at == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone_name", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 11, 23), 24),
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/Havana", date(2026, 3, 8), 23),
        ("America/Havana", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Pacific/Apia", date(2011, 12, 29), 24),
        ("Pacific/Apia", date(2011, 12, 30), 0),
        ("Asia/Kathmandu", date(2026, 3, 29), 24),
    ],
)
def test_a_day_has_the_hours_it_has(zone_name: str, day: date, hours: float) -> None:
    midnight, next_midnight = day_bounds(day, zone_name)
    assert next_midnight - midnight == timedelta(hours=hours)
    if hours:
        assert local_day(midnight, zone_name) == day
        assert local_day(next_midnight - _MINUTE, zone_name) == day
        assert local_day(next_midnight, zone_name) > day


def near_a_jump() -> st.SearchStrategy[tuple[str, date]]:
    """A zone and a date, more often than not one on which its clocks jump."""
    jumps = [
        (name, day)
        for name in ZONES
        for year in (2011, 2018, 2026)
        for day in (date(year, 1, 1) + timedelta(days=number) for number in range(365))
        if _noons_apart(day, name) != timedelta(days=1)
    ]
    anywhere = st.tuples(st.sampled_from(ZONES), st.dates(date(1990, 1, 1), date(2035, 1, 1)))
    return st.sampled_from(jumps) | anywhere


def _noons_apart(day: date, zone_name: str) -> timedelta:
    noons = [
        datetime(at.year, at.month, at.day, 12, tzinfo=ZoneInfo(zone_name)).astimezone(UTC)
        for at in (day - timedelta(days=1), day)
    ]
    return noons[1] - noons[0]


@given(near_a_jump(), st.integers(0, 1440))
def test_first_instant_or_forward_by_the_gap(where: tuple[str, date], minute: int) -> None:
    zone_name, day = where
    at = instant(day, minute, zone_name)
    wanted = datetime(day.year, day.month, day.day) + minute * _MINUTE  # noqa: DTZ001 - a wall
    around = range(-26 * 60, 26 * 60 + 1)
    shown = {
        number: (at + number * _MINUTE).astimezone(ZoneInfo(zone_name)).replace(tzinfo=None)
        for number in around
    }
    same = [number for number in around if shown[number] == wanted]
    if same:
        assert same[0] == 0
        return
    gap = shown[0] - wanted
    jumps = [shown[number + 1] - shown[number] - _MINUTE for number in around[:-1]]
    assert gap > timedelta(0)
    assert gap in jumps


@given(near_a_jump(), st.integers(0, 2 * 1440))
def test_what_the_clock_shows(where: tuple[str, date], minutes: int) -> None:
    zone_name, day = where
    at = instant(day, 0, zone_name) + minutes * _MINUTE
    shown = at.astimezone(ZoneInfo(zone_name))
    assert local(at, zone_name).astimezone(UTC) == at
    assert (local_day(at, zone_name), minute_of_day(at, zone_name)) == (
        shown.date(),
        shown.hour * 60 + shown.minute,
    )


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "Europe", "../../etc/passwd", "/etc/passwd", "Europe/Ber\0lin"]
)
def test_what_is_no_zone(name: str) -> None:
    with pytest.raises(BadInput, match="no time zone; one looks like Europe/Berlin") as refusal:
        zone(name)
    assert refusal.value.field == "Time zone"


def test_a_time_without_its_zone_is_refused() -> None:
    naive = datetime(2026, 11, 23, 9, 0)  # noqa: DTZ001 - the very thing that is refused
    for ask in (local, local_day, minute_of_day, say_time, say_moment):
        with pytest.raises(BadInput, match="without its zone"):
            ask(naive, "UTC")


def test_how_times_are_written() -> None:
    at = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)
    assert [clock(minute) for minute in (0, 545, 1439, 1440)] == [
        "00:00",
        "09:05",
        "23:59",
        "24:00",
    ]
    assert say_day(date(2026, 3, 1)) == "Sun 1 Mar 2026"
    assert say_time(at, "Europe/Berlin") == "15:05"
    assert say_moment(at, "Pacific/Apia") == "Wed 25 Nov 2026 03:05"
    later = at + timedelta(minutes=20)
    assert say_span(at, later, "Europe/Berlin") == "Tue 24 Nov 2026 15:05–15:25"
