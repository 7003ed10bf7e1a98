"""The board's visits, one a line in aligned columns under the headings of their parts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from ....domain.codes import Status
from ....domain.overview.board import Board, BoardVisit
from ....domain.times.walltime import say_time
from ...signs import STATUS_SIGNS
from ...today.words import Mood, Told, marks_words, state_words
from ...wording import clock_cells
from ..cells import fit, fit_doctor
from .parted_list import Heading, PartedList

_SIGNS, _STATE = 4, 15
_MARKED = "•"
_MARK_CELLS = 3
"""Cells at the left in which a click marks the line."""
BoardLine = Heading | BoardVisit


class BoardList(PartedList[BoardVisit]):
    """Visits under the headings of their parts; the cursor is only ever on visits."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Visit", id="today.visit", tooltip="Open the visit in full"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"board-list--{name}" for name in ("now", "late", "marked")
    }
    DEFAULT_CSS = """
    BoardList > .board-list--now { color: $primary; }
    BoardList > .board-list--late { color: $warning; }
    BoardList > .board-list--marked { color: $accent; text-style: bold; }
    """

    @dataclass
    class Chosen(Message):
        """A visit is wanted in full, by Enter or a double click."""

        visit: BoardVisit

    class MarkClicked(Message):
        """The mark of the visit under the cursor was clicked."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._board: Board | None = None
        self._now: datetime | None = None
        self._zone = "UTC"
        self._marked: Collection[int] = ()

    def id_of(self, line: BoardVisit) -> int:
        """A visit's number."""
        return line.appointment_id

    @property
    def visit(self) -> BoardVisit | None:
        """The visit under the cursor."""
        return self.current

    def show(
        self,
        lines: Sequence[BoardLine],
        board: Board,
        now: datetime,
        zone: str,
        *,
        marked: Collection[int],
        words: Sequence[str],
        on: int | None,
    ) -> None:
        """Show these, the cursor on the visit ``on``; ``words`` are for an empty board."""
        self._board, self._now, self._zone, self._marked = board, now, zone, marked
        self.fill(lines, words=words, on=on)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter is offered where there is a visit to open."""
        if action == "choose" and self.visit is None:
            return False
        return super().check_action(action, parameters)

    def mark(self, marked: Collection[int]) -> None:
        """Mark these visits and no others."""
        self._marked = marked
        self.refresh()

    def choose(self, line: BoardLine) -> None:
        """Tell which visit is wanted."""
        if isinstance(line, BoardVisit):
            self.post_message(self.Chosen(line))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor there; at the left mark the visit, with a double click open it."""
        event.prevent_default()
        row = event.y + self.scroll_offset.y
        if row >= len(self._lines) or isinstance(self._lines[row], Heading):
            return
        self._go_to(row)
        if event.x < _MARK_CELLS:
            self.post_message(self.MarkClicked())
        elif event.chain == 2:
            self.action_choose()

    def drawn(self, line: BoardVisit, width: int, style: Style | None) -> list[Segment]:
        """A visit: what needs somebody in colour, what is over faint."""
        look = self.get_component_rich_style
        if self._board is None or self._now is None:
            return [Segment(" " * width, style)]
        state = state_words(line, self._board, self._now, self._zone)
        marked = line.appointment_id in self._marked
        signs, when, name, stands, *rest = self._columns(line, state, marked, width)
        if style is not None:
            return [Segment("".join((signs, when, name, stands, *rest)), style)]
        plain = self.look("faint" if state.mood is Mood.OVER else "line")
        moods = {Mood.NOW: look("board-list--now"), Mood.LATE: look("board-list--late")}
        return [
            Segment(signs, look("board-list--marked") if marked else plain),
            Segment(when, plain),
            Segment(name, look("board-list--marked") if marked else plain),
            Segment(stands, moods.get(state.mood, plain)),
            Segment("".join(rest), plain),
        ]

    def _columns(self, visit: BoardVisit, state: Told, marked: bool, width: int) -> tuple[str, ...]:
        """Signs, time, name, state, marks, type, doctor and room, together as wide as the list."""
        wide, roomy = width >= 140, width >= 96
        marks = 26 if wide else 9
        kind = 24 if wide else 17 if roomy else 8
        doctor = 24 if wide else 18 if roomy else 13
        room = 14 if wide else 0
        name = width - _SIGNS - clock_cells() - 1 - _STATE - 2 - marks - kind - doctor - room
        names = ", ".join(filter(None, (visit.family_name, visit.given_name)))
        sign = STATUS_SIGNS[visit.status] if visit.status is not Status.BOOKED else " "
        return (
            f" {_MARKED if marked else ' '}{sign} ",
            say_time(visit.starts_at, self._zone).ljust(clock_cells() + 1),
            ("! " if visit.alert else "  ") + fit(names, name - 2) + "  ",
            fit(state.words, _STATE - 1) + " ",
            fit(marks_words(visit, short=not wide), marks - 1) + " ",
            fit(visit.visit_type if roomy else visit.short_name, kind - 2) + "  ",
            fit_doctor(visit.doctor, doctor - 1) + " ",
            fit(visit.room, room),
        )
