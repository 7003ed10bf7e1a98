"""What runs beside the screens, in threads of its own: begun with the book, ended with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from .screens.messages import ClinicChanged, Rang

if TYPE_CHECKING:
    from .changes import Follower
    from .desk import Desk
    from .scheduler import Sending
    from .telephone import Telephone

_PATIENCE = 0.5
"""Seconds for which the end of the program waits for each."""


class Beside:
    """Follows other terminals, listens to the telephone, sends what is due: whatever is wanted.

    What is heard is handed to ``post``, from any thread. ``follows``, ``telephone`` and
    ``start_sending`` are as ``ClinicApp`` has them.
    """

    def __init__(
        self,
        post: Callable[[Message], bool],
        *,
        follows: bool,
        telephone: Path | None,
        start_sending: Callable[[], Sending | None] | None,
    ) -> None:
        self._post = post
        self._follows = follows
        self._pipe = telephone
        self._start_sending = start_sending
        self._follower: Follower | None = None
        self._telephone: Telephone | None = None
        self._sending: Sending | None = None

    def begin(self, desk: Desk) -> None:
        """Hear of changes and of calls; nothing that changes from now on is missed."""
        if self._follows:
            self._follower = desk.follow(lambda news: self._post(ClinicChanged(news)))
        if self._pipe is not None:
            from .telephone import Telephone  # noqa: PLC0415 - where there is one

            self._telephone = Telephone(self._pipe, lambda number: self._post(Rang(number)))
            self._telephone.start()

    def send(self) -> None:
        """Deliver what is due; the imports alone take a fifth of a second."""
        if self._start_sending is not None:
            self._sending = self._start_sending()

    @property
    def sends(self) -> bool:
        """Whether anything here is to send."""
        return self._start_sending is not None

    @property
    def faults(self) -> tuple[str, ...]:
        """What goes wrong with sending."""
        return tuple(self._sending.faults.values()) if self._sending is not None else ()

    def end(self) -> None:
        """Stop all of it."""
        for one in (self._follower, self._telephone, self._sending):
            if one is not None:
                one.stop(_PATIENCE)
