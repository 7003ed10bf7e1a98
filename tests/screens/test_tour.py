"""The guided tour of the made-up clinic: each line is followed by what it asks for, to the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.screen import Screen

from clinic_tui.database import Database
from clinic_tui.demo.file import demo_file
from clinic_tui.demo.plan import load_plan
from clinic_tui.demo.tour import tour_steps
from clinic_tui.desk import Desk
from clinic_tui.domain.staff.sign_ins import signed_in, stored_password
from clinic_tui.screens.absence.away_dialog import AwayDialog
from clinic_tui.screens.absence.plan_dialog import PlanDialog
from clinic_tui.screens.booking.booking import BookingDialog
from clinic_tui.screens.calendar.calendar import CalendarScreen
from clinic_tui.screens.place.openings import Openings
from clinic_tui.screens.waitlist.freed_panel import FreedPanel
from clinic_tui.touring import TourApp, TourLine
from tests.screens.conftest import settle
from tests.screens.driving import until

_NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
"""A Saturday afternoon: the tour goes to a day with something on it by itself."""
_ROOM = 78


@asynccontextmanager
async def on_tour(folder: Path) -> AsyncIterator[tuple[Pilot[int], TourApp]]:
    """The tour at its first line."""
    path = demo_file(folder, "America/New_York", _NOW)
    desk = Desk(Database(f"sqlite:///{path}"), now=lambda: _NOW)
    database = Database(f"sqlite:///{path}")
    receptionist = database.read(stored_password, "ana")
    assert receptionist is not None
    desk.sign_in_as(database.transact(signed_in, receptionist, _NOW))
    database.close()
    app = TourApp(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await until(pilot, lambda: bool(app.screen.query(TourLine)))
        yield pilot, app


async def test_the_whole_tour_by_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic_tui.touring._LOOKS_EVERY", 0.05)
    async with on_tour(tmp_path) as (pilot, app):

        async def comes(number: int) -> None:
            def says(line: TourLine) -> bool:
                return str(line.content).startswith(f"{number}/7  ") and line.region.y == 22

            await until(pilot, lambda: says(app.screen.query_one(TourLine)))

        async def shown(kind: type[Screen[Any]]) -> None:
            await until(pilot, lambda: isinstance(app.screen, kind))

        await comes(1)
        await pilot.press("b")
        await shown(BookingDialog)
        await pilot.press(*"ptolemy lee")
        assert app.screen.query(TourLine), "in a dialog, too"
        await pilot.press("escape")
        await shown(CalendarScreen)
        assert app.tour is not None, "in a dialog Esc leaves the dialog alone"
        await pilot.press("b")
        await shown(BookingDialog)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.focused, Openings))
        await pilot.press("enter")
        await comes(2)
        await pilot.press("m", "1", "enter")
        await shown(FreedPanel)
        await comes(3)
        await pilot.press("1")
        await comes(4)
        await pilot.press("d", "p", "enter")
        await shown(FreedPanel)
        await pilot.press("escape")
        await comes(5)
        await pilot.press("D")
        await shown(AwayDialog)
        await pilot.press("s")
        await shown(PlanDialog)
        await pilot.press("a")
        await comes(6)
        await pilot.press("u")
        await comes(7)
        await pilot.press("f4")
        await until(pilot, lambda: bool(app.screen.query(TourLine)))
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.query(TourLine))
        await pilot.press("f3")
        await shown(CalendarScreen)
        assert not app.screen.query(TourLine)


def test_every_line_fits() -> None:
    steps = tour_steps(load_plan().tour)
    assert all(cell_len(f"{len(steps)}/{len(steps)}  {one.says}") <= _ROOM for one in steps)
