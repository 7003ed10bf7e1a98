"""What every channel is able to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from ..domain.codes import Channel as ChannelCode
from ..domain.delivery import Claimed, Outcome

__all__ = ["Channel", "Claimed", "Outcome"]


class Channel(Protocol):
    """A way on which messages leave. It never raises for what a server or a network does.

    Several threads may send by one of these at once, each a share of what was claimed.
    """

    @property
    def code(self) -> ChannelCode:
        """Which of the channels it is."""

    def send(self, claimed: Iterable[Claimed]) -> Iterator[tuple[int, Outcome]]:
        """Send them one after another, each taken when the one before has been told.

        Closed early, it sends no more; what was taken and not told was not sent. It may end
        before all were taken, where its connection cannot be made or is lost.
        """

    def look_up(self, claimed: Claimed) -> Outcome | None:
        """What became of one whose outcome is unknown; None: it may be sent (again).

        ``passing`` where that cannot be found out now: it is asked again later.
        """

    def check(self) -> None:
        """Connect and sign in, and say nothing; ``Refusal`` with the reason where that fails."""
