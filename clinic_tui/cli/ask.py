"""Questions to whoever sits at the terminal; where nobody does, they are not asked."""

from __future__ import annotations

import getpass
import os
import select
import signal
import socket
import sys
from typing import TextIO

from ..domain.errors import BadInput, Refusal
from ..domain.text import showable
from .output import echo

_TRIES = 3
"""How often a new password may be mistyped."""


def somebody_there() -> bool:
    """Whether questions can be asked and answered."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str, default: str = "") -> str:
    """An answer in one line; nothing typed means the default."""
    shown = f"{question} [{default}]: " if default else f"{question}: "
    echo(shown, err=True, end="")
    return _typed() or default


def agreed(question: str) -> bool:
    """Whether the answer is yes; nothing typed is no."""
    echo(f"{question} [y/N] ", err=True, end="")
    return _typed().lower() in ("y", "yes")


def _typed() -> str:
    until_typed(sys.stdin)
    return input().strip()


def until_typed(terminal: TextIO) -> None:
    """Wait until a line is typed there; a Ctrl+C of any moment ends that.

    Python looks at signals between its own steps alone: one that came between the question and the
    read would be seen when the line was typed, and not before.
    """
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
        try:
            typed = terminal.fileno()
            while typed not in select.select([typed, ours.fileno()], [], [])[0]:
                ours.recv(1)
        finally:
            signal.set_wakeup_fd(before)


def ask_password(question: str = "Password") -> str:
    """A password, not shown while it is typed.

    It is asked for once nothing is shown any more, and what was typed till then is dropped.
    """
    return getpass.getpass(showable(f"{question}: "))


def new_password(variable: str) -> str:
    """A new password: from the environment, else typed twice; refused where neither can be.

    Whoever mistypes it is asked again, so that nothing else has to be said anew.
    """
    if given := os.environ.get(variable):
        return given
    if not somebody_there():
        raise Refusal(f"A password is needed: put it into {variable}.")
    for _ in range(_TRIES - 1):
        try:
            return _typed_twice()
        except BadInput as wrong:
            echo(str(wrong), err=True)
    return _typed_twice()


def _typed_twice() -> str:
    from ..domain.staff.passwords import check_password  # noqa: PLC0415

    password = ask_password("Password (15 characters or more; words do)")
    check_password(password)
    if ask_password("Again") != password:
        raise BadInput("Password", "The two passwords are not the same.")
    return password


def reset_code(variable: str) -> str:
    """The code for a new password: from the environment, else typed; refused where neither is."""
    if given := os.environ.get(variable):
        return given
    if not somebody_there():
        raise Refusal(f"A code is needed: put it into {variable}.")
    return ask_password("Code")
