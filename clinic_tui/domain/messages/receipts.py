"""What became of texts after they had left, and up to when replies have been read.

A provider knows whether a text arrived, and tells it to whoever asks. Every terminal may ask:
what one of them takes, the others leave alone for a while.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..codes import Channel, NoticeStatus
from ..models import ChannelState, Notice, table
from ..patients.consent import end_consent_of_told

_OUTBOX, _CHANNELS = table(Notice), table(ChannelState)
_ASKED_FOR = timedelta(days=2)
"""Later than that a text is not on its way any more, whatever the provider says."""
_FIRST_GAP, _LONGEST_GAP = timedelta(seconds=30), timedelta(hours=6)
_READ_EVERY = timedelta(seconds=20)
_OVERLAP = timedelta(minutes=10)
"""Read again, because a text can be listed later than it came in; each is taken once anyway."""
_FIRST_LOOK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a text stands at the provider: still ``SENT``, ``DELIVERED`` or ``FAILED``.

    ``reason`` says why it did not arrive; ``opted_out``, that its listener wants no more.
    """

    provider_id: str
    status: NoticeStatus
    reason: str = ""
    opted_out: bool = False


def anything_to_ask(session: Session, now: datetime) -> bool:
    """Whether there is any such text; a read, so that asking holds nobody up."""
    return session.execute(_waiting(now).limit(1)).first() is not None


def texts_to_ask(session: Session, now: datetime, *, limit: int) -> tuple[str, ...]:
    """The provider's numbers of texts of which it is not known yet whether they arrived.

    Each is asked about again after as long as it has been on its way; ``lease_until`` keeps that.
    """
    rows = session.execute(_waiting(now).limit(limit).with_for_update(skip_locked=True)).all()
    for row in rows:
        gap = min(max(_FIRST_GAP, now - row.sent_at), _LONGEST_GAP)
        session.execute(update(_OUTBOX).where(_OUTBOX.c.id == row.id).values(lease_until=now + gap))
    return tuple(dict.fromkeys(row.provider_id for row in rows))


def _waiting(now: datetime) -> Select[Any]:
    return (
        select(_OUTBOX.c.id, _OUTBOX.c.provider_id, _OUTBOX.c.sent_at)
        .where(
            _OUTBOX.c.sent_at >= now - _ASKED_FOR,
            _OUTBOX.c.status == NoticeStatus.SENT,
            _OUTBOX.c.channel == Channel.SMS,
            _OUTBOX.c.provider_id.is_not(None),
            or_(_OUTBOX.c.lease_until.is_(None), _OUTBOX.c.lease_until <= now),
        )
        .order_by(_OUTBOX.c.sent_at)
    )


def record_receipt(session: Session, receipt: Receipt, now: datetime) -> None:
    """Write down that a text arrived or did not, for each message that left with it.

    What a person made of one since stays so.
    """
    if receipt.status is NoticeStatus.SENT:
        return
    found = session.execute(
        update(_OUTBOX)
        .where(
            _OUTBOX.c.sent_at >= now - _ASKED_FOR * 2,
            _OUTBOX.c.status == NoticeStatus.SENT,
            _OUTBOX.c.channel == Channel.SMS,
            _OUTBOX.c.provider_id == receipt.provider_id,
        )
        .values(status=receipt.status, reason=receipt.reason, lease_until=None)
        .returning(_OUTBOX.c.id)
    )
    ids = list(found.scalars())
    if ids and receipt.opted_out:
        end_consent_of_told(session, ids, now)


def replies_since(session: Session, now: datetime) -> datetime | None:
    """From when on replies are to be read now; None where somebody has just read them."""
    query = select(_CHANNELS.c.read_until).where(_CHANNELS.c.channel == Channel.SMS)
    read_until: datetime | None = session.scalar(query)
    if read_until is None:
        return now - _FIRST_LOOK
    # A mark that lies ahead was set by a clock that has been put right since.
    if now - _READ_EVERY < read_until <= now:
        return None
    return min(read_until, now) - _OVERLAP


def note_read(session: Session, until: datetime) -> None:
    """Replies up to then have been taken."""
    mark = update(_CHANNELS).where(_CHANNELS.c.channel == Channel.SMS).values(read_until=until)
    if session.execute(mark.returning(_CHANNELS.c.channel)).one_or_none() is not None:
        return
    fresh = {"channel": Channel.SMS, "failures": 0, "reason": "", "read_until": until}
    try:
        with session.begin_nested():
            session.execute(insert(_CHANNELS).values(fresh))
    except IntegrityError:
        session.execute(mark)
