"""Writing down what became of messages that were claimed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from ..codes import NoticeStatus
from ..models import Notice, table
from ..patients.consent import end_consent_of_told
from .breaker import jittered
from .delivery import Outcome, Result

_OUTBOX = table(Notice)
_ON_ITS_WAY = (NoticeStatus.SENDING, NoticeStatus.UNKNOWN)
_TRIES = 10
"""After so many attempts, about four hours, a message has failed."""
_FIRST_DELAY, _LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=1)
_FAULT_DELAY = timedelta(seconds=30)

LEFT = (
    update(_OUTBOX)
    .where(
        _OUTBOX.c.id == bindparam("of_id"),
        # Written out: a list in a statement that is run many times is not allowed.
        or_(*(_OUTBOX.c.status == status for status in _ON_ITS_WAY)),
    )
    .values(
        status=NoticeStatus.SENT,
        sent_at=bindparam("now"),
        claimed_by=bindparam("sender"),
        lease_until=None,
        reason="",
        provider_id=bindparam("provider"),
    )
)
"""That one message was sent. Made once: it is run between two e-mails, and while it runs no other
may leave."""

Told = tuple[Sequence[int], Outcome]
"""The numbers of messages that left as one, the first of them first, and what became of it."""


def record_outcomes(session: Session, sender: str, told: Sequence[Told], now: datetime) -> None:
    """Write down what became of each.

    That it was sent is believed of everybody, the rest only of the sender that has it. A fault
    of the channel is no attempt of the message; a passing failure is tried again later, each
    time after twice as long; an unknown outcome is looked up and, if need be, sent once more: a
    second one is a failure.
    """
    sent = [
        {"of_id": one, "provider": outcome.provider_id, "sender": sender, "now": now}
        for ids, outcome in told
        if outcome.result is Result.SENT
        for one in ids
    ]
    if sent:
        session.execute(LEFT, sent)
    for ids, outcome in told:
        if outcome.result is not Result.SENT:
            _record_failure(session, sender, ids, outcome, now)


def alone(sender: str, told: Sequence[Told], now: datetime) -> dict[str, Any] | None:
    """What ``LEFT`` needs to say all of it by itself; None where there is more to be said."""
    (ids, outcome), *others = told
    if others or len(ids) > 1 or outcome.result is not Result.SENT:
        return None
    return {"of_id": ids[0], "provider": outcome.provider_id, "sender": sender, "now": now}


def release(session: Session, sender: str, notice_ids: Sequence[int], now: datetime) -> None:
    """Give back what was claimed and surely not tried."""
    mine = and_(_OUTBOX.c.id.in_(notice_ids), _OUTBOX.c.claimed_by == sender)
    fewer = {"attempts": _OUTBOX.c.attempts - 1}
    session.execute(
        update(_OUTBOX)
        .where(mine, _OUTBOX.c.status == NoticeStatus.UNKNOWN)
        .values(**fewer, due_at=now)
    )
    session.execute(
        update(_OUTBOX)
        .where(mine, _OUTBOX.c.status == NoticeStatus.SENDING)
        .values(**fewer, lease_until=None, status=NoticeStatus.QUEUED)
    )


def _record_failure(
    session: Session, sender: str, ids: Sequence[int], outcome: Outcome, now: datetime
) -> None:
    """All of a letter fare as its first does, so that they stay together."""
    row = session.execute(
        select(_OUTBOX).where(_OUTBOX.c.id == ids[0]).with_for_update()
    ).one_or_none()
    if row is None or row.status not in _ON_ITS_WAY or row.claimed_by != sender:
        return
    values = {"reason": outcome.reason, **_after(row, outcome, now)}
    session.execute(update(_OUTBOX).where(_OUTBOX.c.id.in_(ids)).values(values))
    if outcome.opted_out:
        end_consent_of_told(session, ids, now)


def _after(row: Row[Any], outcome: Outcome, now: datetime) -> dict[str, Any]:
    """The columns that a failure changes."""
    doubtful = row.status is NoticeStatus.UNKNOWN
    if outcome.result is Result.REFUSED:
        return {"status": NoticeStatus.FAILED}
    if outcome.result is Result.UNKNOWN:
        if doubtful:
            reason = f"{outcome.reason} It may have arrived.".strip()
            return {"status": NoticeStatus.FAILED, "reason": reason}
        return {"status": NoticeStatus.UNKNOWN, "due_at": now + _delay(row, outcome)}
    attempts = row.attempts - 1 if outcome.is_fault else row.attempts
    if attempts >= _TRIES:
        return {"status": NoticeStatus.FAILED}
    status = NoticeStatus.UNKNOWN if doubtful else NoticeStatus.QUEUED
    return {"status": status, "attempts": attempts, "due_at": now + _delay(row, outcome)}


def _delay(row: Row[Any], outcome: Outcome) -> timedelta:
    if outcome.is_fault:
        delay = _FAULT_DELAY
    else:
        delay = min(_FIRST_DELAY * 2 ** min(row.attempts - 1, 10), _LONGEST_DELAY)
    wait = jittered(delay, f"{row.message_id} {row.attempts}")
    return max(wait, outcome.retry_after or wait)
