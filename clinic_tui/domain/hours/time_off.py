"""Time off: a doctor is away, whatever the hours say.

Whoever takes it waits for bookings that have already read the hours: see ``hours_lock``.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from ..absence.stranded import StrandedVisit, stranded_ids, visits_within
from ..access import Actor, Permission, require
from ..audit import record
from ..errors import BadInput, NotFound
from ..models import TimeOff, table
from ..text import clean_text
from ..times.dates import check_day
from ..undo.row_changes import found_rows, new_rows
from ..undo.ways_back import WayBack
from .lock import lock_hours

_OFF = table(TimeOff)


def visits_in_the_way(
    session: Session, actor: Actor, doctor_id: int, starts_at: datetime, ends_at: datetime
) -> tuple[StrandedVisit, ...]:
    """The visits that time off from ``starts_at`` to ``ends_at`` would strand; writes nothing."""
    require(actor, Permission.SET_HOURS, doctor_id=doctor_id)
    check_order(starts_at, ends_at)
    return tuple(visits_within(session, doctor_id, starts_at, ends_at))


def add_time_off(
    session: Session,
    actor: Actor,
    doctor_id: int,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    reason: str = "",
) -> tuple[StrandedVisit, ...]:
    """Take a doctor away from ``starts_at`` to ``ends_at``; returns the visits it strands.

    The visits stay booked until each is moved or cancelled. Refused with ``BadInput``: an end
    that does not lie after the start, or nothing of it ahead.
    """
    require(actor, Permission.SET_HOURS, doctor_id=doctor_id)
    check_order(starts_at, ends_at)
    if ends_at <= now:
        raise BadInput("Until", "That time off has already passed.")
    reason = clean_text(reason, "Reason", max_length=80)
    lock_hours(session, doctor_id)
    known = stranded_ids(session, doctor_id, now)
    time_off_id = session.execute(
        insert(_OFF)
        .values(doctor_id=doctor_id, starts_at=starts_at, ends_at=ends_at, reason=reason)
        .returning(_OFF.c.id)
    ).scalar_one()
    way_back = WayBack(rows=(new_rows(session, _OFF, id=time_off_id),), stranded=known)
    record(session, actor, "add_time_off", now, doctor_id=doctor_id, way_back=way_back)
    return tuple(visits_within(session, doctor_id, max(starts_at, now), ends_at))


def remove_time_off(
    session: Session, actor: Actor, doctor_id: int, time_off_id: int, now: datetime
) -> None:
    """Bring a doctor back: the hours hold again."""
    require(actor, Permission.SET_HOURS, doctor_id=doctor_id)
    lock_hours(session, doctor_id)
    found = found_rows(session, _OFF, id=time_off_id, doctor_id=doctor_id)
    if not found.before:
        raise NotFound("That time off is not there any more.")
    known = stranded_ids(session, doctor_id, now)
    session.execute(delete(_OFF).where(_OFF.c.id == time_off_id))
    way_back = WayBack(rows=(found,), stranded=known)
    record(session, actor, "remove_time_off", now, doctor_id=doctor_id, way_back=way_back)


def check_order(starts_at: datetime, ends_at: datetime) -> None:
    """Refuse with ``BadInput`` time off that does not end after it starts, or has no zone."""
    if starts_at.tzinfo is None or ends_at.tzinfo is None:
        raise BadInput("Time", "A time without its zone cannot be placed.")
    check_day(starts_at, "From")
    check_day(ends_at, "Until")
    if ends_at.astimezone(UTC) <= starts_at.astimezone(UTC):
        raise BadInput("Until", "Time off must end after it starts.")
