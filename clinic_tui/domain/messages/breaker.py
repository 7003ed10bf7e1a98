"""How each channel fares, known to every sender: one that fails again and again is left to rest."""

from __future__ import annotations

from datetime import datetime, timedelta
from zlib import crc32

from sqlalchemy import or_, select, text, update
from sqlalchemy.orm import Session

from ..codes import Channel
from ..models import ChannelState, table

OPENS_AFTER = 5
"""Faults in a row after which nothing is tried for a while."""
_RESTS, _LONGEST = timedelta(seconds=30), timedelta(minutes=10)
_CHANNELS = table(ChannelState)


def jittered(delay: timedelta, seed: str) -> timedelta:
    """Half to one and a half of it, by the seed: what failed together is not repeated together."""
    return delay * (0.5 + crc32(seed.encode()) / 2**32)


def spread(over: timedelta, seed: str) -> timedelta:
    """Some part of it, by the seed: what is late together does not leave together."""
    return over * (crc32(seed.encode()) / 2**32)


def may_try(session: Session, channel: Channel, now: datetime, lease: timedelta) -> int | None:
    """How many messages may be tried: None for any number, 0 while the channel rests, then one.

    The one is for whoever asks first; the others rest for as long as that attempt may last. A
    rest longer than there are any was written by a clock that has been put right since.
    """
    failing = select(_CHANNELS).where(
        _CHANNELS.c.channel == channel, _CHANNELS.c.failures >= OPENS_AFTER
    )
    row = session.execute(failing.with_for_update()).one_or_none()
    if row is None:
        return None
    if row.open_until is not None and now < row.open_until <= now + _LONGEST * 2:
        return 0
    session.execute(
        update(_CHANNELS).where(_CHANNELS.c.channel == channel).values(open_until=now + lease)
    )
    return 1


def note_fault(
    session: Session, channel: Channel, reason: str, now: datetime, times: int = 1
) -> int:
    """The channel failed, so many times in one batch; returns how often in a row it did.

    What fails at once counts until the channel rests; from then on a batch counts once, so that
    a rest is as long as the channel has been failing, and not as many messages as were due.
    """
    session.execute(
        text(
            "INSERT INTO channels (channel, failures, reason) VALUES (:channel, 0, '')"
            " ON CONFLICT (channel) DO NOTHING"
        ),
        {"channel": channel.value},
    )
    failures: int = session.execute(
        update(_CHANNELS)
        .where(_CHANNELS.c.channel == channel)
        .values(failures=_CHANNELS.c.failures + 1, reason=reason)
        .returning(_CHANNELS.c.failures)
    ).scalar_one()
    if times > 1 and failures < OPENS_AFTER:
        failures = min(failures + times - 1, OPENS_AFTER)
        session.execute(
            update(_CHANNELS).where(_CHANNELS.c.channel == channel).values(failures=failures)
        )
    if failures >= OPENS_AFTER:
        rest = min(_RESTS * 2 ** min(failures - OPENS_AFTER, 10), _LONGEST)
        session.execute(
            update(_CHANNELS)
            .where(_CHANNELS.c.channel == channel)
            .values(open_until=now + jittered(rest, now.isoformat()))
        )
    return failures


def note_well(session: Session, channel: Channel) -> None:
    """The channel works: what was against it is forgotten."""
    session.execute(
        update(_CHANNELS)
        .where(
            _CHANNELS.c.channel == channel,
            or_(_CHANNELS.c.failures > 0, _CHANNELS.c.reason != ""),
        )
        .values(failures=0, open_until=None, reason="")
    )
