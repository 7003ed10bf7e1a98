"""Every change of the clocks of fifteen zones until 2035, beside brute force by the minute.

What the wall clock shows is worked out here from the other side: each minute of UTC is shown to
the zone, and a wall time is looked up among what was shown. Nobody is asked what a local time
means.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from clinic_tui.domain.clinic.clinic_days import ClinicDays
from clinic_tui.domain.hours.schedule import DoctorSchedule, Hours
from clinic_tui.domain.series.recurrence import days_of, read_rule
from clinic_tui.domain.times.spans import Span, sweep
from clinic_tui.domain.times.timeofday import start_of
from clinic_tui.domain.times.walltime import clock_changes, day_bounds, instant

pytestmark = pytest.mark.proof

_ZONES = (
    "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Europe/Berlin",
    "America/New_York", "Europe/London", "Australia/Sydney", "Africa/Cairo", "Asia/Beirut",
    "America/Santiago", "America/Havana", "Asia/Gaza", "Pacific/Chatham", "America/Sao_Paulo",
    "Asia/Kathmandu",
)  # fmt: skip
"""By half an hour, by an hour before, across midnight, in Ramadan; and three that stay put."""
_STEADY = {"Pacific/Apia", "America/Sao_Paulo", "Asia/Kathmandu"}
_EARLIER = {
    # Apia had no 30 December 2011.
    "Pacific/Apia": [datetime(2011, 12, 30, 10, tzinfo=UTC), datetime(2021, 4, 3, 14, tzinfo=UTC)],
    "America/Sao_Paulo": [
        datetime(2018, 11, 4, 3, tzinfo=UTC), datetime(2019, 2, 17, 2, tzinfo=UTC),
    ],
}  # fmt: skip
_FIRST, _LAST = datetime(2025, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_RANGES = ((0, 90), (90, 165), (150, 240), (1290, 1440))
_LENGTH, _GRID = 20, 10


def transitions(zone: ZoneInfo) -> Iterator[datetime]:
    """The first instants at which the clock is another many hours ahead of UTC than before."""
    hours = (_LAST - _FIRST) // timedelta(hours=1)
    at, ahead = _FIRST, _FIRST.astimezone(zone).utcoffset()
    for _ in range(hours // 24):
        later = at + _DAY
        if later.astimezone(zone).utcoffset() != ahead:
            minutes = range(_DAY // _MINUTE)
            change = bisect_left(
                minutes,
                True,
                key=lambda m: (at + m * _MINUTE).astimezone(zone).utcoffset() != ahead,
            )
            yield at + change * _MINUTE
            ahead = later.astimezone(zone).utcoffset()
        at = later


def shown(zone: ZoneInfo, around: datetime) -> list[tuple[datetime, datetime]]:
    """Each minute for some days, and what the wall clock shows then (without its zone)."""
    first = around - timedelta(hours=49)
    return [
        (at, at.astimezone(zone).replace(tzinfo=None))
        for at in (first + number * _MINUTE for number in range(100 * 60))
    ]


class Clock:
    """A zone's clock around one of its changes, by looking at it."""

    def __init__(self, zone: str, change: datetime) -> None:
        self.minutes = shown(ZoneInfo(zone), change)
        self.first: dict[datetime, datetime] = {}
        for at, wall in self.minutes:
            self.first.setdefault(wall, at)
        before, after = (
            (change - _MINUTE).astimezone(ZoneInfo(zone)).utcoffset(),
            change.astimezone(ZoneInfo(zone)).utcoffset(),
        )
        assert before is not None
        assert after is not None
        self.gap = after - before

    def at(self, day: date, minute: int) -> datetime:
        """When it first shows that; a time that is skipped comes later by the gap."""
        wall = datetime.combine(day, datetime.min.time()) + minute * _MINUTE
        return self.first.get(wall) or self.first[wall + self.gap]


def changes_of(zone: str) -> list[datetime]:
    """All of them; of a zone that has given them up, a few days and the last it had."""
    found = list(transitions(ZoneInfo(zone)))
    steady = [datetime(year, 3, 29, 1, tzinfo=UTC) for year in (2025, 2030, 2035)]
    return found or steady + _EARLIER.get(zone, [])


def test_the_zones_change_as_often_as_they_do() -> None:
    """The brute force itself: twice a year where there is summer time, four times none."""
    counts = {zone: len(list(transitions(ZoneInfo(zone)))) for zone in _ZONES}
    assert {zone for zone, count in counts.items() if not count} == _STEADY
    assert counts["Europe/Berlin"] == counts["America/New_York"] == 22
    print(f"\n{sum(counts.values())} changes: {counts}")  # noqa: T201


@pytest.mark.parametrize("zone", _ZONES)
def test_wall_times_hours_openings_and_series(zone: str, soak: bool) -> None:
    for change in changes_of(zone):
        clock = Clock(zone, change)
        local = change.astimezone(ZoneInfo(zone)).date()
        for day in (local - _DAY, local):
            _wall_times(zone, day, clock, 1 if soak else 5)
            _hours(zone, day, clock)
        _series(zone, local - _DAY, clock)


def _wall_times(zone: str, day: date, clock: Clock, apart: int) -> None:
    """Rule 2: the first instant of a time shown twice, a skipped one moved forward by the gap."""
    for minute in range(0, 1440, apart):
        expected = clock.at(day, minute)
        assert instant(day, minute, zone) == expected
        assert start_of(day, minute, zone).at == expected
    midnight, end = day_bounds(day, zone)
    assert (midnight, end) == (clock.at(day, 0), clock.at(day + _DAY, 0))
    of_the_day = [at for at, wall in clock.minutes if wall.date() == day and midnight <= at < end]
    assert len(of_the_day) == (end - midnight) // _MINUTE


def _hours(zone: str, day: date, clock: Clock) -> None:
    """The minutes worked, and every start at which a visit fits."""
    hours = tuple(Hours(day.weekday(), first, last) for first, last in _RANGES)
    schedule = DoctorSchedule(ClinicDays(zone), hours)
    worked: set[int] = set()
    for first, last in _RANGES:
        since, until = (int(clock.at(day, minute).timestamp()) for minute in (first, last))
        worked |= set(range(since, until, 60))
    spans = schedule.spans(day)
    assert {second for start, end in spans for second in range(start, end, 60)} == worked
    assert all(one[1] < other[0] for one, other in pairwise(spans))
    assert _openings(zone, day, spans) == [
        int(at.timestamp())
        for at, wall in clock.minutes
        if wall.minute % _GRID == 0
        and all(int(at.timestamp()) + 60 * ahead in worked for ahead in range(_LENGTH))
        and spans[0][0] <= int(at.timestamp()) < spans[-1][1]
    ]


def _openings(zone: str, day: date, spans: list[Span]) -> list[int]:
    offset, changes = clock_changes(day, zone)
    return sweep(
        spans, [], length=_LENGTH * 60, before=0, after=0, earliest=0, latest=spans[-1][1],
        align=_GRID * 60, offset=offset, changes=changes, stride=_GRID * 60,
    )  # fmt: skip


def _series(zone: str, first: date, clock: Clock) -> None:
    """Daily over the change: every date once, each at its time by the wall clock."""
    rule = read_rule("FREQ=DAILY;COUNT=3")
    for minute in (0, 30, 90, 150, 165, 570, 1410):
        days = days_of(rule, first, minute, zone)
        assert list(days) == [first, first + _DAY, first + 2 * _DAY]
        for day in days[:2]:
            assert start_of(day, minute, zone).at == clock.at(day, minute)
