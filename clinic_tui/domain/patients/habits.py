"""What a patient is used to: the weekday and the time at which most of the last visits began."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..clinic.settings import ClinicSettings
from ..codes import Pick, Status
from ..errors import Opening
from ..models import Appointment, table
from ..openings.sought import Wanted
from ..openings.sweeping import first_openings
from ..times.walltime import MINUTES_PER_DAY, day_bounds, local_day, minute_of_day

_APPOINTMENTS = table(Appointment)
_CAME = (Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED)
_LAST_VISITS = 10
_USUALLY = 2
"""Visits on one weekday that make it usual."""
_ABOUT = 60
"""Minutes by which about the usual time may be earlier or later."""
_WEEK = timedelta(days=7)


def three_openings(
    session: Session,
    settings: ClinicSettings,
    wanted: Wanted,
    soonest: Opening,
    patient_id: int | None,
) -> tuple[Opening, ...]:
    """The soonest, one at least a week later, and one as the patient usually comes, if any."""
    zone = settings.zone
    in_a_week = local_day(soonest.starts_at, zone) + _WEEK
    later = replace(wanted, earliest=day_bounds(in_a_week, zone)[0], limit=1)
    picked = [replace(soonest, pick=Pick.SOONEST)]
    picked += [replace(one, pick=Pick.LATER) for one in first_openings(session, settings, later)]
    usual = None if patient_id is None else _usual(session, wanted, patient_id, zone)
    if usual is not None:
        met = {(one.doctor_id, one.starts_at) for one in picked}
        found = first_openings(session, settings, usual)
        others = (one for one in found if (one.doctor_id, one.starts_at) not in met)
        picked += [replace(one, pick=Pick.USUAL) for one in others][:1]
    return tuple(picked)


def _usual(session: Session, wanted: Wanted, patient_id: int, zone: str) -> Wanted | None:
    """What is wanted, narrowed to the usual weekday and time; None where nothing is usual."""
    columns = _APPOINTMENTS.c
    starts = session.scalars(
        select(columns.starts_at)
        .where(
            columns.patient_id == patient_id,
            columns.starts_at < wanted.asked_at,
            columns.status.in_(_CAME),
        )
        .order_by(columns.starts_at.desc())
        .limit(_LAST_VISITS)
    ).all()
    weekdays = Counter(local_day(at, zone).weekday() for at in starts)
    if not weekdays:
        return None
    # Of several weekdays as frequent the one of the latest visit, which was counted first.
    ((weekday, times),) = weekdays.most_common(1)
    if times < _USUALLY or (wanted.weekdays and weekday not in wanted.weekdays):
        return None
    about = int(
        median(minute_of_day(at, zone) for at in starts if local_day(at, zone).weekday() == weekday)
    )
    day_from = max(wanted.day_from, about - _ABOUT)
    day_until = min(wanted.day_until, about + _ABOUT + wanted.fit.minutes, MINUTES_PER_DAY)
    if day_from >= day_until:
        return None
    # Three, because two of them may be those already picked.
    return replace(
        wanted,
        weekdays=frozenset({weekday}),
        day_from=day_from,
        day_until=day_until,
        limit=3,
    )
