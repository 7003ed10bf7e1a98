"""Who waits at the made-up clinic: for a visit, or for an earlier one than they have."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain.access import Actor, Role
from ..domain.codes import Status, Urgency
from ..domain.hours.text import parse_ranges, parse_weekdays
from ..domain.models import Appointment, VisitType, table
from ..domain.times.walltime import MINUTES_PER_DAY
from ..domain.waitlist.waitlist import Wish, add_to_waitlist
from .plan import Plan

_APPOINTMENTS, _TYPES = table(Appointment), table(VisitType)
_DAY = timedelta(days=1)


def write_waiting(
    session: Session,
    admin: Actor,
    plan: Plan,
    doctors: dict[str, int],
    patients: list[int],
    now: datetime,
) -> None:
    """Put them on the list. ``doctors`` are by family name, ``patients`` in their order."""
    desk = replace(admin, roles=frozenset({Role.RECEPTIONIST}))
    rows = session.execute(select(_TYPES.c.short_name, _TYPES.c.id))
    types = {row.short_name: row.id for row in rows}
    for one in plan.waiting:
        since = now - one["days"] * _DAY
        named = tuple(doctors[name] for name in one.get("doctors", ()))
        wish = Wish(
            doctor_ids=named,
            urgency=Urgency(one.get("urgency", Urgency.ROUTINE)),
            note=one.get("note", ""),
            **_times(one),
        )
        if "earlier_than" in one:
            visit = _visit(session, named[0], now + one["earlier_than"] * _DAY)
            wish = replace(wish, appointment_id=visit)
        else:
            patient_id = patients[one["patient"] - 1]
            wish = replace(wish, patient_id=patient_id, visit_type_id=types[one["visit"]])
        add_to_waitlist(session, desk, wish, since)


def _times(one: dict[str, Any]) -> dict[str, Any]:
    ranges = parse_ranges(one.get("times", "")) or ((0, MINUTES_PER_DAY),)
    days = parse_weekdays(one["weekdays"]) if "weekdays" in one else frozenset[int]()
    return {"from_minute": ranges[0][0], "until_minute": ranges[0][1], "weekdays": days}


def _visit(session: Session, doctor_id: int, after: datetime) -> int:
    """The doctor's first visit after that instant."""
    columns = _APPOINTMENTS.c
    found: int = session.execute(
        select(columns.id)
        .where(
            columns.doctor_id == doctor_id,
            columns.status == Status.BOOKED,
            columns.starts_at > after,
        )
        .order_by(columns.starts_at)
        .limit(1)
    ).scalar_one()
    return found
