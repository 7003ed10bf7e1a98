"""Doctors' hours as people set them: weekly hours and extra hours; time off is listed with them.

Whoever changes hours waits for bookings that have already read the old ones: see ``hours_lock``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from ..absence.stranded import StrandedVisit, newly_stranded, stranded, stranded_ids
from ..access import Actor, Permission, may, require, require_some
from ..audit import record
from ..errors import NotFound
from ..models import ExtraHours, TimeOff, WeeklyHours, table
from ..text import clean_text
from ..times.dates import check_day
from ..undo.row_changes import found_rows, left_rows, new_rows
from ..undo.ways_back import RowsBefore, WayBack
from .lock import lock_hours, require_doctor
from .schedule import Hours
from .weekly import check_range, check_weekly

_WEEKLY, _EXTRA, _OFF = table(WeeklyHours), table(ExtraHours), table(TimeOff)
_WEEKLY_COLUMNS = tuple(_WEEKLY.c[name] for name in Hours.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class ExtraHoursEntry:
    """Extra hours as listed: wall minutes of one date."""

    extra_hours_id: int
    day: date
    starts: int
    ends: int
    note: str


@dataclass(frozen=True, slots=True)
class TimeOffEntry:
    """Time off as listed: aware UTC instants."""

    time_off_id: int
    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class DoctorHours:
    """One doctor's hours as a person edits them."""

    doctor_id: int
    weekly: tuple[Hours, ...]
    extra: tuple[ExtraHoursEntry, ...]
    time_off: tuple[TimeOffEntry, ...]


def doctor_hours(session: Session, actor: Actor, doctor_id: int) -> DoctorHours:
    """The weekly hours, extra hours and time off of one doctor, in order.

    Notes and reasons only for whoever may change the hours: empty for everybody else.
    """
    require_some(actor, Permission.SEE_DOCTORS)
    why = may(actor, Permission.SET_HOURS, doctor_id=doctor_id)
    require_doctor(session, doctor_id)
    weekly = session.execute(
        select(*_WEEKLY_COLUMNS)
        .where(_WEEKLY.c.doctor_id == doctor_id)
        .order_by(_WEEKLY.c.weekday, _WEEKLY.c.starts)
    )
    extra = session.execute(
        select(_EXTRA.c.id, _EXTRA.c.day, _EXTRA.c.starts, _EXTRA.c.ends, _EXTRA.c.note)
        .where(_EXTRA.c.doctor_id == doctor_id)
        .order_by(_EXTRA.c.day, _EXTRA.c.starts)
    )
    off = session.execute(
        select(_OFF.c.id, _OFF.c.starts_at, _OFF.c.ends_at, _OFF.c.reason)
        .where(_OFF.c.doctor_id == doctor_id)
        .order_by(_OFF.c.starts_at)
    )
    return DoctorHours(
        doctor_id,
        tuple(Hours(*row) for row in weekly),
        tuple(ExtraHoursEntry(*row[:-1], row.note if why else "") for row in extra),
        tuple(TimeOffEntry(*row[:-1], row.reason if why else "") for row in off),
    )


def set_weekly_hours(
    session: Session, actor: Actor, doctor_id: int, weekly: tuple[Hours, ...], now: datetime
) -> tuple[StrandedVisit, ...]:
    """Replace a doctor's weekly hours and return the coming visits that then stand outside them.

    The visits stay booked: whoever changes hours decides about each. Refused with ``BadInput``:
    a range that does not end after it starts (24:00 ends a day; a night shift is two ranges),
    ranges of one day that overlap, every n-th week without the date it counts from.
    """
    require(actor, Permission.SET_HOURS, doctor_id=doctor_id)
    check_weekly(weekly)
    lock_hours(session, doctor_id)
    known = stranded_ids(session, doctor_id, now)
    way_back = WayBack(rows=(replace_weekly(session, doctor_id, weekly),), stranded=known)
    record(
        session, actor, "set_weekly_hours", now, doctor_id=doctor_id, way_back=way_back,
        ranges=len(weekly),
    )  # fmt: skip
    after = stranded(session, doctor_id, now)
    return tuple(visit for visit in after if visit.appointment_id not in known)


def replace_weekly(session: Session, doctor_id: int, weekly: tuple[Hours, ...]) -> RowsBefore:
    """Write weekly hours that were checked, in place of those there are: a shared step."""
    found = found_rows(session, _WEEKLY, doctor_id=doctor_id)
    session.execute(delete(_WEEKLY).where(_WEEKLY.c.doctor_id == doctor_id))
    rows = [{"doctor_id": doctor_id, **asdict(hours)} for hours in weekly]
    if rows:
        session.execute(insert(_WEEKLY), rows)
    return left_rows(session, _WEEKLY, found)


def stranded_by_hours(
    session: Session, actor: Actor, doctor_id: int, weekly: tuple[Hours, ...], now: datetime
) -> tuple[StrandedVisit, ...]:
    """The coming visits that would stand outside these weekly hours; writes nothing."""
    require(actor, Permission.SET_HOURS, doctor_id=doctor_id)
    check_weekly(weekly)
    return tuple(newly_stranded(session, doctor_id, weekly, now))


def add_extra_hours(
    session: Session,
    actor: Actor,
    doctor_id: int,
    day: date,
    starts: int,
    ends: int,
    now: datetime,
    note: str = "",
) -> int:
    """Let a doctor work on one more stretch of one date (wall minutes); returns its id."""
    require(actor, Permission.SET_HOURS, doctor_id=doctor_id)
    check_day(day, "Day")
    check_range(starts, ends)
    note = clean_text(note, "Note", max_length=80)
    lock_hours(session, doctor_id)
    known = stranded_ids(session, doctor_id, now)
    extra_hours_id: int = session.execute(
        insert(_EXTRA)
        .values(doctor_id=doctor_id, day=day, starts=starts, ends=ends, note=note)
        .returning(_EXTRA.c.id)
    ).scalar_one()
    way_back = WayBack(rows=(new_rows(session, _EXTRA, id=extra_hours_id),), stranded=known)
    record(
        session, actor, "add_extra_hours", now, doctor_id=doctor_id, way_back=way_back,
        day=day.isoformat(),
    )  # fmt: skip
    return extra_hours_id


def remove_extra_hours(
    session: Session, actor: Actor, doctor_id: int, extra_hours_id: int, now: datetime
) -> None:
    """Take extra hours back; visits in them stay booked."""
    require(actor, Permission.SET_HOURS, doctor_id=doctor_id)
    lock_hours(session, doctor_id)
    found = found_rows(session, _EXTRA, id=extra_hours_id, doctor_id=doctor_id)
    if not found.before:
        raise NotFound("Those extra hours are not there any more.")
    known = stranded_ids(session, doctor_id, now)
    session.execute(delete(_EXTRA).where(_EXTRA.c.id == extra_hours_id))
    way_back = WayBack(rows=(found,), stranded=known)
    record(session, actor, "remove_extra_hours", now, doctor_id=doctor_id, way_back=way_back)
