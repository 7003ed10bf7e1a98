"""Clocks, dates and weeks are written as the clinic writes them, on every screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from rich.cells import cell_len
from textual.widgets import Input

from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.booking import BookingRequest, book_appointment
from clinic_tui.domain.settings import change_settings
from clinic_tui.domain.together import VisitTogether
from clinic_tui.domain.together_search import FoundTogether
from clinic_tui.screens.ways_dialog import Names, WaysDialog, WaysDraft
from tests.hostile.hidden import lines_of
from tests.screens.conftest import OpenApp, settle
from tests.screens.driving import type_text, until
from tests.small_clinic import NOW, SETTINGS, SmallClinic


async def test_an_american_clinic(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    american = replace(SETTINGS, region="US", clock_hours=12, first_weekday=6, date_order="mdy")
    database.transact(change_settings, clinic.admin, american, NOW)
    for hours, patient_id in ((0, clinic.maria), (4, clinic.jonas)):
        at = NOW + timedelta(hours=hours)
        request = BookingRequest(clinic.lee, clinic.follow_up, at, patient_id=patient_id)
        database.transact(book_appointment, clinic.receptionist, request, NOW)
    async with open_app((80, 24)) as pilot:

        def lines(*expected: str) -> list[str]:
            found = lines_of(pilot)
            assert {cell_len(line) for line in found} == {80}
            for words in expected:
                assert any(words in line for line in found), (words, found)
            return found

        day = lines("Mon Nov 23, 2026", "9:00am▸", "10:00am ", "12:40pm ", "9:00am–9:20am")
        assert day[0].endswith("9:00am ")
        assert not any("13:" in line for line in day)
        await pilot.press("w")
        await settle(pilot)
        week = lines("Sun Nov 22 – Sat Nov 28, 2026 · week 48")
        headings = next(line for line in week if "Sun 22" in line)
        assert headings.index("Sun 22") < headings.index("Mon 23")
        await pilot.press("M")
        await settle(pilot)
        (names,) = [line for line in lines() if "Sun" in line and "Sat" in line and "Wed" in line]
        assert names.split() == ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        first = next(line for line in lines() if line.startswith(" 45"))
        assert first.split()[1] == "1", "1 November 2026 is a Sunday"
        await pilot.press("g")
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        await type_text(pilot, "12/4")
        await until(pilot, lambda: any("Fri Dec 4, 2026" in line for line in lines_of(pilot)))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.focused, Input))
        await pilot.press("f2")
        await settle(pilot)
        lines("9:00am ", "1:00pm")
        visit = VisitTogether(clinic.lee, clinic.follow_up, NOW + timedelta(hours=1), 20)
        ways = WaysDraft((FoundTogether((visit,), ("Dr Lee",)),))
        pilot.app.push_screen(WaysDialog(Desk(database), "One way", ways, Names({}, {})))
        await settle(pilot)
        lines("10:00am–10:20am ")
