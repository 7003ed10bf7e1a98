"""Why messages do not leave though they are due: what nobody would notice before patients do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from ..codes import Channel, NoticeStatus
from ..models import ChannelState, Clinic, Notice, table
from ..times.walltime import day_bounds, local_day, say_moment
from .breaker import OPENS_AFTER
from .caps import left_today
from .notice_words import CHANNELS
from .quiet_hours import is_quiet

_OUTBOX, _CLINIC, _CHANNELS = table(Notice), table(Clinic), table(ChannelState)
_LOOKED_FOR = timedelta(minutes=15)
"""By then any sender has looked, and has let leave what was due."""
_LATELY = timedelta(days=7)
"""A clinic of whose messages none has left for so long has nobody send them, and knows it."""
_OPEN = text("outbox.status IN ('queued', 'sending', 'unknown')")
"""Written out, because only then do both databases use the index that knows nothing of the past."""


def held_up(session: Session, now: datetime) -> tuple[str, ...]:
    """In sentences for staff; a shared step, for whoever may see all messages.

    Quiet hours hold nothing up, and neither does what one patient or one account has had: that
    stands at the message itself.
    """
    clinic = session.execute(select(_CLINIC)).one_or_none()
    if clinic is None:
        return ()
    return tuple(dict.fromkeys(one for kind in Channel for one in _of(session, clinic, kind, now)))


def _of(session: Session, clinic: Row[Any], channel: Channel, now: datetime) -> Iterator[str]:
    first = session.scalar(
        select(_OUTBOX.c.due_at)
        .where(
            _OPEN,
            _OUTBOX.c.channel == channel,
            _OUTBOX.c.status.in_((NoticeStatus.QUEUED, NoticeStatus.UNKNOWN)),
        )
        .order_by(_OUTBOX.c.due_at)
        .limit(1)
    )
    if first is None:
        return
    name = CHANNELS[channel]
    name = name[0].upper() + name[1:]
    fails = select(_CHANNELS.c.reason).where(
        _CHANNELS.c.channel == channel, _CHANNELS.c.failures >= OPENS_AFTER
    )
    if (reason := session.scalar(fails)) is not None:
        yield f"{name} does not leave for the moment. {reason}"
    elif first > now or is_quiet(clinic, now):
        return
    elif left_today(session, clinic, now) <= 0:
        yield f"{clinic.daily_cap} messages have left today: the others leave tomorrow."
    elif _nobody_looked(session, clinic, channel, first, now):
        yield (
            f"{name} has waited since {say_moment(first, clinic.zone)}:"
            " no terminal and no worker sends it."
        )


def _nobody_looked(
    session: Session, clinic: Row[Any], channel: Channel, first: datetime, now: datetime
) -> bool:
    """Whether what may have left for a while has not, where messages do leave otherwise."""
    then = now - _LOOKED_FOR
    midnight, _ = day_bounds(local_day(now, clinic.zone), clinic.zone)
    if then < max(first, midnight) or is_quiet(clinic, then):
        return False
    lately = select(_OUTBOX.c.id).where(
        _OUTBOX.c.sent_at >= now - _LATELY, _OUTBOX.c.channel == channel
    )
    return session.scalar(lately.limit(1)) is not None
