"""A list drawn line by line: filling it anew costs what is seen of it, and no layout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.strip import Strip

from .bare_lines import BareLines

T = TypeVar("T")
_SHORTEST = 3
"""Lines of a list in a dialog, however few it has and however low the terminal is."""


class LineList(BareLines, Generic[T], can_focus=True):
    """One thing a line, one of them under the cursor. What a line looks like is the subclass's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "up", "Up", id="list.up", show=False, tooltip="The line above"),
        Binding("down", "down", "Down", id="list.down", show=False, tooltip="The line below"),
        Binding("home", "edge(0)", "First", id="list.first", show=False, tooltip="The first line"),
        Binding("end", "edge(-1)", "Last", id="list.last", show=False, tooltip="The last line"),
        Binding(
            "pageup", "page(-1)", "Page up", id="list.page-up", show=False, tooltip="A page up"
        ),
        Binding(
            "pagedown", "page(1)", "Page down", id="list.page-down", show=False, tooltip="A page"
        ),
    ]
    DEFAULT_CSS = """
    LineList { height: 1fr; background: $surface; overflow-x: hidden; scrollbar-size: 1 1; }
    """

    virtual_size = Reactive(Size(0, 0), layout=False, repaint=False)
    """Textual's own asks for a layout whenever the number of lines is another one."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: tuple[T, ...] = ()
        self._row = 0

    @property
    def highlighted(self) -> T | None:
        """What is under the cursor; None where the list is empty."""
        return self._lines[self._row] if self._lines else None

    @property
    def lines(self) -> tuple[T, ...]:
        """All of it, seen or not."""
        return self._lines

    def put(self, lines: Sequence[T]) -> None:
        """Show these, the first under the cursor."""
        self._lines, self._row = tuple(lines), 0
        self._make_scrollable()
        if self.scroll_offset.y:
            self.scroll_to(0, 0, animate=False, force=True)
        self.refresh()

    def be_as_high_as(self, lines: int, *, around: int) -> None:
        """Show that many lines, as far as the terminal has room beside the ``around`` others."""
        most = max(_SHORTEST, self.app.size.height - around)
        self.styles.height = min(most, max(_SHORTEST, lines))

    def segments(self, line: T, width: int, style: Style | None) -> list[Segment]:
        """That line, that many cells wide, all of it in ``style`` where one is given."""
        raise NotImplementedError

    def highlight(self) -> Style | None:
        """The style of the line under the cursor."""
        raise NotImplementedError

    def _make_scrollable(self) -> None:
        """Scroll where there are more than fit; only a scrollbar that comes or goes is laid out."""
        size = Size(0, len(self._lines))
        if size != self.virtual_size:
            self.virtual_size = size
            self._scroll_update(size)

    def action_up(self) -> None:
        """The line above."""
        self.move(-1)

    def action_down(self) -> None:
        """The line below."""
        self.move(1)

    def move(self, lines: int) -> None:
        """So many lines down, or up where that is less than none."""
        self._go_to(self._row + lines)

    def action_edge(self, row: int) -> None:
        """The first line, or with -1 the last."""
        self._go_to(row % max(1, len(self._lines)))

    def action_page(self, pages: int) -> None:
        """Up or down by what is seen at once."""
        self._go_to(self._row + pages * max(1, self.size.height - 1))

    def action_choose(self) -> None:
        """Take what is under the cursor."""
        if self.highlighted is not None:
            self.choose(self.highlighted)

    def choose(self, line: T) -> None:
        """Tell that this line was taken, by key or by mouse."""
        raise NotImplementedError

    def on_click(self, event: events.Click) -> None:
        """Take what was clicked."""
        row = event.y + self.scroll_offset.y
        if row < len(self._lines):
            self._go_to(row)
            self.action_choose()

    def _go_to(self, row: int) -> None:
        before, self._row = self._row, max(0, min(row, len(self._lines) - 1))
        for changed in (before, self._row):
            self.refresh(Region(0, changed - self.scroll_offset.y, self.size.width, 1))
        self.scroll_to_region(
            Region(0, self._row, self.size.width, 1), animate=False, force=True, x_axis=False
        )

    def render_line(self, y: int) -> Strip:
        """One line, or nothing below the last."""
        row, width = y + self.scroll_offset.y, self.line_width
        if row >= len(self._lines):
            return Strip.blank(width, self.ground)
        style = self.highlight() if row == self._row else None
        return Strip(self.segments(self._lines[row], width, style), width)
