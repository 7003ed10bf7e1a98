"""Days as the desk says them, read without guessing: 24, 24/11, tue, +2w, w48, 2026-11-24.

Whatever has no year means the next such day, today included; a day that has gone by is written
with its year. What was understood is shown, with its weekday, before anything is done with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from ..clinic.writing import DateOrder, order_in
from ..errors import BadInput
from .dates import parse_date

_Reader = Callable[[re.Match[str], date, str], date | None]
_WORDS = {"today": 0, "tomorrow": 1, "yesterday": -1}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_FURTHEST = timedelta(days=30 * 366)
_YEARS_AHEAD = 9
"""29 February comes again after eight years at the latest."""


def read_day(text: str, today: date, region: str) -> date:
    """The day that was meant; ``BadInput`` with a sentence for whatever is none.

    ``region`` (ISO 3166) decides between day and month first in 3/4. Offsets count from
    ``today``; a month from the 31st is the last day of a shorter month.
    """
    wanted = " ".join(text.lower().split())
    try:
        day = _read(wanted, today, region)
    except (ValueError, OverflowError):
        day = None
    if day is None:
        raise BadInput(
            "Day", f"“{text.strip()}” is no day: write 24, 24nov, tue, +2w or 2026-11-24."
        )
    if abs(day - today) > _FURTHEST:
        raise BadInput("Day", "That day lies more than 30 years away.")
    return day


def say_distance(day: date, today: date) -> str:
    """How far a day is away: "today", "tomorrow", "in 12 days", "3 weeks ago"."""
    days = (day - today).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days in near:
        return near[days]
    whole_weeks = days % 7 == 0 and abs(days) > 7
    amount = f"{abs(days) // 7} weeks" if whole_weeks else f"{abs(days)} days"
    return f"in {amount}" if days > 0 else f"{amount} ago"


def _read(wanted: str, today: date, region: str) -> date | None:
    if wanted in _WORDS:
        return today + timedelta(days=_WORDS[wanted])
    if len(wanted) >= 2:
        for weekday, name in enumerate(_WEEKDAYS):
            if name.startswith(wanted):
                return today + timedelta(days=(weekday - today.weekday()) % 7)
    for form, reader in _FORMS:
        if match := form.fullmatch(wanted):
            return reader(match, today, region)
    return parse_date(wanted, region, today)


def _shifted(match: re.Match[str], today: date, _region: str) -> date:
    number = int(match[2]) * (-1 if match[1] == "-" else 1)
    if match[3] in "dw":
        return today + timedelta(days=number * (7 if match[3] == "w" else 1))
    months = today.year * 12 + today.month - 1 + number * (12 if match[3] == "y" else 1)
    first = date(months // 12, months % 12 + 1, 1)
    next_first = (first + timedelta(days=31)).replace(day=1)
    return min(first + timedelta(days=today.day - 1), next_first - timedelta(days=1))


def _monday_of(match: re.Match[str], today: date, _region: str) -> date:
    """The Monday of the next ISO week of that number that is not over yet."""
    week, year = int(match[1]), today.isocalendar().year
    monday = date.fromisocalendar(year, week, 1)
    if monday + timedelta(days=6) >= today:
        return monday
    return date.fromisocalendar(year + 1, week, 1)


def _numbered(match: re.Match[str], today: date, _region: str) -> date | None:
    """The next day, today included, that has this number in its month."""
    days = (today + timedelta(days=ahead) for ahead in range(62))
    return next((day for day in days if day.day == int(match[1])), None)


def _day_and_month(match: re.Match[str], today: date, region: str) -> date | None:
    first, mark, second = match.groups()
    if mark != "." and order_in(region) is DateOrder.YEAR_FIRST:
        # Whoever writes the year first writes the month before the day without it, too.
        first, second = second, first
    return _next_of(f"{first}{mark}{second}{mark}", today, region)


def _named_month(match: re.Match[str], today: date, region: str) -> date | None:
    if not any(month.startswith(match[2]) for month in _MONTHS):
        return None
    return _next_of(f"{match[1]} {match[2]} ", today, region)


def _month_and_day(match: re.Match[str], today: date, region: str) -> date | None:
    """“nov 24” is a day only where it is written so: elsewhere it may be a name and a time."""
    if order_in(region) is not DateOrder.MONTH_FIRST:
        return None
    if not any(month.startswith(match[1]) for month in _MONTHS):
        return None
    return _next_of(f"{match[2]} {match[1]} ", today, region)


def _short_year(match: re.Match[str], today: date, region: str) -> date | None:
    return parse_date(f"{match[1]}{today.year // 100}{match[3]}", region, today)


def _next_of(without_year: str, today: date, region: str) -> date | None:
    for year in range(today.year, today.year + _YEARS_AHEAD):
        day = parse_date(f"{without_year}{year}", region, today)
        if day is not None and day >= today:
            return day
    return None


_FORMS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (re.compile(r"([+-])(\d{1,4})([dwmy])"), _shifted),
    (re.compile(r"w(?:eek)? ?(\d{1,2})"), _monday_of),
    (re.compile(r"(\d{1,2})(?:\.|st|nd|rd|th)?"), _numbered),
    (re.compile(r"(\d{1,2})([./-])(\d{1,2})\2?"), _day_and_month),
    (re.compile(r"(\d{1,2})[. -]? ?([a-z]{3,9})\.?"), _named_month),
    (re.compile(r"([a-z]{3,9})\.? ?(\d{1,2})"), _month_and_day),
    (
        re.compile(r"(\d{1,2}([./-])\d{1,2}\2|\d{1,2}[ .-]?[a-z]{3,9}[ .-]?)(\d{2})"),
        _short_year,
    ),
)
