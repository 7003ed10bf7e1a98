"""Somebody signs out while the screens that they leave still work."""

from __future__ import annotations

import asyncio

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.screens.doctors.doctors import DoctorsScreen
from clinic_tui.screens.sign_in import LockScreen, SignInScreen
from tests.screens.conftest import settle
from tests.screens.driving import until
from tests.screens.stillness import OnPurpose, until_still
from tests.small_clinic import NOW, PASSWORD, SmallClinic


class SlowToLeave(Desk):
    """Nobody is signed in any more, and the database has not heard of it yet."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, now=lambda: NOW)
        self.gate = OnPurpose()

    def sign_out(self) -> None:
        super().sign_out()
        self.gate.wait()


async def test_screens_are_gone_before_nobody_is_signed_in(
    database: Database, clinic: SmallClinic
) -> None:
    """What keys lead on asks who is there; and names are not seen while the database takes time."""
    desk = SlowToLeave(database)
    desk.sign_in_as(clinic.receptionist)
    async with ClinicApp(lambda: desk).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("f5")
        await settle(pilot)
        left = pilot.app.screen
        assert isinstance(left, DoctorsScreen)
        await pilot.press("f12")
        await until(pilot, lambda: isinstance(pilot.app.screen, LockScreen))
        await pilot.press("ctrl+o")
        await until(pilot, lambda: not desk.is_signed_in)
        try:
            left.refresh_bindings()
            await pilot.pause()
            assert isinstance(pilot.app.screen, SignInScreen)
            assert not left.is_running
        finally:
            desk.gate.set()
        await settle(pilot)
        assert isinstance(pilot.app.screen, SignInScreen)


async def test_whoever_left_while_the_password_was_looked_at_is_not_signed_in_after_all(
    database: Database, clinic: SmallClinic
) -> None:
    desk = Desk(database, now=lambda: NOW)
    desk.sign_in_as(clinic.receptionist)
    await until_still()  # From now on this loop's threads are waited for.
    unlocking = asyncio.create_task(desk.sign_in(clinic.receptionist.username, PASSWORD))
    await asyncio.sleep(0)
    unlocking.cancel()
    desk.sign_out()
    await until_still()
    assert not desk.is_signed_in
