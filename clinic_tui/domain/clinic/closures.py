"""Days on which the whole clinic is closed, on top of its region's public holidays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require, require_some
from ..audit import record
from ..errors import BadInput
from ..models import Closure, table
from ..text import clean_text
from ..times.dates import check_day
from ..undo.row_changes import new_rows
from ..undo.ways_back import WayBack

_CLOSURES = table(Closure)


@dataclass(frozen=True, slots=True)
class ClosureEntry:
    """Days on which the clinic is closed, both included."""

    closure_id: int
    first_day: date
    last_day: date
    name: str


def closures(session: Session, actor: Actor) -> tuple[ClosureEntry, ...]:
    """The clinic's own closed days, in order."""
    require_some(actor, Permission.SEE_OPENINGS)
    rows = session.execute(
        select(
            _CLOSURES.c.id, _CLOSURES.c.first_day, _CLOSURES.c.last_day, _CLOSURES.c.name
        ).order_by(_CLOSURES.c.first_day)
    )
    return tuple(ClosureEntry(*row) for row in rows)


def close_clinic(
    session: Session, actor: Actor, first_day: date, last_day: date, name: str, now: datetime
) -> int:
    """Close the whole clinic from ``first_day`` to ``last_day``, both included; returns its id."""
    require(actor, Permission.MANAGE_CLINIC)
    check_day(first_day, "From")
    check_day(last_day, "Until")
    if last_day < first_day:
        raise BadInput("Until", "The last closed day lies before the first.")
    name = clean_text(name, "Name", required=True, max_length=60)
    closure_id: int = session.execute(
        insert(_CLOSURES)
        .values(first_day=first_day, last_day=last_day, name=name)
        .returning(_CLOSURES.c.id)
    ).scalar_one()
    way_back = WayBack(rows=(new_rows(session, _CLOSURES, id=closure_id),))
    record(session, actor, "close_clinic", now, way_back=way_back)
    return closure_id
