"""What somebody on the waitlist wants: on which days, at what times of day. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ..errors import BadInput
from ..times.walltime import (
    MINUTES_PER_DAY,
    clock,
    instant,
    local_day,
    say_day,
    say_moment,
    say_weekdays,
)

EVERY_DAY = 127
_WHOLE_DAY = (0, MINUTES_PER_DAY)


@dataclass(frozen=True, slots=True)
class Times:
    """When a visit may lie: between two dates (``last_day`` None: no end), on some weekdays,
    between two wall minutes of the day on which it starts, and over before another begins.

    ``weekdays`` is a sum of 1 for Monday to 64 for Sunday, as it is stored.
    """

    first_day: date
    last_day: date | None = None
    weekdays: int = EVERY_DAY
    from_minute: int = 0
    until_minute: int = MINUTES_PER_DAY
    before: datetime | None = None

    def why_not(self, starts_at: datetime, ends_at: datetime, zone: str) -> str:
        """What is wanted instead of that time, in words; empty where it is wanted."""
        day = local_day(starts_at, zone)
        if self.before is not None and ends_at > self.before:
            return f"before {say_moment(self.before, zone)}"
        if day < self.first_day:
            return f"from {say_day(self.first_day)} on"
        if self.last_day is not None and day > self.last_day:
            return f"until {say_day(self.last_day)}"
        if not self.weekdays & mask({day.weekday()}):
            return f"on {say_weekdays(weekdays_of(self.weekdays))}"
        minutes = (self.from_minute, self.until_minute)
        if minutes != _WHOLE_DAY:
            earliest, latest = (instant(day, minute, zone) for minute in minutes)
            if starts_at < earliest or ends_at > latest:
                return f"between {clock(minutes[0])} and {clock(minutes[1])}"
        return ""


def mask(weekdays: Iterable[int]) -> int:
    """Weekdays (0 = Monday) as they are stored; none of them means every day.

    Refused with ``BadInput`` unless they are 0 to 6.
    """
    days = set(weekdays)
    if not days <= set(range(7)):
        raise BadInput("Weekdays", "Weekdays go from 0, Monday, to 6, Sunday.")
    return sum(1 << day for day in days) or EVERY_DAY


def weekdays_of(stored: int) -> frozenset[int]:
    """The opposite of ``mask``."""
    return frozenset(day for day in range(7) if stored & 1 << day)


def check_times(times: Times, minutes: int) -> Times:
    """The same back; ``BadInput`` where no visit of that length could ever lie in it."""
    if times.last_day is not None and times.last_day < times.first_day:
        raise BadInput("Last day", "The last day comes before the first.")
    if not 0 <= times.from_minute < times.until_minute <= MINUTES_PER_DAY:
        raise BadInput("Times", "Times of day go from an earlier to a later one, up to 24:00.")
    minutes_of_day = (times.from_minute, times.until_minute)
    if minutes_of_day != _WHOLE_DAY and times.until_minute - times.from_minute < minutes:
        raise BadInput("Times", f"A visit of {minutes} minutes is longer than those times of day.")
    if times.last_day is not None and (times.last_day - times.first_day).days < 6:
        days = (times.last_day - times.first_day).days + 1
        wanted = (times.first_day + timedelta(days=number) for number in range(days))
        if not times.weekdays & mask({day.weekday() for day in wanted}):
            raise BadInput("Weekdays", "None of those weekdays lies between the two dates.")
    return times
