"""The guided tour of the made-up clinic: what to press and why, until it has really been done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from ..domain.clinic.visit_types import list_visit_types
from ..domain.openings.openings import OpeningSearch, find_openings
from ..domain.staff.doctors import find_doctors
from ..domain.times.walltime import day_bounds, local_day
from ..domain.undo.undo import UndoableStep

if TYPE_CHECKING:
    from ..desk import Desk

_DOCTOR = "Lee"
_ROOM_TO_MOVE = 4
_AHEAD = timedelta(days=20)
_LOOKS = 3
"""So often in a row no dialog is seen before that counts: one may be on its way."""


@dataclass(frozen=True, slots=True)
class TourStep:
    """One line of the tour, and what has to be done for the next one: see ``data/demo.toml``."""

    says: str
    after: tuple[str, ...] = ()
    undone: bool = False
    back: bool = False
    or_back: bool = False


def tour_steps(tables: Sequence[dict[str, Any]]) -> tuple[TourStep, ...]:
    """The steps of the plan's tables."""
    return tuple(TourStep(**{**one, "after": tuple(one.get("after", ()))}) for one in tables)


class Tour:
    """Where somebody is on the tour; told of what they have done, it goes on."""

    def __init__(self, steps: Sequence[TourStep], newest: int) -> None:
        """``newest`` is the last step that the account took before the tour."""
        self._steps, self._newest = steps, newest
        self._at = self._quiet = 0

    @property
    def line(self) -> str:
        """How far it is, and what to press next."""
        return f"{self._at + 1}/{len(self._steps)}  {self._steps[self._at].says}"

    @property
    def is_at_end(self) -> bool:
        """Whether there is nothing more to do."""
        return self._at == len(self._steps) - 1

    def look(self, done: Sequence[UndoableStep], *, in_dialog: bool) -> bool:
        """Go on if what the line says has been done; whether it was. ``done`` is newest first."""
        step = self._steps[self._at]
        self._quiet = 0 if in_dialog else self._quiet + 1
        if step.undone:
            is_done = self._newest not in {one.step_id for one in done}
        else:
            is_done = any(
                one.operation in step.after and one.step_id > self._newest for one in done
            )
        is_back = self._quiet >= _LOOKS
        is_done = (is_done or (step.or_back and is_back)) and (is_back or not step.back)
        if self.is_at_end or not is_done:
            return False
        self._at, self._quiet = self._at + 1, 0
        self._newest = done[0].step_id if done else 0
        return True


def day_of_tour(desk: Desk) -> date:
    """The first day after today on which the tour's doctor has room to move a visit about."""
    now, zone = desk.now(), desk.zone
    (doctor, *_) = desk.read_now(find_doctors, _DOCTOR)
    visit_type = desk.read_now(list_visit_types)[0]
    tomorrow = day_bounds(local_day(now, zone) + timedelta(days=1), zone)[0]
    search = OpeningSearch(
        visit_type.visit_type_id,
        tomorrow,
        (doctor.doctor_id,),
        until=tomorrow + _AHEAD,
        limit=100,
    )
    found = desk.read_now(find_openings, search, now).openings
    room = Counter(local_day(one.starts_at, zone) for one in found)
    fitting = (day for day, count in sorted(room.items()) if count >= _ROOM_TO_MOVE)
    return next(fitting, local_day(tomorrow, zone))
