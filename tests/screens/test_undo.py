"""Undo: one letter, no question, one sentence."""

from __future__ import annotations

from clinic_tui.database import Database
from clinic_tui.domain.booking import book_appointment
from clinic_tui.domain.codes import Status
from clinic_tui.domain.moving import MoveRequest, move_appointment
from tests.domain.given import at, booking, visit
from tests.screens.conftest import OpenApp, on_both
from tests.screens.driving import until
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
