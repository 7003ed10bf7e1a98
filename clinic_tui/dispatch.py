"""One pass of a sender: claim what is due, let it leave with no transaction open, record."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from .channels.base import Channel
from .database import Database
from .domain.codes import Channel as Code
from .domain.messages.delivery import Claimed, Result
from .domain.messages.sending import anything_due, claim
from .domain.staff.agendas import agendas_due, queue_agendas
from .lanes import Clock, Lanes

__all__ = ["Clock", "Tally", "run_all", "run_once", "sender_name"]

BATCH = 80
LEASE = timedelta(minutes=2)
"""How long a sender may have a message: longer than all answers to one may take, and a batch."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many messages a pass took, and what became of them."""

    claimed: int = 0
    sent: int = 0
    refused: int = 0
    passing: int = 0
    unknown: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.claimed + other.claimed,
            self.sent + other.sent,
            self.refused + other.refused,
            self.passing + other.passing,
            self.unknown + other.unknown,
        )


def sender_name() -> str:
    """What a sender calls itself: nobody else's, and random."""
    return secrets.token_hex(8)


def _never() -> bool:
    return False


def run_once(
    database: Database,
    channels: Sequence[Channel],
    sender: str,
    clock: Clock,
    *,
    limit: int = BATCH,
    lease: timedelta = LEASE,
    stopping: Callable[[], bool] = _never,
) -> Tally:
    """One batch by each channel that has something due; doctors' days are queued on the way.

    ``stopping`` is asked between two messages: what was not tried is given back at once. Raises
    ``ClinicUnavailable`` where the database does not answer.
    """
    tally = Tally()
    for channel in channels:
        if not stopping():
            batches = islice(_batches(database, channel, sender, clock, limit, lease), 1)
            tally += _deliver(database, channel, sender, clock, stopping, lease, batches)
    return tally


def run_all(
    database: Database,
    channels: Sequence[Channel],
    sender: str,
    clock: Clock,
    *,
    stopping: Callable[[], bool] = _never,
) -> Tally:
    """Batch after batch until nothing more is due, or nothing more can leave now."""
    tally = Tally()
    while True:
        before = tally.claimed
        for channel in channels:
            if not stopping():
                batches = _batches(database, channel, sender, clock, BATCH, LEASE)
                tally += _deliver(database, channel, sender, clock, stopping, LEASE, batches)
        if tally.claimed == before or stopping():
            return tally


def _batches(
    database: Database,
    channel: Channel,
    sender: str,
    clock: Clock,
    limit: int,
    lease: timedelta,
) -> Iterator[Sequence[Claimed]]:
    """What is due, as much of it as is asked for."""
    if channel.code is Code.EMAIL and database.read(agendas_due, clock()):
        database.transact(queue_agendas, clock())
    while database.read(anything_due, channel.code, clock()):
        yield database.transact(claim, sender, channel.code, clock(), limit=limit, lease=lease)


def _deliver(
    database: Database,
    channel: Channel,
    sender: str,
    clock: Clock,
    stopping: Callable[[], bool],
    lease: timedelta,
    batches: Iterator[Sequence[Claimed]],
) -> Tally:
    lanes = Lanes(database, channel, sender, clock, stopping, lease)
    claimed, results = lanes.deliver(lambda: next(batches, ()))
    return Tally(
        claimed=claimed,
        sent=results[Result.SENT],
        refused=results[Result.REFUSED],
        passing=results[Result.PASSING],
        unknown=results[Result.UNKNOWN],
    )
