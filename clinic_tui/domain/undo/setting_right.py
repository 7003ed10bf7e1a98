"""What has to be said once a step is taken back: worked out from what everybody has heard.

Whatever is queued about the visit is withdrawn. Who then last heard something else than what
holds again is told; who never heard of the step hears nothing of its being undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from ..access import Actor
from ..codes import Channel, NoticeKind, NoticeStatus, Status
from ..messages.notice_rows import Announced, notice_of, notices_of
from ..messages.outbox import withdraw
from ..messages.reachable import Listener, Reachable, has_email
from ..models import Notice, table

_OUTBOX = table(Notice)
_LEFT = frozenset(
    {NoticeStatus.SENDING, NoticeStatus.UNKNOWN, NoticeStatus.SENT, NoticeStatus.DELIVERED}
)
"""What has left, or may have."""
_OF_A_PLACE = frozenset({NoticeKind.CONFIRMATION, NoticeKind.CHANGED})
_NOT_TO_BE = (NoticeKind.CANCELLED, NoticeKind.ABSENCE)
_SAID = (*_OF_A_PLACE, *_NOT_TO_BE)


@dataclass(frozen=True, slots=True)
class Restored:
    """A visit as it stands again, and between which of its changes that is.

    ``status`` is what it has again; the undone step found it at ``found_sequence`` and left it
    at ``left_sequence``.
    """

    appointment_id: int
    starts_at: datetime
    doctor_id: int
    status: Status
    found_sequence: int
    left_sequence: int


def notices_to_set_right(
    session: Session,
    visit: Restored,
    who: Reachable,
    actor: Actor,
    now: datetime,
    *,
    grace: timedelta,
    reminders: Sequence[timedelta],
) -> list[dict[str, Any]]:
    """Withdraw what is queued about the visit; returns the messages that make it true again.

    They bear the sequence after the undone step's. ``who`` are the listeners of the visit as it
    stands again.
    """
    withdraw(session, visit.appointment_id, visit.doctor_id)
    history = _history(session, visit.appointment_id)
    # Who will still be told that the visit has left them counts as told.
    heard: dict[Listener, Row[Any]] = {
        (row.channel, row.doctor_id): row
        for row in history
        if row.status in _LEFT or row.status is NoticeStatus.QUEUED
    }
    said_as = Announced(visit.appointment_id, visit.left_sequence + 1, visit.starts_at, actor)
    due_at = now + grace
    if visit.status in (Status.CHECKED_IN, Status.FULFILLED):
        return []  # They are here.
    if visit.status not in (Status.BOOKED, Status.ARRIVED):
        told = _told_of_it(session, visit, who, heard)
        return [
            _cancelled(said_as, listener, heard[listener], due_at, now)
            for listener in told
            if heard[listener].starts_at > now
        ]
    said = {
        listener: kind
        for listener in who.listeners()
        if (kind := _news(visit, heard.get(listener), history)) is not None
    }
    losers = _losers(session, visit, heard, now)
    return [
        *notices_of(said_as, who, now, said, grace=grace, reminders=reminders),
        *(_cancelled(said_as, listener, heard[listener], due_at, now) for listener in losers),
    ]


def _history(session: Session, appointment_id: int) -> Sequence[Row[Any]]:
    """What has been said of a visit or is about to be, reminders aside, in order."""
    query = select(_OUTBOX).where(
        _OUTBOX.c.appointment_id == appointment_id, _OUTBOX.c.kind.in_(_SAID)
    )
    return session.execute(query.order_by(_OUTBOX.c.sequence, _OUTBOX.c.id)).all()


def _losers(
    session: Session, visit: Restored, heard: dict[Listener, Row[Any]], now: datetime
) -> list[Listener]:
    """Doctors who were told of a visit that is not with them any more."""
    return [
        (channel, doctor_id)
        for (channel, doctor_id), row in heard.items()
        if doctor_id not in (None, visit.doctor_id)
        and row.kind in _OF_A_PLACE
        and row.starts_at > now
        and has_email(session, doctor_id)
    ]


def _news(visit: Restored, last: Row[Any] | None, history: Sequence[Row[Any]]) -> NoticeKind | None:
    """What a listener of a visit that stands has to hear, by what they heard last."""
    if last is None or last.kind in _NOT_TO_BE:
        return NoticeKind.CONFIRMATION
    never_left = any(
        (row.channel, row.doctor_id) == (last.channel, last.doctor_id)
        and row.kind in _OF_A_PLACE
        and row.status not in _LEFT
        and last.sequence < row.sequence <= visit.found_sequence
        and row.starts_at == visit.starts_at
        for row in history
    )
    knows = last.sequence <= visit.found_sequence and last.starts_at == visit.starts_at
    return None if knows and not never_left else NoticeKind.CHANGED


def _told_of_it(
    session: Session, visit: Restored, who: Reachable, heard: dict[Listener, Row[Any]]
) -> list[Listener]:
    """Who counts on a visit that stands no more; of one asked for, who heard a yes to just that.

    The patient by the channels still open, and every doctor it has been with.
    """
    since = visit.left_sequence if visit.status is Status.PENDING else 0
    open_to = set(who.listeners())
    return [
        listener
        for listener, row in heard.items()
        if row.kind in _OF_A_PLACE
        and row.sequence >= since
        and (listener in open_to or _is_reachable_doctor(session, listener))
    ]


def _is_reachable_doctor(session: Session, listener: Listener) -> bool:
    channel, doctor_id = listener
    return doctor_id is not None and channel is Channel.EMAIL and has_email(session, doctor_id)


def _cancelled(
    visit: Announced, listener: Listener, heard: Row[Any], due_at: datetime, now: datetime
) -> dict[str, Any]:
    """They are told of the start they last heard of."""
    row = notice_of(visit, NoticeKind.CANCELLED, listener, due_at, now)
    return row | {"starts_at": heard.starts_at}
