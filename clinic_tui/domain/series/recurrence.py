"""Rules of repetition (RFC 5545 RRULE) and the days they name. Pure.

``dateutil`` works out the days; what stands here is which rules a series of visits may have. Its
own reading of a rule is more lenient than the RFC: what is no rule there would repeat somehow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import takewhile

from ..errors import BadInput
from ..times.walltime import local, say_day

MAX_VISITS = 100
"""Visits a series may have."""
MAX_YEARS = 2
"""Years after its first day in which a series ends."""
_LONGEST = 200
_CALENDAR_CYCLE = 400
"""Years after which the Gregorian calendar repeats, weekdays included."""
_LATEST_START = 9996

_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_SUB_DAILY = ("SECONDLY", "MINUTELY", "HOURLY")
_TIMES_OF_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
_WEEKDAY = r"(?:MO|TU|WE|TH|FR|SA|SU)"
_BY_DAY = re.compile(rf"([+-]?\d{{1,2}})?({_WEEKDAY})", re.ASCII)
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,3}", re.ASCII)
_BOUNDS = {
    "BYMONTH": (12, False),
    "BYMONTHDAY": (31, True),
    "BYYEARDAY": (366, True),
    "BYWEEKNO": (53, True),
    "BYSETPOS": (366, True),
}
"""The greatest number, and whether it may count from the end; never 0 (RFC 5545, 3.3.10)."""
_KNOWN = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST", *_BOUNDS)
_MOST_INTERVAL = 366


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that a series of visits may have: its text, and how it ends."""

    text: str
    count: int | None
    until: str | None


def occurrences(rule: str, first: datetime, zone_name: str) -> Iterator[datetime]:
    """The moments that an RFC 5545 rule names from ``first`` on, both on the clock's face.

    ``first`` is naive and counts only where the rule names it. An UNTIL in UTC is an instant, to
    be read on the zone's clock; one without a time is a whole day.
    """
    from dateutil.rrule import rrulestr  # noqa: PLC0415 - 20 ms that only a series spends

    parts = dict(part.split("=", 1) for part in rule.split(";"))
    until = parts.pop("UNTIL", None)
    moments = iter(rrulestr(";".join(f"{name}={value}" for name, value in parts.items()),
                            dtstart=first))  # fmt: skip
    if until is None:
        return moments
    last = _last_moment(until, zone_name)
    return takewhile(lambda moment: moment <= last, moments)


def read_rule(text: str) -> Rule:
    """The rule as written, upper case, ``RRULE:`` before it or not; or ``BadInput``.

    Refused: what RFC 5545 does not allow; a rule without an end, or with two (COUNT and UNTIL);
    more than ``MAX_VISITS``; what repeats within a day or names times of the day, because a
    series has one.
    """
    written = text.strip().upper().removeprefix("RRULE:")
    if len(written) > _LONGEST:
        raise _bad(f"A rule may have at most {_LONGEST} characters.")
    parts: dict[str, str] = {}
    for part in written.split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value or name in parts:
            raise _bad("A rule looks like FREQ=WEEKLY;COUNT=10, each part once.")
        parts[name] = value
    _check_frequency(parts)
    unknown = [name for name in parts if name not in _KNOWN]
    if unknown:
        raise _bad(f"“{unknown[0][:_LONGEST]}” is no part of a rule.")
    _check_numbers(parts)
    _check_days(parts)
    _check_together(parts)
    return Rule(";".join(f"{name}={value}" for name, value in parts.items()), *_end_of(parts))


def days_of(rule: Rule, first_day: date, minute: int, zone_name: str) -> tuple[date, ...]:
    """The days that the rule names, ``minute`` being the wall clock's time of each.

    Refused with ``BadInput``: none at all, more than ``MAX_VISITS``, one that lies further than
    ``MAX_YEARS`` ahead.
    """
    # A rule that names no day is looked after until the year 9999, for seconds. The calendar is
    # the same every 400 years, and there it ends soon.
    ahead = (_LATEST_START - first_day.year) // _CALENDAR_CYCLE * _CALENDAR_CYCLE
    limit = _years_on(first_day, MAX_YEARS)
    text = rule.text
    if rule.until is not None:
        last = _last_moment(rule.until, zone_name)
        if last.date() > limit:
            raise _too_far(limit)
        shifted = _years_on(last.date(), ahead)
        text = text.replace(rule.until, f"{shifted:%Y%m%d}T{last:%H%M%S}")
    start = datetime.combine(_years_on(first_day, ahead), time(minute // 60, minute % 60))
    days: list[date] = []
    for moment in occurrences(text, start, zone_name):
        day = _years_on(moment.date(), -ahead)
        if day > limit:
            raise _too_far(limit)
        days.append(day)
        if len(days) > MAX_VISITS:
            raise _too_many()
    if not days:
        raise _bad(f"That rule names no day from {say_day(first_day)} on.")
    if rule.count is not None and len(days) < rule.count:
        raise _too_far(limit)
    return tuple(days)


def _check_frequency(parts: dict[str, str]) -> None:
    frequency = parts.get("FREQ", "")
    if frequency in _SUB_DAILY or any(name in parts for name in _TIMES_OF_DAY):
        raise _bad("A series has one time of the day: it repeats by days, weeks, months or years.")
    if frequency not in _FREQUENCIES:
        raise _bad("A rule says FREQ=DAILY, WEEKLY, MONTHLY or YEARLY.")


def _check_numbers(parts: dict[str, str]) -> None:
    for name, (greatest, from_end) in _BOUNDS.items():
        for number in parts[name].split(",") if name in parts else ():
            value = int(number) if _NUMBER.fullmatch(number) else 0
            if not 1 <= abs(value) <= greatest or (value < 0 and not from_end):
                also = f" or -{greatest} to -1" if from_end else ""
                raise _bad(f"{name} takes 1 to {greatest}{also}.")
    if not _between(parts.get("INTERVAL", "1"), _MOST_INTERVAL):
        raise _bad(f"INTERVAL takes 1 to {_MOST_INTERVAL}.")


def _check_days(parts: dict[str, str]) -> None:
    if not re.fullmatch(_WEEKDAY, parts.get("WKST", "MO")):
        raise _bad("WKST takes one of MO, TU, WE, TH, FR, SA, SU.")
    for word in parts["BYDAY"].split(",") if "BYDAY" in parts else ():
        match = _BY_DAY.fullmatch(word)
        if match is None or (match[1] is not None and not 1 <= abs(int(match[1])) <= 53):
            raise _bad("BYDAY takes days like MO,TH or, of a month or a year, 1MO or -1FR.")
        counts = parts["FREQ"] in ("MONTHLY", "YEARLY") and "BYWEEKNO" not in parts
        if match[1] is not None and not counts:
            raise _bad("BYDAY counts its days (1MO, -1FR) only within a month or a year.")


def _check_together(parts: dict[str, str]) -> None:
    """What RFC 5545 allows only beside something else, 3.3.10."""
    frequency = parts["FREQ"]
    if "BYWEEKNO" in parts and frequency != "YEARLY":
        raise _bad("BYWEEKNO goes with FREQ=YEARLY alone.")
    if "BYYEARDAY" in parts and frequency != "YEARLY":
        raise _bad("BYYEARDAY goes with FREQ=YEARLY alone.")
    if "BYMONTHDAY" in parts and frequency == "WEEKLY":
        raise _bad("BYMONTHDAY does not go with FREQ=WEEKLY.")
    if "BYSETPOS" in parts and not any(name in parts for name in ("BYDAY", *_BOUNDS)[:-1]):
        raise _bad("BYSETPOS chooses among days that another BY… names.")


def _end_of(parts: dict[str, str]) -> tuple[int | None, str | None]:
    count, until = parts.get("COUNT"), parts.get("UNTIL")
    if (count is None) == (until is None):
        raise _bad("A series ends after COUNT visits or on the day of UNTIL: one of them.")
    if until is not None:
        _last_moment(until, "UTC")
        return None, until
    if not _between(count or "", 10**9):
        raise _bad("COUNT takes the number of visits.")
    if not _between(count or "", MAX_VISITS):
        raise _too_many()
    return int(count or ""), None


def _last_moment(until: str, zone_name: str) -> datetime:
    """The last moment that counts, on the clock's face."""
    match = _UNTIL.fullmatch(until)
    try:
        if match is None:
            raise ValueError  # noqa: TRY301 - the same answer as to what no calendar has
        day = datetime.strptime(match[1], "%Y%m%d").replace(tzinfo=UTC)
        clock = datetime.strptime(match[2] or "235959", "%H%M%S").time()  # noqa: DTZ007
    except ValueError as error:
        raise _bad("UNTIL is a day like 20271231 or a time like 20271231T120000Z.") from error
    moment = datetime.combine(day, clock)
    if not match[3] or not 1 < moment.year < 9999:
        return moment
    return local(moment.replace(tzinfo=UTC), zone_name).replace(tzinfo=None)


def _between(digits: str, greatest: int) -> bool:
    return re.fullmatch(r"[0-9]{1,9}", digits) is not None and 1 <= int(digits) <= greatest


def _years_on(day: date, years: int) -> date:
    """The same date so many years on; from 29 February to the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _too_far(limit: date) -> BadInput:
    return _bad(f"A series ends within {MAX_YEARS} years: by {say_day(limit)}.")


def _too_many() -> BadInput:
    return _bad(f"A series has at most {MAX_VISITS} visits.")


def _bad(sentence: str) -> BadInput:
    return BadInput("Rule", sentence)
