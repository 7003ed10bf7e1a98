"""Holds: an opening kept for one desk while it talks, under the same guards as a booking.

A hold runs out by itself after three minutes unless it is renewed, so that a terminal that died
keeps nothing. It is a row of the appointments; ``BookingRequest.hold_id`` makes a visit of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.orm import Session

from ..access import Actor, Permission, Reach, reach, require, require_some
from ..audit import record
from ..codes import Status
from ..errors import HoldsAlready, NotFound, NotPermitted
from ..hours.bounds import refuse_unless_open
from ..models import Account, Appointment, table
from ..times.walltime import say_span
from .appointments import existing
from .conflicts import Place
from .facts import Purpose, facts_of
from .obstacles import refuse_taken, taken
from .occupied import IS_HELD, forget_run_out, let_go_of_expired
from .parties import Parties, lock_in_order, parties_of, place_for
from .placing import insert_visit, place_columns
from .requests import new_key, wait_for_twin

_ACCOUNTS, _APPOINTMENTS = table(Account), table(Appointment)
HOLD_FOR = timedelta(minutes=3)
"""How long a hold stands without being renewed."""
_NOBODY = 0


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """What to keep, and for which desk. ``starts_at`` is an aware instant on a whole minute.

    ``desk`` is the terminal's own name, ``patient_id`` None while it is not known for whom, and
    ``minutes`` None the visit type's length. ``replaces`` is the hold of this desk that it gives
    up for the new one.
    """

    doctor_id: int
    visit_type_id: int
    starts_at: datetime
    desk: str
    patient_id: int | None = None
    minutes: int | None = None
    room_id: int | None = None
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """An opening that is kept. Times are aware UTC; it runs out at ``held_until``."""

    hold_id: int
    doctor_id: int
    starts_at: datetime
    ends_at: datetime
    held_until: datetime


def hold_opening(session: Session, actor: Actor, request: HoldRequest, now: datetime) -> Hold:
    """Keep an opening for three minutes; what this desk holds already is renewed.

    A desk holds one opening at a time. Where the new one is refused the one that it was to
    replace stands as before. Refused: as booking is; ``HoldsAlready`` unless the hold that this
    desk has is the one to be replaced.
    """
    require(actor, Permission.BOOK, doctor_id=request.doctor_id, patient_id=request.patient_id)
    if request.patient_id == _NOBODY:
        raise NotFound("There is no such patient.")
    patient_id = request.patient_id or _NOBODY
    parties = Parties(request.doctor_id, patient_id, request.visit_type_id, request.room_id)
    facts = facts_of(session, parties, new_key(), Purpose.HOLD)
    minutes = facts.usual.minutes if request.minutes is None else request.minutes
    fit = replace(facts.usual, minutes=minutes)
    place = place_for(parties, request.starts_at, fit, actor, now)
    refuse_unless_open(session, facts, place)
    wait_for_twin(session, request.desk)
    mine = _of_desk(session, actor, request.desk)
    if same := [one for one in mine if _is_at(one, place)]:
        return _renewed(session, same[0], now)
    for one in mine:
        if one.held_until > now and one.id != request.replaces:
            span = say_span(one.starts_at, one.ends_at, facts.settings.zone)
            raise HoldsAlready(f"This desk holds another opening already, {span}.")
    if mine:
        given_up = [one.id for one in mine]
        refuse_taken(session, facts.settings, place, facts.doctor, given_up)
        lock_in_order(session, parties, *map(parties_of, mine))
        _release(session, actor, mine, now, place)
    until = now + HOLD_FOR
    hold_id = insert_visit(
        session, place, Status.HELD, "", now,
        held_by=actor.account_id, held_desk=request.desk, held_until=until,
    )  # fmt: skip
    if hold_id is None:
        raise taken(session, facts.settings, place, facts.doctor)
    _record(session, actor, "hold", now, hold_id, parties)
    forget_run_out(session, now)
    return Hold(hold_id, place.doctor_id, place.starts_at, place.ends_at, until)


def renew_hold(
    session: Session, actor: Actor, hold_id: int, now: datetime, desk: str | None = None
) -> Hold:
    """Let a hold stand for three minutes from now, also one that has run out and is still there.

    Refused: ``NotFound`` when it is gone, ``NotPermitted`` when it is somebody else's. Where the
    ``desk`` is named that has it, another desk's hold of the same number is not meant: SQLite
    gives the numbers of holds that are gone again.
    """
    return _renewed(session, _own(session, actor, hold_id, desk), now)


def release_hold(
    session: Session, actor: Actor, hold_id: int, now: datetime, desk: str | None = None
) -> None:
    """Give an opening back before its hold runs out; refused as ``renew_hold`` is."""
    _release(session, actor, [_own(session, actor, hold_id, desk)], now)


def release_desk(session: Session, actor: Actor, desk: str, now: datetime) -> int:
    """Give back all that the actor holds at that desk, as at its end; answers how many."""
    require_some(actor, Permission.BOOK)
    return _release(session, actor, _of_desk(session, actor, desk), now)


def _of_desk(session: Session, actor: Actor, desk: str) -> Sequence[Row[Any]]:
    """All that the actor holds at that desk, run out or not."""
    columns = _APPOINTMENTS.c
    return session.execute(
        select(_APPOINTMENTS).where(
            IS_HELD, columns.held_desk == desk, columns.held_by == actor.account_id
        )
    ).all()


def _own(session: Session, actor: Actor, hold_id: int, desk: str | None) -> Row[Any]:
    row = session.execute(
        select(_APPOINTMENTS, _ACCOUNTS.c.name.label("holder"))
        .outerjoin(_ACCOUNTS, _ACCOUNTS.c.id == _APPOINTMENTS.c.held_by)
        .where(_APPOINTMENTS.c.id == hold_id, IS_HELD)
    ).one_or_none()
    if row is None and reach(actor, Permission.BOOK) is Reach.ANY:
        raise _gone()
    found = existing(actor, Permission.BOOK, row)
    if found.held_by != actor.account_id:
        raise NotPermitted(f"That opening is held by {found.holder}.")
    if desk not in (None, found.held_desk):
        raise _gone()
    return found


def _gone() -> NotFound:
    return NotFound("That opening is not held any more.")


def _is_at(hold: Row[Any], place: Place) -> bool:
    wanted = {**place_columns(place), "patient_id": place.patient_id or None}
    return all(hold._mapping[name] == value for name, value in wanted.items())


def _renewed(session: Session, hold: Row[Any], now: datetime) -> Hold:
    until = now + HOLD_FOR
    still = session.execute(
        update(_APPOINTMENTS)
        .where(_APPOINTMENTS.c.id == hold.id, IS_HELD)
        .values(held_until=until)
        .returning(_APPOINTMENTS.c.id)
    ).one_or_none()
    if still is None:
        raise _gone()
    return Hold(hold.id, hold.doctor_id, hold.starts_at, hold.ends_at, until)


def _release(
    session: Session,
    actor: Actor,
    holds: Sequence[Row[Any]],
    now: datetime,
    *cleared: Place,
) -> int:
    """Delete the holds, and with them those that ran out in the places to be ``cleared``."""
    ids = [one.id for one in holds]
    let_go_of_expired(session, *cleared, keeping=ids)
    gone = session.scalars(
        delete(_APPOINTMENTS)
        .where(_APPOINTMENTS.c.id.in_(ids), IS_HELD)
        .returning(_APPOINTMENTS.c.id)
    ).all()
    for one in holds:
        if one.id in gone:
            _record(session, actor, "release", now, one.id, parties_of(one))
    return len(gone)


def _record(
    session: Session, actor: Actor, operation: str, now: datetime, hold_id: int, parties: Parties
) -> None:
    """Note it. The hold's number is no visit's: once it is gone another row may have it."""
    record(
        session,
        actor,
        operation,
        now,
        patient_id=parties.patient_id or None,
        doctor_id=parties.doctor_id,
        hold=hold_id,
    )
