"""The ways in which several visits fit on one day: a digit chooses one, Enter books it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Static

from ...domain.errors import Refusal
from ...domain.times.walltime import local_day, say_day, say_time
from ...domain.visits.together_search import FoundTogether
from ..absence.plan_draft import count_visits
from ..base import Dialog
from ..safe import safe
from ..styles import style_sheet
from ..visits.refusals import sentence
from ..widgets.cells import cut, fit, fit_doctor
from ..widgets.key_line import KeyLine
from ..widgets.lists.numbered import NumberedLines
from ..widgets.steady import Steady
from ..wording import clock_cells

if TYPE_CHECKING:
    from ...desk import Desk

SHOWN = 5
"""Ways that are shown at once."""
_KIND, _DOCTOR = 22, 24
_SHORT = 11
"""Cells of a doctor's name in a line that holds three of them; it stands in full below."""


@dataclass(frozen=True, slots=True)
class WaysDraft:
    """The ways that were found, the one that is chosen, and why it was refused, if it was."""

    ways: tuple[FoundTogether, ...]
    at: int = 0
    refusal: Refusal | None = None

    @property
    def chosen(self) -> FoundTogether:
        """The way that Enter books."""
        return self.ways[self.at]


@dataclass(frozen=True, slots=True)
class Names:
    """What visit types and rooms are called, by their ids."""

    types: Mapping[int, str]
    rooms: Mapping[int, str]


class Then(Enum):
    """What is to be done with the way that is chosen."""

    BOOK = "book"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class WaysAnswer:
    """What the dialog answers: the way that was chosen, and what then."""

    draft: WaysDraft
    then: Then


class Ways(NumberedLines):
    """The ways. Digits choose, Enter books what is chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", "Book", id="ways.book", tooltip="All of them, or none"),
        Binding("n", "screen.later", "Later", id="ways.later", tooltip="The next ways they fit"),
    ]


class WaysDialog(Dialog[WaysAnswer]):
    """Shows a few ways at a time. Nothing is booked before Enter, and then all of it or nothing."""

    CSS_PATH: ClassVar[CSSPathType | None] = style_sheet("series")
    TITLE_IN_HELP = "the ways in which they fit"

    def __init__(self, desk: Desk, title: str, draft: WaysDraft, names: Names) -> None:
        super().__init__()
        self._desk = desk
        self._title = title
        self._draft = draft
        self._names = names
        self._first = draft.at // SHOWN * SHOWN

    def compose(self) -> ComposeResult:
        """The ways, and below them the chosen one in full."""
        with Vertical(classes="box series ways") as box:
            box.border_title = safe(self._title)
            yield Ways(id="ways")
            yield Steady(id="visits")
            yield Static(id="says")
        yield KeyLine()

    def on_mount(self) -> None:
        """The first one is chosen."""
        self.query_one(Ways).focus()
        self._say(self._draft.refusal)

    def on_resize(self) -> None:
        """As wide as there is room."""
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        draft, zone = self._draft, self._desk.zone
        page = draft.ways[self._first : self._first + SHOWN]
        self.query_one(Ways).show([say_way(way, zone) for way in page], draft.at - self._first)
        visits = self.query_one("#visits", Steady)
        visits.put(_in_full(draft.chosen, self._names, visits.size.width, zone))

    def _say(self, refusal: Refusal | None) -> None:
        says = self.query_one("#says", Static)
        says.set_class(refusal is not None, "refusal")
        many = count_visits(len(self._draft.chosen.visits))
        shown = min(len(self._draft.ways), self._first + SHOWN)
        more = f" {shown} of {len(self._draft.ways)} ways." if len(self._draft.ways) > SHOWN else ""
        hint = f"Nothing is booked yet: Enter books the {many} in one go.{more}"
        says.update(safe(hint if refusal is None else sentence(refusal)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer later ones where there are any."""
        if action == "later":
            return len(self._draft.ways) > SHOWN
        return super().check_action(action, parameters)

    @on(NumberedLines.Taken)
    def taken(self, event: NumberedLines.Taken) -> None:
        """It is that one."""
        self._choose(self._first + event.index)

    @on(NumberedLines.WentOn)
    def went_on(self) -> None:
        """Book it."""
        self.dismiss(WaysAnswer(self.draft, Then.BOOK))

    def action_later(self) -> None:
        """The next ones; behind the last the first again."""
        self._first += SHOWN
        if self._first >= len(self._draft.ways):
            self._first = 0
        self._choose(self._first)

    def action_leave(self) -> None:
        """Nothing is booked."""
        self.dismiss(WaysAnswer(self.draft, Then.LEAVE))

    def _choose(self, at: int) -> None:
        self._draft = replace(self._draft, at=at, refusal=None)
        self._say(None)
        self._show()

    @property
    def draft(self) -> WaysDraft:
        """The ways, with the one that is chosen now."""
        return replace(self._draft, refusal=None)


def say_way(way: FoundTogether, zone: str) -> str:
    """One way in a line: "Tue 24 Nov 2026  09:00 Dr Lee, 09:20 Dr Park"."""
    stops = ", ".join(
        f"{say_time(one.starts_at, zone)} {cut(doctor, _SHORT)}"
        for one, doctor in zip(way.visits, way.doctors, strict=True)
    )
    return f"{say_day(local_day(way.visits[0].starts_at, zone))}  {stops}"


def _in_full(way: FoundTogether, names: Names, width: int, zone: str) -> Content:
    """A line for each of the visits, in columns: from when to when, what, with whom, where."""
    lines = []
    for one, doctor in zip(way.visits, way.doctors, strict=True):
        room = names.rooms.get(one.room_id or 0, "")
        kind = names.types.get(one.visit_type_id, "")
        time = (
            f"{say_time(one.starts_at, zone)}–{say_time(_ends(one.starts_at, one.minutes), zone)}"
        )
        cells = (
            fit(time, 2 * clock_cells() + 3)
            + fit(kind, _KIND - 1)
            + " "
            + fit_doctor(doctor, _DOCTOR - 1)
            + " "
        )
        lines.append(fit(cells + room, max(1, width)))
    return Content("\n").join(Content(line) for line in lines)


def _ends(starts_at: datetime, minutes: int | None) -> datetime:
    return starts_at + timedelta(minutes=minutes or 0)
