"""When the patients of these weeks were here before: all but who comes for the first time."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ..domain.clinic.settings import ClinicSettings
from ..domain.codes import Status
from ..domain.hours.roster import load_schedules
from ..domain.hours.schedule import DoctorSchedule
from ..domain.models import Appointment, Patient, table
from ..domain.times.walltime import day_bounds
from .visits import DemoDoctor

_APPOINTMENTS, _PATIENTS = table(Appointment), table(Patient)
_DAYS = range(15, 360)
"""How long ago they were here, in days before the first that is filled."""
_TRIES = 20
_SLOT = timedelta(minutes=30)
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_SEED = 11


def write_earlier(
    session: Session,
    settings: ClinicSettings,
    doctors: Sequence[DemoDoctor],
    visits: Sequence[dict[str, Any]],
    first_day: date,
) -> None:
    """One or two visits to the same doctor, done, for whoever begins with another than a first."""
    earliest = first_day - max(_DAYS) * _DAY
    span = (day_bounds(earliest, settings.zone)[0], day_bounds(first_day, settings.zone)[0])
    whose = {doctor.doctor_id: doctor for doctor in doctors}
    schedules = load_schedules(session, settings, list(whose), *span)
    rows = session.execute(select(_PATIENTS.c.id, _PATIENTS.c.birth_date))
    born: dict[int, date | None] = {row.id: row.birth_date for row in rows}
    dice = random.Random(_SEED)  # noqa: S311 - plausible is enough, and the same is better
    taken: set[tuple[int, datetime]] = set()
    written = []
    for visit in _first_of_each(visits, doctors):
        doctor, patient_id = whose[visit["doctor_id"]], visit["patient_id"]
        since = born[patient_id] or earliest
        for _ in range(dice.choice((1, 1, 2))):
            at = _free_start(dice, schedules[doctor.doctor_id], doctor, first_day, since, taken)
            if at is not None:
                taken.add((doctor.doctor_id, at))
                written.append(_done(dice, doctor, patient_id, at))
    session.execute(insert(_APPOINTMENTS), written)


def _first_of_each(
    visits: Sequence[dict[str, Any]], doctors: Sequence[DemoDoctor]
) -> Iterator[dict[str, Any]]:
    """The first visit of each patient, without those that are for people who were never here."""
    first = {kind.visit_type_id for one in doctors for kind in one.types if kind.is_first}
    met: set[int] = set()
    for visit in sorted(visits, key=lambda one: one["starts_at"]):
        if visit["patient_id"] not in met:
            met.add(visit["patient_id"])
            if visit["visit_type_id"] not in first:
                yield visit


def _free_start(
    dice: random.Random,
    schedule: DoctorSchedule,
    doctor: DemoDoctor,
    first_day: date,
    since: date,
    taken: set[tuple[int, datetime]],
) -> datetime | None:
    """A start within hours on one of those days after ``since``, found by trying a few."""
    for _ in range(_TRIES):
        day = first_day - dice.choice(_DAYS) * _DAY
        runs = schedule.spans(day)
        if day <= since or not runs:
            continue
        opens, closes = (datetime.fromtimestamp(one, UTC) for one in dice.choice(runs))
        at = opens + dice.randrange(max(1, (closes - opens) // _SLOT)) * _SLOT
        if at + _SLOT <= closes and (doctor.doctor_id, at) not in taken:
            return at
    return None


def _done(dice: random.Random, doctor: DemoDoctor, patient_id: int, at: datetime) -> dict[str, Any]:
    """A visit that is over, of a sort that leaves room for itself in half an hour."""
    fitting = [
        one
        for one in doctor.types
        if not one.before and (one.minutes + one.after) * _MINUTE <= _SLOT
    ]
    kind = dice.choice(fitting)
    ends_at = at + kind.minutes * _MINUTE
    return {
        "patient_id": patient_id,
        "doctor_id": doctor.doctor_id,
        "visit_type_id": kind.visit_type_id,
        "room_id": doctor.room_id,
        "starts_at": at,
        "ends_at": ends_at,
        "blocked_from": at,
        "blocked_until": ends_at,
        "status": Status.FULFILLED,
        "overbooked": False,
        "sequence": 0,
        "note": "",
        "arrived_at": at - 6 * _MINUTE,
        "confirmed_at": None,
        "cancelled_by": None,
        "cancel_reason": "",
        "created_at": at - dice.randint(1, 40) * _DAY,
    }
