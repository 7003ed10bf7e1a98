"""Visits that stand where their doctor no longer works.

They stay booked: whoever changes hours is shown them and decides about each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..clinic.settings import load_settings
from ..codes import Status
from ..hours.roster import load_schedules
from ..hours.schedule import DoctorSchedule, Hours
from ..models import Appointment, Patient, table
from ..text import full_name
from ..visits.guards import MAX_BLOCK_MINUTES

_APPOINTMENTS, _PATIENTS = table(Appointment), table(Patient)
UNFINISHED = (Status.PENDING, Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN)
"""The statuses of visits that are still to be, or not over."""


_LONGEST_BLOCK = timedelta(minutes=MAX_BLOCK_MINUTES)


@dataclass(frozen=True, slots=True)
class StrandedVisit:
    """A visit that would stand where its doctor no longer works."""

    appointment_id: int
    patient: str
    starts_at: datetime
    ends_at: datetime


def visits_within(
    session: Session, doctor_id: int, starts_at: datetime, ends_at: datetime | None
) -> list[StrandedVisit]:
    """The doctor's unfinished visits that meet that time, in order; None is without an end.

    For operations that have asked for their permission.
    """
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
    visits = visits_within(session, doctor_id, now, None)
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


def stranded_ids(session: Session, doctor_id: int, now: datetime) -> tuple[int, ...]:
    """Which visits stand outside the doctor's hours: noted before these change."""
    return tuple(visit.appointment_id for visit in stranded(session, doctor_id, now))


def newly_stranded(
    session: Session, doctor_id: int, weekly: tuple[Hours, ...], now: datetime
) -> list[StrandedVisit]:
    """The coming visits within the hours that there are and not within ``weekly``."""
    known = stranded_ids(session, doctor_id, now)
    after = stranded(session, doctor_id, now, weekly)
    return [visit for visit in after if visit.appointment_id not in known]
