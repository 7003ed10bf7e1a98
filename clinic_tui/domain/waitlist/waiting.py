"""The steps that all of the waitlist shares: whose places are in reach, locked, and left.

Whoever changes a place on the list locks first the visit that it is tied to, then the place; an
offer is changed only under the lock of its place. So nobody waits for us while we wait for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    case,
    delete,
    exists,
    false,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from ..access import Actor, Permission, Reach, Role, reach
from ..codes import OfferStatus, WaitlistStatus
from ..errors import NotFound, NotPermitted
from ..messages.outbox import withdraw_offers
from ..models import Appointment, DoctorSpecialty, Offer, WaitlistDoctor, WaitlistEntry, table
from ..patients.reach import in_reach
from ..undo.row_changes import found_rows, left_rows
from ..undo.ways_back import RowsBefore
from ..visits.occupied import IS_HELD

_APPOINTMENTS, _OFFERS = table(Appointment), table(Offer)
_WAITLIST, _NAMED, _LINKS = table(WaitlistEntry), table(WaitlistDoctor), table(DoctorSpecialty)

ON_THE_LIST: ColumnElement[bool] = literal_column("waitlist.status IN ('waiting', 'offered')")
"""Of a place on the list: that it is not left yet. Written out, so that its index serves."""


def within_reach(actor: Actor) -> ColumnElement[bool]:
    """Of a place on the list: the doctor's own where it names them or the patient is theirs."""
    mine = in_reach(actor, Permission.WAIT, _WAITLIST.c.patient_id)
    if Role.DOCTOR not in actor.roles or actor.doctor_id is None:
        return mine
    names_me = exists().where(
        _NAMED.c.entry_id == _WAITLIST.c.id, _NAMED.c.doctor_id == actor.doctor_id
    )
    return or_(mine, names_me)


def is_free_to_be_asked(now: datetime) -> ColumnElement[bool]:
    """Of a place on the list: that nothing is being offered to whoever has it."""
    asked = exists().where(
        _OFFERS.c.entry_id == _WAITLIST.c.id,
        _OFFERS.c.status == OfferStatus.OPEN,
        _OFFERS.c.expires_at > now,
    )
    return and_(ON_THE_LIST, ~asked)


def locked_entry(session: Session, actor: Actor, entry_id: int) -> Row[Any]:
    """A place on the list, permitted, and kept from everybody else until the end.

    Refused with ``NotFound``; with ``NotPermitted`` to whom it is not their own, with the same
    words whether it exists or not.
    """
    columns = _WAITLIST.c
    query = select(columns.appointment_id).where(columns.id == entry_id, within_reach(actor))
    found = session.execute(query).one_or_none()
    if found is None:
        raise not_there(actor, "There is no such place on the waitlist.")
    if found.appointment_id is not None:
        session.execute(
            select(_APPOINTMENTS.c.id)
            .where(_APPOINTMENTS.c.id == found.appointment_id)
            .with_for_update()
        )
    return session.execute(select(_WAITLIST).where(columns.id == entry_id).with_for_update()).one()


def not_there(actor: Actor, sentence: str) -> NotFound | NotPermitted:
    """The refusal of what was not found within the actor's reach."""
    if reach(actor, Permission.WAIT) is Reach.ANY:
        return NotFound(sentence)
    return NotPermitted(f"You may not {Permission.WAIT.value}.")


def wants_doctor(session: Session, entry: Row[Any], doctor_id: int) -> bool:
    """Whether whoever has that place on the list would come to that doctor."""
    named = session.scalars(select(_NAMED.c.doctor_id).where(_NAMED.c.entry_id == entry.id)).all()
    if named or entry.specialty_id is None:
        return not named or doctor_id in named
    query = select(_LINKS.c.doctor_id).where(
        _LINKS.c.doctor_id == doctor_id, _LINKS.c.specialty_id == entry.specialty_id
    )
    return session.scalar(query) is not None


def running_offer(session: Session, entry_id: int, now: datetime) -> Row[Any] | None:
    """What is being offered to whoever has that place, unless it has run out."""
    return session.execute(
        select(_OFFERS).where(
            _OFFERS.c.entry_id == entry_id,
            _OFFERS.c.status == OfferStatus.OPEN,
            _OFFERS.c.expires_at > now,
        )
    ).one_or_none()


def end_offers(
    session: Session, entry_ids: Iterable[int], status: OfferStatus, now: datetime
) -> None:
    """End what is open of the offers of these places, locked before: as ``status``, or expired.

    What an offer held is free at once, and what is queued about it is withdrawn.
    """
    columns = _OFFERS.c
    ran_out = columns.expires_at <= now
    kind = columns.status.type
    ended = session.execute(
        update(_OFFERS)
        .where(columns.entry_id.in_(entry_ids), columns.status == OfferStatus.OPEN)
        .values(
            status=case((ran_out, literal(OfferStatus.EXPIRED, kind)), else_=literal(status, kind)),
            answered_at=now,
        )
        .returning(columns.id, columns.hold_id, columns.doctor_id, columns.starts_at)
    ).all()
    if not ended:
        return
    withdraw_offers(session, [one.id for one in ended])
    # One that ran out stands in nobody's way, and somebody else may be about to delete it.
    session.execute(
        delete(_APPOINTMENTS).where(
            or_(false(), *map(is_its_hold, ended)), _APPOINTMENTS.c.held_until > now
        )
    )


def is_its_hold(offer: Row[Any]) -> ColumnElement[bool]:
    """Of an appointment: that it is what an offer holds, and not another by the same number."""
    held = _APPOINTMENTS.c
    return and_(
        IS_HELD,
        held.held_by.is_(None),
        held.id == offer.hold_id,
        held.doctor_id == offer.doctor_id,
        held.starts_at == offer.starts_at,
    )


def leave_list(
    session: Session, entry_ids: Sequence[int], status: WaitlistStatus, now: datetime
) -> tuple[RowsBefore, ...]:
    """Take these places, locked before, off the list; what leads back to them.

    What was being offered is declined; who comes back waits, and has no offer.
    """
    if not entry_ids:
        return ()
    found = [found_rows(session, _WAITLIST, id=entry_id) for entry_id in entry_ids]
    end_offers(session, entry_ids, OfferStatus.DECLINED, now)
    session.execute(
        update(_WAITLIST).where(_WAITLIST.c.id.in_(entry_ids)).values(status=status, closed_at=now)
    )
    return tuple(waiting_before(left_rows(session, _WAITLIST, one)) for one in found)


def waiting_before(entry: RowsBefore) -> RowsBefore:
    """The way back to a place on the list on which nothing is being offered."""
    waits = {"status": WaitlistStatus.WAITING.value, "closed_at": None}
    return RowsBefore(
        entry.table, entry.where, tuple({**row, **waits} for row in entry.before), entry.after
    )
