"""What a visit type asks for: how long it takes, what is kept free around it, when it is booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ..errors import BadInput, NotFound
from ..models import VisitType, table
from ..times.walltime import day_bounds, local_day
from ..visits.guards import MAX_MINUTES, MIN_MINUTES

_TYPES = table(VisitType)
_MEASURE = select(
    _TYPES.c.minutes,
    _TYPES.c.buffer_before,
    _TYPES.c.buffer_after,
    _TYPES.c.notice_minutes,
    _TYPES.c.horizon_days,
    _TYPES.c.active,
).where(_TYPES.c.id == bindparam("type"))


@dataclass(frozen=True, slots=True)
class Fit:
    """A visit's measure, in minutes, and how near and how far ahead it may be booked.

    ``notice`` is in minutes before the start, ``horizon`` in days of the clinic's calendar, the
    last one included; a visit that stands already is bound by neither.
    """

    minutes: int
    before: int
    after: int
    notice: int = 0
    horizon: int | None = None

    def earliest(self, now: datetime) -> datetime:
        """The first instant at which such a visit may start."""
        return now + timedelta(minutes=self.notice)

    def latest(self, now: datetime, zone: str) -> datetime | None:
        """The midnight before which it has to start, if there is one."""
        if self.horizon is None:
            return None
        return day_bounds(local_day(now, zone) + timedelta(days=self.horizon), zone)[1]

    def allowed(self, now: datetime, zone: str) -> tuple[int, int | None]:
        """Both in whole seconds since 1970: from when, up to the minute, and before when."""
        latest = self.latest(now, zone)
        first = -int(-self.earliest(now).timestamp() // 60) * 60
        return first, None if latest is None else int(latest.timestamp())


def fit_of(
    session: Session, visit_type_id: int, minutes: int | None, *, retired: bool = False
) -> Fit:
    """The measure of a visit of that type, with its own length or another.

    Refused: ``NotFound`` for an unknown type, or for a retired one unless it may be; ``BadInput``
    for a length outside 5 minutes to 12 hours.
    """
    row = session.execute(_MEASURE, {"type": visit_type_id}).one_or_none()
    if row is None or not (row.active or retired):
        raise NotFound("There is no such visit type.")
    length = check_length(row.minutes if minutes is None else minutes)
    return Fit(length, row.buffer_before, row.buffer_after, row.notice_minutes, row.horizon_days)


def check_length(minutes: int) -> int:
    """The length back; ``BadInput`` unless it is 5 minutes to 12 hours."""
    if not MIN_MINUTES <= minutes <= MAX_MINUTES:
        raise BadInput("Length", "A visit lasts 5 minutes to 12 hours.")
    return minutes
