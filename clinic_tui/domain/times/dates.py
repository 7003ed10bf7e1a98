"""Dates as people type them, read without guessing: what could mean two days is decided by region.

No date library is used here: the usual ones read "fri 10" as some other day without a word.
"""

from __future__ import annotations

import re
from datetime import date

from ..clinic.writing import DateOrder, order_in
from ..errors import BadInput

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_YEAR_FIRST = re.compile(r"(\d{4})([-./])(\d{1,2})\2(\d{1,2})")
_MONTH_NAMED_FIRST = re.compile(r"([a-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})", re.IGNORECASE)
_NUMBERS = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})")
_NAMED = re.compile(r"(\d{1,2})[ .-]?([a-z]{3})[a-z]*[ .-]?(\d{4}|\d{2})", re.IGNORECASE)


def parse_date(text: str, region: str, today: date) -> date | None:
    """The date that was written, or None where the text is none (or a day that does not exist).

    Read: 1984-03-12, 12.03.1984, 12mar84, 12 March 1984, March 12, 1984, and 12/03/1984 or
    12-3-84 with the month first where the clinic, or else ``region`` (ISO 3166), writes it so.
    Two digits of a year mean the past hundred years, because dates written so are birth dates.
    """
    value = text.strip()
    if match := _YEAR_FIRST.fullmatch(value):
        return _date(int(match[1]), int(match[3]), int(match[4]))
    if match := _MONTH_NAMED_FIRST.fullmatch(value):
        month = _MONTHS.get(match[1].lower())
        return None if month is None else _date(int(match[3]), month, int(match[2]))
    if match := _NAMED.fullmatch(value):
        month = _MONTHS.get(match[2].lower())
        return None if month is None else _date(_year(match[3], today), month, int(match[1]))
    if match := _NUMBERS.fullmatch(value):
        first, second, year = int(match[1]), int(match[3]), _year(match[4], today)
        if match[2] != "." and order_in(region) is DateOrder.MONTH_FIRST:
            return _date(year, first, second)
        return _date(year, second, first)
    return None


def clean_birth_date(text: str, region: str, today: date) -> date | None:
    """A birth date as typed; empty is unknown. ``BadInput`` says how one is written."""
    if not text.strip():
        return None
    day = parse_date(text, region, today)
    if day is None:
        raise BadInput(
            "Birth date", f"Birth date: “{text}” is no date; write 12mar1984 or 1984-03-12."
        )
    check_birth_date(day, today)
    return day


def check_birth_date(day: date, today: date) -> None:
    """Refuse a birth date that lies ahead or more than 130 years back."""
    if day > today:
        raise BadInput("Birth date", "The birth date lies in the future.")
    if today.year - day.year > 130:
        raise BadInput("Birth date", "The birth date lies more than 130 years back.")


def check_day(day: date, field: str) -> None:
    """Refuse a date, or an instant, outside the years 1900 to 2199: it is a slip of the fingers.

    What follows may then count days on and back without leaving the calendar.
    """
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise BadInput(field, f"{field}: the years {_FIRST_YEAR} to {_LAST_YEAR} can be used.")


def _year(digits: str, today: date) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    this_century = today.year - today.year % 100 + year
    return this_century if this_century <= today.year else this_century - 100


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
