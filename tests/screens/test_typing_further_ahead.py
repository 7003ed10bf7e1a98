"""Keys that come before a page, a list or an answer is read: they are for what was asked for."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from textual.widgets import Input

from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.codes import NoticeStatus, Status
from clinic_tui.domain.models import Appointment, Notice, table
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.domain.waitlist.what_fits import openings_wanted
from clinic_tui.screens import typing_ahead
from clinic_tui.screens.booking.booking import BookingDialog
from clinic_tui.screens.calendar.calendar import CalendarScreen
from clinic_tui.screens.calendar.pages import Page, Span
from clinic_tui.screens.doctors.doctors import DoctorsScreen
from clinic_tui.screens.doctors.time_off import TimeOffForm
from clinic_tui.screens.patients.patients import PatientsScreen
from clinic_tui.screens.sign_in import LockScreen
from clinic_tui.screens.today.today import TodayScreen
from clinic_tui.screens.visits.appointment import VisitDialog
from clinic_tui.screens.waitlist.wish_form import WishForm
from tests.domain.given import add_visit, at
from tests.domain.waiting import holds, wait
from tests.screens.conftest import OpenApp, settle
from tests.screens.driving import answer_late, until
from tests.screens.stories import says
from tests.screens.test_typing_ahead import burst, page
from tests.small_clinic import NOW, SmallClinic

LATE = 0.15
"""Seconds: a slow answer, and much longer than a key takes."""


def status(database: Database, appointment_id: int) -> Status:
    """How a visit stands."""
    visits = table(Appointment)
    found = select(visits.c.status).where(visits.c.id == appointment_id)
    stands: Status = database.read(lambda session: session.scalars(found).one())
    return stands


def queued(database: Database) -> int:
    """How many messages wait to be sent."""
    notices = table(Notice)
    found = select(notices.c.id).where(notices.c.status == NoticeStatus.QUEUED)
    return len(database.read(lambda session: session.scalars(found).all()))


def shown(pilot: Any, selector: str) -> str:
    """What a field of the dialog holds."""
    value: str = pilot.app.screen.query_one(selector, Input).value
    return value


async def test_keys_behind_a_date_are_for_that_day(
    clinic: SmallClinic, database: Database, open_app: OpenApp, desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    first = database.transact(add_visit, clinic, at("09:00"))
    database.transact(add_visit, clinic, at("09:00", 1), patient_id=clinic.maria)
    async with open_app() as pilot:
        answer_late(desk, monkeypatch, LATE)
        burst(pilot, "g2026-12-01", "enter")
        burst(pilot, "b")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await until(pilot, lambda: "1 Dec" in shown(pilot, "#day"))
        burst(pilot, "", "escape")
        await until(pilot, lambda: pilot.app.screen is page(pilot))
        # Pages are turned at once, one behind the other; what acts waits for the last of them.
        burst(pilot, "t]")
        burst(pilot, "", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, VisitDialog))
        assert page(pilot).page.day == date(2026, 11, 24)
        burst(pilot, "", "escape")
        await until(pilot, lambda: pilot.app.screen is page(pilot))
        burst(pilot, "]tii")
        await until(pilot, lambda: status(database, first) is Status.CHECKED_IN)
        await settle(pilot)
        burst(pilot, "t]]", "f12")
        await until(pilot, lambda: isinstance(pilot.app.screen, LockScreen))
        assert page(pilot).page.day == date(2026, 11, 25)


async def test_what_leads_away_does_not_wait_for_ever(
    open_app: OpenApp, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys for what does not come act on nothing else, and are left behind with it."""
    gate, read = asyncio.Event(), desk.read

    async def hanging(operation: Any, *args: Any, **kwargs: Any) -> Any:
        await gate.wait()
        return await read(operation, *args, **kwargs)

    async with open_app() as pilot:
        monkeypatch.setattr(typing_ahead, "_LONGEST", 0.05)
        monkeypatch.setattr(desk, "read", hanging)
        burst(pilot, "]b")
        await asyncio.sleep(0.1)
        await pilot.pause()
        assert pilot.app.screen is page(pilot), "booking begins on no other day"
        burst(pilot, "", "f5")
        await until(pilot, lambda: isinstance(pilot.app.screen, DoctorsScreen))
        burst(pilot, "", "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, CalendarScreen))
        gate.set()
        await settle(pilot)
        assert pilot.app.screen is page(pilot)
        assert page(pilot).page.day == date(2026, 11, 24)


async def test_keys_behind_a_week_or_a_month_are_for_it(
    open_app: OpenApp, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app() as pilot:
        answer_late(desk, monkeypatch, LATE)
        burst(pilot, "w", "right", "right", "escape")
        burst(pilot, "b")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await until(pilot, lambda: "25 Nov" in shown(pilot, "#day"))
        burst(pilot, "", "escape")
        await until(pilot, lambda: pilot.app.screen is page(pilot))
        burst(pilot, "M]", "down", "enter")
        await until(pilot, lambda: page(pilot).page == Page(Span.DAY, date(2027, 1, 1)))


async def test_what_was_booked_is_under_the_next_key(
    clinic: SmallClinic, database: Database, open_app: OpenApp, desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """What is typed while it is saved is for the calendar; another Enter is for nobody."""
    async with open_app() as pilot:
        answer_late(desk, monkeypatch, LATE)
        write = desk.run

        async def slowly(operation: Any, *args: Any, **kwargs: Any) -> Any:
            await asyncio.sleep(LATE)
            return await write(operation, *args, **kwargs)

        monkeypatch.setattr(desk, "run", slowly)
        burst(pilot, "bgarcia", "enter", "enter", "enter")
        burst(pilot, "i]")
        await until(pilot, lambda: page(pilot).page.day == date(2026, 11, 24))
        visits = table(Appointment)
        row = database.read(lambda session: session.execute(select(visits)).one())
        assert (row.patient_id, row.status) == (clinic.maria, Status.ARRIVED)
        assert page(pilot).is_current


async def test_keys_wait_for_the_first_list(
    clinic: SmallClinic, database: Database, open_app: OpenApp, desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """On F2, F6, F7 and F5; keys that lead away wait for nothing."""
    first = database.transact(add_visit, clinic, at("09:00"))
    place = wait(clinic, database)
    request = BookingRequest(clinic.lee, clinic.follow_up, at("10:00"), clinic.maria)
    database.transact(book_appointment, clinic.receptionist, request, NOW)
    second = desk.read_now(openings_wanted, place, NOW, at("09:40"))
    third = desk.read_now(openings_wanted, place, NOW, second[-1].ends_at)
    async with open_app() as pilot:
        answer_late(desk, monkeypatch, LATE)
        burst(pilot, "", "f2", "f6", "f7", "f2")
        burst(pilot, "/lind", "enter")
        burst(pilot, "ii")
        await until(pilot, lambda: status(database, first) is Status.CHECKED_IN)
        assert isinstance(pilot.app.screen, TodayScreen)
        burst(pilot, "", "f6")
        burst(pilot, "e")
        await until(pilot, lambda: isinstance(pilot.app.screen, WishForm))
        burst(pilot, "", "escape")
        burst(pilot, "nn1")
        await until(pilot, lambda: database.read(holds) != [])
        assert [one.starts_at for one in database.read(holds)] == [third[0].starts_at]
        burst(pilot, "", "f7")
        waiting = queued(database)
        burst(pilot, "2dd")
        await until(pilot, lambda: queued(database) == waiting - 2)
        burst(pilot, "", "f5")
        burst(pilot, "a")
        await until(pilot, lambda: isinstance(pilot.app.screen, TimeOffForm))


async def test_further_openings_are_asked_for_as_often_as_n_is_pressed(
    open_app: OpenApp, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a digit behind it never takes one of those that were shown before."""
    async with open_app() as pilot:
        answer_late(desk, monkeypatch, LATE)
        burst(pilot, "nnn1")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await until(pilot, lambda: "held for you" in says(pilot, "state"))
        assert shown(pilot, "#time") == "09:40"


async def test_enter_in_the_palette_waits_for_what_is_found(
    open_app: OpenApp, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app() as pilot:
        answer_late(desk, monkeypatch, LATE)
        # Also over a dialog, which is not what comes behind Enter is for.
        burst(pilot, "b")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        burst(pilot, "", "ctrl+p")
        burst(pilot, "lind", "enter")
        burst(pilot, "b")
        await until(pilot, lambda: isinstance(pilot.app.screen_stack[0], PatientsScreen))
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await until(pilot, lambda: shown(pilot, "#patient") == "Jonas Lind")
        burst(pilot, "", "escape")
        # Over another record: never for whoever was shown before.
        burst(pilot, "", "ctrl+p")
        burst(pilot, "garcia", "enter")
        burst(pilot, "b")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await until(pilot, lambda: shown(pilot, "#patient") == "Maria Garcia")
        burst(pilot, "", "escape", "f3", "escape")
        burst(pilot, "", "ctrl+p")
        burst(pilot, "2026-12-01", "enter")
        burst(pilot, "b")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await until(pilot, lambda: "1 Dec" in shown(pilot, "#day"))
