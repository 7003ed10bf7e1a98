"""What passes between the outbox and the channels: a worded message, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ..codes import Channel, NoticeKind


class Method(StrEnum):
    """What a calendar is asked to do with a visit (RFC 5546)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """A visit as a calendar may know it: never who it is with, of which type, or why.

    ``uid`` stays the same for one visit as long as it lives; a higher ``sequence`` replaces what
    came before. Times are aware UTC.
    """

    uid: str
    sequence: int
    method: Method
    starts_at: datetime
    ends_at: datetime
    summary: str
    place: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it will be read, in plain text; an SMS has no subject and no events."""

    subject: str
    body: str
    events: tuple[CalendarEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Claimed:
    """One message that one sender has taken, and all that a channel needs to let it leave.

    ``address`` is an e-mail address or a number in E.164; ``attempts`` counts this one;
    ``message_id`` (RFC 5322, without its angle brackets) is the same at every attempt. With
    ``look_up`` it may have left already, but not as one of ``known_ids``: under these numbers of
    the provider's other messages left. ``gathered`` are the numbers of other messages to the same
    person that this one says as well: what becomes of it becomes of them.
    """

    notice_id: int
    channel: Channel
    kind: NoticeKind
    address: str
    language: str
    message_id: str
    attempts: int
    look_up: bool
    created_at: datetime
    letter: Letter
    known_ids: frozenset[str] = frozenset()
    gathered: tuple[int, ...] = ()


class Result(StrEnum):
    """How an attempt ended."""

    SENT = "sent"
    REFUSED = "refused"
    PASSING = "passing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message. ``reason`` is a sentence without patient data.

    ``is_fault`` says that the channel itself is at fault and not this message: it counts against
    the channel's breaker and is no attempt of the message. ``opted_out``: the listener has told
    the provider that they want no more.
    """

    result: Result
    provider_id: str | None = None
    reason: str = ""
    retry_after: timedelta | None = None
    is_fault: bool = False
    opted_out: bool = False

    @classmethod
    def sent(cls, provider_id: str | None = None) -> Outcome:
        """The provider took it, under that number if it gives any."""
        return cls(Result.SENT, provider_id)

    @classmethod
    def refused(cls, reason: str, *, opted_out: bool = False) -> Outcome:
        """It will never be taken: the message fails at once."""
        return cls(Result.REFUSED, reason=reason, opted_out=opted_out)

    @classmethod
    def passing(
        cls, reason: str, *, retry_after: timedelta | None = None, is_fault: bool = False
    ) -> Outcome:
        """It was surely not sent and may be later, not before ``retry_after``."""
        return cls(Result.PASSING, reason=reason, retry_after=retry_after, is_fault=is_fault)

    @classmethod
    def unknown(cls, reason: str, *, is_fault: bool = False) -> Outcome:
        """It may have been sent: it is looked up before it is sent again."""
        return cls(Result.UNKNOWN, reason=reason, is_fault=is_fault)
