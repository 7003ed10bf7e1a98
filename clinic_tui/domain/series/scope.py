"""Which visits of a series a change is about: one, it and those that follow, or all ahead.

A visit keeps its place in the series (the day that the rule gave it), wherever it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from ..access import Actor, Permission
from ..audit import answered, record
from ..codes import Status
from ..errors import WrongStatus
from ..models import Appointment, table
from ..undo.ways_back import RowsBefore, WayBack, changed
from ..visits.appointments import existing
from ..visits.rearranging import VisitChange, locked_all
from ..waitlist.freed import FreedTime
from .details import SeriesDetails, load_series, seen_by
from .words import Scope

_APPOINTMENTS = table(Appointment)
_NOTHING: Mapping[int, FreedTime | None] = {}
_AHEAD = (Status.PENDING, Status.BOOKED)
"""Statuses of visits that a series still moves or cancels: who has arrived is past that."""


def series_of(
    session: Session, actor: Actor, appointment_id: int
) -> tuple[Row[Any], SeriesDetails]:
    """The visit, permitted, and its series; nothing locked yet, so that locks come in order."""
    query = select(_APPOINTMENTS).where(_APPOINTMENTS.c.id == appointment_id)
    visit = existing(actor, Permission.BOOK, session.execute(query).one_or_none())
    return visit, load_series(session, appointment_id)


def locked_visits(
    session: Session,
    actor: Actor,
    series: SeriesDetails,
    visit: Row[Any],
    scope: Scope,
    now: datetime,
) -> list[Row[Any]]:
    """The visits meant, in the order of the series, each permitted and locked."""
    places = {one.visit.appointment_id: number for number, one in enumerate(series.visits)}
    from_here = 0 if scope is Scope.ALL else places[visit.id]
    meant = {visit.id} | {
        one.visit.appointment_id
        for one in series.visits[from_here:]
        if scope is not Scope.THIS and _is_ahead(one.visit.status, one.visit.starts_at, now)
    }
    rows = locked_all(session, actor, Permission.BOOK, meant)
    return sorted(rows.values(), key=lambda row: places[row.id])


def _is_ahead(status: Status, starts_at: datetime, now: datetime) -> bool:
    return status in _AHEAD and starts_at > now


def those_ahead(
    before: Sequence[Row[Any]], visit: Row[Any], scope: Scope, now: datetime, done: str
) -> list[Row[Any]]:
    """Those of the locked visits that can still be changed."""
    ahead = [one for one in before if _is_ahead(one.status, one.starts_at, now)]
    if ahead:
        return ahead
    if scope is Scope.THIS:
        state = visit.status if visit.status not in _AHEAD else "over"
        raise WrongStatus(f"A visit that is {state} cannot be {done}.")
    raise WrongStatus(f"No visit of that series is still ahead to be {done}.")


def done_before(
    session: Session, actor: Actor, operation: str, key: str, appointment_id: int
) -> bool:
    """Whether this very request was carried out before."""
    return answered(session, actor, operation, key, appointment_id) is not None


def record_series(
    session: Session,
    actor: Actor,
    operation: str,
    key: str,
    now: datetime,
    visit: Row[Any],
    series: SeriesDetails,
    changes: Sequence[VisitChange],
    rows: tuple[RowsBefore, ...] = (),
) -> None:
    """One entry and one way back for all, and for ``rows`` of other tables."""
    steps = (changed(one.before, one.values["status"], one.values["sequence"]) for one in changes)
    record(
        session,
        actor,
        operation,
        now,
        key=key,
        appointment_id=visit.id,
        patient_id=visit.patient_id,
        doctor_id=visit.doctor_id,
        way_back=WayBack(tuple(steps), rows),
        series=series.series_id,
        visits=len(changes),
    )


def answer_series(
    session: Session,
    actor: Actor,
    visit: Row[Any],
    told: Mapping[int, int],
    freed: Mapping[int, FreedTime | None] = _NOTHING,
) -> SeriesDetails:
    """The series as it stands now.

    With how many messages each changed visit queued, and whom the time would suit that it left.
    """
    details = load_series(session, visit.id)
    visits = []
    for one in details.visits:
        number = one.visit.appointment_id
        stands = replace(one.visit, notices=told.get(number, 0), freed=freed.get(number))
        visits.append(replace(one, visit=stands))
    return seen_by(actor, replace(details, visits=tuple(visits)))
