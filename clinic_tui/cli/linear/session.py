"""From signing in to leaving: one prompt, one command after the other."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from ...domain.clinic.settings import clinic_settings
from ...domain.errors import CannotBook, ClinicUnavailable, NotPermitted, Refusal
from . import words
from .commands import help_lines, run
from .day import greeting
from .talk import Back, Gone, Talk

if TYPE_CHECKING:
    from ...desk import Desk
    from ...scheduler import Sending

_PATIENCE = 0.5
"""Seconds that what is being sent has to be recorded, at the end."""
_QUIT, _HELP = ("quit", "q", "exit"), ("help", "h", "?")


def run_linear(
    open_desk: Callable[[], Desk], start_sending: Callable[[], Sending | None] | None = None
) -> int:
    """Talk until it is left, or the input ends; returns the exit code.

    SIGHUP and SIGTERM end it properly: what the desk holds is given back.
    """
    sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]
    desk, talk = open_desk(), Talk(sys.stdin)
    before = {number: signal.signal(number, _leave) for number in (signal.SIGHUP, signal.SIGTERM)}
    sending = start_sending() if start_sending is not None else None
    try:
        while _signed_in(desk, talk):
            _commands(desk, talk, sending)
    except Gone:
        talk.say("")
    finally:
        desk.leave()
        if sending is not None:
            sending.stop(_PATIENCE)
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0


def _leave(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)


def _signed_in(desk: Desk, talk: Talk, user: str = "") -> bool:
    """Whether somebody signs in, asked until name and password go together."""
    while not desk.is_signed_in:
        try:
            name = talk.ask("User", user or os.environ.get("CLINIC_USER", ""))
            if name.lower() in _QUIT:
                raise Gone
            password = talk.ask_password("Password")
            talk.answered(partial(desk.sign_in_now, name, password))
        except Back:
            return False
        except Refusal as refusal:
            talk.say(str(refusal))
    talk.tell(greeting(desk))
    return True


def _commands(desk: Desk, talk: Talk, sending: Sending | None) -> None:
    """One command after the other, until nobody is signed in any more; ``Gone`` on leaving."""
    while desk.is_signed_in:
        _say_faults(desk, talk, sending)
        try:
            line = talk.ask("Command")
        except Back:
            talk.say("This is the beginning; quit leaves.")
            continue
        word = line.lower()
        if word in _QUIT:
            raise Gone
        if word in _HELP:
            talk.tell(help_lines(desk))
        elif word == "lock":
            _lock(desk, talk)
        elif line:
            _run(desk, talk, line)


def _say_faults(desk: Desk, talk: Talk, sending: Sending | None) -> None:
    """What this terminal should do by itself and cannot, each said once as long as it lasts."""
    faults = tuple(sending.faults.values()) if sending is not None else ()
    talk.say(*(one for one in faults if one not in desk.faults))
    desk.faults = faults


def _run(desk: Desk, talk: Talk, line: str) -> None:
    with suppress(Refusal):
        # Somebody may have changed them since; who cannot be reached says so below.
        desk.reload_settings()
    try:
        run(desk, talk, line)
    except Back:
        kept = f" “book” alone brings back “{talk.unfinished}”." if talk.unfinished else ""
        talk.say(f"Left.{kept}")
    except CannotBook as refusal:
        talk.say(str(refusal))
        talk.tell(f"Free: {words.opening(one, desk.zone)}." for one in refusal.alternatives)
    except NotPermitted as refusal:
        talk.say(str(refusal))
        _sign_out_strangers(desk)
    except Refusal as refusal:
        talk.say(str(refusal))


def _sign_out_strangers(desk: Desk) -> None:
    """Whose account was ended or whose password was changed is signed in no more."""
    try:
        with suppress(ClinicUnavailable):
            desk.read_now(clinic_settings)
    except NotPermitted:
        desk.sign_out()


def _lock(desk: Desk, talk: Talk) -> None:
    """Nothing can be done or seen until the password is typed; another may sign in instead."""
    user = desk.actor.username
    desk.sign_out()
    talk.say("Locked.")
    _signed_in(desk, talk, user)
