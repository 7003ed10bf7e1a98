"""Where a visit fits around taken time that was read before: in memory, for many visits at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row

from ..hours.bounds import out_of_bounds
from ..hours.schedule import DoctorSchedule
from ..times.spans import sweep
from ..times.walltime import clock_changes, day_bounds
from ..visits.conflicts import Place
from .taken_time import TakenTime


def fits(
    schedule: DoctorSchedule, taken: TakenTime, place: Place, before: Row[Any] | None = None
) -> bool:
    """Whether the visit may stand in that place and meets nobody else's.

    ``before`` is its row where it stands already: time that it was given before it may have again.
    """
    return out_of_bounds(schedule, place, "", before) is None and not taken.in_the_way(place)


def starts_on(
    schedule: DoctorSchedule, taken: TakenTime, place: Place, day: date, grid_minutes: int
) -> Iterator[int]:
    """Every start of that day, in seconds since 1970, at which such a visit fits.

    Of ``place`` everything counts but the start; its own time, if it stands already, is free.
    """
    zone, fit = schedule.days.zone, place.fit
    midnight, next_midnight = (int(at.timestamp()) for at in day_bounds(day, zone))
    offset, changes = clock_changes(day, zone)
    kept = [
        (start + fit.after * 60, end - fit.before * 60)
        for one in (day, day + timedelta(days=1))
        for start, end in schedule.kept(one, place.visit_type_id, place.asked_at)
    ]
    first, last = fit.allowed(place.asked_at, zone)
    yield from sweep(
        schedule.runs(day),
        sorted([*taken.around(place, (midnight, next_midnight)), *kept]),
        length=fit.minutes * 60,
        before=fit.before * 60,
        after=fit.after * 60,
        earliest=max(midnight, first),
        latest=next_midnight if last is None else min(next_midnight, last),
        align=grid_minutes * 60,
        offset=offset,
        stride=grid_minutes * 60,
        changes=changes,
    )
