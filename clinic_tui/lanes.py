"""Messages on their way side by side: each lane is a connection, and waits for its own answers."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from .channels.base import Channel
from .database import Database
from .domain.messages.breaker import OPENS_AFTER, note_fault, note_well
from .domain.messages.delivery import Claimed, Outcome, Result
from .domain.messages.outcomes import release
from .recorder import Recorder

_AT_FIRST, _FEW, _MOST, _MOST_IN_TURN = 2, 3, 16, 5
"""Lanes at first, where they do not tell anything at once, and at most; and that where they take
turns to have a message taken, because more would only wait for it."""
_AT_ONCE = 0.05
"""Seconds. A server that is so near is kept busy by two: more would take turns to compute."""
_PER_LANE = 5
"""Fewer messages do not open one more: it costs a connection."""
_BUSY, _BUSY_IN_TURN = 0.003, 0.01
"""Seconds for which a message keeps this machine busy. What it takes longer it waits, and another
lane can send meanwhile."""
_FEW_LEFT = 40
"""Then the next ones are claimed."""
_ASKS_AGAIN = 0.5
_log = logging.getLogger("clinic_tui.dispatch")

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A message that is to leave, and by the monotonic and the wall clock since when it is ours."""

    message: Claimed
    ticks: float
    since: datetime


class Lanes:
    """What one sender has claimed for one channel, on its way.

    Where a channel has ``one_in_doubt``, a lane sends its next message when the outcome of the
    last one is in the database: killed at any instant, one of all lanes is in doubt at most. What
    can be looked up is written down a few at a time.
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
        """``lease`` is for how long the sender has what it claims; half of it is used."""
        self._database, self._channel, self._sender = database, channel, sender
        self._clock, self._stopping, self._lasts = clock, stopping, lease / 2
        self._in_turn = channel.one_in_doubt
        self._changed = threading.Condition()
        """Held to change what follows."""
        self._waiting: deque[_Waiting] = deque()
        self._open: dict[int, Claimed] = {}
        self._results: Counter[Result] = Counter()
        self._took: deque[float] = deque(maxlen=5)
        self._fault: Outcome | None = None
        self._faults = 0
        """In a row."""
        self._error: Exception | None = None
        self._is_last = False
        self._running = 0
        self._recorder = Recorder(database, sender, clock, at_once=self._in_turn)

    def deliver(self, claim: Callable[[], Sequence[Claimed]]) -> tuple[int, Counter[Result]]:
        """Send what is claimed, again and again until that is nothing, and record the outcomes.

        The next ones are claimed while the last ones leave. Returns how many there were, and what
        became of them. Raises ``ClinicUnavailable`` where the database does not answer.
        """
        with closing(self._recorder):
            count = self._send_all(claim)
            self._give_back()
        if (error := self._error or self._recorder.error) is not None:
            raise error
        self._note()
        return count, self._results

    def _send_all(self, claim: Callable[[], Sequence[Claimed]]) -> int:
        """Until nothing is left and all outcomes are written down; how many there were."""
        claimed = self._claim(claim)
        count = len(claimed)
        self._open_first_lanes()
        while self._few_are_left() and (claimed := self._claim(claim)):
            count += len(claimed)
        with self._changed:
            self._is_last = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._running)
        self._recorder.record()
        return count

    def _claim(self, claim: Callable[[], Sequence[Claimed]]) -> Sequence[Claimed]:
        """The next ones, which wait for a lane from now on; none where no lane would take them."""
        ticks, since = time.monotonic(), self._clock()
        try:
            claimed = claim() if self._goes_on() else ()
        except Exception as error:  # noqa: BLE001 - raised when every lane has ended
            self._error = error
            return ()
        with self._changed:
            self._open |= {one.notice_id: one for one in claimed}
            self._waiting.extend(_Waiting(one, ticks, since) for one in claimed)
            self._changed.notify_all()
        return claimed

    def _few_are_left(self) -> bool:
        """Waits until it is so; false where every lane has ended before."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._waiting) < _FEW_LEFT or not self._running)
            return bool(self._running)

    def _open_first_lanes(self) -> None:
        """Two, and one more unless they have sent something at once."""
        self._open_lanes(_AT_FIRST)
        with self._changed:
            self._changed.wait_for(lambda: self._results or not self._running, _AT_ONCE)
            more = self._running + _FEW - _AT_FIRST
        if not self._results[Result.SENT]:
            self._open_lanes(more)

    def _open_lanes(self, wanted: int) -> None:
        """As many as that in all, but not more than what waits is worth."""
        most = _MOST_IN_TURN if self._in_turn else _MOST
        with self._changed:
            worth = self._running - (-len(self._waiting) // _PER_LANE)
            new = max(0, min(wanted, most, worth) - self._running)
            self._running += new
        for _ in range(new):
            threading.Thread(target=self._lane, daemon=True).start()

    def _lane(self) -> None:
        """One connection: look up what is in doubt, send the rest, tell what becomes of each."""
        share = _Share(self)
        try:
            with closing(self._channel.send(share, share.next_one)) as outcomes:  # type: ignore[type-var]
                for notice_id, outcome in outcomes:
                    self.tell(notice_id, outcome, share.took())
        except Exception as error:  # noqa: BLE001 - a bug with one message must not stop the rest
            _log.error("sending by %s: %s", self._channel.code, type(error).__name__)
            if share.taken is not None and share.taken.notice_id in self._open:
                reason = "Sending it ended with an unexpected error."
                self.tell(share.taken.notice_id, Outcome.unknown(reason))
        finally:
            with self._changed:
                self._waiting.extendleft(share.kept)
                self._running -= 1
                self._changed.notify_all()

    def look_up(self, one: Claimed) -> Outcome | None:
        """What became of it, where it may have left before."""
        return self._channel.look_up(one) if one.look_up else None

    def take(self, kept: list[_Waiting]) -> Claimed | None:
        """The next one, which is sent now: one that was kept, or whichever has waited longest."""
        with self._changed:
            while self._goes_on():
                if kept or self._waiting:
                    one = kept.pop() if kept else self._pop()
                    if self._is_ours(one):
                        return one.message
                elif self._is_last:
                    return None
                else:
                    self._changed.wait(_ASKS_AGAIN)
        return None

    def keep(self, kept: list[_Waiting]) -> None:
        """Let a lane have one that it sends later, if there is any."""
        with self._changed:
            if self._waiting:
                kept.append(self._pop())

    def _pop(self) -> _Waiting:
        one = self._waiting.popleft()
        if len(self._waiting) == _FEW_LEFT - 1:
            self._changed.notify_all()
        return one

    def _goes_on(self) -> bool:
        error = self._error or self._recorder.error
        return self._faults < OPENS_AFTER and error is None and not self._stopping()

    def _is_ours(self, one: _Waiting) -> bool:
        """A process that was stopped, or a machine that slept, must not go on with an old lease:
        one of the two clocks tells.
        """
        passed = self._clock() - one.since
        ticked = time.monotonic() - one.ticks
        return ticked < self._lasts.total_seconds() and -self._lasts < passed < self._lasts

    def tell(self, notice_id: int, outcome: Outcome, took: float = 0.0) -> None:
        """Keep what became of one, and write it down with what else is known by then.

        Where nobody can be asked later, it is in the database before this returns.
        """
        with self._changed:
            letter = self._open.pop(notice_id)
            self._recorder.keep(((letter.notice_id, *letter.gathered), outcome))
            if not self._results:
                self._changed.notify_all()
            self._results[outcome.result] += 1
            if outcome.is_fault:
                self._fault, self._faults = outcome, self._faults + 1
            elif outcome.result is Result.SENT:
                self._fault, self._faults = None, 0
                if took:
                    self._took.append(took)
        if self._recorder.is_due():
            self._recorder.record()
        if self._took:
            busy = _BUSY_IN_TURN if self._in_turn else _BUSY
            self._open_lanes(round(min(self._took) / busy))

    def _give_back(self) -> None:
        """What no lane has tried; where the channel is at fault it waits as what it failed on."""
        if not self._open:
            return
        groups = [(one.notice_id, *one.gathered) for one in self._open.values()]
        if self._fault is not None and not self._stopping():
            later = Outcome.passing(self._fault.reason, is_fault=True)
            self._recorder.write([(group, later) for group in groups])
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


class _Share(Iterator[Claimed]):
    """What one lane takes, one by one, as long as it may."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._taken_at = 0.0
        self._is_first = True
        self.taken: Claimed | None = None
        """The last one."""
        self.kept: list[_Waiting] = []
        """What this lane sends next, if anything was looked at already: one at most."""

    def __next__(self) -> Claimed:
        while (one := self._lanes.take(self.kept)) is not None:
            self._is_first = self.taken is None
            self.taken, self._taken_at = one, time.monotonic()
            outcome = self._lanes.look_up(one)
            if outcome is None:
                return one
            self._lanes.tell(one.notice_id, outcome)
        raise StopIteration

    def next_one(self) -> Claimed | None:
        """Which one is taken next, if it still may leave then."""
        if not self.kept:
            self._lanes.keep(self.kept)
        return self.kept[0].message if self.kept else None

    def took(self) -> float:
        """Seconds since the last one was taken; 0 for the first, which made a connection."""
        return 0.0 if self._is_first else time.monotonic() - self._taken_at
