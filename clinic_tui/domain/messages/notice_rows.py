"""The rows of the outbox: one for each message about a visit, channel and listener."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from ..access import Actor
from ..codes import NoticeKind, NoticeStatus
from ..models import Notice, table
from .reachable import Listener, Reachable

_INSERT = insert(table(Notice))


@dataclass(frozen=True, slots=True)
class Announced:
    """The visit that messages speak of, at one step of its life; ``by`` is whose act that is."""

    appointment_id: int
    sequence: int
    starts_at: datetime
    by: Actor


def notices_of(
    visit: Announced,
    who: Reachable,
    now: datetime,
    said: dict[Listener, NoticeKind],
    *,
    grace: timedelta,
    reminders: Sequence[timedelta],
) -> list[dict[str, Any]]:
    """What is said to whom about a visit, and the patient's reminders, each so long before it.

    None whose time has passed, or would come no later than the rest; nothing once it began.
    """
    if visit.starts_at <= now:
        return []
    said_at = now + grace
    rows = [notice_of(visit, kind, listener, said_at, now) for listener, kind in said.items()]
    for lead in reminders:
        remind_at = visit.starts_at - lead
        if remind_at > said_at:
            rows += [
                notice_of(visit, NoticeKind.REMINDER, (channel, None), remind_at, now)
                | {"lead_hours": lead // timedelta(hours=1)}
                for channel in who.patient
            ]
    return rows


def put_in(session: Session, rows: list[dict[str, Any]]) -> int:
    """Queue these; returns how many."""
    if rows:
        session.execute(_INSERT, rows)
    return len(rows)


def notice_of(
    visit: Announced, kind: NoticeKind, listener: Listener, due_at: datetime, now: datetime
) -> dict[str, Any]:
    """One message about a visit, by one channel to one listener, queued until it is due."""
    channel, doctor_id = listener
    return {
        "appointment_id": visit.appointment_id,
        "sequence": visit.sequence,
        "lead_hours": 0,
        "kind": kind,
        "channel": channel,
        "doctor_id": doctor_id,
        "starts_at": visit.starts_at,
        "due_at": due_at,
        "status": NoticeStatus.QUEUED,
        # A patient who answers by text has no account.
        "created_by": visit.by.account_id or None,
        "message_id": f"{uuid.uuid4().hex}@clinic",
        "created_at": now,
    }
