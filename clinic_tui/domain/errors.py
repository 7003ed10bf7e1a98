"""Refusals: the rules say no, in one sentence fit to be read aloud.

Everything here is expected and harmless: nothing was written. Any other exception is a bug.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .codes import Pick


class ObstacleKind(StrEnum):
    """What can stand in the way of a visit."""

    DOCTOR = "doctor"
    PATIENT = "patient"
    ROOM = "room"
    CLOSED = "closed"
    AWAY = "away"
    HOLIDAY = "holiday"
    TOO_SOON = "too soon"
    BEYOND_HORIZON = "beyond horizon"
    RESERVED = "reserved"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing in the way: when it stands there (aware UTC) and what it is, in words."""

    kind: ObstacleKind
    starts_at: datetime
    ends_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Opening:
    """A start at which a visit would fit: found, not stored. Times are aware UTC.

    The room is one that was free, where one was asked for; ``pick`` says as what it is offered,
    where three different ones were asked for.
    """

    doctor_id: int
    doctor: str
    starts_at: datetime
    ends_at: datetime
    room_id: int | None = None
    room: str | None = None
    pick: Pick | None = None


class Refusal(Exception):
    """The rules say no. ``str()`` is the sentence; nothing was changed.

    A sentence may quote what was typed, but never what a terminal would obey.
    """

    def __str__(self) -> str:
        from .text import showable  # noqa: PLC0415 - which refuses with what is defined here

        return showable(super().__str__())


class BadInput(Refusal):
    """What was typed cannot be taken; ``field`` names where, the sentence says what is accepted."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def key_of_another_request() -> BadInput:
    """Somebody asks with the key of a request that was made before, and was another."""
    return BadInput("Request", "That request was already made, for something else.")


class NotPermitted(Refusal):
    """The actor's roles do not reach that far."""


class NotFound(Refusal):
    """What was named does not exist (any more)."""


class AlreadyExists(Refusal):
    """A name or number that has to be unique is taken."""


class WrongStatus(Refusal):
    """The visit is not in a status from which this step leads on."""


class ChangedMeanwhile(Refusal):
    """Somebody else changed it after it was read; look again before deciding."""


class HoldsAlready(Refusal):
    """That desk holds another opening: one at a time."""


class NotWanted(Refusal):
    """Whoever waits wants another time, another doctor or another kind of visit."""


class CarriedAlready(Refusal):
    """Somebody else carries that visit on their tray."""


class CannotBook(Refusal):
    """A visit cannot stand there: ``obstacles`` say why, ``alternatives`` (at most three) where."""

    def __init__(
        self,
        sentence: str,
        obstacles: tuple[Obstacle, ...] = (),
        alternatives: tuple[Opening, ...] = (),
    ) -> None:
        super().__init__(sentence)
        self.obstacles = obstacles
        self.alternatives = alternatives


class OfferOver(CannotBook):
    """The offer has run out, or what it held is gone; ``alternatives`` may hold the same time."""


class SlotTaken(CannotBook):
    """The doctor, the patient or the room is taken at that time."""


class OutsideHours(CannotBook):
    """The doctor does not work then: closed, away, or a holiday."""


class TooSoon(CannotBook):
    """The visit type is booked longer before it starts than that."""


class BeyondHorizon(CannotBook):
    """The visit type is not booked that far ahead."""


class KeptForOthers(CannotBook):
    """That part of the doctor's hours is reserved for other visit types, and not open yet."""


class ClinicUnavailable(Refusal):
    """The database does not answer. ``outcome_known`` is false when a commit was under way."""

    def __init__(self, sentence: str, *, outcome_known: bool = True) -> None:
        super().__init__(sentence)
        self.outcome_known = outcome_known
