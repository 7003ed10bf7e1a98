"""One pass of a sender: claim what is due, let it leave with no transaction open, record."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from .channels.base import Channel
from .database import Database
from .domain.agendas import agendas_due, queue_agendas
from .domain.breaker import OPENS_AFTER, note_fault, note_well
from .domain.codes import Channel as Code
from .domain.delivery import Claimed, Outcome, Result
from .domain.errors import ClinicUnavailable
from .domain.outcomes import Told, record_outcomes, release
from .domain.sending import anything_due, claim

LANES = 16
"""Messages in flight at once, each on a connection of its own."""
_LANES_IN_TURN = 8
"""As many where they take turns to say a last line: more would only wait for it."""
_PER_LANE = 5
"""Fewer do not open one more: it costs a connection."""
BATCH = 80
LEASE = timedelta(minutes=2)
"""How long a sender may have a message: longer than all answers to one may take, and a batch."""
_GATHERS = 0.003
"""Seconds in which the answers of several lanes come together: they share a transaction."""
_RECORD_TRIES = 4
_log = logging.getLogger("clinic_tui.dispatch")

Clock = Callable[[], datetime]


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
        if stopping():
            continue
        if channel.code is Code.EMAIL and database.read(agendas_due, clock()):
            database.transact(queue_agendas, clock())
        if not database.read(anything_due, channel.code, clock()):
            continue
        claimed = database.transact(claim, sender, channel.code, clock(), limit=limit, lease=lease)
        if claimed:
            tally += _Batch(database, channel, sender, clock, stopping, lease).deliver(claimed)
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
        batch = run_once(database, channels, sender, clock, stopping=stopping)
        tally += batch
        if not batch.claimed or stopping():
            return tally


@dataclass(slots=True)
class _Found:
    """One outcome on its way from the lane that saw it to the database."""

    notice_id: int
    outcome: Outcome


class _Batch:
    """The messages of one claim, on their way in several lanes.

    A lane sends its next message when the outcome of the last one is in the database: killed at
    any instant, it leaves no more than one in doubt. Where a channel has ``one_in_doubt``, it is no
    more than one of all lanes.
    """

    def __init__(
        self,
        database: Database,
        channel: Channel,
        sender: str,
        clock: Clock,
        stopping: Callable[[], bool],
        lease: timedelta,
    ) -> None:
        self._database, self._channel, self._sender = database, channel, sender
        self._clock, self._stopping = clock, stopping
        # A process that was stopped, or a machine that slept, must not go on with an old lease:
        # one of the two clocks tells.
        self._until = time.monotonic() + lease.total_seconds() / 2
        self._claimed_at, self._lasts = clock(), lease / 2
        self._waiting: deque[Claimed] = deque()
        self._found: deque[_Found] = deque()
        self._recording = threading.Lock()
        self._open: dict[int, Claimed] = {}
        self._results: Counter[Result] = Counter()
        self._fault: Outcome | None = None
        self._faults = 0
        """In a row."""
        self._error: Exception | None = None
        self._lanes = 1

    def deliver(self, claimed: Sequence[Claimed]) -> Tally:
        """Send them and record each outcome as soon as it is known."""
        self._open = {one.notice_id: one for one in claimed}
        self._waiting.extend(claimed)
        most = _LANES_IN_TURN if self._channel.one_in_doubt else LANES
        self._lanes = min(most, -(-len(claimed) // _PER_LANE))
        lanes = [threading.Thread(target=self._lane, daemon=True) for _ in range(self._lanes)]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
        self._give_back()
        if self._error is not None:
            raise self._error
        self._note()
        return Tally(
            claimed=len(claimed),
            sent=self._results[Result.SENT],
            refused=self._results[Result.REFUSED],
            passing=self._results[Result.PASSING],
            unknown=self._results[Result.UNKNOWN],
        )

    def _lane(self) -> None:
        """One connection: look up what is in doubt, send the rest, wait for each to be recorded."""
        taken: list[Claimed] = []
        try:
            with closing(self._channel.send(self._share(taken))) as outcomes:  # type: ignore[type-var]
                for notice_id, outcome in outcomes:
                    self._tell(notice_id, outcome)
        except Exception as error:  # noqa: BLE001 - a bug with one message must not stop the rest
            _log.error("sending by %s: %s", self._channel.code, type(error).__name__)
            if taken and taken[-1].notice_id in self._open:
                reason = "Sending it ended with an unexpected error."
                self._tell(taken[-1].notice_id, Outcome.unknown(reason))

    def _share(self, taken: list[Claimed]) -> Iterator[Claimed]:
        """What one lane takes, one by one, as long as it may."""
        while self._may_go_on():
            try:
                one = self._waiting.popleft()
            except IndexError:
                return
            taken.append(one)
            outcome = self._channel.look_up(one) if one.look_up else None
            if outcome is None:
                yield one
            else:
                self._tell(one.notice_id, outcome)

    def _may_go_on(self) -> bool:
        passed = self._clock() - self._claimed_at
        is_ours = time.monotonic() < self._until and -self._lasts < passed < self._lasts
        works = self._faults < OPENS_AFTER and self._error is None
        return is_ours and works and not self._stopping()

    def _tell(self, notice_id: int, outcome: Outcome) -> None:
        """Returns when it is recorded: whoever comes first records all that is known by then."""
        self._found.append(_Found(notice_id, outcome))
        if self._lanes > 1 and not self._channel.one_in_doubt:
            time.sleep(_GATHERS)
        with self._recording:
            known = [self._found.popleft() for _ in range(len(self._found))]
            try:
                if known:
                    self._record(known)
            except Exception as error:  # noqa: BLE001 - whoever began the batch is told
                self._error = error

    def _record(self, found: Sequence[_Found]) -> None:
        """Write it down; what is known to be sent must not be sent again for a busy database."""
        told: list[Told] = []
        for one in found:
            letter = self._open.pop(one.notice_id)
            told.append(((letter.notice_id, *letter.gathered), one.outcome))
            self._results[one.outcome.result] += 1
            if one.outcome.is_fault:
                self._fault, self._faults = one.outcome, self._faults + 1
            elif one.outcome.result is Result.SENT:
                self._fault, self._faults = None, 0
        for attempt in range(1, _RECORD_TRIES):
            with suppress(ClinicUnavailable):
                self._write(told)
                return
            time.sleep(0.25 * 2**attempt)
        self._write(told)

    def _write(self, told: Sequence[Told]) -> None:
        self._database.transact(record_outcomes, self._sender, told, self._clock())

    def _give_back(self) -> None:
        """What no lane has tried; where the channel is at fault it waits as what it failed on."""
        if not self._open:
            return
        groups = [(one.notice_id, *one.gathered) for one in self._open.values()]
        if self._fault is not None and not self._stopping():
            later = Outcome.passing(self._fault.reason, is_fault=True)
            self._write([(group, later) for group in groups])
            return
        ids = [notice_id for group in groups for notice_id in group]
        self._database.transact(release, self._sender, ids, self._clock())

    def _note(self) -> None:
        """Let the other senders know how the channel fares."""
        if self._fault is not None:
            told = self._channel.code, self._fault.reason, self._clock()
            self._database.transact(note_fault, *told, self._faults)
        elif self._results[Result.SENT]:
            self._database.transact(note_well, self._channel.code)
