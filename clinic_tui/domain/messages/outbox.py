"""What must be said to somebody: rows written with the booking, delivered later.

A row stands or falls with the change it speaks of, because both are one transaction. Whatever
is still queued when a visit changes is withdrawn: nothing is said after it stopped being true.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, not_, select, update
from sqlalchemy.orm import Session

from ..access import Actor
from ..codes import Channel, NoticeKind, NoticeStatus
from ..models import Notice, table
from .notice_rows import Announced, notice_of, notices_of, put_in
from .reachable import Listener, Reachable, has_email

_OUTBOX = table(Notice)
_LEFT = (
    NoticeStatus.SENDING,
    NoticeStatus.UNKNOWN,
    NoticeStatus.SENT,
    NoticeStatus.DELIVERED,
)
"""Of what is on its way, and of what may have arrived, people count as having heard."""


def withdraw(
    session: Session, appointment_id: int, doctor_id: int | None
) -> dict[NoticeKind, set[Listener]]:
    """Take back all that is still queued about a visit; returns who now never hears what.

    Somebody whose confirmation had not left yet does not know of the visit: of a move they are
    told as of a new visit, of a cancellation not at all. Somebody whose cancellation had not left
    yet still counts on it. What tells another doctor than ``doctor_id``, whose visit it is from
    now on, that it has left them stays true and stays queued.
    """
    columns = _OUTBOX.c
    stays_true = and_(
        columns.kind == NoticeKind.CANCELLED,
        columns.doctor_id.is_not(None),
        columns.doctor_id != (doctor_id or 0),
    )
    withdrawn = session.execute(
        update(_OUTBOX)
        .where(
            columns.appointment_id == appointment_id,
            columns.status == NoticeStatus.QUEUED,
            not_(stays_true),
        )
        .values(status=NoticeStatus.WITHDRAWN)
        .returning(columns.kind, columns.channel, columns.doctor_id)
    )
    never_hear: dict[NoticeKind, set[Listener]] = {kind: set() for kind in NoticeKind}
    for kind, channel, listening in withdrawn:
        never_hear[kind].add((channel, listening))
    return never_hear


def queue_booked(
    session: Session,
    visit: Announced,
    who: Reachable,
    now: datetime,
    *,
    grace: timedelta,
    reminders: Sequence[timedelta],
) -> int:
    """Queue the confirmation for everybody and the patient's reminders; returns how many."""
    said = dict.fromkeys(who.listeners(), NoticeKind.CONFIRMATION)
    return _queue(session, visit, who, now, said, grace, reminders)


def queue_confirmed(
    session: Session,
    visit: Announced,
    who: Reachable,
    now: datetime,
    *,
    grace: timedelta,
    reminders: Sequence[timedelta],
) -> int:
    """Queue what is said of a request that the clinic has confirmed; returns how many.

    It may have been a visit before, which its doctor lost and has again: who has not heard yet
    that it was cancelled counts on it still, and learns of the change.
    """
    counting_on_it = withdraw(session, visit.appointment_id, who.doctor_id)[NoticeKind.CANCELLED]
    said = {
        one: NoticeKind.CHANGED if one in counting_on_it else NoticeKind.CONFIRMATION
        for one in who.listeners()
    }
    return _queue(session, visit, who, now, said, grace, reminders)


def queue_all_booked(
    session: Session,
    visits: Iterable[tuple[Announced, Reachable]],
    now: datetime,
    *,
    grace: timedelta,
    reminders: Sequence[timedelta],
) -> list[int]:
    """``queue_booked`` for visits that are booked together, in one statement.

    Each has messages of its own, because each may be moved or cancelled alone; all of them are
    due at the same moment, so that whoever is told of several can be told at once.
    """
    rows = [
        notices_of(visit, who, now, dict.fromkeys(who.listeners(), NoticeKind.CONFIRMATION),
              grace=grace, reminders=reminders)
        for visit, who in visits
    ]  # fmt: skip
    put_in(session, [row for of_visit in rows for row in of_visit])
    return [len(of_visit) for of_visit in rows]


def queue_moved(
    session: Session,
    visit: Announced,
    who: Reachable,
    now: datetime,
    *,
    grace: timedelta,
    reminders: Sequence[timedelta],
    lost: tuple[int, datetime] | None = None,
) -> int:
    """Withdraw what was queued for the old time and queue the new; returns how many.

    Who had not heard of the visit yet gets a confirmation, the others learn of the change.
    ``lost`` is the doctor it was with and its start there, when it goes to another: to that one
    it is cancelled, to the other it is new.
    """
    never_hear = withdraw(session, visit.appointment_id, who.doctor_id)
    unaware = never_hear[NoticeKind.CONFIRMATION]
    told = 0
    if lost is not None:
        loser = (Channel.EMAIL, lost[0])
        if loser not in unaware and has_email(session, lost[0]):
            row = notice_of(visit, NoticeKind.CANCELLED, loser, now + grace, now)
            row["starts_at"] = _heard(session, visit.appointment_id).get(loser, lost[1])
            told = put_in(session, [row])
        if who.doctor_id is not None:
            unaware |= {(Channel.EMAIL, who.doctor_id)} - never_hear[NoticeKind.CANCELLED]
    said = {
        listener: NoticeKind.CONFIRMATION if listener in unaware else NoticeKind.CHANGED
        for listener in who.listeners()
    }
    return told + _queue(session, visit, who, now, said, grace, reminders)


def queue_offer(
    session: Session,
    offer_id: int,
    starts_at: datetime,
    by: Actor,
    who: Reachable,
    now: datetime,
    *,
    due_at: datetime,
) -> int:
    """Tell the patient of an opening that is kept for them; returns how many messages that is."""
    opening = Announced(0, 0, starts_at, by)
    about = {"appointment_id": None, "offer_id": offer_id}
    return put_in(
        session,
        [
            notice_of(opening, NoticeKind.OFFER, (channel, None), due_at, now) | about
            for channel in who.patient
        ],
    )


def withdraw_offers(session: Session, offer_ids: Sequence[int]) -> None:
    """Take back what is still queued about these offers: they are over."""
    if not offer_ids:
        return
    session.execute(
        update(_OUTBOX)
        .where(_OUTBOX.c.offer_id.in_(offer_ids), _OUTBOX.c.status == NoticeStatus.QUEUED)
        .values(status=NoticeStatus.WITHDRAWN)
    )


def queue_cancelled(
    session: Session,
    visit: Announced,
    who: Reachable,
    now: datetime,
    *,
    grace: timedelta,
    asked: bool,
) -> int:
    """Withdraw what was queued and tell those who know of the visit; returns how many.

    Each is told of the start they last heard of; a doctor who never heard of a visit that is
    only ``asked`` for is not told at all. Of one that has begun nobody is
    told: the message would come too late to be of use.
    """
    unaware = withdraw(session, visit.appointment_id, who.doctor_id)[NoticeKind.CONFIRMATION]
    if visit.starts_at <= now:
        return 0
    heard = _heard(session, visit.appointment_id)
    rows = [
        notice_of(visit, NoticeKind.CANCELLED, listener, now + grace, now)
        | {"starts_at": heard.get(listener, visit.starts_at)}
        for listener in who.listeners()
        if listener not in unaware and not (asked and listener[1] and listener not in heard)
    ]
    return put_in(session, rows)


def queue_absence(
    session: Session, visit: Announced, who: Reachable, now: datetime, *, grace: timedelta
) -> int:
    """Withdraw what was queued to the patient, and say that the visit cannot be as it was booked.

    Returns how many messages that takes; of a visit that has begun nobody is told.
    """
    session.execute(
        update(_OUTBOX)
        .where(
            _OUTBOX.c.appointment_id == visit.appointment_id,
            _OUTBOX.c.doctor_id.is_(None),
            _OUTBOX.c.status == NoticeStatus.QUEUED,
        )
        .values(status=NoticeStatus.WITHDRAWN)
    )
    if visit.starts_at <= now:
        return 0
    told = [
        notice_of(visit, NoticeKind.ABSENCE, (channel, None), now + grace, now)
        for channel in who.patient
    ]
    return put_in(session, told)


def _heard(session: Session, appointment_id: int) -> dict[Listener, datetime]:
    """Who was told of a visit, and of which start last."""
    rows = session.execute(
        select(_OUTBOX.c.channel, _OUTBOX.c.doctor_id, _OUTBOX.c.starts_at)
        .where(
            _OUTBOX.c.appointment_id == appointment_id,
            _OUTBOX.c.kind.in_((NoticeKind.CONFIRMATION, NoticeKind.CHANGED)),
            _OUTBOX.c.status.in_(_LEFT),
        )
        .order_by(_OUTBOX.c.sequence)
    )
    return {(channel, doctor_id): starts_at for channel, doctor_id, starts_at in rows}


def _queue(
    session: Session,
    visit: Announced,
    who: Reachable,
    now: datetime,
    said: dict[Listener, NoticeKind],
    grace: timedelta,
    reminders: Sequence[timedelta],
) -> int:
    return put_in(session, notices_of(visit, who, now, said, grace=grace, reminders=reminders))
