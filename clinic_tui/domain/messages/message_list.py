"""The messages and replies as they are read: what waits, was sent, failed, came back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, text, true
from sqlalchemy.orm import Session

from ..access import Actor, Permission, Reach, reach, require_some
from ..codes import Channel, NoticeKind, NoticeStatus, ReplyStatus
from ..models import (
    Account,
    Appointment,
    Clinic,
    Doctor,
    Notice,
    Offer,
    Patient,
    Reply,
    WaitlistEntry,
    table,
)
from ..patients.search import patients_named
from ..text import full_name
from .held_up import held_up
from .messages_of import about_them, from_them
from .quiet_hours import leaves_at
from .replies import within_reach
from .reply_list import ReplyLine, list_replies

_OUTBOX, _REPLIES, _APPOINTMENTS = table(Notice), table(Reply), table(Appointment)
_PATIENTS, _DOCTORS, _ACCOUNTS = table(Patient), table(Doctor), table(Account)
_CLINIC = table(Clinic)
_OFFERS, _WAITLIST = table(Offer), table(WaitlistEntry)
_OPEN = text("outbox.status IN ('queued', 'sending', 'unknown')")
_FAILED = text("outbox.status = 'failed'")
"""Written out, because only then do both databases use the indexes that know of no others."""
_SENT = (NoticeStatus.SENT, NoticeStatus.DELIVERED)
MOST = 200
"""So many lines are read at once."""


class Shown(StrEnum):
    """Which messages are looked at."""

    TO_SEE = "to see"
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    REPLIES = "replies"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message: what it says to whom by which channel, and where it is on its way.

    ``doctor`` is who is told where it is a doctor, ``account`` where it is about somebody's own
    account, else ``patient`` is; ``due_at`` is when it
    leaves, or is tried again. ``visit_at`` is the start of which it speaks; it speaks of a whole
    day where there is ``about_day``. Times are aware UTC.
    """

    notice_id: int
    kind: NoticeKind
    channel: Channel
    status: NoticeStatus
    doctor: str
    account: str
    patient: str
    patient_id: int | None
    appointment_id: int | None
    visit_at: datetime | None
    about_day: date | None
    due_at: datetime
    sent_at: datetime | None
    created_at: datetime
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How many need a person: messages that failed and are still of use, and open replies.

    ``held_up`` says why what is due does not leave, to whoever may see all messages.
    """

    failed: int
    replies: int
    held_up: tuple[str, ...] = ()

    @property
    def together(self) -> int:
        """Messages and replies."""
        return self.failed + self.replies


def messages_to_see(session: Session, actor: Actor, now: datetime) -> Counted:
    """How many need a person, within the actor's reach, and why nothing leaves if that is so."""
    far = require_some(actor, Permission.MESSAGES)
    failed = (
        select(func.count())
        .select_from(_OUTBOX)
        .outerjoin(_APPOINTMENTS, _APPOINTMENTS.c.id == _OUTBOX.c.appointment_id)
        .where(_needs_a_person(now), own_messages(actor))
    )
    replies = select(func.count()).where(_REPLIES.c.status == ReplyStatus.OPEN, within_reach(actor))
    why = held_up(session, now) if far is Reach.ANY else ()
    return Counted(session.scalar(failed) or 0, session.scalar(replies) or 0, why)


def list_messages(
    session: Session,
    actor: Actor,
    shown: Shown,
    now: datetime,
    *,
    name: str = "",
    limit: int = MOST,
) -> tuple[MessageLine | ReplyLine, ...]:
    """A page within the actor's reach: what waits by when it leaves, the rest newest first.

    With words of a ``name`` only what is said to such patients, about their visits, or by them.
    """
    require_some(actor, Permission.MESSAGES)
    named = patients_named(name)
    lines: list[MessageLine | ReplyLine] = []
    if shown is not Shown.REPLIES:
        query = _asked_for(shown, now).where(own_messages(actor)).limit(limit)
        if named is not None:
            query = query.where(about_them(named))
        clinic = session.execute(select(_CLINIC)).one()
        lines += [_message(row, clinic, now) for row in session.execute(query)]
    if shown in (Shown.TO_SEE, Shown.REPLIES, Shown.ALL):
        whose = true() if named is None else from_them(named)
        lines += list_replies(session, actor, now, limit, whose, to_see=shown is Shown.TO_SEE)
    lines.sort(key=when, reverse=shown is not Shown.WAITING)
    return tuple(lines[:limit])


def own_messages(actor: Actor) -> ColumnElement[bool]:
    """Of a message beside its visit: a doctor's own are those to them, about their visits and
    about what is offered of their time."""
    if reach(actor, Permission.MESSAGES) is Reach.ANY:
        return true()
    me = actor.doctor_id or 0
    offered = select(_OFFERS.c.id).where(_OFFERS.c.doctor_id == me)
    return or_(
        _OUTBOX.c.doctor_id == me,
        _APPOINTMENTS.c.doctor_id == me,
        _OUTBOX.c.offer_id.in_(offered),
    )


def when(line: MessageLine | ReplyLine) -> datetime:
    """When it came in, was sent or last tried, or leaves (aware UTC)."""
    if isinstance(line, ReplyLine):
        return line.received_at
    return line.sent_at or line.due_at


def _needs_a_person(now: datetime) -> ColumnElement[bool]:
    """Of a message: that it failed, and would still be of use."""
    return and_(_FAILED, or_(_OUTBOX.c.starts_at.is_(None), _OUTBOX.c.starts_at > now))


def _asked_for(shown: Shown, now: datetime) -> Select[Any]:
    query = _messages()
    if shown is Shown.TO_SEE:
        return query.where(_needs_a_person(now)).order_by(_OUTBOX.c.id.desc())
    if shown is Shown.WAITING:
        return query.where(_OPEN).order_by(_OUTBOX.c.due_at, _OUTBOX.c.id)
    if shown is Shown.SENT:
        sent = query.where(_OUTBOX.c.status.in_(_SENT), _OUTBOX.c.sent_at.is_not(None))
        return sent.order_by(_OUTBOX.c.sent_at.desc(), _OUTBOX.c.id.desc())
    if shown is Shown.FAILED:
        return query.where(_FAILED).order_by(_OUTBOX.c.id.desc())
    return query.order_by(_OUTBOX.c.id.desc())


def _messages() -> Select[Any]:
    return (
        select(
            *(_OUTBOX.c[name] for name in _OF_A_LINE),
            _PATIENTS.c.id.label("patient_id"),
            _PATIENTS.c.given_name,
            _PATIENTS.c.family_name,
            _DOCTORS.c.shown_name,
            _ACCOUNTS.c.name.label("account_name"),
        )
        .select_from(_OUTBOX)
        .outerjoin(_APPOINTMENTS, _APPOINTMENTS.c.id == _OUTBOX.c.appointment_id)
        .outerjoin(_OFFERS, _OFFERS.c.id == _OUTBOX.c.offer_id)
        .outerjoin(_WAITLIST, _WAITLIST.c.id == _OFFERS.c.entry_id)
        .outerjoin(
            _PATIENTS,
            _PATIENTS.c.id == func.coalesce(_APPOINTMENTS.c.patient_id, _WAITLIST.c.patient_id),
        )
        .outerjoin(_DOCTORS, _DOCTORS.c.id == _OUTBOX.c.doctor_id)
        .outerjoin(_ACCOUNTS, _ACCOUNTS.c.id == _OUTBOX.c.account_id)
    )


_OF_A_LINE = (
    "id", "kind", "channel", "status", "appointment_id", "doctor_id", "starts_at", "about_day",
    "due_at", "sent_at", "created_at", "attempts", "reason",
)  # fmt: skip


def _message(row: Row[Any], clinic: Row[Any], now: datetime) -> MessageLine:
    waits = row.status in (NoticeStatus.QUEUED, NoticeStatus.UNKNOWN)
    return MessageLine(
        notice_id=row.id,
        kind=row.kind,
        channel=row.channel,
        status=row.status,
        doctor=row.shown_name or "",
        account=row.account_name or "",
        patient=full_name(row.given_name, row.family_name) if row.patient_id else "",
        patient_id=row.patient_id,
        appointment_id=row.appointment_id,
        visit_at=row.starts_at,
        about_day=row.about_day,
        due_at=leaves_at(clinic, row, now) if waits else row.due_at,
        sent_at=row.sent_at,
        created_at=row.created_at,
        attempts=row.attempts,
        reason=row.reason,
    )
