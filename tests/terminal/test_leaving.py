"""However the program ends, the terminal is as it was, and no name stays on it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.patience import Stopwatch, here
from tests.terminal.conftest import Terminal

Start = Callable[..., Terminal]
_LEAVES_ALTERNATE_SCREEN = b"\x1b[?1049l"
_RESTORED = (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[?25h")


def test_quitting_by_key(start: Start) -> None:
    """Ctrl+Q: exit code 0."""
    terminal = start("demo")
    terminal.shows("F1 Help")
    terminal.press("\x11")
    assert terminal.ended() == 0
    assert all(code in terminal.raw for code in _RESTORED)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(start: Start, number: signal.Signals) -> None:
    """The screen is taken down before the process goes; the code tells the signal."""
    terminal = start("demo")
    terminal.shows("F1 Help")
    with closing(Stopwatch()) as stopwatch:
        began = time.monotonic()
        os.kill(terminal.pid, number)
        assert terminal.ended() == 128 + number
        assert stopwatch.since(began) < here(3)
    assert all(code in terminal.raw for code in _RESTORED)


def test_a_terminal_that_stopped_reading_does_not_keep_it(start: Start) -> None:
    """A stalled SSH client blocks the event loop; SIGTERM ends the program all the same."""
    terminal = start("demo", columns=200, rows=80)
    terminal.shows("F1 Help")
    # Enough large pictures that nobody reads to fill the pipe to the terminal, a frame apart.
    terminal.child.delaybeforesend = 0.05
    for _ in range(40):
        terminal.press("\x1b[13~")
        terminal.press("\x1b[14~")
    os.kill(terminal.pid, signal.SIGTERM)
    assert terminal.gone_in(here(4))


def test_a_closed_terminal_leaves_no_orphan(start: Start) -> None:
    """The window is closed: the process is gone within three seconds."""
    terminal = start("demo")
    terminal.shows("F1 Help")
    assert terminal.hang_up(here(3))


def test_the_crash_screen_tells_a_number_and_nothing_else(
    start: Start, home: dict[str, str]
) -> None:
    """An unexpected error: exit code 1, a reference, and a private file without data."""
    terminal = start("demo", PYTHONPATH=_breaking_calendar(home))
    assert terminal.ended() == 1
    said = terminal.raw.rsplit(_LEAVES_ALTERNATE_SCREEN, 1)[-1].decode()
    assert "its number is" in said
    assert "Traceback" not in said
    assert "secret-canary" not in terminal.raw.decode()


def _breaking_calendar(home: dict[str, str]) -> str:
    """A folder whose ``sitecustomize`` makes the day's read fail with a secret in its message."""
    folder = Path(home["HOME"]) / "broken"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import clinic_tui.domain.overview.calendar as calendar\n"
        "def calendar_day(*arguments, **options):\n"
        "    patient = 'secret-canary'\n"
        "    raise KeyError(patient)\n"
        "calendar.calendar_day = calendar_day\n"
    )
    return str(folder)
