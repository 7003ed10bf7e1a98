"""What keeps a doctor away: the rest of the day, half of it, a longer time, or other hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from ...domain.times.walltime import day_bounds, say_day, say_time
from ..base import Dialog
from ..safe import safe
from ..styles import style_sheet
from ..typing_ahead import another_follows
from ..widgets.cells import cut, fit
from ..widgets.key_line import KeyLine
from .plan_draft import count_visits

if TYPE_CHECKING:
    from ...desk import Desk


_LONGEST = 40
"""Cells of the doctor's name: which day it is about is seen however long that is."""


class Absence(Enum):
    """What it is to be."""

    DAY = "day"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    RANGE = "range"
    HOURS = "hours"
    CLOSED = "closed"
    ROOM = "room"
    CALLS = "calls"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Between two aware instants, and so many visits in it."""

    starts_at: datetime
    ends_at: datetime
    visits: int


@dataclass(frozen=True, slots=True)
class DoctorDay:
    """A doctor's day, as it is asked about; ``to_call`` visits stand outside the hours already.

    ``for_all`` is what more may be planned that is about other doctors, too.
    """

    doctor_id: int
    doctor: str
    day: date
    stretches: Mapping[Absence, Stretch]
    has_begun: bool
    to_call: int
    for_all: frozenset[Absence]


_WORDS = {
    Absence.DAY: ("s", "sick: away all day"),
    Absence.MORNING: ("m", "away in the morning"),
    Absence.AFTERNOON: ("n", "away in the afternoon"),
    Absence.RANGE: ("r", "away from … until …, days or hours"),
    Absence.HOURS: ("h", "other weekly hours"),
    Absence.CLOSED: ("c", "the whole clinic closed"),
    Absence.ROOM: ("o", "a room out of use"),
    Absence.CALLS: ("l", "list whom to call"),
}


def _key(absence: Absence, does: str, more: str, *, show: bool = True) -> Binding:
    letter = _WORDS[absence][0]
    name = f"away.{absence.value}"
    return Binding(letter, f"choose('{absence.value}')", does, id=name, tooltip=more, show=show)


class AwayDialog(Dialog[Absence]):
    """One letter says what it is; nothing is written before the plan was seen."""

    CSS_PATH = style_sheet("plan")
    TITLE_IN_HELP = "a doctor's absence"
    BINDINGS: ClassVar[list[BindingType]] = [
        _key(Absence.DAY, "Sick", "From now on, or all of a later day"),
        _key(Absence.MORNING, "Morning", "Until the break"),
        _key(Absence.AFTERNOON, "Afternoon", "From the break on"),
        _key(Absence.RANGE, "Range", "Days or hours, with a reason"),
        _key(Absence.HOURS, "Hours", "Other weekly hours from now on, or for a while"),
        # For who manages the clinic eight keys would be too many: the choices name these, too.
        _key(Absence.CLOSED, "Closed", "Everybody away: a holiday, an outing", show=False),
        _key(Absence.ROOM, "Room", "Its visits go to another room or another time", show=False),
        _key(Absence.CALLS, "List", "Visits outside the hours, with numbers to call"),
    ]

    def __init__(self, desk: Desk, about: DoctorDay) -> None:
        super().__init__()
        self._desk = desk
        self._about = about

    def compose(self) -> ComposeResult:
        """What can be chosen, each with its letter and how many visits it is about."""
        about = self._about
        with Vertical(classes="box plan") as box:
            box.border_title = safe(f"{cut(about.doctor, _LONGEST)} · {say_day(about.day)}")
            lines = [self._line(one) for one in Absence if self._offers(one)]
            yield Static(Content("\n").join(lines), id="choices")
            gone = "" if about.stretches else f"{say_day(about.day)} has gone by. "
            yield Static(
                safe(f"{gone}Nothing is written before you have seen what becomes of the visits."),
                id="says",
            )
        yield KeyLine()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what lies ahead."""
        if action == "choose":
            return self._offers(Absence(str(parameters[0])))
        return super().check_action(action, parameters)

    def action_choose(self, absence: str) -> None:
        """It is that."""
        another_follows(self)
        self.dismiss(Absence(absence))

    def _offers(self, absence: Absence) -> bool:
        if absence is Absence.CALLS:
            return self._about.to_call > 0
        if absence in (Absence.CLOSED, Absence.ROOM):
            return absence in self._about.for_all
        return absence in (Absence.RANGE, Absence.HOURS) or absence in self._about.stretches

    def _line(self, absence: Absence) -> Content:
        letter, words = _WORDS[absence]
        about, visits = self._about, ""
        stretch = about.stretches.get(absence)
        if stretch is not None:
            if absence is Absence.DAY and about.has_begun:
                words = "sick: away now, for the rest of the day"
            visits = f"{self._span(stretch):<13}  {count_visits(stretch.visits)}"
        elif absence is Absence.CALLS:
            visits = f"{count_visits(about.to_call)} outside the hours"
        return Content.assemble(
            Content.styled(f" {letter}  ", "bold $primary"), fit(words, 41), visits
        )

    def _span(self, stretch: Stretch) -> str:
        zone = self._desk.zone
        until = say_time(stretch.ends_at, zone)
        if stretch.ends_at == day_bounds(self._about.day, zone)[1]:
            until = "24:00"
        return f"{say_time(stretch.starts_at, zone)}–{until}"
