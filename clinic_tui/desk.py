"""Desk: who is signed in, and the one way from a screen or a command to an operation.

Screens ``await desk.run(…)`` and ``desk.read(…)``, which work off the UI thread; the command
line calls ``run_now`` and ``read_now``. Either way the actor is read afresh in the operation's
own transaction, so that an account disabled a moment ago is refused now.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy.orm import Session

from .changes import Follower, News
from .database import Database
from .domain.access import Actor
from .domain.clinic.settings import ClinicSettings, load_settings
from .domain.errors import NotPermitted, Refusal
from .domain.staff.passwords import password_matches
from .domain.staff.sign_ins import (
    actor_of_token,
    close_token,
    current_actor,
    open_token,
    signed_in,
    stored_password,
)

P = ParamSpec("P")
T = TypeVar("T")
Operation = Callable[Concatenate[Session, Actor, P], T]


def read_clock() -> datetime:
    """The instant, aware UTC: the one place where the program looks at a clock for its rules."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Ring:
    """A call that nobody has looked at yet: its number, and who that is in a few words."""

    number: str
    who: str


class Desk:
    """One terminal's way to the clinic. ``now`` is a parameter so that tests can stand still.

    ``name`` is what the desk calls itself where it holds an opening: nobody else's, and random.
    """

    def __init__(self, database: Database, now: Callable[[], datetime] = read_clock) -> None:
        self.now = now
        self.name = secrets.token_hex(16)
        self._database = database
        self._actor: Actor | None = None
        self.settings: ClinicSettings = database.read(load_settings)
        self.messages_to_see = 0
        """How many messages and replies need somebody, as far as this desk has looked."""
        self.faults: tuple[str, ...] = ()
        """What this terminal should do by itself and cannot, in sentences."""
        self.ringing: Ring | None = None

    @property
    def actor(self) -> Actor:
        """Who is signed in; refused when nobody is."""
        if self._actor is None:
            raise NotPermitted("Nobody is signed in.")
        return self._actor

    @property
    def is_signed_in(self) -> bool:
        """Whether somebody is."""
        return self._actor is not None

    @property
    def zone(self) -> str:
        """The IANA zone of the clinic's clock."""
        return self.settings.zone

    def run_now(self, operation: Operation[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an operation that writes, in one transaction, and wait for it."""
        return self._database.transact(_as_current, self.actor, operation, *args, **kwargs)

    def read_now(self, operation: Operation[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an operation that only reads, and wait for it."""
        return self._database.read(_as_current, self.actor, operation, *args, **kwargs)

    async def run(self, operation: Operation[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an operation that writes, off the UI thread.

        Its thread goes on and commits even when the await is cancelled: never put it where a
        key may cancel it, and never into a dialog.
        """
        return await asyncio.to_thread(lambda: self.run_now(operation, *args, **kwargs))

    async def read(self, operation: Operation[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an operation that only reads, off the UI thread; a newer read may replace it."""
        return await asyncio.to_thread(lambda: self.read_now(operation, *args, **kwargs))

    def sign_in_now(self, username: str, password: str) -> Actor:
        """Sign in with a password, checked outside any transaction because it is slow.

        Refused with ``NotPermitted`` in the same words, after the same time, whether the name is
        unknown, the account disabled or the password wrong.
        """
        self._actor = self._whose(username, password)
        return self._actor

    async def sign_in(self, username: str, password: str) -> Actor:
        """``sign_in_now`` off the UI thread; one that is given up signs nobody in afterwards."""
        self._actor = await asyncio.to_thread(self._whose, username, password)
        return self._actor

    def _whose(self, username: str, password: str) -> Actor:
        stored = self._database.read(stored_password, username)
        if not password_matches(stored, password) or stored is None:
            raise NotPermitted("That name and password do not go together.")
        return self._database.transact(signed_in, stored, self.now())

    def sign_in_as(self, actor: Actor) -> None:
        """Be that actor: for the demo clinic, which has no passwords worth typing."""
        self._actor = actor

    def sign_out(self) -> None:
        """Nobody is signed in at this desk any more; what it holds is given back if that can be.

        It waits for the database: not on the UI thread.
        """
        from .domain.visits.holds import release_desk  # noqa: PLC0415 - not for the first frame

        actor, self._actor = self._actor, None
        self.messages_to_see, self.ringing = 0, None
        if actor is not None:
            # What is not given back runs out by itself.
            with suppress(Refusal):
                self._database.transact(_as_current, actor, release_desk, self.name, self.now())

    def follow(self, tell: Callable[[News], object]) -> Follower:
        """Tell of whatever changes at any terminal from now on, in a thread of its own."""
        follower = Follower(self._database, tell)
        follower.start()
        return follower

    def open_token(self) -> str:
        """A secret with which this account's next commands are signed in, for eight hours."""
        return self._database.transact(open_token, self.actor, self.now())

    def close_token(self, token: str) -> None:
        """Sign that secret out."""
        self._database.transact(close_token, token)

    def use_token(self, token: str) -> Actor:
        """Sign in with a token; refused when it is unknown or has run out.

        All commands that one token signs in are one desk.
        """
        self._actor = self._database.read(actor_of_token, token, self.now())
        self.name = hashlib.sha256(f"desk {token}".encode()).hexdigest()[:32]
        return self._actor

    def reload_settings(self) -> None:
        """Read the clinic's settings again, after they were changed."""
        self.settings = self._database.read(load_settings)

    def leave(self, patience: float = 1.0) -> None:
        """Sign out and close, at the end of a terminal; waits so many seconds and no longer."""
        if self.is_signed_in:
            # No executor's thread: the interpreter would wait for it as long as it takes.
            leaving = threading.Thread(target=self.sign_out, daemon=True)
            leaving.start()
            leaving.join(patience)
        self.close()

    def close(self) -> None:
        """Give the database connections back."""
        self._database.close()


def _as_current(
    session: Session,
    actor: Actor,
    operation: Operation[P, T],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    return operation(session, current_actor(session, actor), *args, **kwargs)
