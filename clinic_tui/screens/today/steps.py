"""What a key does to a visit on the board: the step that follows, by status, day and time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ...domain.codes import Status
from ...domain.errors import ClinicUnavailable, Refusal
from ...domain.overview.board import Board, BoardVisit, Part
from ...domain.text import full_name
from ...domain.visits.appointments import BookedAppointment
from ...domain.visits.flow import (
    arrive,
    check_in,
    confirm_request,
    finish,
    mark_came,
    mark_noshow,
    step_back,
)
from ...domain.visits.requests import new_key

if TYPE_CHECKING:
    from ...desk import Desk, Operation


Said = tuple[str, str]
"""What is then true of one patient, and of several."""


@dataclass(frozen=True, slots=True)
class Deed:
    """A step: the operation that takes it, and what is said of it."""

    operation: Operation[[int, datetime, str], BookedAppointment]
    said: Said | None = None
    """None where it depends on the status that the visit has then."""


DEEDS: dict[str, Deed] = {
    "arrive": Deed(arrive),
    "enter_room": Deed(check_in),
    "finish": Deed(finish),
    "came": Deed(mark_came, ("came", "came")),
    "noshow": Deed(mark_noshow),
    "confirm": Deed(confirm_request),
    "step_back": Deed(step_back),
}
"""By the name of the screen's action."""


_SAID: dict[Status, Said] = {
    Status.BOOKED: ("is booked", "are booked"),
    Status.ARRIVED: ("has arrived", "have arrived"),
    Status.CHECKED_IN: ("is in the room", "are in the room"),
    Status.FULFILLED: ("is done", "are done"),
    Status.NOSHOW: ("did not come", "did not come"),
}
_STEPS_ON = {Status.BOOKED: "arrive", Status.ARRIVED: "enter_room", Status.CHECKED_IN: "finish"}


def _forward(visit: BoardVisit, board: Board, _now: datetime) -> str | None:
    """One step on; nobody arrives any more for a visit of an earlier day."""
    return None if board.is_of_an_earlier_day(visit) else _STEPS_ON.get(visit.status)


def _yes(visit: BoardVisit, board: Board, now: datetime) -> str | None:
    """Yes to what is asked: may they come, did they come."""
    if visit.status is Status.PENDING:
        return "confirm"
    asked = board.part_of(visit, now) is Part.UNRESOLVED
    return "came" if asked else None


def _no(visit: BoardVisit, _board: Board, now: datetime) -> str | None:
    return "noshow" if visit.status is Status.BOOKED and visit.starts_at <= now else None


def _back(visit: BoardVisit, _board: Board, _now: datetime) -> str | None:
    return None if visit.status in (Status.PENDING, Status.BOOKED) else "step_back"


_BY_KEY: dict[str, Callable[[BoardVisit, Board, datetime], str | None]] = {
    "i": _forward,
    "c": _yes,
    "N": _no,
    "I": _back,
}
_ANSWERS = frozenset({"came", "noshow"})
SEVERAL = "step_on"
"""The action of ``i`` where the visits are to take different steps."""
STEPS = frozenset({*DEEDS, SEVERAL})
"""The actions that take steps."""


def deed_of(key: str, visit: BoardVisit, board: Board, now: datetime) -> str | None:
    """What that key does to a visit; None where it leads nowhere."""
    return _BY_KEY[key](visit, board, now)


def offered(visits: Sequence[BoardVisit], board: Board, now: datetime) -> frozenset[str]:
    """The actions that lead on from how these visits stand."""
    found: set[str] = set()
    for key in _BY_KEY:
        deeds = {deed for visit in visits if (deed := deed_of(key, visit, board, now))}
        found |= {SEVERAL} if key == "i" and len(deeds) > 1 else deeds
    return frozenset(found)


@dataclass(slots=True)
class Outcome:
    """What became of several visits: whose step was taken, and why others' was not.

    ``answered``: some of it was said of a visit that is over, after which the next is asked about.
    """

    done: dict[Said, list[BoardVisit]] = field(default_factory=dict)
    refused: list[tuple[BoardVisit, Refusal]] = field(default_factory=list)
    passed_over: int = 0
    answered: bool = False

    def sentences(self) -> list[str]:
        """What to tell of those that are done."""
        told = []
        for (of_one, of_several), visits in self.done.items():
            one = len(visits) == 1
            told.append(f"{_name(visits[0])} {of_one}." if one else f"{len(visits)} {of_several}.")
        if self.done and self.passed_over:
            told.append(f"{self.passed_over} stay as they are.")
        return told

    def refusal(self) -> Refusal | None:
        """Why the first was refused, and of how many others that is not said."""
        if not self.refused:
            return None
        visit, first = self.refused[0]
        others = len(self.refused) - 1
        more = f" ({others} more were refused.)" if others else ""
        return Refusal(f"{_name(visit)}: {first}{more}")


async def take_steps(
    desk: Desk, key: str, visits: Sequence[BoardVisit], board: Board, now: datetime
) -> Outcome:
    """Take each visit's step, one after another, each in a transaction of its own."""
    outcome = Outcome()
    for visit in visits:
        name = deed_of(key, visit, board, now)
        if name is None:
            outcome.passed_over += 1
            continue
        try:
            deed = DEEDS[name]
            stands = await desk.run(deed.operation, visit.appointment_id, now, new_key())
        except ClinicUnavailable as refusal:
            outcome.refused.append((visit, refusal))
            break
        except Refusal as refusal:
            outcome.refused.append((visit, refusal))
        else:
            outcome.done.setdefault(deed.said or _SAID[stands.status], []).append(visit)
            outcome.answered |= name in _ANSWERS
    return outcome


def _name(visit: BoardVisit) -> str:
    return full_name(visit.given_name, visit.family_name)
