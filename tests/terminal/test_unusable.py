"""Where the program cannot work it says so in one sentence, and starts nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terminal.conftest import Terminal

Start = Callable[..., Terminal]


def test_a_tiny_terminal(start: Start) -> None:
    """20×10 shows nothing useful."""
    terminal = start("demo", columns=20, rows=10)
    assert terminal.ended() == 1
    assert b"20\xc3\x9710" in terminal.raw
    assert b"\x1b[" not in terminal.raw


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_dumb_terminal(start: Start, term: str) -> None:
    """TERM=dumb would get codes it cannot read."""
    terminal = start("demo", TERM=term)
    assert terminal.ended() == 1
    assert b"with --linear it works" in terminal.raw
    assert b"\x1b[" not in terminal.raw


def test_no_terminal_at_all(home: dict[str, str]) -> None:
    """As over ``ssh host clinic`` without -t."""
    done = subprocess.run(
        [sys.executable, "-m", "clinic_tui"],
        env=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "needs a terminal" in done.stderr


def test_what_is_printed_finds_no_room(home: dict[str, str]) -> None:
    """As into a file on a full disk: one sentence, and the code that says refused."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "clinic_tui", "check"],
            env=home,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "No space left on device.\n")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://host/clinic", "SQLite or PostgreSQL"),
        ("nonsense", "cannot be read"),
        ("sqlite:///{folder}/none/of/this", "clinic init"),
        ("postgresql://somebody@127.0.0.1:1/clinic", "not answering"),
        ("sqlite:///{folder}", "cannot be opened"),
        ("sqlite:///{folder}/empty.db", "clinic init"),
        ("sqlite:///{folder}/text.db", "no SQLite database"),
    ],
)
def test_a_database_that_cannot_be_used(start: Start, tmp_path: Path, url: str, said: str) -> None:
    """Opening the program on it ends with a sentence and exit code 1, and a clean terminal."""
    (tmp_path / "text.db").write_text("this is a shopping list, not a database\n" * 50)
    terminal = start("--database", url.format(folder=tmp_path))
    assert terminal.ended() == 1
    after = terminal.raw.rsplit(b"\x1b[?1049l", 1)[-1].decode()
    assert said in after
    assert "Traceback" not in after
    assert not (tmp_path / "none").exists()


def test_debugging_variables_do_nothing(start: Start, tmp_path: Path) -> None:
    """TEXTUAL_* could load code, write logs and pictures, and press keys."""
    log = tmp_path / "log.txt"
    terminal = start("demo", TEXTUAL_LOG=str(log), TEXTUAL_SCREENSHOT="1", TEXTUAL_PRESS="ctrl+q")
    terminal.shows("F1 Help")
    assert not log.exists()
    terminal.press("\x11")
    assert terminal.ended() == 0


def test_no_colour_means_none(start: Start) -> None:
    """NO_COLOR: not one colour code reaches the terminal, and the signs still tell the status."""
    terminal = start("demo", NO_COLOR="1")
    terminal.shows("F1 Help")
    terminal.press("\x11")
    assert terminal.ended() == 0
    assert b"38;" not in terminal.raw
    assert b"48;" not in terminal.raw
