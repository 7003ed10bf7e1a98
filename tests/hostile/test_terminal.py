"""In a real terminal: no code among the bytes that came out of the clinic's data.

``clinic`` and two verbs run in a pseudo-terminal, on a clinic whose tables somebody wrote past the
domain.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clinic_tui.database import Database
from tests.small_clinic import PASSWORD
from tests.terminal.conftest import Terminal, cache, home, start

from .poison import MONDAY, TEXTS, TUESDAY, WORD, Poisoned, call_the_clinic
from .raw import check_bytes

__all__ = ["cache", "home", "start"]

Start = Callable[..., Terminal]
on_sqlite = pytest.mark.parametrize("kind", ["sqlite"])


@on_sqlite
def test_the_program(start: Start, database: Database, poisoned: Poisoned) -> None:
    """Sign in at a clinic of that name; the day, dialogs, lists, cards and the palette."""
    database.transact(call_the_clinic, "x\x1b]0;owned\x07y\x9b31m")
    url = database.url.render_as_string(hide_password=False)
    terminal = start(columns=160, rows=50, CLINIC_DATABASE=url)
    assert "x�]0;owned�y" in terminal.shows("User name")
    terminal.press("ana\t")
    terminal.press(f"{PASSWORD}\r")
    assert "x�]0;owned�y" in terminal.shows("g Go to date")
    terminal.press("g")
    terminal.shows("Enter goes there")
    terminal.press(f"{MONDAY}\r")
    terminal.shows("23 Nov 2026")
    terminal.press("+++\x1b[H")
    terminal.shows("Penicillin [alle…")
    terminal.press("\t" * len(TEXTS))
    terminal.press("\r")
    terminal.shows("Visit")
    terminal.press("\x1b")
    terminal.press("\x1b[14~" + WORD)
    terminal.shows("x�]52;c;aGFja2Vk�")
    terminal.press("\x1b[15~/" + WORD)
    terminal.shows("x�]8;;https")
    terminal.press("\x10")
    terminal.shows("Look:")
    terminal.press(WORD)
    terminal.until(lambda drawn: "Look:" not in drawn and "doctor" in drawn)
    # A terminal set to Latin-1 sends "ü" as a byte that is no UTF-8: it is no reason to end.
    terminal.child.send(b"m\xfcller")
    terminal.shows("m�ller")
    terminal.press("\x11")
    assert terminal.ended() == 0
    check_bytes(terminal.raw, own_codes=True)


@on_sqlite
@pytest.mark.parametrize(
    "verb",
    [
        ("agenda", "--doctor", "all", "--day", MONDAY.isoformat()),
        ("openings", "--type", "Penicillin [allergy]", "--day", TUESDAY.isoformat()),
    ],
)
def test_a_verb(
    start: Start, database: Database, poisoned: Poisoned, verb: tuple[str, ...]
) -> None:
    """A verb writes text and line breaks."""
    url = database.url.render_as_string(hide_password=False)
    terminal = start(*verb, CLINIC_DATABASE=url, CLINIC_USER="ana", CLINIC_PASSWORD=PASSWORD)
    terminal.ended()
    assert "Penicillin [allergy]" in terminal.raw.decode(), terminal.raw
    check_bytes(terminal.raw, own_codes=False)
