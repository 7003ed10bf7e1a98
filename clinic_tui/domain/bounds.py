"""By hours, reserved time, notice and horizon: whether a visit may stand there at all.

Nobody else's visits are looked at: see ``conflicts`` for those.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from .conflicts import Place, alternatives
from .errors import (
    BeyondHorizon,
    CannotBook,
    KeptForOthers,
    Obstacle,
    ObstacleKind,
    OutsideHours,
    TooSoon,
)
from .facts import Facts
from .reasons import beyond_horizon, too_soon
from .roster import load_schedules
from .schedule import DoctorSchedule
from .settings import ClinicSettings
from .spans import intersect
from .walltime import day_bounds, from_seconds, local_day, say_day, say_moment, say_time


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


def why_closed(
    schedule: DoctorSchedule, starts_at: datetime, ends_at: datetime, doctor: str
) -> Obstacle:
    """Why a doctor does not work throughout that time, in words: away, a holiday, or closed."""
    zone = schedule.days.zone
    day = local_day(starts_at, zone)
    if (away := _away(schedule, starts_at, ends_at, doctor)) is not None:
        return away
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


def _away(
    schedule: DoctorSchedule, starts_at: datetime, ends_at: datetime, doctor: str
) -> Obstacle | None:
    zone = schedule.days.zone
    for away in schedule.away:
        begins, ends = (datetime.fromtimestamp(at, UTC) for at in (away.starts, away.ends))
        if begins < ends_at and starts_at < ends:
            # The last moment away, not the first moment back: "away to Fri" when back on Saturday.
            back = say_moment(ends - timedelta(minutes=1), zone)
            whole_days = day_bounds(local_day(ends, zone), zone)[0] == ends
            until = say_day(local_day(ends - timedelta(minutes=1), zone)) if whole_days else back
            return Obstacle(ObstacleKind.AWAY, begins, ends, f"{doctor} is away to {until}")
    return None


def _end_of_day(end: datetime, next_midnight: datetime, zone: str) -> str:
    return "24:00" if end == next_midnight else say_time(end, zone)
