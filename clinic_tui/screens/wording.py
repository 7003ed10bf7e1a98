"""How ages, birth dates and time off are worded on every screen."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from ..domain.access import Actor, Permission, Reach, reach
from ..domain.codes import Status
from ..domain.times.walltime import (
    clock,
    day_bounds,
    local_day,
    minute_of_day,
    say_date,
    say_day,
    say_moment,
    say_near_day,
    say_span,
)

_WIDE_DAY = date(2026, 11, 30)


def done_words(done: str, status: Status, actor: Actor) -> str:
    """ "Booked" or "Moved", unless whoever did it has only asked for it."""
    asks = status is Status.PENDING and reach(actor, Permission.CONFIRM) is Reach.NONE
    return "Asked for: the clinic says yes or no" if asks else done


def say_birth_date(day: date) -> str:
    """A birth date, which needs no weekday: "9 Mar 1984"."""
    return say_date(day)


def say_short_day(at: datetime, zone: str) -> str:
    """The date of an instant without its year: "Fri 20 Nov"."""
    return say_near_day(local_day(at, zone))


def clock_cells() -> int:
    """The cells of the widest clock time: "15:00", or "12:05pm"."""
    return len(clock(12 * 60))


def date_cells() -> int:
    """The cells of the widest date with its weekday."""
    return len(say_day(_WIDE_DAY))


def date_field_cells() -> int:
    """The cells of a field for a date: a blank at either side, and one for the cursor behind it."""
    return date_cells() + 3


def near_date_cells() -> int:
    """The cells of the widest date whose year is clear, with its weekday."""
    return len(say_near_day(_WIDE_DAY))


def say_age(born: date, today: date) -> str:
    """How old somebody is: in days, months and years as people count them."""
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if months < 1:
        return _count((today - born).days, "day")
    if months < 24:
        return _count(months, "month")
    return f"{months // 12} years"


def say_time_off(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """Whole days by their dates, hours of one day as a span, anything else by its two ends."""
    first, last = local_day(starts_at, zone), local_day(ends_at, zone)
    if not minute_of_day(starts_at, zone) and not minute_of_day(ends_at, zone):
        last -= timedelta(days=1)
        return say_day(first) if first == last else f"{say_day(first)} – {say_day(last)}"
    if first == last:
        return say_span(starts_at, ends_at, zone)
    if ends_at == day_bounds(first, zone)[1]:
        return f"{say_moment(starts_at, zone)}–{clock(1440)}"
    return f"{say_moment(starts_at, zone)} – {say_moment(ends_at, zone)}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
