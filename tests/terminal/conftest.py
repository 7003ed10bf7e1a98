"""The real program in a real pseudo-terminal, seen through a terminal emulator."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pexpect
import pyte
import pytest

from tests.patience import Stopwatch

_PATIENCE = 90.0
"""Seconds until something that does not come is a failure; the machine may be busy."""
QUIET = {"LANG": "C.UTF-8", "TERM": "xterm-256color", "COLORTERM": "truecolor"}


class Terminal:
    """A program in a terminal of its own: what it drew, what it left behind."""

    def __init__(
        self, arguments: list[str], environment: dict[str, str], columns: int, rows: int
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self._hung_up = False
        self.child: pexpect.spawn[bytes] = pexpect.spawn(
            sys.executable,
            ["-m", "clinic_tui", *arguments],
            env=environment,
            dimensions=(rows, columns),
            timeout=_PATIENCE,
        )
        # It would rest 50 ms before every key, for programs that turn the echo off late.
        self.child.delaybeforesend = None

    def read(self) -> None:
        """Take in what has been drawn so far."""
        try:
            drawn = self.child.read_nonblocking(65536, timeout=0.05)
        except pexpect.TIMEOUT:
            return
        self.raw += drawn
        self._stream.feed(drawn)

    def until(self, met: Callable[[str], bool]) -> str:
        """Read until the screen is as wanted; fails, showing it, when it never is."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            try:
                self.read()
            except pexpect.EOF:
                break
            if met(self.text):
                return self.text
        raise AssertionError(f"never came; the screen was:\n{self.text}")

    def shows(self, text: str) -> str:
        """Read until that text stands somewhere on the screen."""
        return self.until(lambda drawn: text in drawn)

    @property
    def pid(self) -> int:
        """The program's process."""
        assert self.child.pid is not None
        return self.child.pid

    def press(self, keys: str) -> None:
        """Type."""
        self.child.send(keys)

    @property
    def text(self) -> str:
        """The screen as text."""
        return "\n".join(self.screen.display)

    def ended(self) -> int:
        """Read until the program is gone; returns its exit code, as a shell would give it."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            try:
                self.read()
            except pexpect.EOF:
                self.child.wait()
                return (
                    self.child.exitstatus
                    if self.child.exitstatus is not None
                    else 128 + (self.child.signalstatus or 0)
                )
        raise AssertionError(f"did not end; the screen was:\n{self.text}")

    def hang_up(self, seconds: float) -> bool:
        """Close the terminal under the program; returns whether it is gone in time."""
        os.close(self.child.child_fd)
        self._hung_up = True
        return self.gone_in(seconds)

    def gone_in(self, seconds: float) -> bool:
        """Whether the program is gone in time; nothing of what it still says is read."""
        began = time.monotonic()
        with closing(Stopwatch()) as stopwatch:
            while stopwatch.since(began) < seconds:
                if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                    return True
        return False

    def kill(self) -> None:
        """End whatever is left of it."""
        if self._hung_up:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            return
        if self.child.isalive():
            os.kill(self.pid, signal.SIGKILL)
        self.child.close(force=True)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo clinic is kept: built by the first test that opens it."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def home(tmp_path: Path, cache: Path) -> dict[str, str]:
    """An environment in which nothing of this machine's user is seen or touched."""
    folders = {
        name: str(tmp_path / name.lower())
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")
    }
    return {
        **QUIET,
        **folders,
        "XDG_CACHE_HOME": str(cache),
        "HOME": str(tmp_path),
        "PATH": os.environ.get("PATH", ""),
        "TZ": "Europe/Berlin",
    }


@pytest.fixture
def start(home: dict[str, str]) -> Iterator[Callable[..., Terminal]]:
    """``start("demo")`` runs ``clinic demo``; whatever is still running at the end is ended."""
    running: list[Terminal] = []

    def started(*arguments: str, columns: int = 80, rows: int = 24, **environment: str) -> Terminal:
        terminal = Terminal(list(arguments), {**home, **environment}, columns, rows)
        running.append(terminal)
        return terminal

    yield started
    for terminal in running:
        terminal.kill()
