"""One message of the outbox, as a person at the clinic acts on it: again, or not at all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from ..access import Actor, Permission, Reach, require_some
from ..audit import record
from ..codes import NoticeStatus
from ..errors import NotFound, NotPermitted, WrongStatus
from ..models import Appointment, Notice, table
from ..undo.row_changes import found_rows, left_rows
from ..undo.ways_back import WayBack
from .message_list import own_messages
from .still_true import facts_of_notices, why_not

_OUTBOX, _APPOINTMENTS = table(Notice), table(Appointment)
_AGAIN = (NoticeStatus.FAILED, NoticeStatus.WITHDRAWN)
_AWAY = (NoticeStatus.QUEUED, NoticeStatus.UNKNOWN, NoticeStatus.FAILED)


def retry_message(session: Session, actor: Actor, notice_id: int, now: datetime) -> None:
    """Queue a message again that failed or was withdrawn; it leaves with the next pass.

    One that was tried before is looked up first, so that it is never said twice. Refused:
    ``NotPermitted``; ``NotFound``; ``WrongStatus`` where it is on its way or has left, and, with
    the reason, where it is not true or of no use any more.
    """
    row = require_notice(session, actor, notice_id, to_change=True)
    if row.status not in _AGAIN:
        raise WrongStatus("That message is on its way or has left already.")
    facts = session.execute(facts_of_notices([notice_id])).one()
    if reason := why_not(session, facts, now):
        raise WrongStatus(reason)
    again = NoticeStatus.UNKNOWN if row.attempts else NoticeStatus.QUEUED
    _change(session, actor, row, "retry_message", now, status=again, due_at=now, reason="",
            attempts=0, lease_until=now)  # fmt: skip


def withdraw_message(session: Session, actor: Actor, notice_id: int, now: datetime) -> None:
    """Take a message back that is queued, or put one away that failed.

    Refused: ``NotPermitted``; ``NotFound``; ``WrongStatus`` where it is just being sent, has
    left, or was withdrawn before.
    """
    row = require_notice(session, actor, notice_id, to_change=True)
    if row.status not in _AWAY:
        raise WrongStatus("Only a message that waits or has failed can be withdrawn.")
    _change(session, actor, row, "withdraw_message", now, status=NoticeStatus.WITHDRAWN,
            reason=row.reason or "Withdrawn by hand.", lease_until=None)  # fmt: skip


def require_notice(
    session: Session, actor: Actor, notice_id: int, *, to_change: bool = False
) -> Row[Any]:
    """The message's columns, permitted; ``to_change`` keeps senders and everybody else from it.

    Whoever reaches only their own gets the same refusal for another's and for none at all.
    """
    far = require_some(actor, Permission.MESSAGES)
    query = (
        select(_OUTBOX)
        .outerjoin(_APPOINTMENTS, _APPOINTMENTS.c.id == _OUTBOX.c.appointment_id)
        .where(_OUTBOX.c.id == notice_id, own_messages(actor))
    )
    if to_change:
        query = query.with_for_update(of=_OUTBOX)
    row = session.execute(query).one_or_none()
    if row is None and far is Reach.ANY:
        raise NotFound("There is no such message.")
    if row is None:
        raise NotPermitted(f"You may not {Permission.MESSAGES.value}.")
    return row


def _change(
    session: Session,
    actor: Actor,
    row: Row[Any],
    operation: str,
    now: datetime,
    **values: Any,
) -> None:
    found = found_rows(session, _OUTBOX, id=row.id)
    session.execute(update(_OUTBOX).where(_OUTBOX.c.id == row.id).values(values))
    record(
        session, actor, operation, now, appointment_id=row.appointment_id,
        way_back=WayBack(rows=(left_rows(session, _OUTBOX, found),)),
        message=row.id, was=row.status.value,
    )  # fmt: skip
