"""What every channel is able to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Protocol, runtime_checkable

from ..domain.codes import Channel as ChannelCode
from ..domain.messages.delivery import Claimed, Outcome
from ..domain.messages.receipts import Receipt
from ..domain.messages.replies import Received

__all__ = ["Channel", "Claimed", "NextOne", "Outcome", "TwoWay", "nobody"]


NextOne = Callable[[], Claimed | None]
"""Which message will be taken next, if it still may leave then; None where that is not known."""


def nobody() -> None:
    """Of no message is it known that it comes next."""


class Channel(Protocol):
    """A way on which messages leave. It never raises for what a server or a network does.

    Several threads may send by one of these at once, each a share of what was claimed.
    """

    @property
    def code(self) -> ChannelCode:
        """Which of the channels it is."""

    @property
    def one_in_doubt(self) -> bool:
        """Whether of all that is in flight one at most may have left and not been told.

        So it is where nobody can be asked later what became of it.
        """

    def send(
        self, claimed: Iterable[Claimed], next_one: NextOne = nobody
    ) -> Iterator[tuple[int, Outcome]]:
        """Send them one after another, each taken when the one before has been told.

        Closed early, it sends no more; what was taken and not told was not sent. It may end
        before all were taken, where its connection cannot be made or is lost. ``next_one`` may be
        asked while an answer is waited for, to get that one ready.
        """

    def look_up(self, claimed: Claimed) -> Outcome | None:
        """What became of one whose outcome is unknown; None: it may be sent (again).

        ``passing`` where that cannot be found out now: it is asked again later.
        """

    def check(self) -> None:
        """Connect and sign in, and say nothing; ``Refusal`` with the reason where that fails."""


@runtime_checkable
class TwoWay(Protocol):
    """A channel that can be asked what arrived and what was replied. It never raises either."""

    def receipts(self, provider_ids: Iterable[str]) -> Iterator[Receipt]:
        """How messages that were sent stand; ends early where the provider cannot be asked."""

    def replies(self, since: datetime) -> tuple[Received, ...] | None:
        """What came in since then, newest first; None where the provider cannot be asked."""
