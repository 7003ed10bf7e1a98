"""The next openings across doctors, time first; and the sentence that is read back, copied."""

from __future__ import annotations

from functools import partial
from typing import Any

from textual.pilot import Pilot

from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.codes import Status
from clinic_tui.screens.booking.booking import BookingDialog
from clinic_tui.screens.calendar.calendar import CalendarScreen
from tests.domain.given import add_visit, at
from tests.screens.conftest import OpenApp, settle
from tests.screens.driving import keys, type_text, until
from tests.screens.stories import (
    at_openings,
    begin_booking,
    choose,
    is_free,
    lee_at_ten,
    openings,
    says,
    told,
    value,
)
from tests.screens.test_holding import held
from tests.small_clinic import SmallClinic


def begins(pilot: Pilot[int], ending: str) -> bool:
    """Whether the first of the openings ends so."""
    return openings(pilot)[0].endswith(ending)


async def over(pilot: Pilot[int]) -> None:
    """Wait until the calendar is back."""
    await until(pilot, lambda: isinstance(pilot.app.screen, CalendarScreen))
    await settle(pilot)


async def test_n_shows_the_next_of_any_doctor_and_y_copies_what_was_booked(
    open_app: OpenApp, desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    database.transact(add_visit, clinic, at("09:00"), patient_id=clinic.jonas)
    async with open_app() as pilot:
        await pilot.press("y")
        assert pilot.app.clipboard == "Jonas Lind, Mon 23 Nov 2026, 09:00, Dr Lee."
        await pilot.press("n")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await until(pilot, lambda: len(openings(pilot)) == 3)
        assert at_openings(pilot)
        assert [line.lstrip("▸123 ") for line in openings(pilot)] == [
            "Mon 23 Nov 2026 09:00  Dr Okafor",
            "Mon 23 Nov 2026 09:00  Dr Park",
            "Mon 23 Nov 2026 09:20  Dr Lee",
        ]
        await pilot.press("n")
        await until(pilot, lambda: "09:40  Dr Lee" in openings(pilot)[0])
        await pilot.press("3")
        await until(pilot, lambda: len(held(database)) == 1)
        assert value(pilot, "time") == "09:40"
        assert pilot.app.focused is pilot.app.screen.query_one("#patient")
        await type_text(pilot, "garcia")
        await pilot.press("enter")
        await until(pilot, lambda: says(pilot, "state") == "✓ free · held for you")
        await until(pilot, lambda: held(database) == [(at("09:40"), clinic.maria)])
        await pilot.press("enter")
        await over(pilot)
        sentence = told(pilot)[-1]
        assert sentence.startswith("Maria Garcia, Mon 23 Nov 2026, 09:40, Dr ")
        await pilot.press("y")
        assert (pilot.app.clipboard, told(pilot)[-1]) == (sentence, sentence)
        await pilot.press("f5")
        await settle(pilot)
        await pilot.press("y")
        assert told(pilot)[-1] == "There is nothing to read back."


async def test_what_was_booked_for_another_day_is_copied_until_the_cursor_moves(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    """What is held or busy has no sentence."""
    database.transact(add_visit, clinic, at("09:00"), patient_id=clinic.jonas)
    hold: dict[str, Any] = {"status": Status.HELD, "patient_id": None, "held_until": at("10:00")}
    database.transact(add_visit, clinic, at("09:20"), **hold)
    async with open_app() as pilot:
        await pilot.press("b")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await type_text(pilot, "garcia tue 10")
        await pilot.press("enter")
        await until(pilot, is_free(pilot))
        await pilot.press("enter")
        await over(pilot)
        await pilot.press("y")
        assert pilot.app.clipboard == "Maria Garcia, Tue 24 Nov 2026, 10:00, Dr Lee."
        await pilot.press("down", "up", "y")
        assert pilot.app.clipboard == "Jonas Lind, Mon 23 Nov 2026, 09:00, Dr Lee."
        await pilot.press("down", "y")
        assert told(pilot)[-1] == "There is nothing to read back."
        await pilot.press("down", "y")
        assert pilot.app.clipboard == "Maria Garcia, Tue 24 Nov 2026, 10:00, Dr Lee."


async def test_further_openings_are_the_doctors_next_and_what_others_have_then(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        await begin_booking(pilot, lee_at_ten(clinic))
        await choose(pilot, "maria")
        await until(pilot, lambda: is_free(pilot)() and len(openings(pilot)) == 3)
        for first, others in (("11:00", "10:00"), ("11:20", "10:20")):
            await pilot.press("n")
            await until(pilot, partial(begins, pilot, f"{first}  Dr Lee"))
            assert openings(pilot)[1].endswith(f"{others}  Dr Okafor")
            assert openings(pilot)[2].endswith(f"{others}  Dr Park")
        assert is_free(pilot)()
    desk.sign_in_as(clinic.doctor_lee)
    async with open_app() as pilot:
        assert "n" in keys(pilot)
        await begin_booking(pilot, lee_at_ten(clinic, patient_id=clinic.maria))
        await until(pilot, lambda: len(openings(pilot)) == 3)
        await pilot.press("n")
        await until(pilot, partial(begins, pilot, "11:00  Dr Lee"))
        assert all("Dr Lee" in line for line in openings(pilot))
