"""Why a doctor does not work at a time, in words. Pure.

Apart from ``bounds``, because a calendar needs no more of that for its first day.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ..errors import Obstacle, ObstacleKind
from ..times.walltime import day_bounds, local_day, say_day, say_moment, say_time
from .schedule import DoctorSchedule


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
