"""Where a visit is to stand, why the doctor does not work then, and where else it could stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from .access import Actor, Permission, may
from .codes import Status
from .errors import Obstacle, ObstacleKind, Opening, OutsideHours
from .guards import MAX_BLOCK_MINUTES
from .models import Account, Appointment, Doctor, Patient, Room, table
from .occupied import occupies
from .schedule import DoctorSchedule, Span
from .settings import ClinicSettings
from .sweeping import Wanted, first_openings
from .terms import Fit
from .walltime import day_bounds, local_day, say_day, say_moment, say_time
from .who_does import doctors_for

_ACCOUNTS, _APPOINTMENTS, _DOCTORS = table(Account), table(Appointment), table(Doctor)
_PATIENTS, _ROOMS = table(Patient), table(Room)
_LONGEST_BLOCK = timedelta(minutes=MAX_BLOCK_MINUTES)
_ALTERNATIVES = 3
_LOOK_AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a visit is to stand: with whom, when, in which room, with which buffers.

    ``asked_by`` and ``asked_at`` say who wants it there and when they ask: a refusal tells them
    no more than they may see and offers nothing that they may not book or that has begun.
    ``appointment_id`` is the visit itself when it already stands somewhere: its own time never
    stands in its own way. One that is ``overbooked`` stands beside whatever the doctor has then.
    """

    doctor_id: int
    patient_id: int
    room_id: int | None
    visit_type_id: int
    starts_at: datetime
    fit: Fit
    asked_by: Actor
    asked_at: datetime
    appointment_id: int | None = None
    overbooked: bool = False

    @property
    def ends_at(self) -> datetime:
        """The end of the visit itself."""
        return self.starts_at + timedelta(minutes=self.fit.minutes)

    @property
    def blocked_from(self) -> datetime:
        """From when the doctor is taken."""
        return self.starts_at - timedelta(minutes=self.fit.before)

    @property
    def blocked_until(self) -> datetime:
        """Until when the doctor is taken."""
        return self.ends_at + timedelta(minutes=self.fit.after)


def refuse_outside_hours(
    session: Session, settings: ClinicSettings, schedule: DoctorSchedule, place: Place, doctor: str
) -> None:
    """Refuse with ``OutsideHours`` unless one run of the doctor's hours covers the whole visit."""
    if schedule.works_throughout(place.starts_at, place.ends_at):
        return
    obstacle = why_closed(schedule, place.starts_at, place.ends_at, doctor)
    raise OutsideHours(
        f"{obstacle.text}.", (obstacle,), alternatives(session, settings, place, doctor)
    )


def why_closed(
    schedule: DoctorSchedule, starts_at: datetime, ends_at: datetime, doctor: str
) -> Obstacle:
    """Why a doctor does not work throughout that time, in words: away, a holiday, or closed."""
    zone = schedule.days.zone
    day = local_day(starts_at, zone)
    for away in schedule.away:
        begins, ends = (datetime.fromtimestamp(at, UTC) for at in (away.starts, away.ends))
        if begins < ends_at and starts_at < ends:
            # The last moment away, not the first moment back: "away to Fri" when back on Saturday.
            back = say_moment(ends - timedelta(minutes=1), zone)
            whole_days = day_bounds(local_day(ends, zone), zone)[0] == ends
            until = say_day(local_day(ends - timedelta(minutes=1), zone)) if whole_days else back
            return Obstacle(ObstacleKind.AWAY, begins, ends, f"{doctor} is away to {until}")
    midnight, next_midnight = day_bounds(day, zone)
    if name := schedule.days.closure(day):
        text = f"The clinic is closed on {say_day(day)}: {name}"
        return Obstacle(ObstacleKind.HOLIDAY, midnight, next_midnight, text)
    runs = schedule.between(midnight, next_midnight)
    if not runs and (name := schedule.days.holiday(day)):
        text = f"{say_day(day)} is a holiday: {name}"
        return Obstacle(ObstacleKind.HOLIDAY, midnight, next_midnight, text)
    if not runs:
        text = f"{doctor} does not work on {say_day(day)}"
        return Obstacle(ObstacleKind.CLOSED, midnight, next_midnight, text)
    worked = ", ".join(
        f"{say_time(datetime.fromtimestamp(start, UTC), zone)}–"
        f"{_end_of_day(datetime.fromtimestamp(end, UTC), next_midnight, zone)}"
        for start, end in runs
    )
    text = f"{doctor} works {worked} on {say_day(day)}"
    return Obstacle(ObstacleKind.CLOSED, starts_at, ends_at, text)


def _end_of_day(end: datetime, next_midnight: datetime, zone: str) -> str:
    return "24:00" if end == next_midnight else say_time(end, zone)


def alternatives(
    session: Session, settings: ClinicSettings, place: Place, doctor: str
) -> tuple[Opening, ...]:
    """At most three other places: the same doctor soonest after, and a colleague at that time.

    All of them keep clear of the patient's other visits and of the room's. Where a visit about to
    move stands already is no other place.
    """
    earliest = max(place.starts_at, place.asked_at)
    latest = place.starts_at + _LOOK_AHEAD
    busy = taken_besides(session, place, earliest, latest)
    same_doctor = first_openings(
        session,
        settings,
        Wanted(
            {place.doctor_id: doctor},
            place.fit,
            earliest,
            latest,
            place.asked_at,
            place.fit.minutes,
            _ALTERNATIVES + 1,
            busy,
            place.appointment_id,
        ),
    )
    colleagues = {
        colleague: name
        for colleague, name in doctors_for(
            session, place.visit_type_id, like=place.doctor_id
        ).items()
        if may(place.asked_by, Permission.BOOK, doctor_id=colleague, patient_id=place.patient_id)
    }
    at_that_time = first_openings(
        session,
        settings,
        Wanted(
            colleagues,
            place.fit,
            earliest,
            place.starts_at + timedelta(minutes=1),
            place.asked_at,
            place.fit.minutes,
            1,
            busy,
            place.appointment_id,
        ),
    )
    stands = _where_it_stands(session, place)
    others = [opening for opening in at_that_time if not _is_at(opening, stands)]
    soonest = [opening for opening in same_doctor if not _is_at(opening, stands)]
    return (*soonest[: _ALTERNATIVES - len(others)], *others)


def _is_at(opening: Opening, stands: Row[Any] | None) -> bool:
    return stands is not None and tuple(stands) == (
        opening.doctor_id,
        opening.starts_at,
        opening.ends_at,
    )


def _where_it_stands(session: Session, place: Place) -> Any:
    """With whom and when a visit stands in that room before it moves."""
    if place.appointment_id is None:
        return None
    columns = _APPOINTMENTS.c
    return session.execute(
        select(columns.doctor_id, columns.starts_at, columns.ends_at).where(
            columns.id == place.appointment_id,
            columns.room_id.is_not_distinct_from(place.room_id),
            # What is only held is still to be had.
            columns.status != Status.HELD,
            occupies(place.asked_at),
        )
    ).one_or_none()


def taken_besides(
    session: Session, place: Place, earliest: datetime, latest: datetime
) -> tuple[Span, ...]:
    """When the patient or the room is taken, by visits that an opening before ``latest`` meets."""
    columns = _APPOINTMENTS.c
    whose = [columns.patient_id == place.patient_id]
    if place.room_id is not None:
        whose.append(columns.room_id == place.room_id)
    rows = session.execute(
        select(columns.starts_at, columns.ends_at).where(
            columns.starts_at > earliest - _LONGEST_BLOCK,
            columns.starts_at < latest + _LONGEST_BLOCK,
            columns.ends_at > earliest,
            occupies(place.asked_at),
            columns.id != (place.appointment_id or 0),
            or_(*whose),
        )
    )
    return tuple((int(start.timestamp()), int(end.timestamp())) for start, end in rows)
