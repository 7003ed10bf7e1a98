"""Which visit a patient's answer is about: the one of which they were last told by SMS."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .codes import Channel, NoticeKind, NoticeStatus, Status
from .models import Appointment, Notice, Offer, WaitlistEntry, table

_OUTBOX, _APPOINTMENTS = table(Notice), table(Appointment)
_OFFERS, _WAITLIST = table(Offer), table(WaitlistEntry)
_LEFT = (NoticeStatus.SENT, NoticeStatus.DELIVERED)
_CLOCKS_DIFFER = timedelta(minutes=10)
_TOGETHER = timedelta(hours=1)
"""Texts that left within an hour of the last one may all be what is answered."""


def visit_spoken_of(
    session: Session, patient_id: int, answered_at: datetime, now: datetime
) -> int | None:
    """The number of the visit that the answer is about; None where that is not certain.

    It is not where nothing was sent, where several visits were spoken of at about the same time,
    where an opening was offered, and where the visit was moved or cancelled or has begun since.
    """
    until = answered_at + _CLOCKS_DIFFER
    sent = (_OUTBOX.c.channel == Channel.SMS, _OUTBOX.c.status.in_(_LEFT))
    told = session.execute(
        select(
            _OUTBOX.c.kind,
            _OUTBOX.c.sent_at,
            _OUTBOX.c.starts_at,
            _APPOINTMENTS.c.id,
            _APPOINTMENTS.c.status,
            _APPOINTMENTS.c.starts_at.label("stands_at"),
        )
        .join(_APPOINTMENTS, _APPOINTMENTS.c.id == _OUTBOX.c.appointment_id)
        .where(
            _APPOINTMENTS.c.patient_id == patient_id,
            _OUTBOX.c.doctor_id.is_(None),
            _OUTBOX.c.sent_at <= until,
            *sent,
        )
        .order_by(_OUTBOX.c.sent_at.desc(), _OUTBOX.c.id.desc())
        .limit(20)
    ).all()
    if not told:
        return None
    last = told[0]
    offered = session.scalar(
        select(func.max(_OUTBOX.c.sent_at))
        .join(_OFFERS, _OFFERS.c.id == _OUTBOX.c.offer_id)
        .join(_WAITLIST, _WAITLIST.c.id == _OFFERS.c.entry_id)
        .where(_WAITLIST.c.patient_id == patient_id, _OUTBOX.c.sent_at <= until, *sent)
    )
    if offered is not None and offered >= last.sent_at - _TOGETHER:
        return None
    together = {one.id for one in told if one.sent_at >= last.sent_at - _TOGETHER}
    still_true = (
        last.kind is not NoticeKind.CANCELLED
        and last.status is Status.BOOKED
        and last.starts_at == last.stands_at
        and last.stands_at > now
    )
    visit_id: int = last.id
    return visit_id if together == {visit_id} and still_true else None
