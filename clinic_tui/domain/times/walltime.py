"""Wall clock and instants: the only place where the two meet.

Instants are aware datetimes in UTC. Wall time belongs to a clinic's IANA zone and is combined
with a date only when it is used, because "Tuesday 09:00" is a different instant after the
clocks have changed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..clinic.writing import DateOrder, writing
from ..errors import BadInput

MINUTES_PER_DAY = 1440


@cache
def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name, or ``BadInput``."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(
            "Time zone", f"“{name}” is no time zone; one looks like Europe/Berlin."
        ) from error


@lru_cache(maxsize=8192)
def instant(day: date, minute: int, zone_name: str) -> datetime:
    """The instant, in UTC, at which the clinic's clock shows ``minute`` of ``day``.

    ``minute`` counts from midnight on the clock's face, 0 to 1440 (24:00, the next midnight).
    A time that happens twice means its first instant; one that is skipped moves forward by the
    gap. Both are what PEP 495 gives for fold=0.
    """
    days, rest = divmod(minute, MINUTES_PER_DAY)
    wall = datetime.combine(
        day + timedelta(days=days), time(rest // 60, rest % 60), tzinfo=zone(zone_name)
    )
    return wall.astimezone(UTC)


@lru_cache(maxsize=8192)
def instant_seconds(day: date, minute: int, zone_name: str) -> int:
    """That instant in whole seconds since 1970; a sweep asks for the same ones for every doctor."""
    return int(instant(day, minute, zone_name).timestamp())


@lru_cache(maxsize=8192)
def from_seconds(seconds: int) -> datetime:
    """The instant so many whole seconds after 1970 UTC; a day of visits shares a few hundred."""
    return datetime.fromtimestamp(seconds, UTC)


def day_bounds(day: date, zone_name: str) -> tuple[datetime, datetime]:
    """Midnight to midnight of ``day`` in the zone, as UTC instants: 23, 24 or 25 hours apart."""
    return instant(day, 0, zone_name), instant(day, MINUTES_PER_DAY, zone_name)


def local(at: datetime, zone_name: str) -> datetime:
    """The instant on the clinic's clock; ``BadInput`` for a datetime without a zone."""
    if at.tzinfo is None:
        raise BadInput("Time", "A time without its zone cannot be placed.")
    return at.astimezone(zone(zone_name))


def local_day(at: datetime, zone_name: str) -> date:
    """The clinic's date at that instant."""
    return local(at, zone_name).date()


@lru_cache(maxsize=1024)
def clock_changes(day: date, zone_name: str) -> tuple[int, tuple[tuple[int, int], ...]]:
    """How far ahead of UTC the clock is at the day's midnight, and when it changes to what.

    All in seconds. Most clocks change by whole hours, Lord Howe's by half of one.
    """
    midnight, next_midnight = (int(at.timestamp()) for at in day_bounds(day, zone_name))

    def ahead(second: int) -> int:
        shift = local(datetime.fromtimestamp(second, UTC), zone_name).utcoffset() or timedelta()
        return int(shift.total_seconds())

    first, then = ahead(midnight), ahead(next_midnight - 1)
    if first == then:
        return first, ()
    change = bisect_left(range(midnight, next_midnight), True, key=lambda at: ahead(at) == then)
    return first, ((midnight + change, then),)


def minute_of_day(at: datetime, zone_name: str) -> int:
    """Minutes since midnight that the clinic's clock shows at that instant, 0 to 1439."""
    wall = local(at, zone_name)
    return wall.hour * 60 + wall.minute


def clock(minute: int) -> str:
    """A minute of the day as the clinic's clock has it: 545 → "09:05", 1440 → "24:00"; where it
    has twelve hours "9:05am" and "12:00am".
    """
    if writing().clock_hours == 24:
        return plain_clock(minute)
    hour, rest = divmod(minute, 60)
    return f"{(hour - 1) % 12 + 1}:{rest:02}{'pm' if hour % 24 >= 12 else 'am'}"


def plain_clock(minute: int) -> str:
    """A minute of the day for machines, the same everywhere: 545 → "09:05", 1440 → "24:00"."""
    return f"{minute // 60:02}:{minute % 60:02}"


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
AGAIN = "²"
"""Behind a time of day: the second one of its name, where the clocks go back."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def say_day(day: date) -> str:
    """A date as the clinic writes it: "Tue 24 Nov 2026", "Tue Nov 24, 2026", "Tue 2026-11-24";
    whatever the machine's locale is.
    """
    return f"{_DAYS[day.weekday()]} {say_date(day)}"


def say_date(day: date) -> str:
    """A date without its weekday: "24 Nov 2026", "Nov 24, 2026" or "2026-11-24"."""
    order = writing().date_order
    if order is DateOrder.MONTH_FIRST:
        return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"
    if order is DateOrder.YEAR_FIRST:
        return day.isoformat()
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def say_near_date(day: date) -> str:
    """A date whose year is clear: "24 Nov", "Nov 24" or "11-24"."""
    order = writing().date_order
    if order is DateOrder.YEAR_FIRST:
        return f"{day.month:02}-{day.day:02}"
    month = _MONTHS[day.month - 1]
    return f"{month} {day.day}" if order is DateOrder.MONTH_FIRST else f"{day.day} {month}"


def say_near_day(day: date) -> str:
    """A day whose year is clear: "Tue 24 Nov", "Tue Nov 24", "Tue 11-24"."""
    return f"{_DAYS[day.weekday()]} {say_near_date(day)}"


def say_weekday(day: date) -> str:
    """A day within a week that is clear: "Tue 24"."""
    return f"{_DAYS[day.weekday()]} {day.day}"


def say_weekdays(weekdays: Iterable[int]) -> str:
    """Weekdays (0 = Monday) in the order of the clinic's week: "Mon, Wed"."""
    first = writing().first_weekday
    return ", ".join(_DAYS[day] for day in sorted(weekdays, key=lambda day: (day - first) % 7))


def say_runs_of_weekdays(weekdays: Iterable[int]) -> str:
    """The same for a column: three or more in a row by their ends, "Mon–Thu, Sat"."""
    first = writing().first_weekday
    runs: list[list[int]] = []
    for place in sorted((day - first) % 7 for day in weekdays):
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    named = [[_DAYS[(place + first) % 7] for place in run] for run in runs]
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(run) for run in named)


def say_time(at: datetime, zone_name: str) -> str:
    """An instant on the clinic's clock: "15:00"."""
    return clock(minute_of_day(at, zone_name))


def say_which(at: datetime, zone_name: str) -> str:
    """The same, the second of two that look alike told apart: "02:30²"."""
    return f"{say_time(at, zone_name)}{AGAIN if local(at, zone_name).fold else ''}"


def say_moment(at: datetime, zone_name: str) -> str:
    """An instant with its date: "Tue 24 Nov 2026 15:00"."""
    return f"{say_day(local_day(at, zone_name))} {say_time(at, zone_name)}"


def say_span(starts_at: datetime, ends_at: datetime, zone_name: str) -> str:
    """From one instant to another: "Tue 24 Nov 2026 15:00–15:20"."""
    return f"{say_moment(starts_at, zone_name)}–{say_time(ends_at, zone_name)}"
