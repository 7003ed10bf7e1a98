"""Putting a visit into its place: the two statements that the guards decide about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Integer, Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.sql.dml import ReturningInsert

from ..access import Actor
from ..clinic.terms import Fit
from ..codes import Status
from ..models import Appointment, table
from ..patients.record_lock import kept_record, refuse_merged
from .conflicts import Place
from .facts import Facts
from .guards import violated
from .obstacles import taken
from .occupied import IS_HELD, let_go_of_expired
from .parties import Parties, lock_in_order, parties_at, parties_of

_APPOINTMENTS = table(Appointment)
_INSERT = insert(_APPOINTMENTS).returning(_APPOINTMENTS.c.id)
_MINUTE = timedelta(minutes=1)


def insert_visit(
    session: Session, place: Place, status: Status, note: str, now: datetime, **more: Any
) -> int | None:
    """The new appointment's id, or None when a guard said no. ``more`` are further columns.

    PostgreSQL: a plain INSERT that races another under an exclusion constraint can deadlock for
    a second; ON CONFLICT DO NOTHING waits for the other to end and then says no. The patient's
    record is read once more by the same statement, which waits for whoever is merging it. SQLite
    has one writer at a time, and its trigger aborts the statement but not the transaction.
    Refused with ``NotFound`` where the record has been merged since the facts were read.
    """
    values = _fresh(place, status, note, now) | more
    appointment_id = _insert(session, values)
    if appointment_id is None:
        # Again in any case: somebody else may just have let go of what we waited for.
        let_go_of_expired(session, place)
        appointment_id = _insert(session, values)
        if appointment_id is None:
            refuse_merged(session, place.patient_id)
    return appointment_id


def held(session: Session, actor: Actor, hold_id: int) -> Row[Any] | None:
    """The row of a hold, if it is the actor's and still stands, run out or not."""
    columns = _APPOINTMENTS.c
    return session.execute(
        select(_APPOINTMENTS).where(
            columns.id == hold_id, IS_HELD, columns.held_by == actor.account_id
        )
    ).one_or_none()


def take_hold(
    session: Session,
    facts: Facts,
    place: Place,
    hold: Row[Any],
    status: Status,
    note: str,
    **more: Any,
) -> bool:
    """Turn a hold into the visit at that place, by one UPDATE; False when it is gone by now.

    Whoever wanted its time after it ran out has let go of it then. Refused with ``SlotTaken``
    where the place, or its patient, is taken by somebody else.
    """
    no_hold = {"held_by": None, "held_desk": None, "held_until": None}
    fresh = _fresh(place, status, note, place.asked_at)
    with giving_way(session, facts, place) as savepoint:
        lock_in_order(session, parties_of(hold), parties_at(place))
        if not let_go_of_expired(session, place, keeping=(hold.id,)):
            savepoint.rollback()
            return False
        write_visit(session, place.appointment_id, fresh | no_hold | more)
    return True


def _fresh(place: Place, status: Status, note: str, now: datetime) -> dict[str, Any]:
    """The columns of a visit that begins its life there."""
    return {
        **place_columns(place),
        "patient_id": place.patient_id or None,
        "visit_type_id": place.visit_type_id,
        "status": status,
        "note": note,
        "overbooked": place.overbooked,
        "overbook_reason": "",
        "sequence": 0,
        "cancel_reason": "",
        "created_at": now,
    }


def _insert(session: Session, values: dict[str, Any]) -> int | None:
    appointment_id: int | None
    if session.get_bind().dialect.name == "postgresql":
        statement = _insert_or_nothing(tuple(values), for_nobody=values["patient_id"] is None)
        given = {f"its_{name}": value for name, value in values.items()}
        appointment_id = session.execute(statement, given).scalar_one_or_none()
        return appointment_id
    try:
        appointment_id = session.execute(_INSERT, values).scalar_one()
    except IntegrityError as error:
        if violated(error) is None:
            raise
        return None
    return appointment_id


@cache
def _insert_or_nothing(names: tuple[str, ...], *, for_nobody: bool) -> ReturningInsert[int]:
    """The INSERT of these columns, each from the parameter that is called after it."""
    from sqlalchemy.dialects.postgresql import insert as or_nothing  # noqa: PLC0415 - 40 ms

    given = [bindparam(f"its_{name}", type_=_APPOINTMENTS.c[name].type) for name in names]
    row = select(*given)
    if not for_nobody:
        row = kept_record(bindparam("its_patient_id", type_=Integer)).with_only_columns(*given)
    into = or_nothing(_APPOINTMENTS).from_select(names, row)
    return into.on_conflict_do_nothing().returning(_APPOINTMENTS.c.id)


def occupy(
    session: Session,
    facts: Facts,
    place: Place,
    values: dict[str, Any],
    sides: tuple[Parties, ...],
) -> None:
    """Change the visit so that it occupies its place; refuse when that is taken.

    After the friendly look (``refuse_taken``), and after whatever else can be done before: others
    wait from here to the end of the transaction.
    """
    with giving_way(session, facts, place):
        lock_in_order(session, *sides)
        let_go_of_expired(session, place)
        write_visit(session, place.appointment_id, values)


@contextmanager
def giving_way(session: Session, facts: Facts, place: Place) -> Iterator[SessionTransaction]:
    """Where a guard refuses what is done in here, refuse with alternatives.

    Its answer is caught in a savepoint, because a failed UPDATE would end the transaction and
    with it the chance to offer any. Whoever is refused lets go of its locks with the savepoint,
    before it looks for alternatives: a dozen others may wait for them.
    """
    try:
        with session.begin_nested() as savepoint:
            yield savepoint
    except IntegrityError as error:
        if violated(error) is None:
            raise
        raise taken(session, facts.settings, place, facts.doctor) from error


def write_visit(session: Session, appointment_id: int | None, values: dict[str, Any]) -> None:
    """Change those columns of a visit."""
    session.execute(
        update(_APPOINTMENTS).where(_APPOINTMENTS.c.id == appointment_id).values(values)
    )


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


def fit_to_move(row: Row[Any], usual: Fit, minutes: int | None) -> Fit:
    """The length and buffers that it keeps, or another length, bound as its type is bound now."""
    stood = fit_booked(row)
    return replace(
        usual,
        minutes=stood.minutes if minutes is None else minutes,
        before=stood.before,
        after=stood.after,
    )


def fit_booked(row: Row[Any]) -> Fit:
    """The length and the buffers it was booked with, whatever its type says now."""
    return Fit(
        (row.ends_at - row.starts_at) // _MINUTE,
        (row.starts_at - row.blocked_from) // _MINUTE,
        (row.blocked_until - row.ends_at) // _MINUTE,
    )
