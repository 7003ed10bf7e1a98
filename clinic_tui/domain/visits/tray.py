"""The carry tray: visits lifted to be put down elsewhere; each stays booked until it is.

It belongs to the account, so that it is still there after a sign-out. One visit is on one tray:
whoever may move the visit may take it over, and the trail says so, because a colleague who has
gone home must not keep it from everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from ..access import Actor, Permission, Reach, reach, require, require_some
from ..audit import record
from ..errors import CarriedAlready, ChangedMeanwhile, NotFound
from ..models import Account, Appointment, Carried, table
from ..undo.row_changes import found_rows, gone_rows, left_rows
from ..undo.ways_back import RowsBefore, WayBack
from .appointments import BookedAppointment, booked, locked
from .moving import MoveRequest, move_visit, refuse_unmovable
from .requests import MOVABLE, answered_visit

_APPOINTMENTS, _TRAY, _ACCOUNTS = table(Appointment), table(Carried), table(Account)
_STAND_AGAIN = (
    update(_TRAY)
    .where(_TRAY.c.appointment_id == bindparam("visit"), _TRAY.c.sequence == bindparam("then"))
    .values(sequence=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class CarriedVisit:
    """A visit on the actor's tray, where it stands now. ``lifted_at`` is aware UTC.

    ``moved_meanwhile`` says that somebody moved it since: it has to be lifted again.
    """

    visit: BookedAppointment
    lifted_at: datetime
    moved_meanwhile: bool


def lift(
    session: Session, actor: Actor, appointment_id: int, now: datetime, *, take_over: bool = False
) -> CarriedVisit:
    """Put a visit on the actor's tray, or note where it stands now if it is there already.

    Refused: ``WrongStatus`` unless it could be moved; ``CarriedAlready`` while it is on somebody
    else's tray, unless the actor takes it over.
    """
    before = locked(session, actor, Permission.BOOK, appointment_id)
    refuse_unmovable(before, None)
    carrier = _carrier(session, appointment_id)
    if carrier is not None and carrier.account_id != actor.account_id and not take_over:
        is_staff = reach(actor, Permission.SEE_CALENDAR) is Reach.ANY
        raise CarriedAlready(f"{carrier.name if is_staff else 'Somebody'} carries that visit.")
    found = found_rows(session, _TRAY, appointment_id=appointment_id)
    take_off(session, appointment_id)
    session.execute(
        insert(_TRAY).values(
            appointment_id=appointment_id,
            account_id=actor.account_id,
            sequence=before.sequence,
            lifted_at=now,
        )
    )
    taken_from = carrier.account_id if carrier else None
    way_back = WayBack(rows=(left_rows(session, _TRAY, found),))
    _record(session, actor, "lift", before, now, way_back, taken_from)
    return CarriedVisit(booked(session, appointment_id), now, moved_meanwhile=False)


def carried(session: Session, actor: Actor) -> tuple[CarriedVisit, ...]:
    """What the actor carries, in the order in which it was lifted."""
    require_some(actor, Permission.BOOK)
    rows = session.execute(
        select(_TRAY, _APPOINTMENTS.c.sequence.label("sequence_now"))
        .join(_APPOINTMENTS, _APPOINTMENTS.c.id == _TRAY.c.appointment_id)
        .where(_TRAY.c.account_id == actor.account_id, _APPOINTMENTS.c.status.in_(MOVABLE))
        .order_by(_TRAY.c.lifted_at, _TRAY.c.appointment_id)
    ).all()
    return tuple(
        CarriedVisit(
            booked(session, row.appointment_id),
            row.lifted_at,
            moved_meanwhile=row.sequence != row.sequence_now,
        )
        for row in rows
    )


def put_down(
    session: Session, actor: Actor, request: MoveRequest, now: datetime
) -> BookedAppointment:
    """Move a visit from the actor's tray to its new place; a refused one stays on the tray.

    Refused: as a move is; ``NotFound`` when the actor does not carry it; ``ChangedMeanwhile``
    when somebody else moved it since it was lifted.
    """
    before = locked(session, actor, Permission.BOOK, request.appointment_id)
    require(actor, Permission.BOOK, doctor_id=request.doctor_id, patient_id=before.patient_id)
    if answer := answered_visit(session, actor, "put_down", request.key, before.id):
        return answer
    refuse_unmovable(before, request.seen_sequence)
    if _own(session, actor, before.id).sequence != before.sequence:
        raise ChangedMeanwhile(
            "Somebody else has moved that visit since it was lifted: please lift it again."
        )
    off = take_off(session, before.id)
    return move_visit(session, actor, "put_down", before, request, now, off)


def put_back(session: Session, actor: Actor, appointment_id: int, now: datetime) -> None:
    """Take a visit off the actor's tray; it stands where it stood all the time.

    Refused with ``NotFound`` when the actor does not carry it.
    """
    before = locked(session, actor, Permission.BOOK, appointment_id)
    _own(session, actor, appointment_id)
    way_back = WayBack(rows=take_off(session, appointment_id))
    _record(session, actor, "put_back", before, now, way_back)


def take_off(session: Session, *appointment_ids: int) -> tuple[RowsBefore, ...]:
    """Nobody carries those visits any more: the step with which their move or their life ends.

    What lay on trays leads back to there.
    """
    gone = session.execute(
        delete(_TRAY).where(_TRAY.c.appointment_id.in_(appointment_ids)).returning(*_TRAY.c)
    )
    return gone_rows(_TRAY, gone)


def where_lifted(session: Session, then: Mapping[int, int], now: Mapping[int, int]) -> None:
    """Visits that were put back to where they stood ``then`` stand where they were lifted.

    Both are a visit's sequence by its number.
    """
    back = [
        {"visit": number, "then": then[number], "now": now[number]}
        for number in then
        if then[number] != now[number]
    ]
    if back:
        session.execute(_STAND_AGAIN, back)


def where_they_stand(
    rows: RowsBefore, then: Mapping[int, int], now: Mapping[int, int]
) -> RowsBefore:
    """The same for the way back to a tray, so that an older step leads there, too."""
    if rows.table != _TRAY.name:
        return rows
    return replace(
        rows,
        before=tuple(
            row | {"sequence": now[number]}
            if row["sequence"] == then.get(number := row["appointment_id"])
            else row
            for row in rows.before
        ),
    )


def _carrier(session: Session, appointment_id: int) -> Row[Any] | None:
    return session.execute(
        select(_TRAY, _ACCOUNTS.c.name)
        .join(_ACCOUNTS, _ACCOUNTS.c.id == _TRAY.c.account_id)
        .where(_TRAY.c.appointment_id == appointment_id)
    ).one_or_none()


def _own(session: Session, actor: Actor, appointment_id: int) -> Row[Any]:
    carrier = _carrier(session, appointment_id)
    if carrier is None or carrier.account_id != actor.account_id:
        raise NotFound("You do not carry that visit.")
    return carrier


def _record(
    session: Session,
    actor: Actor,
    operation: str,
    visit: Row[Any],
    now: datetime,
    way_back: WayBack,
    taken_from: int | None = None,
) -> None:
    record(
        session,
        actor,
        operation,
        now,
        appointment_id=visit.id,
        patient_id=visit.patient_id,
        doctor_id=visit.doctor_id,
        way_back=way_back,
        taken_from=taken_from,
    )
