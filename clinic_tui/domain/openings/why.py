"""Why a cell of the calendar is as it is: the sentence under the cursor. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..codes import Reason, Status
from ..hours.text import say_length
from ..overview.calendar import DayColumn
from ..overview.calendar_visits import CalendarVisit
from ..text import full_name
from ..times.walltime import say_time
from ..visits.status_words import STATUS_WORDS

_MINUTE = timedelta(minutes=1)
_MOST_MINUTES = 90
"""Up to so many a stretch of time is said in minutes: nobody on the phone divides by sixty."""


def explain(
    column: DayColumn,
    at: datetime,
    zone: str,
    now: datetime,
    wanted: tuple[str, int] | None = None,
) -> str:
    """What is at that instant in a doctor's day, or how long it is free.

    ``wanted`` is a visit type's name and its minutes, to say whether that fits. A visit to which
    nobody came is named, and its time is free, but where such a visit would be over by now.
    """
    return explained(column, at, zone, now, wanted)[1]


def say_free(minutes: int) -> str:
    """How long time is free: "free for 90 min", "free for 3 h 50 min"."""
    return f"free for {say_length(minutes) if minutes > _MOST_MINUTES else f'{minutes} min'}"


def explained(
    column: DayColumn,
    at: datetime,
    zone: str,
    now: datetime,
    wanted: tuple[str, int] | None = None,
) -> tuple[Reason, str]:
    """The same with its reason; of closed time only that there are no hours."""
    where = f"{column.doctor} {say_time(at, zone)}"
    visits = [visit for visit in column.visits if visit.starts_at <= at < visit.ends_at]
    if not visits and column.closed_because:
        return Reason.NO_HOURS, column.closed_because
    said = [_visit(visit, zone, now) for visit in visits]
    standing = [visit for visit in visits if visit.status is not Status.NOSHOW]
    if standing:
        held = all(visit.status is Status.HELD for visit in standing)
        reason = Reason.HELD if held else Reason.TAKEN
    elif column.closed_because:
        reason = Reason.NO_HOURS
        said.append(column.closed_because)
    else:
        reason, words = _between_visits(column, at, zone, now, wanted)
        said.append(words)
    return reason, f"{where} — {'; '.join(said)}"


def _between_visits(
    column: DayColumn, at: datetime, zone: str, now: datetime, wanted: tuple[str, int] | None
) -> tuple[Reason, str]:
    """Why there is nobody at that instant, or how long it stays so."""
    buffer = next((v for v in _standing(column) if v.blocked_from <= at < v.blocked_until), None)
    if buffer is not None:
        until = say_time(buffer.blocked_until, zone)
        starts = say_time(buffer.starts_at, zone)
        return Reason.BUFFER, f"buffer of the visit at {starts}, to {until}"
    end = next((end for start, end in column.open if start <= at < end), None)
    if end is None:
        return Reason.NO_HOURS, _closed(column, at, zone)
    if at + (wanted[1] if wanted else 1) * _MINUTE <= now:
        return Reason.FREE, "that time has passed"
    minutes = (_free_until(column, at, end) - at) // _MINUTE
    fits = wanted is None or wanted[1] <= minutes
    return Reason.FREE if fits else Reason.NO_GAP_LONG_ENOUGH, _free(minutes, wanted)


def _standing(column: DayColumn) -> list[CalendarVisit]:
    return [visit for visit in column.visits if visit.status is not Status.NOSHOW]


def _free(minutes: int, wanted: tuple[str, int] | None) -> str:
    sentence = say_free(minutes)
    if wanted is None:
        return sentence
    name, needed = wanted
    if needed <= minutes:
        return f"{sentence}. {name} ({needed} min) fits."
    return f"{sentence}, {name} needs {needed}."


def _visit(visit: CalendarVisit, zone: str, now: datetime) -> str:
    span = f"{say_time(visit.starts_at, zone)}–{say_time(visit.ends_at, zone)}"
    if visit.status is Status.HELD:
        return f"held by {visit.held_by}, {time_left(visit, now) or '0:00'} left"
    if visit.busy:
        return f"busy {span}"
    who = full_name(visit.given_name, visit.family_name)
    parts = [who, visit.visit_type, span, visit.room, STATUS_WORDS[visit.status]]
    parts += ["overbooked"] * visit.overbooked + ["will come"] * visit.confirmed
    parts += ["message not sent"] * visit.unsent
    return ", ".join(part for part in parts if part)


def time_left(visit: CalendarVisit, now: datetime) -> str:
    """How long a hold has to run, in minutes and seconds: "1:40"; empty once it ran out."""
    left = int((visit.held_until - now).total_seconds()) if visit.held_until else 0
    return f"{left // 60}:{left % 60:02}" if left > 0 else ""


def _closed(column: DayColumn, at: datetime, zone: str) -> str:
    before = max((end for _, end in column.open if end <= at), default=None)
    after = min((start for start, _ in column.open if start > at), default=None)
    if before is not None and after is not None:
        return f"closed {say_time(before, zone)}–{say_time(after, zone)}"
    if after is not None:
        return f"closed until {say_time(after, zone)}"
    if before is not None:
        return f"closed since {say_time(before, zone)}"
    return "closed"


def _free_until(column: DayColumn, at: datetime, end: datetime) -> datetime:
    blocks = (visit.blocked_from for visit in _standing(column))
    return min([*(start for start in blocks if start > at), end])
