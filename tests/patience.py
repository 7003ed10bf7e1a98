"""How long to wait on a machine that has other things to do as well."""

from __future__ import annotations

import os
import threading
import time

_A_STEP, _STOOD_STILL = 0.01, 0.1
"""Seconds between two looks, and between them where the machine was merely busy."""


def here(seconds: float) -> float:
    """What takes so many seconds on an idle machine may take more on this one, by its load."""
    return seconds * (1 + os.getloadavg()[0] / (os.cpu_count() or 1))


class Stopwatch(threading.Thread):
    """Times something without what the whole machine stood still for meanwhile.

    It looks at the clock a hundred times a second: what is missing between two looks nothing in
    this process had, nor did whom it waited for.
    """

    def __init__(self) -> None:
        super().__init__(name="stopwatch", daemon=True)
        self._closing = threading.Event()
        self._still: list[tuple[float, float]] = []
        """From when to when, by the monotonic clock."""
        self.start()

    def run(self) -> None:
        """Note when it stood still, until it is closed."""
        last = time.monotonic()
        while not self._closing.wait(_A_STEP):
            now = time.monotonic()
            if now - last > _STOOD_STILL:
                self._still.append((last, now))
            last = now

    def since(self, began: float, until: float | None = None) -> float:
        """Seconds from one reading of the monotonic clock to another, or to now."""
        until = until or time.monotonic()
        # What lasts until now may not have been seen by the thread yet.
        self._closing.wait(2 * _A_STEP)
        still = (min(until, end) - max(began, at) for at, end in self._still)
        return until - began - sum(long for long in still if long > 0)

    def close(self) -> None:
        """Look no more."""
        self._closing.set()
        self.join()
