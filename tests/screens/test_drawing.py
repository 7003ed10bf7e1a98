"""What a key has drawn, and what not: a layout or a whole screen takes longer than all the rest."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import pytest
from textual.app import App
from textual.screen import Screen

from clinic_tui.screens.booking.booking import BookingDialog
from clinic_tui.screens.header import ClinicHeader
from clinic_tui.screens.widgets.lists.bare_lines import WholeLine
from tests.screens.conftest import OpenApp
from tests.screens.driving import said, type_text, until
from tests.screens.frames import draw_at_once


def _counted(patch: pytest.MonkeyPatch, owner: type[Any], name: str) -> Callable[[], int]:
    """How often that method was called since it was asked last; it works as before."""
    method, calls = getattr(owner, name), []

    def noted(self: object, *args: object, **more: object) -> object:
        calls.append(name)
        return method(self, *args, **more)

    def since() -> int:
        many = len(calls)
        calls.clear()
        return many

    patch.setattr(owner, name, noted)
    return since


async def test_the_line_of_a_booking(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is laid out while it is typed; what changes below is drawn once, or not at all."""
    monkeypatch.setattr(Screen, "_compositor_refresh", draw_at_once)
    async with open_app(size=(120, 40)) as pilot:
        await pilot.press("b")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await until(pilot, lambda: "free" in said(pilot, "#state"))
        layouts = _counted(monkeypatch, Screen, "_refresh_layout")
        await type_text(pilot, "garcia tue 3pm okafor 45m")
        await until(pilot, lambda: "15:45" in said(pilot, "#says"))
        await pilot.press(*["backspace"] * len(" tue 3pm okafor 45m"))
        await until(pilot, lambda: "09:00" in said(pilot, "#says"))
        assert layouts() == 0

        below = pilot.app.screen_stack[0]
        header = below.query_one(ClinicHeader)
        header._keep_true()
        await pilot.pause()
        frames = _counted(monkeypatch, App, "_display")
        header.refresh()
        await pilot.pause()
        assert frames() == 1
        for _ in range(3):
            header._keep_true()
            below.load()  # type: ignore[attr-defined]
            await pilot.pause()
        assert frames() == 0


async def test_days_turned_to(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was drawn of one is gone with it, and does not wait for the garbage collector."""
    monkeypatch.setattr(Screen, "_compositor_refresh", draw_at_once)
    async with open_app() as pilot:
        gc.disable()
        try:
            gc.collect()
            before = _lines_in_memory()
            for _ in range(6):
                await pilot.press("right_square_bracket")
            assert 0 < _lines_in_memory() < before * 2
        finally:
            gc.enable()


def _lines_in_memory() -> int:
    return sum(isinstance(one, WholeLine) for one in gc.get_objects())
