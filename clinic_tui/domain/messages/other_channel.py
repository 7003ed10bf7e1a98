"""What cannot be said by one channel any more is said by the other, if the patient allows that."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from ..codes import Channel, NoticeStatus
from ..models import Notice, table
from .still_true import numbers_of

_OUTBOX = table(Notice)
_OTHER = {Channel.EMAIL: Channel.SMS, Channel.SMS: Channel.EMAIL}
_WAYS = {Channel.EMAIL: "by e-mail", Channel.SMS: "by SMS"}
_SURELY_NOT_SAID = (NoticeStatus.QUEUED, NoticeStatus.FAILED)
_SAME_VISIT = ("appointment_id", "sequence", "kind", "lead_hours")


def goes_by_other(session: Session, notice: Row[Any], due_at: datetime) -> bool:
    """Queue a message to a patient by their other channel; False where it cannot go by that.

    ``notice`` is a row of ``facts_of_notices`` whose own channel is closed. It cannot where the
    other one is closed too, where the same is said by it anyway, and where it may have been heard.
    """
    if notice.patient_id is None or notice.doctor_id is not None:
        return False
    other = _OTHER[notice.channel]
    if notice.status not in _SURELY_NOT_SAID or not _is_open(session, notice, other):
        return False
    if _is_said_by(session, notice, other):
        return False
    session.execute(
        update(_OUTBOX)
        .where(_OUTBOX.c.id == notice.id)
        .values(
            channel=other,
            status=NoticeStatus.QUEUED,
            due_at=due_at,
            attempts=0,
            claimed_by=None,
            lease_until=None,
            provider_id=None,
            sent_at=None,
            reason=f"It goes {_WAYS[other]}: {_WAYS[notice.channel]} it may not go any more.",
        )
    )
    return True


def _is_open(session: Session, notice: Row[Any], channel: Channel) -> bool:
    """Whether the patient has agreed to it and there is an address."""
    if channel is Channel.EMAIL:
        return bool(notice.email) and notice.email_consent_at is not None
    if notice.sms_consent_at is None:
        return False
    return bool(numbers_of(session, {notice.patient_id}))


def _is_said_by(session: Session, notice: Row[Any], channel: Channel) -> bool:
    query = select(_OUTBOX.c.id).where(_OUTBOX.c.channel == channel, _OUTBOX.c.doctor_id.is_(None))
    names = ("offer_id",) if notice.appointment_id is None else _SAME_VISIT
    same = (_OUTBOX.c[name] == getattr(notice, name) for name in names)
    return session.scalar(query.where(*same).limit(1)) is not None
