"""Clocks, dates and weeks are written as the clinic writes them, on every screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from rich.cells import cell_len
from textual.widgets import Input, Label

from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.clinic.settings import change_settings
from clinic_tui.domain.hours.text import WeekOfHours, named_days
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.domain.visits.together import VisitTogether
from clinic_tui.domain.visits.together_search import FoundTogether
from clinic_tui.screens.doctors.hours_editor import HoursEditor
from clinic_tui.screens.doctors.time_off import ExtraHoursForm, TimeOffForm
from clinic_tui.screens.several.series_form import SeriesForm
from clinic_tui.screens.several.together_form import TogetherForm
from clinic_tui.screens.several.ways_dialog import Names, WaysDialog, WaysDraft
from tests.hostile.hidden import lines_of
from tests.screens.conftest import OpenApp, settle
from tests.screens.driving import type_text, until
from tests.small_clinic import NOW, SETTINGS, SmallClinic

AMERICAN = replace(SETTINGS, region="US", clock_hours=12, first_weekday=6, date_order="mdy")


async def test_an_american_clinic(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    database.transact(change_settings, clinic.admin, AMERICAN, NOW)
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
        first = next(line.split() for line in lines() if line.split()[:1] == ["45"])
        assert first[1] == "1", "1 November 2026 is a Sunday"
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


FORMS = (
    ("f5", "h", HoursEditor, ("from", "until")),
    ("f5", "a", TimeOffForm, ("from", "until")),
    ("f5", "x", ExtraHoursForm, ("day",)),
    ("f4", "S", SeriesForm, ("first",)),
    ("f4", "T", TogetherForm, ("first", "last")),
)


async def test_an_american_clinic_s_forms(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    """Dates fit into their fields with the cursor behind them; hours begin on Sunday."""
    database.transact(change_settings, clinic.admin, AMERICAN, NOW)
    async with open_app((80, 24)) as pilot:
        for place, key, kind, fields in FORMS:
            await pilot.press(place)
            await settle(pilot)
            if key == "S":
                await type_text(pilot, "garcia")
                await pilot.press("enter")
                await settle(pilot)
            await pilot.press(key)
            await until(pilot, lambda kind=kind: isinstance(pilot.app.screen, kind))  # type: ignore[misc]
            form = pilot.app.screen
            for field in fields:
                line = form.query_one(f"#{field}", Input)
                line.value = "Mon Nov 30, 2026"
                assert line.content_size.width > len(line.value), (kind, field, line.content_size)
            if kind is HoursEditor:
                shown = [str(one.render()) for one in form.query(Label)]
                assert shown[:3] == ["Sunday", "Monday", "Tuesday"]
                monday = form.query_one("#monday", Input)
                form.query_one("#sunday", Input).value = "10-11"
                monday.focus()
                await pilot.press("ctrl+d")
                assert monday.value == "10-11"
            await pilot.press("escape")
            await until(pilot, lambda form=form: pilot.app.screen is not form)  # type: ignore[misc]
            await settle(pilot)
        weeks = WeekOfHours((((540, 720),),) * 5 + ((),) * 2)
        assert [days for days, _ in weeks.alike()] == ["Sun", "Mon–Fri", "Sat"]
        assert [day[:3] for day, _ in named_days(weeks.days)][:2] == ["Sun", "Mon"]
