"""A list in parts, each under its heading, that is filled anew often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip

from ..cells import fit
from .line_list import LineList

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Heading:
    """A line between others: where a part begins, how many there are, and what is asked there."""

    title: str
    hint: str = ""


class PartedList(LineList[Heading | T], Generic[T]):
    """The cursor is never on a heading, and stays on its line when the list is filled anew."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"parted-list--{name}" for name in ("heading", "hint", "line", "faint", "highlighted")
    }
    DEFAULT_CSS = """
    PartedList > .parted-list--heading { background: $panel; text-style: bold; }
    PartedList > .parted-list--hint { background: $panel; color: $foreground 70%; }
    PartedList > .parted-list--line { color: $foreground; }
    PartedList > .parted-list--faint { color: $foreground 65%; }
    PartedList > .parted-list--highlighted {
        background: $block-cursor-background;
        color: $block-cursor-foreground;
        text-style: $block-cursor-text-style;
    }
    """

    row: reactive[int] = reactive(0, repaint=False)
    """Where the cursor is. To be watched, not to be set: a message would arrive a frame later."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._words: Sequence[str] = ()

    def id_of(self, line: T) -> int:
        """By which number a line is known again."""
        raise NotImplementedError

    @property
    def current(self) -> T | None:
        """What is under the cursor."""
        line = self.highlighted
        return None if line is None or isinstance(line, Heading) else line

    @property
    def after(self) -> T | None:
        """What is below the cursor, or else above it."""
        around = (*self._lines[self._row + 1 :], *reversed(self._lines[: self._row]))
        return next((line for line in around if not isinstance(line, Heading)), None)

    def fill(self, lines: Sequence[Heading | T], *, words: Sequence[str], on: int | None) -> None:
        """Show these, the cursor on the line of that number, on the screen where it was.

        Where that is gone the cursor is on what took its place; where somebody looks elsewhere
        it is not brought into sight. ``words`` are for an empty list.
        """
        self._words = words
        before, top = self._row, self.scroll_offset.y
        was_seen = not self._lines or top <= before < top + self.size.height
        is_first = not self._lines
        self._lines = tuple(lines)
        ids = [None if isinstance(line, Heading) else self.id_of(line) for line in lines]
        found = on is not None and on in ids
        self._row = self._landed(ids.index(on) if found else before, 1)
        self.set_reactive(PartedList.row, self._row)
        self._make_scrollable()
        if was_seen:
            moved = self._row - before if found and not is_first else 0
            self.scroll_to(0, max(0, top + moved), animate=False, force=True)
            self._keep_in_sight()
        self.refresh()

    def go_to_first(self, title: str) -> None:
        """The first line under that heading, if there is one, the heading at the top."""
        for row, line in enumerate(self._lines):
            if isinstance(line, Heading) and line.title == title:
                self._go_to(row + 1)
                self.scroll_to(0, row, animate=False, force=True)

    def on_resize(self) -> None:
        """The cursor stays in sight where the search line takes a line of the list."""
        self._make_scrollable()
        self._keep_in_sight()

    def _landed(self, row: int, towards: int) -> int:
        """That row or the next one that way that is no heading; else the next the other way."""
        row = max(0, min(row, len(self._lines) - 1))
        for way in (towards, -towards):
            at = row
            while 0 <= at < len(self._lines):
                if not isinstance(self._lines[at], Heading):
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
        return self.look("highlighted")

    def look(self, name: str) -> Style:
        """The style of that part of a line."""
        return self.get_component_rich_style(f"parted-list--{name}")

    def render_line(self, y: int) -> Strip:
        """One line; of an empty list the words."""
        if self._lines or not 0 < y <= len(self._words):
            return super().render_line(y)
        width = self.size.width
        style = self.look("line" if y == 1 else "faint")
        return Strip([Segment(fit(f"  {self._words[y - 1]}", width), style)], width)

    def segments(self, line: Heading | T, width: int, style: Style | None) -> list[Segment]:
        """A heading's band, or what the subclass draws."""
        if not isinstance(line, Heading):
            return self.drawn(line, width, style)
        title = f" {line.title}  "
        hint = Segment(fit(line.hint, width - len(title)), self.look("hint"))
        return [Segment(title, self.look("heading")), hint]

    def drawn(self, line: T, width: int, style: Style | None) -> list[Segment]:
        """That line, that many cells wide, all of it in ``style`` where one is given."""
        raise NotImplementedError
