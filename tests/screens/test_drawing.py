"""What a key has drawn, and what not: a layout or a whole screen takes longer than all the rest."""

from __future__ import annotations

import gc
from typing import Any

import pyte
import pytest
from textual._compositor import Compositor, CompositorUpdate
from textual.app import App
from textual.screen import Screen

from clinic_tui.screens.booking.booking import BookingDialog
from clinic_tui.screens.header import ClinicHeader
from clinic_tui.screens.widgets.lists.bare_lines import WholeLine
from tests.screens.conftest import OpenApp
from tests.screens.driving import said, type_text, until
from tests.screens.frames import draw_at_once

_SIZE = (80, 24)


@pytest.fixture(autouse=True)
def every_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is drawn as it comes, also right after a change of screen, when Textual draws none."""
    monkeypatch.setattr(Screen, "_compositor_refresh", draw_at_once)
    monkeypatch.setattr(App, "delay_update", lambda _app, _delay=0.0: None)


def _counted(patch: pytest.MonkeyPatch, owner: type[Any], name: str) -> list[str]:
    """Its calls from now on; that method works as before."""
    method = getattr(owner, name)
    calls: list[str] = []

    def noted(self: object, *args: object, **more: object) -> object:
        calls.append(name)
        return method(self, *args, **more)

    patch.setattr(owner, name, noted)
    return calls


async def test_the_line_of_a_booking(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is laid out while it is typed; what changes below is drawn once, or not at all."""
    async with open_app(size=(120, 40)) as pilot:
        await pilot.press("b")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await until(pilot, lambda: "free" in said(pilot, "#state"))
        layouts = _counted(monkeypatch, Screen, "_refresh_layout")
        await type_text(pilot, "garcia tue 3pm okafor 45m")
        await until(pilot, lambda: "15:45" in said(pilot, "#says"))
        await pilot.press(*["backspace"] * len(" tue 3pm okafor 45m"))
        await until(pilot, lambda: "09:00" in said(pilot, "#says"))
        assert not layouts

        below = pilot.app.screen_stack[0]
        header = below.query_one(ClinicHeader)
        header._keep_true()
        await pilot.pause()
        frames = _counted(monkeypatch, App, "_display")
        header.refresh()
        await until(pilot, lambda: bool(frames))
        assert len(frames) == 1
        for _ in range(3):
            header._keep_true()
            below.load()  # type: ignore[attr-defined]
            await pilot.pause()
        assert len(frames) == 1


async def test_days_turned_to(open_app: OpenApp) -> None:
    """What was drawn of one is gone with it, and does not wait for the garbage collector."""
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


async def test_what_is_drawn_bit_by_bit(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that got nothing but what changed shows what one shows that gets all of it."""
    terminal = pyte.Screen(*_SIZE)
    stream = pyte.Stream(terminal)

    def display(app: App[Any], _screen: Screen[Any], drawn: CompositorUpdate | None) -> None:
        if drawn is not None:
            stream.feed(drawn.render_segments(app.console))

    monkeypatch.setattr(App, "_display", display)
    async with open_app(size=_SIZE) as pilot:
        partial = _counted(monkeypatch, Compositor, "render_partial_update")
        for keys in ("]", "down right", "b", "g a r c i a space t u e", "3 p m backspace",
                     "escape escape f2", "down", "f4 l i n down", "f3 M down", "w"):  # fmt: skip
            await pilot.press(*keys.split())
            await pilot.pause()
            whole = pyte.Screen(*_SIZE)
            everything = pilot.app.screen._compositor.render_full_update()
            pyte.Stream(whole).feed(everything.render_segments(pilot.app.console))
            assert terminal.display == whole.display, keys
            assert _cells(terminal) == _cells(whole), keys
        assert len(partial) > 10


def _cells(terminal: pyte.Screen) -> list[list[Any]]:
    """Every cell of a terminal, its colours and looks with it."""
    columns, rows = _SIZE
    return [[terminal.buffer[y][x] for x in range(columns)] for y in range(rows)]


def _lines_in_memory() -> int:
    return sum(isinstance(one, WholeLine) for one in gc.get_objects())
