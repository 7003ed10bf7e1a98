"""Waiting until the program has nothing left to do, as its event loop knows it.

Textual's pilot sleeps 20 ms twice a key and takes a process that used no time meanwhile for one
that is done: slow on an idle machine, wrong on a busy one, where a read of the database may take
longer. Here the program is still when no callback is ready, no timer is about to go off and no
thread is at work for it. That is sooner and later at once: as soon as it is true, not before.

A frame that is due within some milliseconds is not slept for: the clock of the loop is put ahead.
"""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from .frames import draw_what_is_due

_SOON = 0.02
"""Seconds: a frame is drawn within 1/60 s; what is due later is not part of an answer to a key."""
_FRAMES = 8
"""So many in a row are no answer either, but something that moves for its own sake."""
_PATIENCE = 60.0
"""Seconds: a busy machine may take long over what an idle one does at once."""
_ahead: WeakKeyDictionary[asyncio.AbstractEventLoop, float] = WeakKeyDictionary()
"""Seconds that were not slept."""


class OnPurpose(threading.Event):
    """What a test holds a thread up with; that thread is not waited for meanwhile."""

    waiting: ClassVar[set[int]] = set()

    def wait(self, timeout: float | None = None) -> bool:
        """As always, and noted while it lasts."""
        me = threading.get_ident()
        self.waiting.add(me)
        try:
            return super().wait(timeout)
        finally:
            self.waiting.discard(me)


class _Threads(ThreadPoolExecutor):
    """A loop's threads, with what they are at work for.

    Work is over when it is done and the loop has been told: between the two nothing is ready and
    no thread is busy, but whoever waits for the answer does not have it yet.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(thread_name_prefix="desk")
        self._loop = loop
        self._given: list[tuple[Future[Any], asyncio.Future[Any]]] = []

    def give(self, _: object, work: Any, *args: Any) -> asyncio.Future[Any]:
        """Takes the place of the loop's ``run_in_executor``."""
        done = self.submit(work, *args)
        told = asyncio.wrap_future(done, loop=self._loop)
        self._given.append((done, told))
        return told

    @property
    def busy(self) -> int:
        """How much is under way."""
        self._given = [one for one in self._given if not all(part.done() for part in one)]
        return len(self._given)


def ticks() -> float:
    """Takes the place of ``textual._time.get_time``: seconds by the clock of the loop, if any."""
    loop = asyncio._get_running_loop()
    return time.monotonic() + (_ahead.get(loop, 0.0) if loop is not None else 0.0)


def _threads(loop: Any) -> _Threads:
    """The threads and the clock of this loop, put in place before it needs any."""
    if not isinstance(loop._default_executor, _Threads):
        threads = _Threads(loop)
        loop.set_default_executor(threads)
        loop.run_in_executor, loop.time = threads.give, ticks
    found: _Threads = loop._default_executor
    return found


async def until_still(min_sleep: float = 0, max_sleep: float = 1) -> None:
    """Return when nothing is left to do; fail when that does not come.

    Takes the place of ``textual._wait.wait_for_idle``, hence the parameters.
    """
    loop: Any = asyncio.get_running_loop()
    threads = _threads(loop)
    end = time.monotonic() + _PATIENCE
    frames = 0
    while time.monotonic() < end:
        await asyncio.sleep(0)
        if loop._ready:
            continue
        due = [timer.when() for timer in loop._scheduled if not timer.cancelled()]
        now = loop.time()
        soon = [when for when in due if when < now + _SOON]
        if soon and frames < _FRAMES:
            frames += 1
            _ahead[loop] = _ahead.get(loop, 0.0) + max(0.0, min(soon) - loop.time())
        elif threads.busy > len(OnPurpose.waiting):
            frames = 0
            await asyncio.sleep(0.001)
        elif not draw_what_is_due():
            return
    raise AssertionError("It is never still.")


async def screen_is_still(*_: Any) -> bool:
    """Takes the place of ``Pilot._wait_for_screen``, which asks every widget for an answer."""
    await until_still()
    return True
