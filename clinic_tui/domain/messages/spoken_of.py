"""What a patient's answer is about: the visit or the offer of which they were last told by SMS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from ..codes import Channel, NoticeKind, NoticeStatus, OfferStatus, Status
from ..models import Appointment, Notice, Offer, WaitlistEntry, table

_OUTBOX, _APPOINTMENTS = table(Notice), table(Appointment)
_OFFERS, _WAITLIST = table(Offer), table(WaitlistEntry)
_OF_A_TEXT = (
    _OUTBOX.c.id.label("notice_id"),
    _OUTBOX.c.kind,
    _OUTBOX.c.sent_at,
    _OUTBOX.c.starts_at,
)
_LEFT = (NoticeStatus.SENT, NoticeStatus.DELIVERED)
_CLOCKS_DIFFER = timedelta(minutes=10)
_TOGETHER = timedelta(hours=1)
"""Texts that left within an hour of the last one may all be what is answered."""


@dataclass(frozen=True, slots=True)
class SpokenOf:
    """What an answer is about: the number of a visit or of an offer, or neither if not certain."""

    visit_id: int | None = None
    offer_id: int | None = None


def spoken_of(session: Session, patient_id: int, answered_at: datetime, now: datetime) -> SpokenOf:
    """The visit or the offer that the answer is about.

    It is not certain where nothing was sent, where of several things was spoken at about the
    same time, where the visit was moved or cancelled or has begun since, and where the offer is
    over.
    """
    told = sorted(
        (*_visits(session, patient_id, answered_at), *_offers(session, patient_id, answered_at)),
        key=lambda one: (one.sent_at, one.notice_id),
        reverse=True,
    )
    if not told:
        return SpokenOf()
    last = told[0]
    together = {(one.kind is NoticeKind.OFFER, one.id) for one in told
                if one.sent_at >= last.sent_at - _TOGETHER}  # fmt: skip
    if len(together) > 1:
        return SpokenOf()
    if last.kind is NoticeKind.OFFER:
        runs = last.status is OfferStatus.OPEN and last.stands_at > now
        return SpokenOf(offer_id=last.id) if runs else SpokenOf()
    still_true = (
        last.kind is not NoticeKind.CANCELLED
        and last.status is Status.BOOKED
        and last.starts_at == last.stands_at
        and last.stands_at > now
    )
    return SpokenOf(last.id) if still_true else SpokenOf()


def _visits(session: Session, patient_id: int, answered_at: datetime) -> Sequence[Row[Any]]:
    """The texts about this patient's visits, newest first."""
    query = (
        select(
            *_OF_A_TEXT,
            _APPOINTMENTS.c.id,
            _APPOINTMENTS.c.status,
            _APPOINTMENTS.c.starts_at.label("stands_at"),
        )
        .join(_APPOINTMENTS, _APPOINTMENTS.c.id == _OUTBOX.c.appointment_id)
        .where(_APPOINTMENTS.c.patient_id == patient_id, _OUTBOX.c.doctor_id.is_(None))
    )
    return _sent(session, query, answered_at)


def _offers(session: Session, patient_id: int, answered_at: datetime) -> Sequence[Row[Any]]:
    """The texts about what was offered to this patient; each stands until its offer runs out."""
    query = (
        select(
            *_OF_A_TEXT,
            _OFFERS.c.id,
            _OFFERS.c.status,
            _OFFERS.c.expires_at.label("stands_at"),
        )
        .join(_OFFERS, _OFFERS.c.id == _OUTBOX.c.offer_id)
        .join(_WAITLIST, _WAITLIST.c.id == _OFFERS.c.entry_id)
        .where(_WAITLIST.c.patient_id == patient_id)
    )
    return _sent(session, query, answered_at)


def _sent(session: Session, query: Select[Any], answered_at: datetime) -> Sequence[Row[Any]]:
    left = query.where(
        _OUTBOX.c.channel == Channel.SMS,
        _OUTBOX.c.status.in_(_LEFT),
        _OUTBOX.c.sent_at <= answered_at + _CLOCKS_DIFFER,
    )
    newest = left.order_by(_OUTBOX.c.sent_at.desc(), _OUTBOX.c.id.desc())
    return session.execute(newest.limit(20)).all()
