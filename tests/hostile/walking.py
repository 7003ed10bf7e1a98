"""Going through the screens of the poisoned clinic."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from textual.pilot import Pilot

from clinic_tui.app import ClinicApp
from clinic_tui.screens.base import Dialog
from tests.screens.conftest import settle
from tests.screens.driving import until

from .poison import TEXTS, WORD
from .seen import Watching, check_harmless, lines_in

D = TypeVar("D", bound=Dialog[Any])


def watch(pilot: Pilot[int]) -> Watching:
    """Let the last step before the terminal tell what it had to put right."""
    watching = Watching()
    assert isinstance(pilot.app, ClinicApp)
    pilot.app._safe_text = watching
    return watching


async def find_everybody(pilot: Pilot[int], place: str, lines: str) -> list[str]:
    """Go to a place, search for everybody there, and give the lines that they fill."""
    await pilot.press(place)
    await settle(pilot)
    await pilot.press("slash", *WORD)
    await settle(pilot)
    return lines_in(pilot.app.screen.query_one(lines))


async def click_line(pilot: Pilot[int], lines: str, line: int) -> None:
    """Click where a name begins."""
    await pilot.click(pilot.app.screen.query_one(lines), offset=(4, line))
    await settle(pilot)


async def along_visits(pilot: Pilot[int]) -> AsyncIterator[tuple[int, str]]:
    """Put the cursor on each visit of Lee's Monday, ten minutes a row; its number and its text."""
    await pilot.press("plus", "plus", "home")
    for number, text in enumerate(TEXTS):
        await pilot.press(*["tab"] * (number > 0))
        await pilot.pause()
        yield number, text


@asynccontextmanager
async def opening(pilot: Pilot[int], key: str, kind: type[D]) -> AsyncIterator[D]:
    """Press a key that opens a dialog; afterwards Esc leaves it."""
    before = pilot.app.screen
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, kind))
    dialog = pilot.app.screen
    assert isinstance(dialog, kind)
    yield dialog
    check_harmless(pilot)
    await pilot.press("escape")
    await until(pilot, lambda: pilot.app.screen is before)
