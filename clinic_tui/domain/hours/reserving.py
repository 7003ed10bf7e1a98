"""Reserved hours as people set them: time of a doctor kept for some visit types.

Whoever changes them waits for bookings that have already read the old ones: see ``hours_lock``.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from itertools import combinations

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from ..absence.stranded import stranded_ids
from ..access import Actor, Permission, require, require_some
from ..audit import record
from ..errors import BadInput, NotFound
from ..models import ReservedHours, VisitType, table
from ..times.walltime import MINUTES_PER_DAY
from ..undo.row_changes import found_rows, left_rows
from ..undo.ways_back import WayBack
from .lock import lock_hours, require_doctor
from .reserved import Reserved
from .weekly import check_days, may_meet

_RESERVED, _TYPES = table(ReservedHours), table(VisitType)
_COLUMNS = tuple(_RESERVED.c[name] for name in Reserved.__dataclass_fields__)
_MAX_HOURS_BEFORE = 8760


def reserved_hours(session: Session, actor: Actor, doctor_id: int) -> tuple[Reserved, ...]:
    """A doctor's reserved hours, in order of weekday and time."""
    require_some(actor, Permission.SEE_DOCTORS)
    require_doctor(session, doctor_id)
    rows = session.execute(
        select(*_COLUMNS)
        .where(_RESERVED.c.doctor_id == doctor_id)
        .order_by(_RESERVED.c.weekday, _RESERVED.c.starts, _RESERVED.c.visit_type_id)
    )
    return tuple(Reserved(*row) for row in rows)


def set_reserved_hours(
    session: Session, actor: Actor, doctor_id: int, reserved: tuple[Reserved, ...], now: datetime
) -> None:
    """Replace a doctor's reserved hours; visits already booked in them stay.

    Several entries for the same time keep it for several visit types. Refused with ``BadInput``:
    a range that does not end after it starts (24:00 ends a day), two releases of one entry, one
    visit type twice at a time; with ``NotFound`` an unknown or retired visit type.
    """
    require(actor, Permission.SET_HOURS, doctor_id=doctor_id)
    for one in reserved:
        _check(one)
    for one, other in combinations(reserved, 2):
        if one.visit_type_id == other.visit_type_id and may_meet(one, other):
            raise BadInput("Reserved", "Reserved hours of one visit type overlap on the same day.")
    lock_hours(session, doctor_id)
    wanted = {one.visit_type_id for one in reserved}
    known = select(_TYPES.c.id).where(_TYPES.c.id.in_(wanted), _TYPES.c.active)
    if wanted - set(session.scalars(known)):
        raise NotFound("There is no such visit type.")
    outside = stranded_ids(session, doctor_id, now)
    found = found_rows(session, _RESERVED, doctor_id=doctor_id)
    session.execute(delete(_RESERVED).where(_RESERVED.c.doctor_id == doctor_id))
    if reserved:
        session.execute(
            insert(_RESERVED), [{"doctor_id": doctor_id, **asdict(one)} for one in reserved]
        )
    way_back = WayBack(rows=(left_rows(session, _RESERVED, found),), stranded=outside)
    record(
        session, actor, "set_reserved_hours", now, doctor_id=doctor_id, way_back=way_back,
        ranges=len(reserved),
    )  # fmt: skip


def _check(one: Reserved) -> None:
    check_days("Reserved", "Reserved hours", one)
    if not 0 <= one.starts < one.ends <= MINUTES_PER_DAY:
        raise BadInput(
            "Reserved", "Reserved hours must end after they start, on the same day, by 24:00."
        )
    if one.release_minute is not None and one.release_hours is not None:
        raise BadInput(
            "Release", "Reserved hours open at a time of the day or some hours before, not both."
        )
    if one.release_minute is not None and not 0 <= one.release_minute <= MINUTES_PER_DAY:
        raise BadInput("Release", "Reserved hours open at a time from 0:00 to 24:00.")
    if one.release_hours is not None and not 1 <= one.release_hours <= _MAX_HOURS_BEFORE:
        raise BadInput("Release", f"Reserved hours open 1 to {_MAX_HOURS_BEFORE} hours before.")
