"""What the tests of the screens wait for: that the program has nothing left to do."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from tests.screens.stillness import until_still


async def test_nothing_is_still_between_an_answer_and_its_coming_to_the_loop() -> None:
    await until_still()  # This loop's threads are the ones that are looked at.
    loop: Any = asyncio.get_running_loop()
    tell, may_read, may_tell = loop.call_soon_threadsafe, threading.Event(), threading.Event()

    def tell_late(*what: Any, **how: Any) -> asyncio.Handle:
        may_tell.wait()
        told: asyncio.Handle = tell(*what, **how)
        return told

    reading = asyncio.create_task(asyncio.to_thread(may_read.wait))
    await asyncio.sleep(0)
    loop.call_soon_threadsafe = tell_late
    may_read.set()
    loop.call_later(0.05, may_tell.set)
    try:
        await until_still()
        assert reading.done()
    finally:
        may_tell.set()
        loop.call_soon_threadsafe = tell
