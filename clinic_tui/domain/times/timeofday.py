"""Times and lengths as people type them: 15, 3pm, 15:20, 1520; 20, 20m, 1h30. Pure.

Read exactly or refused in a sentence; what was understood is shown before anything is done.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from ..errors import BadInput
from .days import read_day
from .walltime import clock, instant, minute_of_day, say_day, zone

_TIME = re.compile(r"(\d{1,2})(?:[:.h]?([0-5]\d))? ?([ap]m)?")
_LENGTH = re.compile(r"(?:(\d{1,2}) ?h(?:ours?)? ?)?(?:(\d{1,3}) ?(?:m|min|minutes)?)?")
_HOURS_AND_MINUTES = re.compile(r"(\d{1,2}):([0-5]\d)")
_WEEKDAY_FIRST = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]? +(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Start:
    """When a visit is to start: the instant (aware UTC), and what the clock does to it, if any.

    ``again`` is when the clock shows the same once more, on a day on which it does.
    """

    at: datetime
    note: str
    again: datetime | None = None


def read_time(text: str) -> int:
    """A time of day as minutes from midnight, 0 to 1439.

    Read: 15, 9, 3pm, 3:20 pm, 15:20, 15.20, 15h20, 1520, 920. Refused with ``BadInput``:
    everything else, 24:00 among it, because nothing starts then.
    """
    match = _TIME.fullmatch(text.strip().lower())
    if match is None:
        raise BadInput("Time", f"Time: “{text.strip()}” is none; write 15:20, 1520, 15 or 3pm.")
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if half and not 1 <= hour <= 12:
        raise BadInput("Time", "Time: with am or pm the hours go from 1 to 12.")
    if half:
        hour = hour % 12 + 12 * (half == "pm")
    if hour > 23:
        raise BadInput("Time", f"Time: “{text.strip()}” is none; a day goes from 0:00 to 23:59.")
    return hour * 60 + minute


def read_length(text: str) -> int:
    """A length in minutes: 20, 20m, 20 min, 1h, 1h30, 1:30. Whether it is bookable is not asked.

    Refused with ``BadInput``: everything else.
    """
    wanted = text.strip().lower()
    match = _HOURS_AND_MINUTES.fullmatch(wanted) or _LENGTH.fullmatch(wanted)
    if match is None or not wanted:
        raise BadInput("Length", f"Length: “{text.strip()}” is none; write 20, 1h or 1h30.")
    return int(match[1] or 0) * 60 + int(match[2] or 0)


def read_date(text: str, today: date, region: str) -> date:
    """A day as ``read_day`` takes it, also with its weekday before it, as the desk writes it.

    Refused with ``BadInput``: what is no day, and a date that falls on another weekday.
    """
    match = _WEEKDAY_FIRST.fullmatch(text.strip())
    if match is None:
        return read_day(text, today, region)
    day = read_day(match[2], today, region)
    if not say_day(day).lower().startswith(match[1].lower()):
        raise BadInput("Day", f"Day: “{text.strip()}” is another weekday: it is {say_day(day)}.")
    return day


def start_of(day: date, minute: int, zone_name: str) -> Start:
    """The instant at which the clinic's clock shows that.

    A time that happens twice means its first instant, one that is skipped moves on by the gap;
    ``note`` says so.
    """
    at = instant(day, minute, zone_name)
    shown = minute_of_day(at, zone_name)
    wall = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone(zone_name))
    second = wall.replace(fold=1).astimezone(UTC)
    if shown != minute:
        return Start(
            at, f"The clocks skip {clock(minute)} on {say_day(day)}: {clock(shown)} is meant."
        )
    if second != at:
        note = f"{clock(minute)} comes twice on {say_day(day)}: the first is meant."
        return Start(at, note, second)
    return Start(at, "")
