"""Four weeks of plausible visits around today: done, under way, booked, asked for, cancelled.

They are written in one go, but through the same guards as any visit.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from ..domain.clinic.settings import ClinicSettings
from ..domain.codes import CancelledBy, Status
from ..domain.hours.roster import load_schedules
from ..domain.models import Appointment, table
from ..domain.times.spans import Span
from ..domain.times.walltime import day_bounds, local_day
from .plan import Plan

_APPOINTMENTS = table(Appointment)
_MINUTE = timedelta(minutes=1)
_GRID = 10
_SEED = 7


@dataclass(frozen=True, slots=True)
class DemoType:
    """A visit type of the plan, and its number."""

    visit_type_id: int
    minutes: int
    before: int
    after: int
    share: int
    is_first: bool
    """Whether it is for whoever was never here."""


@dataclass(frozen=True, slots=True)
class DemoDoctor:
    """A doctor of the plan: number, room, and the visit types that are done there."""

    doctor_id: int
    room_id: int
    types: tuple[DemoType, ...]


@dataclass(slots=True)
class _Writer:
    """What is needed all along. ``awkward`` patients come first on today's list."""

    plan: Plan
    now: datetime
    dice: random.Random
    patients: list[int]
    awkward: list[int]
    rows: list[dict[str, Any]] = field(default_factory=list)
    met: set[int] = field(default_factory=set)


def write_visits(
    session: Session,
    plan: Plan,
    settings: ClinicSettings,
    doctors: list[DemoDoctor],
    patients: list[int],
    days: list[date],
    now: datetime,
) -> list[dict[str, Any]]:
    """Fill those days; returns the visits as written. ``patients`` begin with the awkward."""
    starts_at = day_bounds(days[0], settings.zone)[0]
    ends_at = day_bounds(days[-1], settings.zone)[1]
    ids = [doctor.doctor_id for doctor in doctors]
    schedules = load_schedules(session, settings, ids, starts_at, ends_at)
    awkward = len(plan.people)
    dice = random.Random(_SEED)  # noqa: S311 - plausible is enough, and the same is better
    writer = _Writer(plan, now, dice, patients[awkward:], patients[:awkward])
    today = local_day(now, settings.zone)
    for day in days:
        anybody = dice.sample(writer.patients, len(writer.patients))
        # From its far end, which a day never reaches otherwise: nobody comes twice.
        strangers = (one for one in reversed(anybody) if one not in writer.met)
        free = iter(anybody), strangers
        ahead = sum(today < one <= day for one in days)
        # Nearly full up to today, emptier the further ahead.
        load = max(0.2, 0.88 - 0.05 * ahead)
        for doctor in doctors:
            for run in schedules[doctor.doctor_id].spans(day):
                _fill(writer, doctor, run, load, free, is_today=day == today)
    session.execute(insert(_APPOINTMENTS), writer.rows)
    return writer.rows


def _fill(
    writer: _Writer,
    doctor: DemoDoctor,
    run: Span,
    load: float,
    free: tuple[Iterator[int], Iterator[int]],
    *,
    is_today: bool,
) -> None:
    """Visits one after another through one run of hours, with gaps.

    ``free`` are patients to take from: any, and those who were never here.
    """
    at = datetime.fromtimestamp(run[0], UTC)
    closes = datetime.fromtimestamp(run[1], UTC)
    blocked_until = at
    while at < closes:
        kind = writer.dice.choices(doctor.types, [one.share for one in doctor.types])[0]
        starts_at = at
        while starts_at - kind.before * _MINUTE < blocked_until:
            starts_at += _GRID * _MINUTE
        ends_at = starts_at + kind.minutes * _MINUTE
        if ends_at > closes:
            break
        if writer.dice.random() > load:
            at = starts_at + writer.dice.choice((10, 20, 20, 30)) * _MINUTE
            continue
        awkward = is_today and bool(writer.awkward) and writer.dice.random() < 0.3
        patient_id = writer.awkward.pop() if awkward else next(free[0])
        if kind.is_first and patient_id in writer.met:
            patient_id = next(free[1])
        writer.met.add(patient_id)
        row = _row(writer, doctor, kind, starts_at, patient_id)
        while awkward and row["status"] is Status.CANCELLED:  # They are there to be seen.
            row = _row(writer, doctor, kind, starts_at, patient_id)
        writer.rows.append(row)
        at = ends_at
        if row["status"] is not Status.CANCELLED:
            blocked_until = row["blocked_until"]
        else:
            at = starts_at + _GRID * _MINUTE


def _row(
    writer: _Writer, doctor: DemoDoctor, kind: DemoType, starts_at: datetime, patient_id: int
) -> dict[str, Any]:
    ends_at = starts_at + kind.minutes * _MINUTE
    booked_on = min(starts_at, writer.now) - timedelta(days=writer.dice.randint(1, 40))
    status = _status(writer, starts_at, ends_at)
    by_patient = writer.dice.random() < 0.7
    cancelled = status is Status.CANCELLED
    came = status in (Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED)
    told = status is Status.BOOKED and writer.dice.random() < 0.3
    reason = writer.dice.choice(writer.plan.names["reasons"])
    return {
        "patient_id": patient_id,
        "doctor_id": doctor.doctor_id,
        "visit_type_id": kind.visit_type_id,
        "room_id": doctor.room_id,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "blocked_from": starts_at - kind.before * _MINUTE,
        "blocked_until": ends_at + kind.after * _MINUTE,
        "status": status,
        "overbooked": False,
        "sequence": int(cancelled),
        "note": reason if writer.dice.random() < 0.3 else "",
        "arrived_at": min(starts_at - 6 * _MINUTE, writer.now) if came else None,
        "confirmed_at": booked_on + timedelta(hours=2) if told else None,
        "cancelled_by": (CancelledBy.PATIENT if by_patient else CancelledBy.CLINIC)
        if cancelled
        else None,
        "cancel_reason": "" if not cancelled or by_patient else "the doctor is away",
        "created_at": booked_on,
    }


def _status(writer: _Writer, starts_at: datetime, ends_at: datetime) -> Status:
    """What has become of a visit by now."""
    now, chance = writer.now, writer.dice.random()
    if ends_at <= now:
        # A few have no outcome yet: the end-of-day list is there for them.
        return _drawn(
            chance, {Status.NOSHOW: 5, Status.CANCELLED: 5, Status.BOOKED: 1.5}, Status.FULFILLED
        )
    if starts_at <= now:
        return _drawn(chance, {Status.BOOKED: 15}, Status.CHECKED_IN)
    if starts_at - now <= 25 * _MINUTE:
        return _drawn(chance, {Status.ARRIVED: 50}, Status.BOOKED)
    return _drawn(chance, {Status.CANCELLED: 6, Status.PENDING: 4}, Status.BOOKED)


def _drawn(chance: float, per_hundred: dict[Status, float], usual: Status) -> Status:
    for status, share in per_hundred.items():
        chance -= share / 100
        if chance < 0:
            return status
    return usual
