"""What the SMS provider can answer, as far as it matters here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


class Unreachable(Exception):
    """Nothing has arrived at the provider, and nothing was taken."""


class Unsure(Exception):
    """The provider may have taken it, or has said nothing that can be read."""


class Refused(Exception):
    """The provider has read the request and says no, by an HTTP status and a number of its own."""

    def __init__(self, status: int, code: int, retry_after: timedelta | None = None) -> None:
        """Keep what was answered."""
        super().__init__(status, code)
        self.status, self.code, self.retry_after = status, code, retry_after


@dataclass(frozen=True, slots=True)
class Text:
    """A text as the provider has it; ``at`` is when it was made there (aware UTC)."""

    sid: str
    sender: str
    recipient: str
    body: str
    status: str
    is_inbound: bool
    error_code: int | None
    at: datetime
