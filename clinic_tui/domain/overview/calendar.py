"""What the calendar shows: a day with doctors side by side, a week of one, a month's load.

Reads only. Doctors see their colleagues' visits as busy time without a name.
"""

from __future__ import annotations

import calendar as months
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..clinic.settings import ClinicSettings, load_settings
from ..clinic.writing import first_of_week
from ..errors import NotFound
from ..hours.not_working import why_closed
from ..hours.reserved import Reserved
from ..hours.roster import load_schedules
from ..hours.schedule import DoctorSchedule
from ..models import Appointment, Doctor, DoctorSpecialty, Specialty, epoch_seconds, table
from ..models.many import ids, one_of
from ..times.dates import check_day
from ..times.spans import Span, intersect
from ..times.walltime import day_bounds, from_seconds
from ..visits.occupied import occupies
from .calendar_visits import CalendarVisit, load_visits

_APPOINTMENTS, _DOCTORS = table(Appointment), table(Doctor)
_LINKS, _SPECIALTIES = table(DoctorSpecialty), table(Specialty)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayColumn:
    """One doctor's day: midnight to midnight, when open, why closed, and the visits in order.

    ``closed_because`` is empty unless the doctor does not work at all on that date. ``reserved``
    are the hours kept for some visit types, whether or not they hold on that date.
    """

    day: date
    doctor_id: int
    doctor: str
    specialty: str
    colour: str
    midnight: datetime
    next_midnight: datetime
    open: tuple[tuple[datetime, datetime], ...]
    closed_because: str
    visits: Sequence[CalendarVisit]
    reserved: tuple[Reserved, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarView:
    """What a day or a week shows, and by which clock.

    ``held_until`` is when the first hold among it runs out; None where nothing is only held.
    """

    zone: str
    columns: tuple[DayColumn, ...]
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DayLoad:
    """One day of a month: minutes of open time, minutes of it taken, visits; or why closed."""

    day: date
    open_minutes: int
    taken_minutes: int
    visits: int
    closed_because: str


def calendar_day(
    session: Session,
    actor: Actor,
    day: date,
    now: datetime,
    *,
    doctor_ids: tuple[int, ...] = (),
    specialty_id: int | None = None,
) -> CalendarView:
    """A day with doctors side by side, by name.

    Without ``doctor_ids`` those who work or have visits on that day, of a specialty if given;
    with them, exactly those, working or not. Who has retired works no more. Holds that have run
    out by ``now`` are not shown.
    """
    require(actor, Permission.SEE_CALENDAR)
    check_day(day, "Day")
    settings = load_settings(session)
    columns, held_until = day_columns(
        session, settings, actor, day, now, doctor_ids=doctor_ids, specialty_id=specialty_id
    )
    return CalendarView(settings.zone, columns, held_until)


def day_columns(
    session: Session,
    settings: ClinicSettings,
    actor: Actor,
    day: date,
    now: datetime,
    *,
    doctor_ids: tuple[int, ...] = (),
    specialty_id: int | None = None,
) -> tuple[tuple[DayColumn, ...], datetime | None]:
    """The columns of ``calendar_day``, and when the first hold among them runs out."""
    midnight, next_midnight = day_bounds(day, settings.zone)
    named = sorted(set(doctor_ids)) or None
    schedules = load_schedules(session, settings, named, midnight, next_midnight)
    visits, held_until = load_visits(session, actor, midnight, next_midnight, named, now)
    wanted = set(named or ())
    if not wanted:
        working = {doctor for doctor, schedule in schedules.items() if schedule.spans(day)}
        wanted = working | visits.keys()
        if idle := wanted - schedules.keys():
            schedules |= load_schedules(session, settings, idle, midnight, next_midnight)
    columns = tuple(
        _column(settings, schedules.get(row.id), row, day, visits.get(row.id, ()))
        for row in _doctors(session, wanted, specialty_id)
        if row.active or row.id in visits or named
    )
    return columns, held_until


def calendar_week(
    session: Session, actor: Actor, doctor_id: int, day: date, now: datetime
) -> CalendarView:
    """The clinic's week of one doctor that holds ``day``: a column for each date."""
    require(actor, Permission.SEE_CALENDAR)
    check_day(day, "Day")
    settings = load_settings(session)
    first = first_of_week(day)
    starts_at = day_bounds(first, settings.zone)[0]
    ends_at = day_bounds(first + 6 * _DAY, settings.zone)[1]
    schedule = load_schedules(session, settings, [doctor_id], starts_at, ends_at)[doctor_id]
    found_visits, held_until = load_visits(session, actor, starts_at, ends_at, [doctor_id], now)
    visits = found_visits.get(doctor_id, ())
    found = _doctors(session, {doctor_id}, None)
    if not found:
        raise NotFound("There is no such doctor.")
    columns = []
    for number in range(7):
        date_shown = first + number * _DAY
        midnight, next_midnight = day_bounds(date_shown, settings.zone)
        of_day = tuple(v for v in visits if v.starts_at < next_midnight and v.ends_at > midnight)
        columns.append(_column(settings, schedule, found[0], date_shown, of_day))
    return CalendarView(settings.zone, tuple(columns), held_until)


def doctors_day(
    session: Session,
    settings: ClinicSettings,
    actor: Actor,
    doctor_id: int,
    day: date,
    now: datetime,
) -> tuple[DayColumn, DoctorSchedule]:
    """One doctor's day and the schedule around it; refused where there is no such doctor."""
    midnight, next_midnight = day_bounds(day, settings.zone)
    found = _doctors(session, {doctor_id}, None)
    if not found:
        raise NotFound("There is no such doctor.")
    schedule = load_schedules(session, settings, [doctor_id], midnight, next_midnight)[doctor_id]
    visits, _ = load_visits(session, actor, midnight, next_midnight, [doctor_id], now)
    return _column(settings, schedule, found[0], day, visits.get(doctor_id, ())), schedule


def calendar_month(
    session: Session, actor: Actor, day: date, now: datetime, *, doctor_id: int | None = None
) -> tuple[DayLoad, ...]:
    """The load of each day of the month that holds ``day``, of everybody or of one doctor."""
    require(actor, Permission.SEE_CALENDAR)
    check_day(day, "Day")
    settings = load_settings(session)
    first = day.replace(day=1)
    last = first.replace(day=months.monthrange(day.year, day.month)[1])
    starts_at = day_bounds(first, settings.zone)[0]
    ends_at = day_bounds(last, settings.zone)[1]
    named = None if doctor_id is None else [doctor_id]
    schedules = load_schedules(session, settings, named, starts_at, ends_at)
    if named is None:
        retired = session.scalars(select(_DOCTORS.c.id).where(~_DOCTORS.c.active)).all()
        schedules = {one: schedules[one] for one in schedules.keys() - set(retired)}
    midnights = [
        int(day_bounds(first + number * _DAY, settings.zone)[0].timestamp())
        for number in range(last.day)
    ]
    taken: list[dict[int, list[Span]]] = [{} for _ in midnights]
    for doctor, start, end in session.execute(_spans_query(named, starts_at, ends_at, now)).all():
        taken[bisect_right(midnights, start) - 1].setdefault(doctor, []).append((start, end))
    return tuple(
        _load(first + number * _DAY, schedules, of_day) for number, of_day in enumerate(taken)
    )


def _load(day: date, schedules: dict[int, DoctorSchedule], taken: dict[int, list[Span]]) -> DayLoad:
    opened = closed = 0
    for doctor, schedule in schedules.items():
        spans = schedule.spans(day)
        opened += sum(end - start for start, end in spans)
        closed += sum(end - start for start, end in intersect(spans, taken.get(doctor, ())))
    because = ""
    if not opened and schedules:
        days = next(iter(schedules.values())).days
        because = days.closure(day) or days.holiday(day) or ""
    visits = sum(len(of_doctor) for of_doctor in taken.values())
    return DayLoad(day, opened // 60, closed // 60, visits, because)


def _column(
    settings: ClinicSettings,
    schedule: DoctorSchedule | None,
    doctor: Any,
    day: date,
    visits: Sequence[CalendarVisit],
) -> DayColumn:
    midnight, next_midnight = day_bounds(day, settings.zone)
    spans = schedule.between(midnight, next_midnight) if schedule else []
    because = ""
    if not spans and schedule:
        because = why_closed(schedule, midnight, next_midnight, doctor.shown_name).text
    return DayColumn(
        day,
        doctor.id,
        doctor.shown_name,
        doctor.specialty or "",
        doctor.colour,
        midnight,
        next_midnight,
        tuple((from_seconds(start), from_seconds(end)) for start, end in spans),
        because,
        visits,
        schedule.reserved if schedule else (),
    )


def _doctors_query() -> Select[Any]:
    specialty = (
        select(_SPECIALTIES.c.name)
        .join(_LINKS, _LINKS.c.specialty_id == _SPECIALTIES.c.id)
        .where(_LINKS.c.doctor_id == _DOCTORS.c.id)
        .order_by(_SPECIALTIES.c.name)
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            _DOCTORS.c.id,
            _DOCTORS.c.shown_name,
            _DOCTORS.c.colour,
            _DOCTORS.c.active,
            specialty.label("specialty"),
        )
        .where(one_of(_DOCTORS.c.id, ids("doctors")))
        .order_by(_DOCTORS.c.name_key, _DOCTORS.c.id)
    )


_DOCTORS_SHOWN = _doctors_query()


def _doctors(session: Session, wanted: set[int], specialty_id: int | None) -> list[Any]:
    query = _DOCTORS_SHOWN
    if specialty_id is not None:
        query = query.where(
            select(_LINKS.c.doctor_id)
            .where(_LINKS.c.doctor_id == _DOCTORS.c.id, _LINKS.c.specialty_id == specialty_id)
            .exists()
        )
    return list(session.execute(query, {"doctors": sorted(wanted)}))


def _spans_query(
    doctor_ids: list[int] | None, starts_at: datetime, ends_at: datetime, now: datetime
) -> Select[Any]:
    """Doctor, start and end, in seconds, of whatever occupies time between two instants."""
    columns = _APPOINTMENTS.c
    query = select(
        columns.doctor_id, epoch_seconds(columns.starts_at), epoch_seconds(columns.ends_at)
    ).where(
        columns.starts_at >= starts_at,
        columns.starts_at < ends_at,
        occupies(now),
    )
    if doctor_ids is not None:
        query = query.where(columns.doctor_id.in_(doctor_ids))
    return query
