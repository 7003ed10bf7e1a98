"""Keys by the settings: they do what they are to and are shown; slips are refused."""

from __future__ import annotations

import pytest

from clinic_tui.app import ClinicApp
from clinic_tui.desk import Desk
from clinic_tui.domain.errors import BadInput
from clinic_tui.screens.help import HelpScreen, key_lines
from clinic_tui.screens.keymap import checked_keymap
from clinic_tui.screens.widgets.key_line import KeyLine
from tests.screens.conftest import settle


@pytest.mark.parametrize(
    ("keymap", "sentence"),
    [
        (
            {"calendar.book": "m"},
            "the key “m” is given to both calendar.book (Book) and calendar.move (Move).",
        ),
        # Of the part that has the focus, and of the program around the screen.
        ({"calendar.book": "up"}, "“up” is given to both calendar.book (Book) and calendar.up"),
        ({"calendar.book": "f3"}, "“f3” is given to both app.calendar (Calendar) and calendar.bo"),
        ({"app.help": "i"}, "“i” is given to both app.help (Help) and calendar.step (Check in)."),
        ({"calendar.bok": "m"}, "no binding “calendar.bok”; is calendar.book or"),
        ({"zzz": "m"}, "no binding “zzz”; they begin with app, away, "),
        ({"app.lock": "ctlr+l"}, "app.lock: there is no key “ctlr+l”"),
        ({"app.lock": "f11,"}, "app.lock: there is no key “”"),
    ],
)
def test_a_slip_is_refused_with_what_is_meant(keymap: dict[str, str], sentence: str) -> None:
    with pytest.raises(BadInput) as refusal:
        checked_keymap(keymap, ClinicApp)
    assert sentence in str(refusal.value)


async def test_a_changed_key_is_the_one_that_works_and_is_shown(desk: Desk) -> None:
    # “i” is several bindings that take turns: the others keep it.
    keymap = {
        "calendar.move": "d",
        "calendar.cancel": "m",
        "today.arrive": "ctrl+a",
        "app.help": "f9",
    }
    app = ClinicApp(lambda: desk, keymap=keymap)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        keys = {line.does: line.keys for line in key_lines(app.screen)}
        assert (keys["Move"], keys["Cancel"], keys["Help"]) == ("d", "m", "F9")
        shown = app.screen.query_one(KeyLine).render_line(0).text
        assert "d Move" in shown
        assert "b Book" in shown
        await pilot.press("f2")
        await settle(pilot)
        bindings = app.screen._bindings.copy()
        bindings.apply_keymap(app._keymap)
        at = {key: {one.action for one in bindings.key_to_bindings[key]} for key in ("ctrl+a", "i")}
        assert at == {"ctrl+a": {"arrive"}, "i": {"enter_room", "finish", "step_on"}}
        await pilot.press("f9")
        assert isinstance(app.screen, HelpScreen)


async def test_a_bad_keymap_ends_the_program_with_its_sentence(desk: Desk) -> None:
    app = ClinicApp(lambda: desk, keymap={"calendar.book": "m"})
    async with app.run_test() as pilot:
        await pilot.pause()
        await app.workers.wait_for_complete()
    assert "given to both" in app.parting_words
    assert app.return_code == 1
