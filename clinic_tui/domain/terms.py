"""What a visit type asks for: how long it takes and what is kept free around it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from .errors import BadInput, NotFound
from .guards import MAX_MINUTES, MIN_MINUTES
from .models import VisitType, table

_TYPES = table(VisitType)


@dataclass(frozen=True, slots=True)
class Fit:
    """A visit's measure, in minutes."""

    minutes: int
    before: int
    after: int


def fit_of(session: Session, visit_type_id: int, minutes: int | None) -> Fit:
    """The measure of a visit of that type, with its own length or another; refused as a search."""
    row = session.execute(
        select(_TYPES.c.minutes, _TYPES.c.buffer_before, _TYPES.c.buffer_after).where(
            _TYPES.c.id == visit_type_id, _TYPES.c.active
        )
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such visit type.")
    length = check_length(row.minutes if minutes is None else minutes)
    return Fit(length, row.buffer_before, row.buffer_after)


def check_length(minutes: int) -> int:
    """The length back; ``BadInput`` unless it is 5 minutes to 12 hours."""
    if not MIN_MINUTES <= minutes <= MAX_MINUTES:
        raise BadInput("Length", "A visit lasts 5 minutes to 12 hours.")
    return minutes
