"""Days, times and lengths in a line of the booking bar. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import TypeVar

from ..errors import BadInput
from ..times.dates import parse_date
from ..times.days import read_day
from ..times.timeofday import read_length, read_time

V = TypeVar("V")

_LENGTH = re.compile(r"\d{1,3} ?(?:m|min|minutes)|(?:\d|1[0-2]) ?h(?:ours?)?(?: ?\d{1,2} ?m?)?")
_CLOCK = re.compile(r"\d{1,2}:\d\d(?: ?[ap]m)?|\d{1,2} ?[ap]m|(?:1[3-9]|2[0-3])h[0-5]\d")
_WEEKDAY = re.compile(
    r"mon|tues?|wed|thu(?:rs?)?|fri|sat|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
)
_NEXT = re.compile(r"next ([a-z]{3,9})")
_NO_YEAR = re.compile(r"today|tomorrow|\+\d{1,4}[dwmy]|w ?\d{1,2}|\d{1,2}([./-])\d{1,2}\1?")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_NAMED_MONTH = re.compile(rf"\d{{1,2}}(?:st|nd|rd|th)|\d{{1,2}}[ .-]?{_MONTH}\.?")
_MONTH_AND_DAY = re.compile(rf"{_MONTH}\.? ?\d{{1,2}}")
_WITH_YEAR = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d\d)"
    rf"|\d{{1,2}}[ .-]?{_MONTH}[ .-]?(?:\d{{4}}|\d\d)"
)
_FORMS = (_LENGTH, _CLOCK, _WEEKDAY, _NO_YEAR, _NAMED_MONTH, _WITH_YEAR)
_SOON = timedelta(days=2 * 366)


def length_in(phrase: str) -> int | None:
    """Minutes, where a unit says so: 20m, 20 min, 1h, 1h30."""
    return _or_none(read_length, phrase) if _LENGTH.fullmatch(phrase) else None


def time_in(phrase: str) -> int | None:
    """Minutes from midnight, where it cannot be a number: 15:20, 3pm, 3:20 pm, 15h20."""
    return _or_none(read_time, phrase) if _CLOCK.fullmatch(phrase) else None


def day_in(phrase: str, today: date, region: str) -> date | None:
    """A day ahead, or a date of birth; never a number alone.

    "next" is of next week. Two digits of a year that is not one of the next two are of a birth.
    """
    if coming := _NEXT.fullmatch(phrase):
        monday = today + timedelta(days=7 - today.weekday())
        if coming[1] == "week":
            return monday
        return _day(coming[1], monday, region) if _WEEKDAY.fullmatch(coming[1]) else None
    if _WITH_YEAR.fullmatch(phrase):
        day = _day(phrase, today, region)
        if day is not None and today <= day <= today + _SOON:
            return day
        return parse_date(phrase, region, today) or day
    if any(form.fullmatch(phrase) for form in (_WEEKDAY, _NO_YEAR, _NAMED_MONTH, _MONTH_AND_DAY)):
        return _day(phrase, today, region)
    return None


def looks_like_one(phrase: str) -> bool:
    """Whether it is written like any of these: what cannot be read then is no name either."""
    return any(form.fullmatch(phrase) for form in _FORMS)


def numbered_day(number: str, today: date, region: str) -> date | None:
    """The next day of that number."""
    return _day(number, today, region)


def _day(text: str, today: date, region: str) -> date | None:
    return _or_none(lambda wanted: read_day(wanted, today, region), text)


def _or_none(read: Callable[[str], V], text: str) -> V | None:
    try:
        return read(text)
    except BadInput:
        return None
