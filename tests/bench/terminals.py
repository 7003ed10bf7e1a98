"""A program in a pseudo-terminal, read as fast as it writes, with the time of every byte.

Whoever waits for quiet learns when the last byte came, not when it became quiet; and what was
drawn is looked at while the program draws nothing, so that looking costs it no time. Programs run
as installed ones do, with their modules compiled beforehand.
"""

from __future__ import annotations

import compileall
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import perf_counter, sleep

import pyte

import clinic_tui
import tests

_PATIENCE = 20.0
"""Seconds until something that does not come is a failure."""
_GLANCE = 0.01
SMALLEST, USUAL = (80, 24), (120, 40)
"""Columns and rows: what everything has to work in, and what is usual."""


@dataclass(frozen=True, slots=True)
class Took:
    """What a key took: until the last byte drawn for it, and of a processor, in milliseconds."""

    wall: float
    cpu: float


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, command: list[str], home: Path, size: tuple[int, int]) -> None:
        columns, rows = size
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._unseen: deque[tuple[float, bytes]] = deque()
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._started = self.seen_at = perf_counter()
        """When what ``text`` shows last came."""
        self._process = subprocess.Popen(
            [sys.executable, *command],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment(home),
            start_new_session=True,
        )
        os.close(theirs)

    @property
    def text(self) -> str:
        """What is on the screen."""
        while self._unseen:
            self._look()
        return "\n".join(self.screen.display)

    def until(self, *met: Callable[[str], bool]) -> list[float]:
        """Read until the screen was as wanted, one after the other; the milliseconds until each.

        Counted from the start of the program.
        """
        times: list[float] = []
        deadline = perf_counter() + _PATIENCE
        while perf_counter() < deadline:
            if self._read(_GLANCE):
                continue
            while self._unseen:
                at = self._look()
                while met[len(times)]("\n".join(self.screen.display)):
                    times.append((at - self._started) * 1_000)
                    if len(times) == len(met):
                        return times
        raise AssertionError(f"never came; the screen was:\n{self.text}")

    def press(self, keys: str, quiet: float = 0.1) -> Took:
        """Type, and wait until nothing has been drawn for ``quiet`` seconds."""
        before = self._cpu()
        pressed = perf_counter()
        os.write(self._ours, keys.encode())
        assert self._read(_PATIENCE), f"nothing was drawn for {keys!r}"
        self.rest(quiet)
        return Took((self._unseen[-1][0] - pressed) * 1_000, self._cpu() - before)

    def type(self, keys: str, a_second: float) -> None:
        """Type that fast, whatever is drawn meanwhile, and wait until all of it is."""
        begun = perf_counter()
        for number, key in enumerate(keys):
            sleep(max(0.0, begun + number / a_second - perf_counter()))
            os.write(self._ours, key.encode())
            while self._read(0):
                pass
        self.rest(0.5)

    def rest(self, quiet: float) -> None:
        """Wait until nothing more is drawn, or the clock in the corner alone."""
        deadline = perf_counter() + _PATIENCE
        while self._read(quiet) and perf_counter() < deadline:
            pass

    def wait(self, seconds: float) -> None:
        """Read for so long, whatever is drawn."""
        deadline = perf_counter() + seconds
        while (left := deadline - perf_counter()) > 0:
            self._read(left)

    def memory(self) -> dict[str, float]:
        """What the program holds in memory: ``Rss``, ``Pss`` and others of the kernel's, in MB."""
        lines = Path(f"/proc/{self._process.pid}/smaps_rollup").read_text("ascii").splitlines()
        pairs = (line.split()[:2] for line in lines[1:])
        return {name.rstrip(":"): int(kib) * 1.024 / 1_000 for name, kib in pairs}

    def end(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def _read(self, seconds: float) -> bool:
        """Take in what comes within so many seconds; says whether anything did."""
        if not select.select([self._ours], [], [], seconds)[0]:
            return False
        drawn = os.read(self._ours, 1 << 20)
        self._unseen.append((perf_counter(), drawn))
        return True

    def _look(self) -> float:
        """Bring the screen up to the next piece that was drawn; says when it was."""
        self.seen_at, drawn = self._unseen.popleft()
        self._stream.feed(drawn)
        return self.seen_at

    def _cpu(self) -> float:
        """The processor's time that all threads of the program have had, in milliseconds."""
        threads = Path(f"/proc/{self._process.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text("ascii").split()[0]) for thread in threads) / 1e6


@contextmanager
def running(command: list[str], home: Path, size: tuple[int, int] = USUAL) -> Iterator[Terminal]:
    """The program while the block lasts."""
    compile_all()
    terminal = Terminal(command, home, size)
    try:
        yield terminal
    finally:
        terminal.end()


def environment(home: Path) -> dict[str, str]:
    """Surroundings in which nothing of this machine's user is seen or touched."""
    folders = ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    return {
        **{name: str(home / name.lower()) for name in folders},
        "HOME": str(home),
        "PATH": os.environ.get("PATH", ""),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "TZ": "Europe/Berlin",
    }


@cache
def compile_all() -> None:
    """So that nothing is compiled while the clock runs."""
    for package in (clinic_tui, tests):
        compileall.compile_dir(Path(package.__path__[0]), quiet=1)
