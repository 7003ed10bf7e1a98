"""Hours as people write them: "9-12, 13:00-17:30", "mon-fri 9-12 13-17; sat 10-13". Pure.

Read exactly or refused in a sentence; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from ..clinic.writing import weekdays
from ..errors import BadInput
from ..times.walltime import MINUTES_PER_DAY, clock, say_day
from .schedule import Hours

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Range = tuple[int, int]
"""From (included) to (excluded), in wall minutes of one day; 1440 is 24:00."""
Ranges = tuple[Range, ...]

_CLOSED = frozenset({"-", "closed", "off", "none"})
_DAY_SETS = {"daily": range(7), "weekdays": range(5), "weekends": range(5, 7)}
_DASHES = re.compile(r"\s*(?:[-\u2010-\u2015\u2212]|\b(?:to|until)\b)\s*")
_GAPS = re.compile(r"(?:[,;&+\s]|\band\b)+")
_HALF_DAY = re.compile(r"(?<=\d)\s+(?=[ap]m\b)")
_TIME = re.compile(r"(\d{1,2})(?:[:.h]?(\d{2}))?([ap]m)?")


@dataclass(frozen=True, slots=True)
class WeekOfHours:
    """Weekly hours that hold together: the ranges of seven days, from when to when, how often."""

    days: tuple[Ranges, ...] = ((),) * 7
    valid_from: date | None = None
    valid_until: date | None = None
    every_weeks: int = 1

    @property
    def minutes(self) -> int:
        """How long one such week is."""
        return total_minutes(span for ranges in self.days for span in ranges)

    def alike(self) -> tuple[tuple[str, Ranges], ...]:
        """Days in a row with the same hours as one: (("Mon–Fri", …), ("Sat", …), ("Sun", ())),
        in the order of the clinic's week.
        """
        runs: list[tuple[int, int, Ranges]] = []
        for weekday in weekdays():
            ranges = self.days[weekday]
            if runs and runs[-1][2] == ranges:
                runs[-1] = (runs[-1][0], weekday, ranges)
            else:
                runs.append((weekday, weekday, ranges))
        return tuple(
            ("–".join(dict.fromkeys(WEEKDAYS[day][:3] for day in (first, last))), ranges)
            for first, last, ranges in runs
        )

    def hours(self) -> tuple[Hours, ...]:
        """The same as the rows that an operation takes."""
        return tuple(
            Hours(weekday, starts, ends, self.valid_from, self.valid_until, self.every_weeks)
            for weekday, ranges in enumerate(self.days)
            for starts, ends in ranges
        )


def weeks_of(hours: Iterable[Hours]) -> tuple[WeekOfHours, ...]:
    """The rows of one doctor as weeks, those that hold from earliest on first."""
    found: dict[tuple[date | None, date | None, int], list[list[Range]]] = {}
    for one in hours:
        key = (one.valid_from, one.valid_until, one.every_weeks)
        days = found.setdefault(key, [[] for _ in WEEKDAYS])
        days[one.weekday].append((one.starts, one.ends))
    weeks = [
        WeekOfHours(tuple(tuple(sorted(ranges)) for ranges in days), *key)
        for key, days in found.items()
    ]
    return tuple(
        sorted(
            weeks,
            key=lambda week: (
                week.valid_from or date.min,
                week.valid_until or date.max,
                week.every_weeks,
            ),
        )
    )


def named_days(days: Sequence[Ranges]) -> tuple[tuple[str, Ranges], ...]:
    """The ranges of seven days, Monday first, by their names in the order of the clinic's week."""
    return tuple((WEEKDAYS[weekday], days[weekday]) for weekday in weekdays())


def parse_ranges(text: str, field: str = "Hours") -> Ranges:
    """The ranges of one day in order: "9-12, 13:00-17:30"; "closed", "-" and nothing are none.

    Read: 9, 09, 9:30, 9.30, 0930, 24:00, 9am; ranges with any dash or "to", apart by a comma, a
    blank or "and". Refused with ``BadInput``: what is no range, a time that no clock shows, a
    range that does not end after it starts, ranges that overlap.
    """
    pieces = _pieces(text)
    if not pieces or (len(pieces) == 1 and pieces[0] in _CLOSED):
        return ()
    return _in_order([_range(piece, field) for piece in pieces], field)


def parse_week(text: str) -> tuple[Ranges, ...]:
    """The ranges of seven days, Monday first: "mon-fri 9-12 13-17; sat 10-13".

    Days come first, then their hours: "mon, wed 9-12", "fri-sun closed", "daily 8-18",
    "weekdays 9-17". Days not named are closed. Refused as ``parse_ranges`` does, naming the day,
    and hours without a day or a day without hours.
    """
    days: list[list[Range]] = [[] for _ in WEEKDAYS]
    named: list[int] = []
    hours_seen = True
    for piece in _pieces(text.lower().replace("every day", "daily")):
        if piece[0].isdigit():
            if not named:
                raise BadInput("Hours", f"“{piece}” of which days? Write mon-fri {piece}.")
            for weekday in named:
                days[weekday].append(_range(piece, WEEKDAYS[weekday]))
            hours_seen = True
        elif piece in _CLOSED and not hours_seen:
            hours_seen = True
        else:
            named = [*_weekdays(piece), *([] if hours_seen else named)]
            hours_seen = False
    if not hours_seen:
        raise BadInput(
            "Hours", f"{WEEKDAYS[named[0]]} has no hours: write mon 9-12, or mon closed."
        )
    return tuple(_in_order(ranges, name) for ranges, name in zip(days, WEEKDAYS, strict=True))


def parse_weekdays(text: str) -> frozenset[int]:
    """Weekdays, 0 = Monday: "mon, wed-fri", "weekends", "daily"; refused with ``BadInput``."""
    named = {one for piece in _pieces(text) for one in _weekdays(piece)}
    if not named:
        raise BadInput("Weekday", f"“{text.strip()}” is no weekday; write mon, tue-thu or daily.")
    return frozenset(named)


def say_ranges(ranges: Iterable[Range]) -> str:
    """Ranges as the desk writes them: "09:00–12:00  13:00–17:00"; "closed" for none."""
    return "  ".join(f"{clock(starts)}–{clock(ends)}" for starts, ends in ranges) or "closed"


def type_ranges(ranges: Iterable[Range]) -> str:
    """Ranges as a person types them, to be edited: "9-12, 13-17:30"; empty for none."""
    return ", ".join(f"{_short(starts)}-{_short(ends)}" for starts, ends in ranges)


def say_length(minutes: int) -> str:
    """A length of time in words: "35 h", "7 h 30 min", "0 h"."""
    hours, rest = divmod(minutes, 60)
    return " ".join([f"{hours} h"] * (hours > 0 or rest == 0) + [f"{rest} min"] * (rest > 0))


def say_validity(week: WeekOfHours) -> str:
    """From when to when a week holds and how often: "every 2nd week, from Mon 7 Sep 2026"."""
    words = ["every week" if week.every_weeks == 1 else f"every {_nth(week.every_weeks)} week"]
    if week.valid_from:
        words.append(f"from {say_day(week.valid_from)}")
    if week.valid_until:
        words.append(f"until {say_day(week.valid_until)}")
    return ", ".join(words)


def total_minutes(ranges: Iterable[Range]) -> int:
    """How long ranges are together."""
    return sum(ends - starts for starts, ends in ranges)


def _pieces(text: str) -> list[str]:
    """What stands between commas and blanks, with every dash a hyphen and no blanks around it."""
    joined = _HALF_DAY.sub("", _DASHES.sub("-", text.strip().lower()))
    return [stripped for piece in _GAPS.split(joined) if (stripped := piece.rstrip(":"))]


def _range(piece: str, field: str) -> Range:
    times = piece.split("-")
    if len(times) != 2 or not all(_TIME.fullmatch(time) for time in times):
        raise BadInput(
            field, f"{field}: “{piece}” is no range of hours; write 9-12, 13:00-17:30 or closed."
        )
    starts, ends = (_minute(time, field) for time in times)
    if starts >= ends:
        raise BadInput(field, f"{field}: “{piece}” {_why_backwards(starts, ends)}")
    return starts, ends


def _minute(text: str, field: str) -> int:
    match = _TIME.fullmatch(text)
    assert match is not None  # noqa: S101 - _range has looked
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if half and not 1 <= hour <= 12:
        raise BadInput(field, f"{field}: “{text}” is no time; with am or pm hours go from 1 to 12.")
    if half:
        hour = hour % 12 + 12 * (half == "pm")
    if minute > 59 or hour * 60 + minute > MINUTES_PER_DAY:
        raise BadInput(field, f"{field}: “{text}” is no time; a day goes from 0:00 to 24:00.")
    return hour * 60 + minute


def _why_backwards(starts: int, ends: int) -> str:
    afternoon = ends + MINUTES_PER_DAY // 2
    if starts < afternoon < MINUTES_PER_DAY:
        return f"does not end after it starts; {_short(starts)}-{_short(afternoon)}?"
    return (
        "does not end after it starts; a day ends at 24:00, and a night shift is two ranges:"
        " 22-24 here and 0-6 on the next day."
    )


def _in_order(ranges: Sequence[Range], field: str) -> Ranges:
    ordered = tuple(sorted(ranges))
    for one, other in pairwise(ordered):
        if other[0] < one[1]:
            raise BadInput(
                field, f"{field}: {say_ranges([one])} and {say_ranges([other])} overlap."
            )
    return ordered


def _weekdays(piece: str) -> list[int]:
    if piece in _DAY_SETS:
        return list(_DAY_SETS[piece])
    ends = [_weekday(part, piece) for part in piece.split("-", 1)]
    first, last = ends[0], ends[-1]
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def _weekday(part: str, piece: str) -> int:
    for weekday, name in enumerate(WEEKDAYS):
        if len(part) > 1 and name.lower().startswith(part):
            return weekday
    raise BadInput("Hours", f"“{piece}” is no weekday; write mon, tue-thu, weekdays or daily.")


def _short(minute: int) -> str:
    hour, rest = divmod(minute, 60)
    return f"{hour}:{rest:02}" if rest else f"{hour}"


def _nth(number: int) -> str:
    endings = {1: "st", 2: "nd", 3: "rd"}
    teens = 11 <= number % 100 <= 13
    return f"{number}{'th' if teens else endings.get(number % 10, 'th')}"
