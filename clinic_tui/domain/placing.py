"""Putting a visit into its place: the two statements that the guards decide about."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Row, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from .codes import Status
from .conflicts import Place, obstacles, taken
from .facts import Facts, Parties, lock_in_order
from .guards import violated
from .models import Appointment, table
from .occupied import let_go_of_expired
from .terms import Fit

_APPOINTMENTS = table(Appointment)
_INSERT = insert(_APPOINTMENTS).returning(_APPOINTMENTS.c.id)
_MINUTE = timedelta(minutes=1)


def insert_visit(
    session: Session, place: Place, status: Status, note: str, now: datetime
) -> int | None:
    """The new appointment's id, or None when a guard said no.

    PostgreSQL: a plain INSERT that races another under an exclusion constraint can deadlock for
    a second; ON CONFLICT DO NOTHING waits for the other to end and then says no. SQLite has one
    writer at a time, and its trigger aborts the statement but not the transaction.
    """
    values = {
        **place_columns(place),
        "patient_id": place.patient_id,
        "visit_type_id": place.visit_type_id,
        "status": status,
        "note": note,
        "overbooked": False,
        "sequence": 0,
        "cancel_reason": "",
        "created_at": now,
    }
    appointment_id = _insert(session, values)
    if appointment_id is None and let_go_of_expired(session, place):
        return _insert(session, values)
    return appointment_id


def _insert(session: Session, values: dict[str, Any]) -> int | None:
    appointment_id: int | None
    if session.get_bind().dialect.name == "postgresql":
        appointment_id = session.execute(_insert_or_nothing(), values).scalar_one_or_none()
        return appointment_id
    try:
        appointment_id = session.execute(_INSERT, values).scalar_one()
    except IntegrityError as error:
        if violated(error) is None:
            raise
        return None
    return appointment_id


@cache
def _insert_or_nothing() -> ReturningInsert[int]:
    from sqlalchemy.dialects.postgresql import insert as or_nothing  # noqa: PLC0415 - 40 ms

    return or_nothing(_APPOINTMENTS).on_conflict_do_nothing().returning(_APPOINTMENTS.c.id)


def occupy(
    session: Session,
    facts: Facts,
    place: Place,
    values: dict[str, Any],
    sides: tuple[Parties, ...],
) -> None:
    """Change the visit so that it occupies its place; refuse when that is taken.

    The friendly look comes first, so that most refusals keep nobody waiting at a lock.
    """
    if obstacles(session, place, facts.settings.zone):
        raise taken(session, facts.settings, place, facts.doctor)
    lock_in_order(session, *sides)
    put_down(session, facts, place, values)


def put_down(session: Session, facts: Facts, place: Place, values: dict[str, Any]) -> None:
    """Change the visit, its place locked before; refuse with what the guards say.

    Their answer is caught in a savepoint, because a failed UPDATE would end the transaction and
    with it the chance to offer alternatives.
    """
    let_go_of_expired(session, place)
    try:
        with session.begin_nested():
            session.execute(
                update(_APPOINTMENTS)
                .where(_APPOINTMENTS.c.id == place.appointment_id)
                .values(values)
            )
    except IntegrityError as error:
        if violated(error) is None:
            raise
        raise taken(session, facts.settings, place, facts.doctor) from error


def place_columns(place: Place) -> dict[str, Any]:
    """The columns that say where a visit stands."""
    return {
        "doctor_id": place.doctor_id,
        "room_id": place.room_id,
        "starts_at": place.starts_at,
        "ends_at": place.ends_at,
        "blocked_from": place.blocked_from,
        "blocked_until": place.blocked_until,
    }


def fit_of(row: Row[Any]) -> Fit:
    """The length and the buffers it was booked with, whatever its type says now."""
    return Fit(
        (row.ends_at - row.starts_at) // _MINUTE,
        (row.starts_at - row.blocked_from) // _MINUTE,
        (row.blocked_until - row.ends_at) // _MINUTE,
    )
