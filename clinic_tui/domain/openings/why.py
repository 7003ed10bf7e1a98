"""Why a cell of the calendar is as it is: the sentence under the cursor. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from ..clinic.terms import Fit
from ..codes import Reason, Status
from ..hours.reserved import kept_for_others
from ..hours.text import say_length
from ..overview.calendar import DayColumn
from ..overview.calendar_visits import CalendarVisit
from ..text import full_name
from ..times.spans import Span
from ..times.walltime import from_seconds, say_time
from ..visits.status_words import STATUS_WORDS

_MINUTE = timedelta(minutes=1)
_MOST_MINUTES = 90
"""Up to so many a stretch of time is said in minutes: nobody on the phone divides by sixty."""


class Asked(NamedTuple):
    """A visit of which it is asked whether it fits: what it is called, and its minutes.

    With its type and that type's measure also whether it may begin there at all.
    """

    name: str
    minutes: int
    visit_type_id: int | None = None
    fit: Fit | None = None


def explain(
    column: DayColumn,
    at: datetime,
    zone: str,
    now: datetime,
    wanted: Asked | None = None,
) -> str:
    """What is at that instant in a doctor's day, or how long it is free, and if ``wanted`` fits.

    A visit to which nobody came is named, and its time is free, but where such a visit would be
    over by now.
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
    wanted: Asked | None = None,
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
    column: DayColumn, at: datetime, zone: str, now: datetime, wanted: Asked | None
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
    if at + (wanted.minutes if wanted else 1) * _MINUTE <= now:
        return Reason.FREE, "that time has passed"
    last = _free_until(column, at, end)
    if wanted is None:
        return Reason.FREE, say_free((last - at) // _MINUTE)
    kept = _kept(column, wanted, now, zone)
    if (other := _out_of_bounds(wanted, at, now, zone, kept)) is not None:
        reason, words = other
        return reason, f"{say_free((last - at) // _MINUTE)}, {words}."
    last = min([last, *(from_seconds(start) for start, _ in kept if start > at.timestamp())])
    return _fits(column, at, (last - at) // _MINUTE, wanted)


def _kept(column: DayColumn, wanted: Asked, now: datetime, zone: str) -> list[Span]:
    """When the doctor's time of that day is kept for other visit types."""
    if wanted.fit is None or not column.reserved:
        return []
    return kept_for_others(column.reserved, column.day, wanted.visit_type_id, now, zone)


def _out_of_bounds(
    wanted: Asked, at: datetime, now: datetime, zone: str, kept: list[Span]
) -> tuple[Reason, str] | None:
    """Why such a visit may not begin then, however long it is free; as ``out_of_bounds`` has it."""
    fit, name = wanted.fit, wanted.name
    if fit is None:
        return None
    if fit.notice and at <= fit.earliest(now) - _MINUTE:
        return Reason.TOO_SOON, f"too soon for {name}"
    latest = fit.latest(now, zone)
    if latest is not None and at >= latest:
        return Reason.BEYOND_HORIZON, f"too far ahead for {name}"
    if any(start <= at.timestamp() < end for start, end in kept):
        return Reason.RESERVED, f"reserved for other visit types than {name}"
    return None


def _fits(column: DayColumn, at: datetime, minutes: int, wanted: Asked) -> tuple[Reason, str]:
    """Whether it does in that many minutes, with what its type keeps free around it."""
    sentence, name = say_free(minutes), wanted.name
    if wanted.minutes > minutes:
        return Reason.NO_GAP_LONG_ENOUGH, f"{sentence}, {name} needs {wanted.minutes}."
    before, after = (wanted.fit.before, wanted.fit.after) if wanted.fit else (0, 0)
    first, last = at - before * _MINUTE, at + (wanted.minutes + after) * _MINUTE
    if any(one.blocked_from < last and first < one.blocked_until for one in _standing(column)):
        around = ((before, "before it"), (after, "after it"))
        needs = " and ".join(f"{length} {where}" for length, where in around if length)
        return Reason.NO_GAP_LONG_ENOUGH, f"{sentence}, {name} needs {needs}, too."
    return Reason.FREE, f"{sentence}. {name} ({wanted.minutes} min) fits."


def _standing(column: DayColumn) -> list[CalendarVisit]:
    return [visit for visit in column.visits if visit.status is not Status.NOSHOW]


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
