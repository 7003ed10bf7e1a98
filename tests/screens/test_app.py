"""The shell of the program: signing in, locking, help, the palette, leaving."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from textual.widgets import DataTable, Input, Static
from textual.widgets._toast import Toast

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.errors import Refusal
from clinic_tui.domain.overview.calendar import calendar_day
from clinic_tui.domain.staff.accounts import disable_account
from clinic_tui.domain.visits.holds import HoldRequest, hold_opening
from clinic_tui.screens.base import ClinicScreen
from clinic_tui.screens.help import HelpScreen
from clinic_tui.screens.messages import SignedOut
from clinic_tui.screens.sign_in import LockScreen, SignInScreen
from clinic_tui.screens.widgets.key_line import KeyLine
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import until
from tests.small_clinic import NOW, PASSWORD, SmallClinic


async def type_text(pilot: object, text: str) -> None:
    """Press the keys of a text."""
    press = pilot.press  # type: ignore[attr-defined]
    await press(*("space" if char == " " else char for char in text))


@on_both
async def test_sign_in_leads_to_the_calendar(database: Database, clinic: SmallClinic) -> None:
    """A name, a password, and the day is there."""
    app = ClinicApp(lambda: Desk(database, now=lambda: NOW))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert isinstance(app.screen, SignInScreen)
        await type_text(pilot, clinic.receptionist.username)
        await pilot.press("enter")
        await type_text(pilot, PASSWORD)
        await pilot.press("enter")
        await settle(pilot)
        assert app.current_mode == "calendar"
        assert app.desk is not None
        assert app.desk.actor.account_id == clinic.receptionist.account_id


async def test_a_password_may_follow_its_name_at_once(
    database: Database, clinic: SmallClinic
) -> None:
    """Enter moves on before the next key is looked at: not one letter lands in the wrong field."""
    app = ClinicApp(lambda: Desk(database, now=lambda: NOW))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        name = app.screen.query_one("#username", Input)
        await name.action_submit()
        assert app.focused is app.screen.query_one("#password", Input)


async def test_a_wrong_password_keeps_the_name(database: Database, clinic: SmallClinic) -> None:
    """One sentence that does not tell which of the two was wrong; only the password is retyped."""
    app = ClinicApp(lambda: Desk(database, now=lambda: NOW))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await type_text(pilot, "nobody")
        await pilot.press("enter")
        await type_text(pilot, "wrong")
        await pilot.press("enter")
        await settle(pilot)
        screen = app.screen
        assert screen.query_one("#username", Input).value == "nobody"
        assert screen.query_one("#password", Input).value == ""
        said = str(screen.query_one("#refusal", Static).render())
        assert said == "That name and password do not go together."


async def test_the_lock_hides_all_and_opens_to_the_same_person(
    open_app: OpenApp, clinic: SmallClinic
) -> None:
    """F12 covers the screen; F-keys do not get past it; the password opens it."""
    async with open_app() as pilot:
        app = pilot.app
        await pilot.press("f12")
        assert isinstance(app.screen, LockScreen)
        await pilot.press("f4", "f1", "escape")
        assert isinstance(app.screen, LockScreen)
        assert "Riverside" not in _picture(app)
        await type_text(pilot, PASSWORD)
        await pilot.press("enter")
        await settle(pilot)
        assert not isinstance(app.screen, LockScreen)


async def test_what_was_done_is_not_said_over_a_dialog(open_app: OpenApp) -> None:
    """Nor over the lock, nor to whoever signs in next: it may name a patient."""
    async with open_app() as pilot:

        def toasts() -> list[str]:
            return [str(toast.render()) for toast in pilot.app.screen.query(Toast) if toast.display]

        calendar = pilot.app.screen
        assert isinstance(calendar, ClinicScreen)
        calendar.tell("Maria Garcia is booked.")
        await pilot.pause()
        assert toasts() == ["Maria Garcia is booked."]
        toast = calendar.query_one(Toast)
        assert toast.region.bottom <= calendar.query_one("#why").region.y
        for key in ("b", "f12"):
            await pilot.press(key)
            await until(pilot, lambda: pilot.app.screen is not calendar)
            await pilot.pause()
            assert toasts() == []
            if key == "b":
                await pilot.press("escape")
                await until(pilot, lambda: pilot.app.screen is calendar)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(pilot.app.screen, SignInScreen))
        assert toasts() == []


async def test_the_lock_lets_another_sign_in(open_app: OpenApp) -> None:
    """Signing out at the lock forgets the first person's screens."""
    async with open_app() as pilot:
        await pilot.press("f4", "f12", "ctrl+o")
        await settle(pilot)
        assert isinstance(pilot.app.screen, SignInScreen)
        await pilot.press("f3")
        assert isinstance(pilot.app.screen, SignInScreen)


async def test_help_lists_the_keys_of_the_screen_and_narrows(open_app: OpenApp) -> None:
    """Every key listed has words; typing narrows; Esc goes back."""
    async with open_app() as pilot:
        await pilot.press("f1")
        screen = pilot.app.screen
        assert isinstance(screen, HelpScreen)
        table = screen.query_one("#keys", DataTable)
        every = table.row_count
        assert every > 5
        does = [str(table.get_row_at(row)[1]) for row in range(every)]
        assert does[:2] == ["Book", "Move"]
        assert does.index("Find anything") > does.index("Month") < does.index("Up")
        assert table.virtual_size.width <= table.scrollable_content_region.width, "nothing is cut"
        await pilot.press("down", "down")
        assert table.scroll_offset.y == 2, "the arrows are for the keys"
        assert screen.query_one(KeyLine).render_line(0).text.strip() == "esc Back"
        await type_text(pilot, "lock")
        assert 0 < table.row_count < every
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, HelpScreen)


async def test_every_binding_has_an_id_and_a_tooltip(open_app: OpenApp) -> None:
    """Ids make keys remappable; tooltips make the help; more than eight keys nobody reads."""
    async with open_app() as pilot:
        for place in ("f2", "f3", "f4", "f5"):
            await pilot.press(place)
            await settle(pilot)
            nameless = [
                active.binding.action
                for active in pilot.app.screen.active_bindings.values()
                if active.binding.id is not None and not active.binding.tooltip
            ]
            assert nameless == []
            shown = {
                active.binding.action
                for active in pilot.app.screen.active_bindings.values()
                if active.binding.show and active.enabled
            }
            assert len(shown) <= 8


async def test_the_palette_finds_patients_doctors_dates_and_commands(
    open_app: OpenApp, clinic: SmallClinic
) -> None:
    """One line finds everything, and Textual's Screenshot is not among it."""
    async with open_app(size=(100, 30)) as pilot:
        app = pilot.app
        assert isinstance(app, ClinicApp)
        for typed, expected in (("lee", "Dr Lee"), ("24/12", "Thu 24 Dec 2026"), ("lock", "Lock")):
            await pilot.press("ctrl+p")
            await type_text(pilot, typed)
            await settle(pilot)
            assert expected in _picture(app)
            await pilot.press("escape", "escape")
        await pilot.press("ctrl+p")
        await type_text(pilot, "screenshot")
        await settle(pilot)
        assert "Save" not in _picture(app)


@on_both
async def test_a_disabled_account_is_refused_at_its_next_step(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    """An open terminal is no way around being disabled."""
    async with open_app() as pilot:
        username = clinic.receptionist.username
        database.transact(disable_account, clinic.admin, username, NOW)
        await pilot.press("f4", "slash")
        await type_text(pilot, "mar")
        await settle(pilot)
        assert any("disabled" in toast.message for toast in pilot.app._notifications)


async def test_no_database_ends_with_a_sentence() -> None:
    """A refusal while opening leaves by exit code 1 and says why afterwards."""

    def nothing_there() -> Desk:
        raise Refusal("There is no clinic in this database yet.")

    app = ClinicApp(nothing_there)
    async with app.run_test() as pilot:
        await settle(pilot)
    assert app.return_code == 1
    assert app.parting_words == "There is no clinic in this database yet."


@pytest.mark.parametrize("name", ["clinic-dark", "clinic-light", "high-contrast"])
async def test_every_look_can_be_worn(desk: Desk, name: str) -> None:
    """Each theme draws every screen."""
    app = ClinicApp(lambda: desk, theme=name)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert app.theme == name
        await pilot.press("f4", "f5")
        await settle(pilot)
        assert app.is_running


def _picture(app: object) -> str:
    """The text that is on the screen."""
    strips = app.screen._compositor.render_strips()  # type: ignore[attr-defined]
    return "\n".join(strip.text for strip in strips)


def _hold(desk: Desk, clinic: SmallClinic) -> Callable[[], list[str]]:
    """Hold an opening at this desk; what asks who holds any."""
    request = HoldRequest(clinic.lee, clinic.follow_up, NOW + timedelta(hours=1), desk.name)
    desk.run_now(hold_opening, request, NOW)

    def holders() -> list[str]:
        view = desk._database.read(calendar_day, clinic.receptionist, NOW.date(), NOW)
        return [visit.held_by for column in view.columns for visit in column.visits]

    assert holders() == ["ana"]
    return holders


@on_both
async def test_leaving_gives_back_what_is_held(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    """However the program ends, as by a signal."""
    async with open_app() as pilot:
        holders = _hold(desk, clinic)
        assert isinstance(pilot.app, ClinicApp)
        pilot.app.leave(143)
    assert holders() == []


async def test_signing_out_gives_back_what_is_held(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        holders = _hold(desk, clinic)
        pilot.app.screen.post_message(SignedOut())
        await until(pilot, lambda: isinstance(pilot.app.screen, SignInScreen))
        assert holders() == []
