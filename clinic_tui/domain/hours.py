"""Doctors' hours as people set them: weekly hours, extra hours, time off.

Whoever changes hours waits for bookings that have already read the old ones: see ``hours_lock``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from math import gcd
from typing import Any

from sqlalchemy import (
    delete,
    insert,
    select,
)
from sqlalchemy.orm import Session

from .access import Actor, Permission, may, require, require_some
from .audit import record
from .codes import Status
from .dates import check_day
from .errors import BadInput, NotFound
from .guards import MAX_BLOCK_MINUTES
from .hours_lock import lock_hours
from .hours_text import WEEKDAYS, say_ranges
from .models import Appointment, Doctor, ExtraHours, Patient, TimeOff, WeeklyHours, table
from .roster import load_schedules
from .row_changes import found_rows, left_rows, new_rows
from .schedule import DoctorSchedule, Hours, week_number
from .settings import load_settings
from .text import clean_text, full_name
from .walltime import MINUTES_PER_DAY
from .ways_back import RowsBefore, WayBack

_WEEKLY, _EXTRA, _OFF = table(WeeklyHours), table(ExtraHours), table(TimeOff)
_DOCTORS = table(Doctor)
_APPOINTMENTS, _PATIENTS = table(Appointment), table(Patient)
UNFINISHED = (Status.PENDING, Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN)
"""The statuses of visits that are still to be, or not over."""
_LONGEST_BLOCK = timedelta(minutes=MAX_BLOCK_MINUTES)


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


@dataclass(frozen=True, slots=True)
class StrandedVisit:
    """A visit that would stand where its doctor no longer works."""

    appointment_id: int
    patient: str
    starts_at: datetime
    ends_at: datetime


def doctor_hours(session: Session, actor: Actor, doctor_id: int) -> DoctorHours:
    """The weekly hours, extra hours and time off of one doctor, in order.

    Notes and reasons only for whoever may change the hours: empty for everybody else.
    """
    require_some(actor, Permission.SEE_DOCTORS)
    why = may(actor, Permission.SET_HOURS, doctor_id=doctor_id)
    _doctor_exists(session, doctor_id)
    weekly = session.execute(
        select(
            _WEEKLY.c.weekday,
            _WEEKLY.c.starts,
            _WEEKLY.c.ends,
            _WEEKLY.c.valid_from,
            _WEEKLY.c.valid_until,
            _WEEKLY.c.every_weeks,
        )
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
    _lock_hours(session, doctor_id)
    before = stranded(session, doctor_id, now)
    found = found_rows(session, _WEEKLY, doctor_id=doctor_id)
    session.execute(delete(_WEEKLY).where(_WEEKLY.c.doctor_id == doctor_id))
    if weekly:
        session.execute(
            insert(_WEEKLY), [{"doctor_id": doctor_id, **as_row(hours)} for hours in weekly]
        )
    way_back = _way_back(left_rows(session, _WEEKLY, found), before)
    record(
        session, actor, "set_weekly_hours", now, doctor_id=doctor_id, way_back=way_back,
        ranges=len(weekly),
    )  # fmt: skip
    known = {visit.appointment_id for visit in before}
    after = stranded(session, doctor_id, now)
    return tuple(visit for visit in after if visit.appointment_id not in known)


def stranded_by_hours(
    session: Session, actor: Actor, doctor_id: int, weekly: tuple[Hours, ...], now: datetime
) -> tuple[StrandedVisit, ...]:
    """The coming visits that would stand outside these weekly hours; writes nothing."""
    require(actor, Permission.SET_HOURS, doctor_id=doctor_id)
    check_weekly(weekly)
    known = {visit.appointment_id for visit in stranded(session, doctor_id, now)}
    after = stranded(session, doctor_id, now, weekly=weekly)
    return tuple(visit for visit in after if visit.appointment_id not in known)


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
    _check_range(starts, ends)
    note = clean_text(note, "Note", max_length=80)
    _lock_hours(session, doctor_id)
    known = stranded(session, doctor_id, now)
    extra_hours_id: int = session.execute(
        insert(_EXTRA)
        .values(doctor_id=doctor_id, day=day, starts=starts, ends=ends, note=note)
        .returning(_EXTRA.c.id)
    ).scalar_one()
    way_back = _way_back(new_rows(session, _EXTRA, id=extra_hours_id), known)
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
    _lock_hours(session, doctor_id)
    found = found_rows(session, _EXTRA, id=extra_hours_id, doctor_id=doctor_id)
    known = stranded(session, doctor_id, now)
    gone = session.execute(
        delete(_EXTRA)
        .where(_EXTRA.c.id == extra_hours_id, _EXTRA.c.doctor_id == doctor_id)
        .returning(_EXTRA.c.id)
    ).one_or_none()
    if gone is None:
        raise NotFound("Those extra hours are not there any more.")
    way_back = _way_back(found, known)
    record(session, actor, "remove_extra_hours", now, doctor_id=doctor_id, way_back=way_back)


def visits_in_the_way(
    session: Session, actor: Actor, doctor_id: int, starts_at: datetime, ends_at: datetime
) -> tuple[StrandedVisit, ...]:
    """The visits that time off from ``starts_at`` to ``ends_at`` would strand; writes nothing."""
    require(actor, Permission.SET_HOURS, doctor_id=doctor_id)
    check_order(starts_at, ends_at)
    return tuple(_visits(session, doctor_id, starts_at, ends_at))


def add_time_off(
    session: Session,
    actor: Actor,
    doctor_id: int,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    reason: str = "",
) -> tuple[StrandedVisit, ...]:
    """Take a doctor away from ``starts_at`` to ``ends_at``; returns the visits it strands.

    The visits stay booked until each is moved or cancelled. Refused with ``BadInput``: an end
    that does not lie after the start, or nothing of it ahead.
    """
    require(actor, Permission.SET_HOURS, doctor_id=doctor_id)
    check_order(starts_at, ends_at)
    if ends_at <= now:
        raise BadInput("Until", "That time off has already passed.")
    reason = clean_text(reason, "Reason", max_length=80)
    _lock_hours(session, doctor_id)
    known = stranded(session, doctor_id, now)
    time_off_id = session.execute(
        insert(_OFF)
        .values(doctor_id=doctor_id, starts_at=starts_at, ends_at=ends_at, reason=reason)
        .returning(_OFF.c.id)
    ).scalar_one()
    way_back = _way_back(new_rows(session, _OFF, id=time_off_id), known)
    record(session, actor, "add_time_off", now, doctor_id=doctor_id, way_back=way_back)
    return tuple(_visits(session, doctor_id, max(starts_at, now), ends_at))


def remove_time_off(
    session: Session, actor: Actor, doctor_id: int, time_off_id: int, now: datetime
) -> None:
    """Bring a doctor back: the hours hold again."""
    require(actor, Permission.SET_HOURS, doctor_id=doctor_id)
    _lock_hours(session, doctor_id)
    found = found_rows(session, _OFF, id=time_off_id, doctor_id=doctor_id)
    known = stranded(session, doctor_id, now)
    gone = session.execute(
        delete(_OFF)
        .where(_OFF.c.id == time_off_id, _OFF.c.doctor_id == doctor_id)
        .returning(_OFF.c.id)
    ).one_or_none()
    if gone is None:
        raise NotFound("That time off is not there any more.")
    way_back = _way_back(found, known)
    record(session, actor, "remove_time_off", now, doctor_id=doctor_id, way_back=way_back)


def _way_back(rows: RowsBefore, known: list[StrandedVisit]) -> WayBack:
    """``known`` are the visits that stood outside the hours before anything was written."""
    return WayBack(rows=(rows,), stranded=tuple(visit.appointment_id for visit in known))


def _check_range(starts: int, ends: int) -> None:
    if not 0 <= starts < ends <= MINUTES_PER_DAY:
        raise BadInput(
            "Hours",
            "Hours must end after they start, on the same day; a day ends at 24:00, and a"
            " night shift is two ranges.",
        )


def check_weekly(weekly: tuple[Hours, ...]) -> None:
    """Refuse with ``BadInput`` weekly hours that cannot hold, or not beside each other."""
    for hours in weekly:
        _check_range(hours.starts, hours.ends)
        if not 0 <= hours.weekday <= 6:
            raise BadInput("Hours", "Hours need a weekday, Monday to Sunday.")
        if not 1 <= hours.every_weeks <= 52:
            raise BadInput("Hours", "Hours hold every 1 to 52 weeks.")
        if hours.every_weeks > 1 and hours.valid_from is None:
            raise BadInput("Hours", "Hours of every second week need the date they count from.")
        for day in (hours.valid_from, hours.valid_until):
            if day is not None:
                check_day(day, "Hours")
        if hours.valid_from and hours.valid_until and hours.valid_until < hours.valid_from:
            raise BadInput("Hours", "Hours cannot stop holding before they begin to.")
    for one, other in combinations(weekly, 2):
        if _overlap(one, other):
            spans = sorted((hours.starts, hours.ends) for hours in (one, other))
            first, second = (say_ranges([span]) for span in spans)
            raise BadInput("Hours", f"{WEEKDAYS[one.weekday]}: {first} and {second} overlap.")


def _overlap(one: Hours, other: Hours) -> bool:
    """Whether there is a day on which both hold, at a time that is in both."""
    return (
        one.weekday == other.weekday
        and one.starts < other.ends
        and other.starts < one.ends
        and (one.valid_from or date.min) <= (other.valid_until or date.max)
        and (other.valid_from or date.min) <= (one.valid_until or date.max)
        and (_week(one) - _week(other)) % gcd(one.every_weeks, other.every_weeks) == 0
    )


def _week(hours: Hours) -> int:
    """The week from which every n-th is counted."""
    return week_number(hours.valid_from or date.min)


def check_order(starts_at: datetime, ends_at: datetime) -> None:
    """Refuse with ``BadInput`` time off that does not end after it starts, or has no zone."""
    if starts_at.tzinfo is None or ends_at.tzinfo is None:
        raise BadInput("Time", "A time without its zone cannot be placed.")
    check_day(starts_at, "From")
    check_day(ends_at, "Until")
    if ends_at.astimezone(UTC) <= starts_at.astimezone(UTC):
        raise BadInput("Until", "Time off must end after it starts.")


def as_row(hours: Hours) -> dict[str, Any]:
    """The columns of weekly hours, without whose they are."""
    return {
        "weekday": hours.weekday,
        "starts": hours.starts,
        "ends": hours.ends,
        "valid_from": hours.valid_from,
        "valid_until": hours.valid_until,
        "every_weeks": hours.every_weeks,
    }


def _doctor_exists(session: Session, doctor_id: int) -> None:
    if session.scalar(select(_DOCTORS.c.id).where(_DOCTORS.c.id == doctor_id)) is None:
        raise NotFound("There is no such doctor.")


def _lock_hours(session: Session, doctor_id: int) -> None:
    _doctor_exists(session, doctor_id)
    lock_hours(session, doctor_id)


def _visits(
    session: Session, doctor_id: int, starts_at: datetime, ends_at: datetime | None
) -> list[StrandedVisit]:
    query = (
        select(
            _APPOINTMENTS.c.id,
            _PATIENTS.c.family_name,
            _PATIENTS.c.given_name,
            _APPOINTMENTS.c.starts_at,
            _APPOINTMENTS.c.ends_at,
        )
        .outerjoin(_PATIENTS, _PATIENTS.c.id == _APPOINTMENTS.c.patient_id)
        .where(
            _APPOINTMENTS.c.doctor_id == doctor_id,
            _APPOINTMENTS.c.blocked_from > starts_at - _LONGEST_BLOCK,
            _APPOINTMENTS.c.ends_at > starts_at,
            _APPOINTMENTS.c.status.in_(UNFINISHED),
        )
        .order_by(_APPOINTMENTS.c.starts_at)
    )
    if ends_at is not None:
        query = query.where(_APPOINTMENTS.c.starts_at < ends_at)
    return [
        StrandedVisit(row.id, full_name(row.given_name or "", row.family_name or ""), *row[3:])
        for row in session.execute(query)
    ]


def stranded(
    session: Session, doctor_id: int, now: datetime, weekly: tuple[Hours, ...] | None = None
) -> list[StrandedVisit]:
    """The coming visits outside the doctor's hours, or outside ``weekly`` in their place.

    For operations that have asked for their permission.
    """
    visits = _visits(session, doctor_id, now, None)
    if not visits:
        return []
    settings = load_settings(session)
    schedule = load_schedules(
        session, settings, [doctor_id], visits[0].starts_at, visits[-1].ends_at
    )[doctor_id]
    if weekly is not None:
        schedule = DoctorSchedule(schedule.days, weekly, schedule.extra, schedule.away)
    return [
        visit for visit in visits if not schedule.works_throughout(visit.starts_at, visit.ends_at)
    ]
