"""The editor of weekly hours: echoed as typed, refused by the weekday, nothing stranded unseen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from clinic_tui.app import ClinicApp
from clinic_tui.desk import Desk
from clinic_tui.domain.hours.hours import doctor_hours, set_weekly_hours
from clinic_tui.domain.hours.schedule import Hours
from clinic_tui.domain.hours.text import weeks_of
from clinic_tui.domain.times.walltime import instant
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.screens.absence.plan_dialog import PlanDialog
from clinic_tui.screens.doctors.doctors import DoctorsScreen
from clinic_tui.screens.doctors.hours_editor import HoursEditor
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import said, type_text, until
from tests.small_clinic import NOW, WEEK, ZONE, SmallClinic

SATURDAYS = Hours(5, 540, 720, date(2026, 11, 2), None, 2)


async def open_editor(pilot: Pilot[int]) -> None:
    """The hours of the first doctor."""
    await pilot.press("f5")
    await until(pilot, lambda: isinstance(pilot.app.screen, DoctorsScreen))
    await settle(pilot)
    await pilot.press("h")
    await until(pilot, in_front(pilot, HoursEditor))


def in_front(pilot: Pilot[int], dialog: type) -> Callable[[], bool]:
    """Whether that dialog is what one sees."""
    return lambda: isinstance(pilot.app.screen, dialog)


def field(pilot: Pilot[int], key: str) -> Input:
    """A field of the editor."""
    return pilot.app.screen.query_one(f"#{key}", Input)


def hours_of(desk: Desk, clinic: SmallClinic) -> set[Hours]:
    """What is on record."""
    return set(desk.read_now(doctor_hours, clinic.lee).weekly)


async def test_echoes_what_was_understood_and_adds_it_up(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await open_editor(pilot)
        assert field(pilot, "monday").value == "9-12, 13-17"
        assert said(pilot, "#monday-echo") == "09:00–12:00  13:00–17:00"
        room = pilot.app.screen.query_one("#monday-echo").size.width
        assert room >= len("10:30am–12:30pm  1:30pm–5:30pm")
        assert said(pilot, "#saturday-echo") == "closed"
        assert said(pilot, "#total") == "35 h a week"
        await pilot.press("ctrl+u", *"8")
        await type_text(pilot, "-12:30")
        assert said(pilot, "#monday-echo") == "08:00–12:30"
        assert said(pilot, "#total") == "32 h 30 min a week"
        await type_text(pilot, ", 11-13")
        assert said(pilot, "#monday-echo") == "✗ not understood"
        assert said(pilot, "#hint") == "Monday: 08:00–12:30 and 11:00–13:00 overlap."


@on_both
async def test_saves_what_was_typed(open_app: OpenApp, desk: Desk, clinic: SmallClinic) -> None:
    async with open_app() as pilot:
        await open_editor(pilot)
        await pilot.press("ctrl+u", *"22", "minus", *"24", "enter", "ctrl+d", "enter", "ctrl+u")
        await pilot.press("ctrl+s")
        await until(pilot, in_front(pilot, DoctorsScreen))
        await settle(pilot)
        week = [one for one in WEEK if one.weekday > 2]
        expected = {Hours(0, 1320, 1440), Hours(1, 1320, 1440), *week}
        assert hours_of(desk, clinic) == expected
        facts = said(pilot, "#facts").splitlines()
        assert "Mon–Tue  22:00–24:00" in facts
        assert "Wed      closed" in facts


REFUSED = (
    ("wednesday", "9-5", "Wednesday: “9-5” does not end after it starts; 9-17?", "wednesday"),
    ("sunday", "22-6", "a night shift is two ranges", "sunday"),
    ("friday", "morning [/]", "Friday: “morning” is no range of hours", "friday"),
    ("from", "someday", "“someday” is no day", "from"),
    ("until", "1.1.1950", "more than 30 years away", "until"),
    ("every", "0", "“0” is no number of weeks: write 1 to 52.", "every"),
    ("every", "two", "“two” is no number of weeks", "every"),
    ("every", "2", "Every second week counts from a date", "from"),
)


async def test_refuses_at_the_field_and_keeps_the_rest(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        await open_editor(pilot)
        field(pilot, "monday").value = "7-8"
        for key, text, sentence, wrong in REFUSED:
            good = field(pilot, key).value
            field(pilot, key).value = text
            field(pilot, "monday").focus()
            await pilot.press("ctrl+s")
            await pilot.pause()
            assert sentence in said(pilot, "#refusal")
            assert pilot.app.screen.focused is field(pilot, wrong)
            assert field(pilot, "monday").value == "7-8"
            field(pilot, key).value = good
        assert hours_of(desk, clinic) == set(WEEK)


@on_both
async def test_plans_the_visits_that_would_stand_outside(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    for day, patient in ((24, clinic.maria), (25, clinic.jonas)):
        start = instant(date(2026, 11, day), 9 * 60, ZONE)
        request = BookingRequest(clinic.lee, clinic.follow_up, start, patient)
        desk.run_now(book_appointment, request, NOW)
    async with open_app() as pilot:
        await open_editor(pilot)
        await pilot.press("enter", "ctrl+u", *"10", "minus", *"12", "ctrl+s")
        await until(pilot, in_front(pilot, PlanDialog))
        assert said(pilot, "#summary").startswith("1 visit: 1 same doctor")
        assert "Maria Garcia — Follow-up · Tue 24 Nov 2026 09:00–09:20" in said(pilot, "#about")
        assert hours_of(desk, clinic) == set(WEEK)
        await pilot.press("escape")
        await until(pilot, in_front(pilot, HoursEditor))
        assert field(pilot, "tuesday").value == "10-12"
        await pilot.press("ctrl+s")
        await until(pilot, in_front(pilot, PlanDialog))
        await pilot.press("a")
        await until(pilot, in_front(pilot, DoctorsScreen))
        await settle(pilot)
        assert Hours(1, 600, 720) in hours_of(desk, clinic)


async def test_edits_one_of_several_weeks_and_keeps_the_others(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    desk.run_now(set_weekly_hours, clinic.lee, (*WEEK, SATURDAYS), NOW)
    async with open_app() as pilot:
        await open_editor(pilot)
        assert said(pilot, "#which").startswith("Week 1 of 2")
        await pilot.press("pagedown")
        assert said(pilot, "#which").startswith("Week 2 of 2")
        assert field(pilot, "saturday").value == "9-12"
        assert field(pilot, "from").value == "Mon 2 Nov 2026"
        field(pilot, "saturday").value = "10-12"
        await pilot.press("pageup")
        assert field(pilot, "saturday").value == ""
        field(pilot, "saturday").value = "x"
        await pilot.press("pagedown", "ctrl+s")
        await pilot.pause()
        assert said(pilot, "#which").startswith("Week 1 of 2")
        assert "Saturday: “x” is no range" in said(pilot, "#refusal")
        field(pilot, "saturday").value = ""
        await pilot.press("ctrl+s")
        await until(pilot, in_front(pilot, DoctorsScreen))
        await settle(pilot)
        changed = Hours(5, 600, 720, date(2026, 11, 2), None, 2)
        assert hours_of(desk, clinic) == {*WEEK, changed}


async def test_adds_another_week(open_app: OpenApp, desk: Desk, clinic: SmallClinic) -> None:
    async with open_app() as pilot:
        await open_editor(pilot)
        await pilot.press("ctrl+n")
        assert said(pilot, "#which").startswith("Week 2 of 2")
        field(pilot, "saturday").value = "9-12"
        field(pilot, "from").value = "2.11.2026"
        field(pilot, "every").value = "2"
        await pilot.press("ctrl+s")
        await until(pilot, in_front(pilot, DoctorsScreen))
        await settle(pilot)
        assert hours_of(desk, clinic) == {*WEEK, SATURDAYS}
        assert len(weeks_of(hours_of(desk, clinic))) == 2


async def test_hours_besides_others_do_not_overlap_them(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        await open_editor(pilot)
        await pilot.press("ctrl+n")
        field(pilot, "tuesday").value = "11-13"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: said(pilot, "#refusal") != "")
        assert said(pilot, "#refusal") == "Tuesday: 09:00–12:00 and 11:00–13:00 overlap."
        assert hours_of(desk, clinic) == set(WEEK)


async def test_what_was_typed_is_offered_again(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await open_editor(pilot)
        await pilot.press("ctrl+u", *"8", "ctrl+n")
        field(pilot, "sunday").value = "1-2"
        await pilot.press("escape")
        await until(pilot, in_front(pilot, DoctorsScreen))
        await pilot.press("h")
        await until(pilot, in_front(pilot, HoursEditor))
        assert field(pilot, "monday").value == "8"
        assert "still here" in said(pilot, "#refusal")
        await pilot.press("pagedown")
        assert field(pilot, "sunday").value == "1-2"
        await pilot.press("ctrl+r")
        assert field(pilot, "monday").value == "9-12, 13-17"
        assert not pilot.app.screen.query_one("#which").display


@pytest.mark.parametrize("kind", ["sqlite"])
def test_looks(snap_compare: Callable[..., bool], desk: Desk, clinic: SmallClinic) -> None:
    async def look(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await open_editor(pilot)
        await pilot.press("enter", "end", "x", "ctrl+s")
        await pilot.pause()

    desk.run_now(set_weekly_hours, clinic.lee, (*WEEK, SATURDAYS), NOW)
    app = ClinicApp(lambda: desk)
    assert snap_compare(app, terminal_size=(80, 24), run_before=look)
