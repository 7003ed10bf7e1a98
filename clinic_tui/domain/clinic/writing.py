"""How the clinic writes: clocks of 24 or 12 hours, the order of dates, where a week begins.

One process works for one clinic: what it has last read of the settings is how everything is
written from then on, in sentences of the rules as on screens and paper. Messages to patients
keep to their own language.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class DateOrder(StrEnum):
    """Which part of a date comes first; the year last unless it is first."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"
    YEAR_FIRST = "ymd"


@dataclass(frozen=True, slots=True)
class Writing:
    """``first_weekday`` is 0 for Monday. Without a ``date_order`` dates are written as
    "24 Nov 2026" and read as the region writes them.
    """

    clock_hours: int = 24
    first_weekday: int = 0
    date_order: DateOrder | None = None


_MONTH_FIRST_REGIONS = frozenset({"US", "PH", "FM", "MH", "PW", "GU", "PR", "VI", "AS", "MP"})
_current = Writing()


def write_as(writing: Writing) -> None:
    """From now on everything is written so."""
    global _current  # noqa: PLW0603 - read for every word on a screen; see above
    _current = writing


def writing() -> Writing:
    """How it is written now."""
    return _current


def order_in(region: str) -> DateOrder:
    """In which order numbers of a date are read: the clinic's, else the region's (ISO 3166)."""
    if _current.date_order is not None:
        return _current.date_order
    return DateOrder.MONTH_FIRST if region in _MONTH_FIRST_REGIONS else DateOrder.DAY_FIRST


def weekdays() -> list[int]:
    """The days of the clinic's week in its order, 0 for Monday."""
    return [(_current.first_weekday + number) % 7 for number in range(7)]


def first_of_week(day: date) -> date:
    """The day on which that day's week begins."""
    return day - timedelta(days=(day.weekday() - _current.first_weekday) % 7)


def week_number(first: date) -> int:
    """The ISO number of a week by its first day: that of the Monday to Friday in it."""
    return (first + timedelta(days=3)).isocalendar().week


def usual_writing(region: str) -> Writing:
    """How people of a country (ISO 3166) write, by Unicode's CLDR; unknown ones as by default."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - where a clinic is founded

    try:
        locale = Locale.parse(f"und_{region}")
    except (UnknownLocaleError, ValueError):
        return Writing()
    letters = [char for char in locale.date_formats["short"].pattern if char in "dMy"]
    order = "".join(dict.fromkeys(letters)).lower()
    return Writing(
        clock_hours=12 if "h" in locale.time_formats["short"].pattern else 24,
        first_weekday=locale.first_week_day,
        date_order=DateOrder(order) if order in set(DateOrder) else None,
    )
