"""Whoever wants an earlier time than that of a visit: what becomes of it when the visit changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from ..codes import WaitlistStatus
from ..models import WaitlistEntry, table
from ..undo.ways_back import RowsBefore
from ..visits.conflicts import Place
from .rows import times_of
from .waiting import ON_THE_LIST, leave_list, wants_doctor

if TYPE_CHECKING:
    from ..visits.rearranging import VisitChange

_WAITLIST = table(WaitlistEntry)


def stand_no_more(
    session: Session, appointment_ids: Iterable[int], now: datetime
) -> tuple[RowsBefore, ...]:
    """Nobody waits for an earlier time of visits, locked before, that are cancelled.

    Answers with what leads back.
    """
    tied = [entry.id for entry in _tied_to(session, appointment_ids)]
    return leave_list(session, tied, WaitlistStatus.WITHDRAWN, now)


def stands_elsewhere(
    session: Session, before: Row[Any], place: Place, zone: str
) -> tuple[RowsBefore, ...]:
    """Whoever waited for an earlier time of a visit, locked before, and has it now waits no more.

    A time that is earlier but not wanted leaves them on the list. Answers with what leads back.
    """
    if place.starts_at >= before.starts_at:
        return ()
    satisfied = [
        entry.id
        for entry in _tied_to(session, [before.id])
        if _has_it_now(session, entry, before, place, zone)
    ]
    return leave_list(session, satisfied, WaitlistStatus.BOOKED, place.asked_at)


def stand_otherwise(
    session: Session, changes: Iterable[VisitChange], now: datetime
) -> tuple[RowsBefore, ...]:
    """Both, for visits that were rearranged: those that stand nowhere now are over."""
    by_visit = {change.before.id: change for change in changes}
    over, satisfied = [], []
    for entry in _tied_to(session, by_visit):
        change = by_visit[entry.appointment_id]
        if change.standing is None:
            over.append(entry.id)
        else:
            place, facts = change.standing
            if _has_it_now(session, entry, change.before, place, facts.settings.zone):
                satisfied.append(entry.id)
    return (
        *leave_list(session, over, WaitlistStatus.WITHDRAWN, now),
        *leave_list(session, satisfied, WaitlistStatus.BOOKED, now),
    )


def _has_it_now(
    session: Session, entry: Row[Any], before: Row[Any], place: Place, zone: str
) -> bool:
    """Whether the place is earlier than where the visit stood, and wanted."""
    return (
        place.starts_at < before.starts_at
        and not times_of(entry, None).why_not(place.starts_at, place.ends_at, zone)
        and wants_doctor(session, entry, place.doctor_id)
    )


def _tied_to(session: Session, appointment_ids: Iterable[int]) -> Sequence[Row[Any]]:
    return session.execute(
        select(_WAITLIST)
        .where(_WAITLIST.c.appointment_id.in_(appointment_ids), ON_THE_LIST)
        .order_by(_WAITLIST.c.id)
        .with_for_update()
    ).all()
