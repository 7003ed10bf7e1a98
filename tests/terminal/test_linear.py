"""Linear mode on a terminal that can do nothing: sentences in, sentences out, never a code."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from .conftest import Terminal

Start = Callable[..., Terminal]


def test_a_dumb_terminal_is_enough(start: Start) -> None:
    """A password is not shown, Ctrl+C goes one step back, and a signal ends it at once."""
    terminal = start("demo", "--linear", TERM="dumb", rows=60)
    terminal.shows("Command:")
    terminal.press("garcia tue 3pm lee\r")
    terminal.shows("2. María García")
    terminal.shows("more of the name:")
    terminal.press("\x03")
    terminal.shows("Left. “book” alone brings back “garcia tue 3pm lee”.")
    terminal.press("caf\xe9 \x1b[31m\r")
    terminal.shows("Nobody on record fits")
    terminal.press(".\rlock\r\r")
    terminal.shows("Password:")
    terminal.press("six calm herons wade\r")
    terminal.until(lambda text: text.count("Riverside Clinic") == 2)
    os.kill(terminal.pid, signal.SIGTERM)
    assert terminal.ended() == 128 + signal.SIGTERM
    assert b"\x1b" not in terminal.raw
    assert b"herons" not in terminal.raw
