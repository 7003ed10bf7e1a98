"""Pressing keys and reading the screen, for tests that wait for what they caused."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from textual.css.query import NoMatches
from textual.pilot import Pilot
from textual.widgets import Static

from clinic_tui.desk import Desk

_A_MOMENT = 0.005
"""Seconds between two looks once the program has nothing left to do: somebody else has."""
_PATIENCE = 60.0
"""Seconds before a test gives up: only a failing one needs them all."""


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    """Let the program work until that is true; also with a dialog open, unlike ``settle``."""
    give_up = time.monotonic() + _PATIENCE
    while not _is_so(true):
        await pilot.pause()
        if not _is_so(true):
            assert time.monotonic() < give_up, "It never became true."
            await asyncio.sleep(_A_MOMENT)
    await pilot.pause()


def _is_so(true: Callable[[], bool]) -> bool:
    """What is asked about may only be on its way to the screen."""
    with suppress(NoMatches, IndexError):
        return true()
    return False


def answer_late(desk: Desk, patch: pytest.MonkeyPatch, seconds: float) -> None:
    """Whatever the desk is asked takes that long from now on."""
    read = desk.read

    async def slowly(operation: Any, *args: Any, **kwargs: Any) -> Any:
        await asyncio.sleep(seconds)
        return await read(operation, *args, **kwargs)

    patch.setattr(desk, "read", slowly)


async def type_text(pilot: Pilot[int], text: str) -> None:
    """Press the keys of a text."""
    names = {" ": "space", "@": "at", ".": "full_stop", "-": "minus", "/": "slash", "+": "plus"}
    await pilot.press(*(names.get(char, char) for char in text))


def said(pilot: Pilot[int], selector: str) -> str:
    """What a widget of the screen in front says."""
    return str(pilot.app.screen.query_one(selector, Static).render())


def keys(pilot: Pilot[int]) -> set[str]:
    """The keys that are offered now."""
    bindings = pilot.app.screen.active_bindings.values()
    return {active.binding.key for active in bindings if active.enabled}
