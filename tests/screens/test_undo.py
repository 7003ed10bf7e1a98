"""Undo: one letter, no question, one sentence."""

from __future__ import annotations

from clinic_tui.database import Database
from clinic_tui.domain.codes import Status
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from clinic_tui.screens.visits.undoing import RefusedUndo
from tests.domain.given import at, booking, visit
from tests.screens.conftest import OpenApp, on_both
from tests.screens.driving import said, until
from tests.screens.stories import told
from tests.small_clinic import NOW, SmallClinic


@on_both
async def test_u_takes_back_one_step_after_another(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    request = booking(clinic, starts_at=at("10:00", 1))
    number = database.transact(book_appointment, clinic.receptionist, request, NOW).appointment_id
    wanted = MoveRequest(number, clinic.lee, at("11:00", 2), 20, None)
    database.transact(move_appointment, clinic.receptionist, wanted, NOW)
    async with open_app() as pilot:
        await pilot.press("u")
        await until(pilot, lambda: len(told(pilot)) == 1)
        assert database.read(visit, number).starts_at == at("10:00", 1)
        await pilot.press("u")
        await until(pilot, lambda: len(told(pilot)) == 2)
        assert database.read(visit, number).status is Status.ENTERED_IN_ERROR
        await pilot.press("u")
        await until(pilot, lambda: len(told(pilot)) == 3)
        first, second, third = told(pilot)
    assert first == "Undone: Maria Garcia is back at Tue 24 Nov 2026 10:00, Dr Lee."
    assert second == "Undone: the booking of Maria Garcia, Tue 24 Nov 2026 10:00, Dr Lee."
    assert third.startswith("There is nothing to undo")


@on_both
async def test_a_step_that_stays_is_gone_past_by_a_letter_of_its_own(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    numbers = [
        database.transact(book_appointment, clinic.receptionist, request, NOW).appointment_id
        for request in (booking(clinic, starts_at=at(clock, 1)) for clock in ("10:00", "11:00"))
    ]
    elsewhere = MoveRequest(numbers[1], clinic.lee, at("15:00", 2), 20, None)
    database.transact(move_appointment, clinic.doctor_lee, elsewhere, NOW)
    async with open_app() as pilot:
        for key in ("escape", "l"):
            await pilot.press("u")
            await until(pilot, lambda: isinstance(pilot.app.screen, RefusedUndo))
            assert "has been changed since" in said(pilot, "#refusal")
            await pilot.press(key)
            await until(pilot, lambda: not isinstance(pilot.app.screen, RefusedUndo))
        await until(pilot, lambda: len(told(pilot)) == 1)
        await pilot.press("u")
        await until(pilot, lambda: len(told(pilot)) == 2)
        stands, undone = told(pilot)
    first = "Maria Garcia, Tue 24 Nov 2026 10:00, Dr Lee."
    assert stands == f"It stands. u takes back: Booked {first}"
    assert undone == f"Undone: the booking of {first}"
    assert database.read(visit, numbers[0]).status is Status.ENTERED_IN_ERROR
    assert database.read(visit, numbers[1]).status is Status.BOOKED
