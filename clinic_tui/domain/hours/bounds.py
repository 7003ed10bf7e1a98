"""By hours, reserved time, notice and horizon: whether a visit may stand there at all.

Nobody else's visits are looked at: see ``conflicts`` for those.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from ..clinic.settings import ClinicSettings
from ..errors import (
    BeyondHorizon,
    CannotBook,
    KeptForOthers,
    Obstacle,
    ObstacleKind,
    OutsideHours,
    TooSoon,
)
from ..openings.reasons import beyond_horizon, too_soon
from ..times.spans import intersect
from ..times.walltime import from_seconds, local_day, say_day, say_time
from ..visits.conflicts import Place, alternatives
from ..visits.facts import Facts
from .not_working import why_closed
from .roster import load_schedules
from .schedule import DoctorSchedule


def out_of_bounds(
    schedule: DoctorSchedule, place: Place, doctor: str, before: Row[Any] | None = None
) -> CannotBook | None:
    """The refusal for a place where such a visit may not stand, without alternatives; or None.

    Where it stood ``before`` (an appointment's row) it may stand again: notice and horizon have
    nothing to say of a start that stays, nor reserved hours of time that the doctor gave before.
    """
    if before is None or before.starts_at != place.starts_at:
        refusal = _too_soon_or_late(place, schedule.days.zone)
        if refusal is not None:
            return refusal
    if not schedule.works_throughout(place.starts_at, place.ends_at):
        obstacle = why_closed(schedule, place.starts_at, place.ends_at, doctor)
        return OutsideHours(f"{obstacle.text}.", (obstacle,))
    if before is not None and _same_time(before, place):
        return None
    return _kept(schedule, place, doctor)


def refuse_out_of_bounds(
    session: Session,
    settings: ClinicSettings,
    schedule: DoctorSchedule,
    place: Place,
    doctor: str,
    before: Row[Any] | None = None,
) -> None:
    """Raise that refusal, if there is one, with alternatives."""
    refusal = out_of_bounds(schedule, place, doctor, before)
    if refusal is not None:
        others = alternatives(session, settings, place, doctor)
        raise type(refusal)(str(refusal), refusal.obstacles, others)


def refuse_unless_open(
    session: Session, facts: Facts, place: Place, before: Row[Any] | None = None
) -> None:
    """Refuse, with alternatives, unless such a visit may stand there at all.

    ``OutsideHours`` unless the doctor works throughout, ``KeptForOthers`` in hours reserved for
    other visit types, ``TooSoon`` and ``BeyondHorizon`` by the type's notice and horizon: the
    last three not of a visit that stood there ``before``.
    """
    schedule = load_schedules(
        session, facts.settings, [place.doctor_id], place.starts_at, place.ends_at
    )[place.doctor_id]
    refuse_out_of_bounds(session, facts.settings, schedule, place, facts.doctor, before)


def _same_time(before: Row[Any], place: Place) -> bool:
    stood = (before.doctor_id, before.starts_at, before.ends_at)
    return stood == (place.doctor_id, place.starts_at, place.ends_at)


def _too_soon_or_late(place: Place, zone: str) -> CannotBook | None:
    fit, now, start = place.fit, place.asked_at, place.starts_at
    # Within the minute asked in, as a clock without seconds shows it.
    if fit.notice and start <= fit.earliest(now) - timedelta(minutes=1):
        text = too_soon(fit, now, zone)
        obstacle = Obstacle(ObstacleKind.TOO_SOON, now, fit.earliest(now), text.rstrip("."))
        return TooSoon(text, (obstacle,))
    latest = fit.latest(now, zone)
    if latest is not None and start >= latest:
        text = beyond_horizon(fit, now, zone)
        return BeyondHorizon(
            text, (Obstacle(ObstacleKind.BEYOND_HORIZON, latest, place.ends_at, text.rstrip(".")),)
        )
    return None


def _kept(schedule: DoctorSchedule, place: Place, doctor: str) -> CannotBook | None:
    if not schedule.reserved:
        return None
    zone = schedule.days.zone
    visit = (int(place.starts_at.timestamp()), int(place.ends_at.timestamp()))
    day, last = (local_day(at, zone) for at in (place.starts_at, place.ends_at))
    for one in (day, last) if last != day else (day,):
        kept = schedule.kept(one, place.visit_type_id, place.asked_at)
        for start, end in intersect(kept, [visit]):
            text = (
                f"{doctor}'s hours at {say_time(from_seconds(start), zone)} on {say_day(one)} are"
                " reserved for other visit types"
            )
            obstacle = Obstacle(ObstacleKind.RESERVED, from_seconds(start), from_seconds(end), text)
            return KeptForOthers(f"{text}.", (obstacle,))
    return None
