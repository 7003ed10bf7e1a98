"""Numbers that a telephone system writes into a named pipe, one a line, as somebody rings.

What comes out of it is hostile input: only digits count, a line of any length is cut, and what
is no number is passed over. A pipe that is missing, removed or made anew is waited for; nothing
here can hold up the program, because it is looked at in a thread of its own.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from .domain.patients.callers import FEWEST_DIGITS, dialled_digits

_LOOK_SECONDS = 0.2
_AT_ONCE = 65_536
_LONGEST_LINE = 80
"""Bytes of a line that are looked at."""


class Telephone(threading.Thread):
    """Tells of each number as it comes, from a thread of its own, until it is stopped.

    Of many that come at once only the last one is told: the others were not waited for.
    """

    def __init__(self, pipe: Path, tell: Callable[[str], object]) -> None:
        super().__init__(name="telephone", daemon=True)
        self._pipe, self._tell = pipe, tell
        self._stopping = threading.Event()
        self._open: int | None = None
        self._line = b""

    def run(self) -> None:
        """Look at the pipe several times a second."""
        while not self._stopping.wait(_LOOK_SECONDS):
            if number := self._number():
                self._tell(number)
        self._close()

    def stop(self, patience: float) -> None:
        """Tell nothing more; wait so many seconds for the pipe to be given back."""
        self._stopping.set()
        self.join(patience)

    def _number(self) -> str:
        """The last number that came, or nothing."""
        try:
            if self._open is None or not self._is_still_there():
                self._close()
                self._open = os.open(self._pipe, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                if not stat.S_ISFIFO(os.fstat(self._open).st_mode):
                    self._close()
                    return ""
            read = os.read(self._open, _AT_ONCE)
        except BlockingIOError:
            return ""
        except OSError:
            self._close()
            return ""
        *lines, begun = (self._line + read).replace(b"\r", b"\n").split(b"\n")
        self._line = begun[:_LONGEST_LINE]
        dialled = (
            dialled_digits(line[:_LONGEST_LINE].decode("ascii", "replace")) for line in lines
        )
        return next((one for one in reversed(list(dialled)) if len(one) >= FEWEST_DIGITS), "")

    def _is_still_there(self) -> bool:
        assert self._open is not None  # noqa: S101 - asked only once it is
        return os.path.samestat(self._pipe.stat(), os.fstat(self._open))

    def _close(self) -> None:
        if self._open is not None:
            with suppress(OSError):
                os.close(self._open)
        self._open, self._line = None, b""
