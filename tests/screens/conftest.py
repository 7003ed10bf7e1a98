"""The program on a real database, driven by keys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from textual.app import App
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from tests.screens.frames import draw_once_still
from tests.screens.parsed_once import parse_rules_once
from tests.screens.stillness import screen_is_still, ticks, until_still
from tests.screens.words import press_words_at_once
from tests.small_clinic import NOW, SmallClinic

on_both = pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
"""For what others do meanwhile, for a database that is busy or gone, and for one story of each kind
from the keys to the database and back.

Everything else is tried on SQLite alone: what an operation finds, stores and refuses is tried on
both databases where it is (``tests/domain``), and a screen gives it the same and shows the same.
"""
OpenApp = Callable[..., AbstractAsyncContextManager[Pilot[int]]]


@pytest.fixture
def kind() -> str:
    """SQLite, unless a test says ``@on_both``."""
    return "sqlite"


@pytest.fixture(autouse=True)
def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing depends on the instant at which it is looked at."""
    be_steady(monkeypatch)


def be_steady(patch: pytest.MonkeyPatch) -> None:
    """Keys are followed by what they cause, not by a rest of fixed length; no cursor blinks."""
    patch.setattr(Input, "cursor_blink", False)
    patch.setattr(Stylesheet, "_parse_rules", parse_rules_once)
    patch.setattr("textual.app.wait_for_idle", until_still)
    patch.setattr("textual.pilot.wait_for_idle", until_still)
    patch.setattr("textual._time.get_time", ticks)
    patch.setattr(Pilot, "_wait_for_screen", screen_is_still)
    patch.setattr(Screen, "_compositor_refresh", draw_once_still)
    patch.setattr(App, "_press_keys", press_words_at_once)


@pytest.fixture
def desk(database: Database, clinic: SmallClinic) -> Desk:
    """The reception's desk at 09:00 on a Monday."""
    desk = Desk(database, now=lambda: NOW)
    desk.sign_in_as(clinic.receptionist)
    return desk


@pytest.fixture
def open_app(desk: Desk) -> OpenApp:
    """``async with open_app() as pilot``: the program, its first screen loaded."""

    @asynccontextmanager
    async def opened(size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[int]]:
        app = ClinicApp(lambda: desk)
        async with app.run_test(size=size, notifications=True) as pilot:
            await settle(pilot)
            yield pilot

    return opened


async def settle(pilot: Pilot[int]) -> None:
    """Wait until nothing is loading. Not while a dialog is open: its story is a worker too."""
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
