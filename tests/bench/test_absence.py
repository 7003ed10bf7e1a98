"""A full day of visits is planned while somebody is on the phone, however full the book is."""

from __future__ import annotations

from datetime import timedelta
from statistics import median

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic_tui.domain.absence.absence import plan_absence
from clinic_tui.domain.absence.causes import DoctorAway
from clinic_tui.domain.absence.lines import PlanWish
from clinic_tui.domain.codes import Prefer
from clinic_tui.domain.models import Appointment, table
from clinic_tui.domain.times.walltime import day_bounds
from tests.bench.books import LARGE
from tests.bench.conftest import DatabaseAt, DeskAt
from tests.bench.measure import Report, in_turn, in_words
from tests.small_clinic import NOW, ZONE

_ROUNDS = 20
_VISITS = 30
_BOOKED = table(Appointment)


def _busiest(session: Session) -> DoctorAway:
    """A doctor's days, from tomorrow on, that hold some thirty visits."""
    starts_at = day_bounds(NOW.date() + timedelta(days=1), ZONE)[0]
    c = _BOOKED.c
    query = (
        select(c.doctor_id)
        .where(c.starts_at >= starts_at, c.starts_at < starts_at + timedelta(days=1))
        .where(c.status == "booked")
        .group_by(c.doctor_id)
        .order_by(func.count().desc(), c.doctor_id)
        .limit(1)
    )
    doctor_id = session.scalars(query).one()
    last = session.scalars(
        select(c.starts_at)
        .where(c.doctor_id == doctor_id, c.starts_at >= starts_at, c.status == "booked")
        .order_by(c.starts_at)
        .limit(_VISITS)
    ).all()[-1]
    return DoctorAway(doctor_id, starts_at, last + timedelta(minutes=1))


@pytest.mark.parametrize("prefer", [Prefer.SAME_DOCTOR, Prefer.COLLEAGUE])
def test_a_full_day_is_planned(
    kind: str, desk_at: DeskAt, database_at: DatabaseAt, report: Report, prefer: Prefer
) -> None:
    desk, away = desk_at(kind, LARGE), database_at(kind, LARGE).read(_busiest)
    wish = PlanWish(prefer)
    assert len(desk.read_now(plan_absence, away, NOW, wish).lines) == _VISITS

    def measure() -> tuple[float, str]:
        times = in_turn(_ROUNDS, plan=lambda _: desk.read_now(plan_absence, away, NOW, wish))
        return median(times["plan"]), in_words(times["plan"])

    report.hold(f"{kind}: absence of 30 visits planned, {prefer}, p50", "ms", 150, measure)
