"""Who is calling is known before a time is chosen; a call takes no key and no focus away."""

from __future__ import annotations

import asyncio
import os
import threading
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk, Ring
from clinic_tui.domain.patients.callers import callers, dialled_digits
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.domain.visits.flow import arrive, check_in, finish, mark_noshow
from clinic_tui.domain.visits.requests import new_key
from clinic_tui.screens.booking.booking import BookingDialog
from clinic_tui.screens.messages import Rang
from clinic_tui.screens.patients.caller import CallerDialog
from clinic_tui.screens.patients.patients import PatientsScreen
from clinic_tui.telephone import Telephone
from tests.hostile.hidden import lines_of
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import type_text, until
from tests.small_clinic import NOW, SmallClinic


def shown(pilot: Pilot[int]) -> str:
    return "\n".join(lines_of(pilot))


def is_shown(pilot: Pilot[int], words: str) -> bool:
    return words in shown(pilot)


def past_visits(database: Database, clinic: SmallClinic) -> None:
    """Two with Lee, one with Okafor, one with Lee to which Maria did not come; one to come."""
    for days, doctor_id, came in (
        (28, clinic.lee, True), (21, clinic.okafor, True), (14, clinic.lee, True),
        (7, clinic.lee, False),
    ):  # fmt: skip
        at = NOW - timedelta(days=days)
        booked = _book(database, clinic, doctor_id, at)
        for step in (arrive, check_in, finish) if came else (mark_noshow,):
            done_at = at + timedelta(minutes=30)
            database.transact(step, clinic.receptionist, booked, done_at, key=new_key())
    _book(database, clinic, clinic.lee, NOW + timedelta(hours=2))


def _book(database: Database, clinic: SmallClinic, doctor_id: int, at: datetime) -> int:
    request = BookingRequest(doctor_id, clinic.follow_up, at, patient_id=clinic.maria)
    day_before = at - timedelta(days=1)
    booked = database.transact(book_appointment, clinic.receptionist, request, day_before)
    return booked.appointment_id


@on_both
async def test_the_last_digits_say_who_calls_and_b_books_for_them(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    past_visits(database, clinic)
    brother = PatientDetails("Garcia", "Luis", phones=("0151 23456789",), alert="Hard of hearing")
    async with open_app((100, 30)) as pilot:
        await pilot.press("p", *"6789")
        await until(pilot, lambda: "Maria Garcia" in shown(pilot))
        said = shown(pilot)
        for words in (
            "Next  Mon 23 Nov 2026 11:00",
            "did not come once",
            "Usually Dr Lee: 2 of the last 3 visits",
            "Did not come on Mon 16 Nov 2026",
        ):
            assert words in said, words
        await pilot.press("b")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await until(pilot, lambda: "Garcia" in shown(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, BookingDialog))
        database.transact(register_patient, clinic.receptionist, brother, NOW)
        await pilot.press("p", *"6789")
        await until(pilot, lambda: "1  Garcia, Luis" in shown(pilot))
        assert "! alert" in shown(pilot)
        await pilot.press("b")
        assert isinstance(pilot.app.screen, CallerDialog), "nobody was chosen"
        await pilot.press("enter", "2")
        await until(pilot, lambda: "Usually Dr Lee" in shown(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, PatientsScreen))
        await settle(pilot)
        assert "Garcia, Maria" in shown(pilot)


async def test_a_ring_waits_in_the_header_until_p(open_app: OpenApp, clinic: SmallClinic) -> None:
    async with open_app((100, 30)) as pilot:
        await pilot.press("b")
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        dialog, focused = pilot.app.screen, pilot.app.focused
        await type_text(pilot, "lin")
        pilot.app.post_message(Rang("+4915123456789"))
        await until(pilot, lambda: "p Maria Garcia calls" in shown(pilot))
        await type_text(pilot, "dp")
        assert (pilot.app.screen, pilot.app.focused) == (dialog, focused)
        assert isinstance(focused, Input)
        assert focused.value == "lindp"
        await pilot.press("escape", "escape")
        await until(pilot, lambda: pilot.app.screen is not dialog)
        await pilot.press("p")
        await until(pilot, lambda: "Born" in shown(pilot) or "9 Mar 1984" in shown(pilot))
        assert "calls │" not in shown(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, CallerDialog))
        await pilot.press("p")
        await until(pilot, lambda: "Three digits or more" in shown(pilot))
        pilot.app.post_message(Rang("0000000"))
        await until(pilot, lambda: "p 0000000 calls" in shown(pilot))


async def test_a_pipe_is_hostile_input_and_may_come_and_go(desk: Desk, tmp_path: Path) -> None:
    pipe = tmp_path / "calls"
    app = ClinicApp(lambda: desk, telephone=pipe)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        pipe.write_text("+4915123456789\n")  # A plain file is not listened to.
        pipe.unlink()
        for text, words in (
            (b"\x1b]0;x\x07+49 151-23456789 [red]\n", "p Maria Garcia calls"),
            (b"9" * 500_000 + b"\nab\n+4930901820\n12\n\n\xff\xfe\n", "p Jonas Lind calls"),
            (b"no newline" * 100 + b"\n0151 23456789\n030", "p Maria Garcia calls"),
        ):
            os.mkfifo(pipe, 0o600)
            writing = asyncio.create_task(asyncio.to_thread(pipe.write_bytes, text))
            await until(pilot, partial(is_shown, pilot, words))
            await writing
            pipe.unlink()
            desk.ringing = None
    assert not any(isinstance(one, Telephone) for one in threading.enumerate())


@pytest.mark.parametrize(
    ("text", "dialled"),
    [
        ("+49 (151) 234", "+49151234"),
        ("٣٤٥ ABC 12", "12"),
        ("RING 2: 0151-234", "0151234"),
        ("1+2", "+2"),
        ("7" * 99, "7" * 20),
        ("", ""),
    ],
)
def test_only_digits_dial(text: str, dialled: str) -> None:
    assert dialled_digits(text) == dialled


@on_both
def test_a_number_is_found_however_it_is_dialled(database: Database, clinic: SmallClinic) -> None:
    def found(number: str) -> list[int]:
        return [one.patient_id for one in database.read(callers, clinic.receptionist, number)]

    for number in ("+4915123456789", "015123456789", "004915123456789", "6789", "23456789"):
        assert found(number) == [clinic.maria], number
    assert found("9018") == []
    assert found("89") == []
    # A record number that begins so is no phone number.
    assert found("0000") == []


async def test_a_call_while_a_screen_opens(open_app: OpenApp) -> None:
    """It has no header yet: the call stands there once it has."""
    async with open_app((80, 24)) as pilot:
        desk = pilot.app.desk  # type: ignore[attr-defined]
        PatientsScreen(desk).ring(Ring("123456", "Maria Garcia"))
        await pilot.press("f4")
        await until(pilot, lambda: is_shown(pilot, "p Maria Garcia calls"))
