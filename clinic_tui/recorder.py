"""What became of messages, on its way into the database: one by one, or a few at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from .database import Database
from .domain.errors import ClinicUnavailable
from .domain.messages.outcomes import LEFT, Told, alone, record_outcomes
from .single_writes import SingleWrites

_GATHERS, _GATHERED = 0.02, 16
"""Outcomes that can be looked up share a transaction: those of so many seconds, or so many."""
_TRIES = 4


class Recorder:
    """Writes down for one sender what its lanes tell; they may tell it side by side."""

    def __init__(
        self, database: Database, sender: str, clock: Callable[[], datetime], *, at_once: bool
    ) -> None:
        """``at_once``: what is told is due immediately, because somebody waits for it."""
        self._at_once = at_once
        self._database, self._sender, self._clock = database, sender, clock
        self._keeping = threading.Lock()
        self._kept: list[Told] = []
        self._writing = threading.Lock()
        """Held to use what follows."""
        self._single = SingleWrites(database, LEFT)
        self._wrote_at = 0.0
        self.error: Exception | None = None
        """Why something could not be written down."""

    def keep(self, told: Told) -> None:
        """Write this down with the next ones."""
        with self._keeping:
            self._kept.append(told)

    def is_due(self) -> bool:
        """Whether there is enough to be written down, or it has waited for long enough."""
        if self._at_once or len(self._kept) >= _GATHERED:
            return True
        return time.monotonic() - self._wrote_at > _GATHERS and not self._writing.locked()

    def record(self) -> None:
        """Whoever comes first writes down all that is kept; when this returns it is done."""
        with self._writing:
            with self._keeping:
                told, self._kept = self._kept, []
            if not told:
                return
            try:
                self.write(told)
            except Exception as error:  # noqa: BLE001 - whoever delivers is told
                self.error = error
            self._wrote_at = time.monotonic()

    def write(self, told: Sequence[Told]) -> None:
        """What is known to be sent must not be sent again because the database is busy."""
        for attempt in range(1, _TRIES):
            with suppress(ClinicUnavailable):
                self._write_once(told)
                return
            time.sleep(0.25 * 2**attempt)
        self._write_once(told)

    def _write_once(self, told: Sequence[Told]) -> None:
        now = self._clock()
        if self._at_once and (values := alone(self._sender, told, now)) is not None:
            self._single.write(values)
        else:
            self._database.transact(record_outcomes, self._sender, told, now)

    def close(self) -> None:
        """Give the connection back."""
        self._single.close()
