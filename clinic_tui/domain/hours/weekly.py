"""What hours of a weekday must be to hold, each for itself and beside each other. Pure."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from math import gcd

from ..errors import BadInput
from ..times.dates import check_day
from ..times.walltime import MINUTES_PER_DAY
from .reserved import Reserved
from .schedule import Hours, counted_week
from .text import WEEKDAYS, say_ranges


def check_range(starts: int, ends: int) -> None:
    """Refuse with ``BadInput`` wall minutes that are no range of one day."""
    if not 0 <= starts < ends <= MINUTES_PER_DAY:
        raise BadInput(
            "Hours",
            "Hours must end after they start, on the same day; a day ends at 24:00, and a"
            " night shift is two ranges.",
        )


def check_weekly(weekly: tuple[Hours, ...]) -> None:
    """Refuse with ``BadInput`` weekly hours that cannot hold, or not beside each other."""
    for hours in weekly:
        check_range(hours.starts, hours.ends)
        check_days("Hours", "Hours", hours)
        if not 1 <= hours.every_weeks <= 52:
            raise BadInput("Hours", "Hours hold every 1 to 52 weeks.")
        if hours.every_weeks > 1 and hours.valid_from is None:
            raise BadInput("Hours", "Hours of every second week need the date they count from.")
    for one, other in combinations(weekly, 2):
        if _overlap(one, other):
            spans = sorted((hours.starts, hours.ends) for hours in (one, other))
            first, second = (say_ranges([span]) for span in spans)
            raise BadInput("Hours", f"{WEEKDAYS[one.weekday]}: {first} and {second} overlap.")


def check_days(field: str, called: str, hours: Hours | Reserved) -> None:
    """Refuse with ``BadInput`` of that field a weekday or dates that hours cannot have."""
    if not 0 <= hours.weekday <= 6:
        raise BadInput(field, f"{called} need a weekday, Monday to Sunday.")
    for day in (hours.valid_from, hours.valid_until):
        if day is not None:
            check_day(day, field)
    if hours.valid_from and hours.valid_until and hours.valid_until < hours.valid_from:
        raise BadInput(field, f"{called} cannot stop holding before they begin to.")


def may_meet(one: Hours | Reserved, other: Hours | Reserved) -> bool:
    """Whether both hold on a weekday and between dates in common, at a time that is in both."""
    return (
        one.weekday == other.weekday
        and one.starts < other.ends
        and other.starts < one.ends
        and (one.valid_from or date.min) <= (other.valid_until or date.max)
        and (other.valid_from or date.min) <= (one.valid_until or date.max)
    )


def _overlap(one: Hours, other: Hours) -> bool:
    """Whether there is a day on which both hold, at a time that is in both."""
    apart = _week(one) - _week(other)
    return may_meet(one, other) and apart % gcd(one.every_weeks, other.every_weeks) == 0


def _week(hours: Hours) -> int:
    """The week from which every n-th is counted."""
    return counted_week(hours.valid_from or date.min)
