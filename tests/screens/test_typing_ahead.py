"""Keys that come in one burst, faster than a dialog can stand: none of them is lost."""

from __future__ import annotations

import time
from datetime import date

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import Input

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.screens import typing_ahead
from clinic_tui.screens.booking.booking import BookingDialog
from clinic_tui.screens.calendar.pages import CalendarPages
from clinic_tui.screens.doctors.hours_editor import HoursEditor
from clinic_tui.screens.doctors.lines import DoctorList
from clinic_tui.screens.patients.patients import PatientsScreen
from clinic_tui.screens.widgets.lists.visit_list import VisitList
from tests.domain.given import add_visit, at
from tests.screens.conftest import OpenApp, settle
from tests.screens.driving import answer_late, said, until
from tests.screens.late_desk import LateDesk
from tests.small_clinic import NOW, PASSWORD, SmallClinic


def burst(pilot: Pilot[int], text: str, *last: str) -> None:
    """All of it at once, as it comes out of a pipe or from a fast hand on a slow line."""
    for char in text:
        pilot.app.post_message(events.Key(_character_to_key(char), char))
    for key in last:
        pilot.app.post_message(events.Key(key, None))


def page(pilot: Pilot[int]) -> CalendarPages:
    """The calendar under whatever is open."""
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, CalendarPages)
    return screen


async def test_a_date_behind_g(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        burst(pilot, "g2026-12-01", "enter")
        await until(pilot, lambda: page(pilot).page.day == date(2026, 12, 1))


async def test_a_name_behind_b(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        burst(pilot, "bgarcia")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await until(pilot, lambda: pilot.app.screen.query(Input).first().value == "garcia")


async def test_a_name_pasted_behind_b(open_app: OpenApp) -> None:
    """What is pasted waits, too, and of several lines none is dropped."""
    async with open_app() as pilot:
        burst(pilot, "b")
        pilot.app.post_message(events.Paste("garcia\r\nmaria\n"))
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await until(pilot, lambda: pilot.app.screen.query(Input).first().value == "garcia maria")


async def test_what_is_typed_behind_tab(clinic: SmallClinic, database: Database) -> None:
    """Tab and Enter do their work before the letters behind them are for anybody.

    What comes behind the password waits for the door; behind a wrong one it is for nobody.
    """
    desk = Desk(database, now=lambda: NOW)
    async with ClinicApp(lambda: desk).run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        burst(pilot, clinic.receptionist.username, "tab")
        burst(pilot, "not the password", "enter")
        burst(pilot, "bgarcia", "enter")
        await until(pilot, lambda: said(pilot, "#refusal") != "")
        burst(pilot, PASSWORD, "enter")
        burst(pilot, "bgarcia")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await until(pilot, lambda: pilot.app.screen.query(Input).first().value == "garcia")
        await pilot.press("escape")
        burst(pilot, "", "f12")
        burst(pilot, PASSWORD, "enter")
        burst(pilot, "bgarcia")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))


async def test_enter_behind_a_search_is_for_what_it_finds(
    open_app: OpenApp, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the clinic takes its time; what is typed behind Enter is for the record."""
    answer_late(desk, monkeypatch, 0.15)
    async with open_app() as pilot:
        burst(pilot, "", "f4")
        burst(pilot, "lind", "enter")
        await until(pilot, lambda: isinstance(pilot.app.focused, VisitList))
        patients = pilot.app.screen
        assert isinstance(patients, PatientsScreen)
        assert patients.record is not None
        assert patients.record.name == "Jonas Lind"
        burst(pilot, "/garcia", "enter")
        burst(pilot, "b")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await until(pilot, lambda: pilot.app.screen.query(Input).first().value == "Maria Garcia")
        await pilot.press("escape")
        # Nobody is found, and so nothing opens; what is typed behind it is typed.
        burst(pilot, "/nobody", "enter")
        burst(pilot, "s")
        await until(pilot, lambda: patients.typed == "nobodys")
        await until(pilot, lambda: patients.record is None)
        burst(pilot, "", "f5")
        burst(pilot, "/park", "enter")
        # The list has the focus before the search as well, and nobody in it at first.
        await until(pilot, lambda: pilot.app.screen.query_one(DoctorList).option_count == 1)
        await until(pilot, lambda: isinstance(pilot.app.focused, DoctorList))


async def test_a_program_that_was_stopped_gives_the_clinic_its_time_all_the_same(
    clinic: SmallClinic, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also a machine that slept: keys go on without an answer that there was no time to give."""
    desk = LateDesk(database, clinic.receptionist)
    async with ClinicApp(lambda: desk).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("f4")
        desk.asked = "lind"
        burst(pilot, "lind", "enter")
        burst(pilot, "b")
        await until(pilot, lambda: desk.asked is None)
        monkeypatch.setattr(typing_ahead, "monotonic", lambda: time.monotonic() + 60)
        burst(pilot, "", "end")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, BookingDialog)
        desk.gate.set()
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await until(pilot, lambda: pilot.app.screen.query(Input).first().value == "Jonas Lind")


async def test_b_behind_the_digits_of_a_caller_books_for_them(open_app: OpenApp) -> None:
    """Not for nobody, and never for whoever was shown before."""
    async with open_app() as pilot:
        burst(pilot, "p901820b")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await until(pilot, lambda: pilot.app.screen.query(Input).first().value != "")
        assert pilot.app.screen.query(Input).first().value == "Jonas Lind"
        await pilot.press("escape")
        burst(pilot, "p456789b")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await until(pilot, lambda: pilot.app.screen.query(Input).first().value == "Maria Garcia")


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_letters_are_in_their_field_before_what_is_there_is_saved(open_app: OpenApp) -> None:
    """Ctrl+S is the screen's own, and goes no way through the field."""
    async with open_app() as pilot:
        burst(pilot, "", "f5")
        burst(pilot, "/park", "enter")
        burst(pilot, "h")
        await until(pilot, lambda: isinstance(pilot.app.screen, HoursEditor))
        editor = pilot.app.screen
        assert isinstance(editor, HoursEditor)
        editor.query_one("#monday", Input).value = ""
        burst(pilot, "9-9", "ctrl+s")
        await until(pilot, lambda: pilot.app.screen is not editor or said(pilot, "#refusal") != "")
        assert editor.typed["0.monday"] == "9-9"
        assert pilot.app.screen is editor


async def test_steps_one_after_another(
    clinic: SmallClinic, database: Database, open_app: OpenApp
) -> None:
    """No dialog opens: the next key works once the first step is done."""
    database.transact(add_visit, clinic, at("09:00"))
    async with open_app() as pilot:
        await settle(pilot)
        burst(pilot, "ii]")
        await until(pilot, lambda: page(pilot).page.day == date(2026, 11, 24))
        burst(pilot, "[")
        await until(pilot, lambda: page(pilot).page.day == date(2026, 11, 23))
