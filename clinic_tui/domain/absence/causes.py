"""Why visits cannot be where they stand: a doctor away, a closed day, changed hours, a room out.

Each cause knows who may bring it about, which visits are in its way, how the schedule looks under
it and which row says so. A row that says it already is not written twice: so the visits that are
still in the way of an absence entered earlier can be planned like the first ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, or_, select, update
from sqlalchemy.orm import Session

from ..access import Actor, Permission, may, require
from ..clinic.clinic_days import Closed
from ..clinic.settings import ClinicSettings
from ..codes import HERE
from ..errors import BadInput, ChangedMeanwhile, NotFound
from ..hours.hours import replace_weekly
from ..hours.roster import load_schedules
from ..hours.schedule import Away, DoctorSchedule, Hours
from ..hours.time_off import check_order
from ..hours.weekly import check_weekly
from ..models import Appointment, Closure, Doctor, Room, TimeOff, WeeklyHours, table
from ..text import clean_text
from ..times.dates import check_day
from ..times.walltime import day_bounds, local_day
from ..undo.row_changes import found_rows, left_rows, new_rows
from ..undo.ways_back import RowsBefore
from ..visits.guards import MAX_BLOCK_MINUTES
from .stranded import newly_stranded

_APPOINTMENTS, _DOCTORS, _ROOMS = table(Appointment), table(Doctor), table(Room)
_OFF, _CLOSURES, _WEEKLY = table(TimeOff), table(Closure), table(WeeklyHours)
_LONGEST_BLOCK = timedelta(minutes=MAX_BLOCK_MINUTES)


@dataclass(frozen=True, slots=True)
class DoctorAway:
    """A doctor is away between two aware instants."""

    doctor_id: int
    starts_at: datetime
    ends_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ClinicClosed:
    """The whole clinic is closed on these days, both included."""

    first_day: date
    last_day: date
    name: str


@dataclass(frozen=True, slots=True)
class HoursChanged:
    """A doctor's weekly hours become these; ``seen`` are those that the plan replaces."""

    doctor_id: int
    weekly: tuple[Hours, ...]
    seen: tuple[Hours, ...] | None = None


@dataclass(frozen=True, slots=True)
class RoomOut:
    """A room is not used from now on until somebody takes it into use again.

    Where that is expected ``until`` an aware instant, visits that start later stay in it.
    """

    room_id: int
    until: datetime | None = None


Cause = DoctorAway | ClinicClosed | HoursChanged | RoomOut


def permitted(session: Session, cause: Cause, actor: Actor, now: datetime) -> Cause:
    """The cause, its texts cleaned, that the actor may bring about; where it wants completing.

    ``NotPermitted`` unless the actor may set the doctor's hours, or manage the clinic for a
    closed day and a room; of one that is closed or out of use already whoever books everybody's
    visits may plan what becomes of them. ``NotFound`` and ``BadInput`` as for time off, closed
    days and hours.
    """
    match cause:
        case DoctorAway():
            require(actor, Permission.SET_HOURS, doctor_id=cause.doctor_id)
            check_order(cause.starts_at, cause.ends_at)
            if cause.ends_at <= now:
                raise BadInput("Until", "That time off has already passed.")
            _exists(session, _DOCTORS.c.id, cause.doctor_id, "doctor")
            return DoctorAway(
                cause.doctor_id,
                cause.starts_at.astimezone(UTC),
                cause.ends_at.astimezone(UTC),
                clean_text(cause.reason, "Reason", max_length=80),
            )
        case HoursChanged():
            require(actor, Permission.SET_HOURS, doctor_id=cause.doctor_id)
            check_weekly(cause.weekly)
            _exists(session, _DOCTORS.c.id, cause.doctor_id, "doctor")
            return cause
        case ClinicClosed():
            _require_in_charge(actor, done=_is_closed(session, cause))
            check_day(cause.first_day, "From")
            check_day(cause.last_day, "Until")
            if cause.last_day < cause.first_day:
                raise BadInput("Until", "The last closed day lies before the first.")
            name = clean_text(cause.name, "Name", required=True, max_length=60)
            return replace(cause, name=name)
        case RoomOut():
            _require_in_charge(actor, done=_is_out(session, cause))
            if cause.until is not None:
                check_order(now, cause.until)
            _exists(session, _ROOMS.c.id, cause.room_id, "room")
            return cause


def _require_in_charge(actor: Actor, *, done: bool) -> None:
    """Refuse with ``NotPermitted``; ``done``: nothing but visits would be changed."""
    if not (done and may(actor, Permission.BOOK)):
        require(actor, Permission.MANAGE_CLINIC)


def _is_closed(session: Session, cause: ClinicClosed) -> bool:
    covered = select(_CLOSURES.c.id).where(
        _CLOSURES.c.first_day <= cause.first_day, _CLOSURES.c.last_day >= cause.last_day
    )
    return session.scalar(covered.limit(1)) is not None


def _is_out(session: Session, cause: RoomOut) -> bool:
    return session.scalar(select(_ROOMS.c.active).where(_ROOMS.c.id == cause.room_id)) is False


def _exists(session: Session, column: ColumnElement[int], number: int, what: str) -> None:
    if session.scalar(select(column).where(column == number)) is None:
        raise NotFound(f"There is no such {what}.")


def as_seen(session: Session, cause: Cause) -> Cause:
    """The cause with what it replaces, as it is now.

    Refused with ``ChangedMeanwhile`` where the plan was made over other hours than there are.
    """
    if not isinstance(cause, HoursChanged):
        return cause
    current = _weekly(session, cause.doctor_id)
    if cause.seen is not None and sorted(cause.seen, key=repr) != sorted(current, key=repr):
        raise ChangedMeanwhile("Somebody else has just changed those hours: please look again.")
    return replace(cause, seen=current)


def _weekly(session: Session, doctor_id: int) -> tuple[Hours, ...]:
    rows = session.execute(
        select(
            _WEEKLY.c.weekday,
            _WEEKLY.c.starts,
            _WEEKLY.c.ends,
            _WEEKLY.c.valid_from,
            _WEEKLY.c.valid_until,
            _WEEKLY.c.every_weeks,
        )
        .where(_WEEKLY.c.doctor_id == doctor_id)
        .order_by(_WEEKLY.c.weekday, _WEEKLY.c.starts, _WEEKLY.c.id)
    )
    return tuple(Hours(*row) for row in rows)


def whose_hours(session: Session, cause: Cause) -> set[int]:
    """The doctors whose bookings have to wait while the cause comes about."""
    if isinstance(cause, DoctorAway | HoursChanged):
        return {cause.doctor_id}
    return set(session.scalars(select(_DOCTORS.c.id)))


def in_the_way(
    session: Session, cause: Cause, settings: ClinicSettings, now: datetime
) -> ColumnElement[bool]:
    """Of an appointment: whether the cause takes its place away. What is over is not asked, unless
    its patient is here and still waits.
    """
    columns = _APPOINTMENTS.c
    match cause:
        case DoctorAway():
            meets = _between(max(cause.starts_at, now), cause.ends_at)
            if cause.starts_at <= now:
                meets = or_(meets, _overdue(settings, now))
            return and_(columns.doctor_id == cause.doctor_id, meets)
        case HoursChanged():
            return columns.id.in_(_fallen(session, cause, now))
        case ClinicClosed():
            opens = day_bounds(cause.first_day, settings.zone)[0]
            closes = day_bounds(cause.last_day, settings.zone)[1]
            meets = _between(max(opens, now), closes)
            return or_(meets, _overdue(settings, now)) if opens <= now < closes else meets
        case RoomOut():
            meets = or_(_between(now, cause.until), _overdue(settings, now))
            return and_(columns.room_id == cause.room_id, meets)


def _between(since: datetime, until: datetime | None) -> ColumnElement[bool]:
    columns = _APPOINTMENTS.c
    meets = and_(columns.starts_at > since - _LONGEST_BLOCK, columns.ends_at > since)
    return meets if until is None else and_(meets, columns.starts_at < until)


def _overdue(settings: ClinicSettings, now: datetime) -> ColumnElement[bool]:
    """Should be over today, and is not: whoever has come waits, or is in the room."""
    columns = _APPOINTMENTS.c
    midnight = day_bounds(local_day(now, settings.zone), settings.zone)[0]
    return and_(columns.starts_at >= midnight, columns.ends_at <= now, columns.status.in_(HERE))


def _fallen(session: Session, cause: HoursChanged, now: datetime) -> list[int]:
    """The coming visits within the hours that there are and not within those that come."""
    fallen = newly_stranded(session, cause.doctor_id, cause.weekly, now)
    return [visit.appointment_id for visit in fallen]


def schedules_under(
    session: Session,
    cause: Cause,
    settings: ClinicSettings,
    doctors: Iterable[int],
    between: tuple[datetime, datetime],
) -> dict[int, DoctorSchedule]:
    """The doctors' schedules as they are once the cause has come about."""
    found = load_schedules(session, settings, doctors, *between)
    match cause:
        case DoctorAway():
            away = Away(int(cause.starts_at.timestamp()), -int(-cause.ends_at.timestamp() // 1))
            one = found[cause.doctor_id]
            found[cause.doctor_id] = _changed(one, away=(*one.away, away))
        case HoursChanged():
            found[cause.doctor_id] = _changed(found[cause.doctor_id], weekly=cause.weekly)
        case ClinicClosed():
            closed = Closed(cause.first_day, cause.last_day, cause.name)
            found = {
                doctor: _changed(one, days=replace(one.days, closed=(*one.days.closed, closed)))
                for doctor, one in found.items()
            }
        case RoomOut():
            pass
    return found


def _changed(schedule: DoctorSchedule, **parts: Any) -> DoctorSchedule:
    """Built anew, because a copy would remember the days that were worked out before."""
    names = ("days", "weekly", "extra", "away", "reserved")
    return DoctorSchedule(**({name: getattr(schedule, name) for name in names} | parts))


def bring_about(session: Session, cause: Cause) -> tuple[RowsBefore, ...]:
    """Write what says so, unless something does already; returns the way back from it."""
    match cause:
        case DoctorAway():
            return _take_away(session, cause)
        case ClinicClosed():
            return _close(session, cause)
        case HoursChanged():
            return (replace_weekly(session, cause.doctor_id, cause.weekly),)
        case RoomOut() if _is_out(session, cause):
            return ()
        case RoomOut():
            found = found_rows(session, _ROOMS, id=cause.room_id)
            session.execute(update(_ROOMS).where(_ROOMS.c.id == cause.room_id).values(active=False))
            return (left_rows(session, _ROOMS, found),)


def _take_away(session: Session, cause: DoctorAway) -> tuple[RowsBefore, ...]:
    covered = select(_OFF.c.id).where(
        _OFF.c.doctor_id == cause.doctor_id,
        _OFF.c.starts_at <= cause.starts_at,
        _OFF.c.ends_at >= cause.ends_at,
    )
    if session.scalar(covered.limit(1)) is not None:
        return ()
    values = {
        "doctor_id": cause.doctor_id,
        "starts_at": cause.starts_at,
        "ends_at": cause.ends_at,
        "reason": cause.reason,
    }
    number = session.scalar(insert(_OFF).values(values).returning(_OFF.c.id))
    return (new_rows(session, _OFF, id=number),)


def _close(session: Session, cause: ClinicClosed) -> tuple[RowsBefore, ...]:
    if _is_closed(session, cause):
        return ()
    values = {"first_day": cause.first_day, "last_day": cause.last_day, "name": cause.name}
    number = session.scalar(insert(_CLOSURES).values(values).returning(_CLOSURES.c.id))
    return (new_rows(session, _CLOSURES, id=number),)
