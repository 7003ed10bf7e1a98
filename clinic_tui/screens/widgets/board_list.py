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
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from ...domain.board import Board, BoardVisit
from ...domain.codes import Status
from ...domain.walltime import say_time
from ..board_words import Mood, Told, marks_words, state_words
from ..signs import STATUS_SIGNS
from .cells import fit
from .line_list import LineList

_SIGNS, _TIME, _STATE = 4, 6, 15
_MARKED = "•"
_MARK_CELLS = 3
"""Cells at the left in which a click marks the line."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A line between visits: where a part begins, how many there are, and what is asked there."""

    title: str
    hint: str = ""


BoardLine = Heading | BoardVisit


class BoardList(LineList[BoardLine]):
    """The cursor is only ever on visits, and stays on its visit when the list is filled anew."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Visit", id="today.visit", tooltip="Open the visit in full"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"board-list--{name}"
        for name in ("heading", "hint", "line", "faint", "now", "late", "marked", "highlighted")
    }
    DEFAULT_CSS = """
    BoardList > .board-list--heading { background: $panel; text-style: bold; }
    BoardList > .board-list--hint { background: $panel; color: $foreground 70%; }
    BoardList > .board-list--line { color: $foreground; }
    BoardList > .board-list--faint { color: $foreground 65%; }
    BoardList > .board-list--now { color: $primary; }
    BoardList > .board-list--late { color: $warning; }
    BoardList > .board-list--marked { color: $accent; text-style: bold; }
    BoardList > .board-list--highlighted {
        background: $block-cursor-background;
        color: $block-cursor-foreground;
        text-style: $block-cursor-text-style;
    }
    """

    @dataclass
    class Chosen(Message):
        """A visit is wanted in full, by Enter or a double click."""

        visit: BoardVisit

    class MarkClicked(Message):
        """The mark of the visit under the cursor was clicked."""

    row: reactive[int] = reactive(0, repaint=False)
    """Where the cursor is. To be watched, not to be set: a message would arrive a frame later."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._board: Board | None = None
        self._now: datetime | None = None
        self._zone = "UTC"
        self._marked: Collection[int] = ()
        self._words: Sequence[str] = ()

    @property
    def visit(self) -> BoardVisit | None:
        """The visit under the cursor."""
        line = self.highlighted
        return line if isinstance(line, BoardVisit) else None

    @property
    def after(self) -> BoardVisit | None:
        """The visit below the one under the cursor, or else the one above it."""
        around = (*self._lines[self._row + 1 :], *reversed(self._lines[: self._row]))
        return next((line for line in around if isinstance(line, BoardVisit)), None)

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
        """Show these, the cursor on the visit ``on``, on the screen where it was.

        Where that is gone the cursor is on what took its place; where somebody looks elsewhere
        it is not brought into sight. ``words`` are for an empty list.
        """
        self._board, self._now, self._zone, self._marked = board, now, zone, marked
        self._words = words
        before, top = self._row, self.scroll_offset.y
        was_seen = not self._lines or top <= before < top + self.size.height
        is_first = not self._lines
        self._lines = tuple(lines)
        ids = [line.appointment_id if isinstance(line, BoardVisit) else None for line in lines]
        found = on is not None and on in ids
        self._row = self._landed(ids.index(on) if found else before, 1)
        self.set_reactive(BoardList.row, self._row)
        self._make_scrollable()
        if was_seen:
            moved = self._row - before if found and not is_first else 0
            self.scroll_to(0, max(0, top + moved), animate=False, force=True)
            self._keep_in_sight()
        self.refresh()

    def mark(self, marked: Collection[int]) -> None:
        """Mark these visits and no others."""
        self._marked = marked
        self.refresh()

    def go_to_first(self, title: str) -> None:
        """The first visit under that heading, if there is one, the heading at the top."""
        for row, line in enumerate(self._lines):
            if isinstance(line, Heading) and line.title == title:
                self._go_to(row + 1)
                self.scroll_to(0, row, animate=False, force=True)

    def choose(self, line: BoardLine) -> None:
        """Tell which visit is wanted."""
        if isinstance(line, BoardVisit):
            self.post_message(self.Chosen(line))

    def on_resize(self) -> None:
        """The cursor stays in sight where the search line takes a line of the list."""
        self._make_scrollable()
        self._keep_in_sight()

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

    def _landed(self, row: int, towards: int) -> int:
        """That row or the next one that way that is a visit's; else the next the other way."""
        row = max(0, min(row, len(self._lines) - 1))
        for way in (towards, -towards):
            at = row
            while 0 <= at < len(self._lines):
                if isinstance(self._lines[at], BoardVisit):
                    return at
                at += way
        return 0

    def _go_to(self, row: int) -> None:
        before = self._row
        super()._go_to(self._landed(row, 1 if row >= before else -1))
        self._keep_in_sight()
        if self._row != before:
            self.row = self._row

    def _keep_in_sight(self) -> None:
        """The line under the cursor, with the heading above it."""
        row, lines = self._row, self._lines
        above = row > 0 and row < len(lines) and isinstance(lines[row - 1], Heading)
        region = Region(0, row - above, self.size.width, 1 + above)
        self.scroll_to_region(region, animate=False, force=True, x_axis=False)

    def highlight(self) -> Style | None:
        """In focus or not: the search line moves it, too."""
        return self.get_component_rich_style("board-list--highlighted")

    def render_line(self, y: int) -> Strip:
        """One line; of an empty list the words."""
        if self._lines or not 0 < y <= len(self._words):
            return super().render_line(y)
        style = self.get_component_rich_style("board-list--line" if y == 1 else "board-list--faint")
        width = self.size.width
        return Strip([Segment(fit(f"  {self._words[y - 1]}", width), style)], width)

    def segments(self, line: BoardLine, width: int, style: Style | None) -> list[Segment]:
        """A heading's band, or a visit: what needs somebody in colour, what is over faint."""
        look = self.get_component_rich_style
        if isinstance(line, Heading):
            title = f" {line.title}  "
            hint = Segment(fit(line.hint, width - len(title)), look("board-list--hint"))
            return [Segment(title, look("board-list--heading")), hint]
        if self._board is None or self._now is None:
            return [Segment(" " * width, style)]
        state = state_words(line, self._board, self._now, self._zone)
        marked = line.appointment_id in self._marked
        signs, when, name, stands, *rest = self._columns(line, state, marked, width)
        if style is not None:
            return [Segment("".join((signs, when, name, stands, *rest)), style)]
        plain = look(f"board-list--{'faint' if state.mood is Mood.OVER else 'line'}")
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
        name = width - _SIGNS - _TIME - _STATE - 2 - marks - kind - doctor - room
        names = ", ".join(filter(None, (visit.family_name, visit.given_name)))
        sign = STATUS_SIGNS[visit.status] if visit.status is not Status.BOOKED else " "
        return (
            f" {_MARKED if marked else ' '}{sign} ",
            say_time(visit.starts_at, self._zone).ljust(_TIME),
            ("! " if visit.alert else "  ") + fit(names, name - 2) + "  ",
            fit(state.words, _STATE - 1) + " ",
            fit(marks_words(visit, short=not wide), marks - 1) + " ",
            fit(visit.visit_type if roomy else visit.short_name, kind - 2) + "  ",
            fit(visit.doctor, doctor - 1) + " ",
            fit(visit.room, room),
        )
