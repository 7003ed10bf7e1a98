"""DayGrid: doctors (or days) side by side over the hours, moved about in by keys and mouse.

It takes a view and the time, says where the cursor is, and knows no desk and no database.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from .canvas import DayCanvas
from .cell import Cell
from .cursor import Cursor, along_visits, land, sideways, vertical
from .rows import STEPS


def _key(keys: str, name: str, action: str, does: str, more: str) -> Binding:
    return Binding(keys, action, does, id=f"calendar.{name}", show=False, tooltip=more)


class DayGrid(DayCanvas):
    """A day with doctors side by side, or the days of one doctor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        _key("up", "up", "rows(-1)", "Up", "One row up, or over the visit"),
        _key("down", "down", "rows(1)", "Down", "One row down, or past the visit"),
        _key("left", "left", "columns(-1)", "Left", "To the visit or column at the left"),
        _key("right", "right", "columns(1)", "Right", "To the visit or column at the right"),
        _key("pageup", "page-up", "page(-1)", "Page up", "As many rows up as are shown"),
        _key("pagedown", "page-down", "page(1)", "Page down", "As many rows down as are shown"),
        _key("home", "opening", "edge(0)", "Opening", "Where the doctor's day begins"),
        _key("end", "closing", "edge(1)", "Closing", "Where the doctor's day ends"),
        _key("tab", "next-visit", "visits(1)", "Next visit", "The next visit in the column"),
        _key("shift+tab", "visit-before", "visits(-1)", "Visit before", "The visit before this"),
        _key("plus,equals_sign", "closer", "zoom(-1)", "Closer", "Fewer minutes a row"),
        _key("minus", "farther", "zoom(1)", "Farther", "More minutes a row"),
        _key("enter", "open", "open_cell", "Details", "The visit in full; on free time, book"),
    ]

    @dataclass
    class CellOpened(Message):
        """Enter or a double click: the visit there is wanted, or its free time."""

        cell: Cell

    def action_rows(self, rows: int) -> None:
        """That many rows down, or up."""
        if self._picture is not None:
            self._move(vertical(self._picture.layouts, self._cursor, rows))

    def action_page(self, pages: int) -> None:
        """As many rows down, or up, as are shown."""
        self.action_rows(pages * max(2, self._body_lines - 1))

    def action_columns(self, columns: int) -> None:
        """To the visit or column at the right, or at the left."""
        if self._picture is not None:
            self._move(sideways(self._picture.layouts, self._cursor, columns))
            self._keep_to_doctor()

    def action_edge(self, edge: int) -> None:
        """To the first row in which the doctor works, or the last; or any doctor does."""
        if self._picture is None:
            return
        layouts, column = self._picture.layouts, self._cursor.column
        everybody = (layouts[number].open_rows() for number in range(len(layouts)))
        worked = layouts[column].open_rows() or next((rows for rows in everybody if rows), None)
        if worked is not None:
            self._move(land(layouts, column, worked[edge]))

    def action_visits(self, visits: int) -> None:
        """To the next visit in the column, or the one before."""
        if self._picture is not None:
            self._move(along_visits(self._picture.layouts, self._cursor, visits))

    def action_zoom(self, by: int) -> None:
        """More minutes a row, or fewer; the cursor stays where it is on the screen."""
        if self._picture is None:
            return
        number = STEPS.index(self._picture.rows.step) + by
        if not 0 <= number < len(STEPS):
            return
        above = self._picture.frame.line_of(self._cursor.row) - self.scroll_offset.y
        self.zoom_to(STEPS[number], above)

    def action_open_cell(self) -> None:
        """What is under the cursor is wanted."""
        if (cell := self.cell) is not None:
            self.post_message(self.CellOpened(cell))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor there; a double click wants what is there."""
        picture = self._picture
        column = picture.frame.column_at(event.x) if picture else None
        if picture is None or column is None:
            return
        frame = picture.frame
        line = event.y - frame.header + self.scroll_offset.y
        row = self._cursor.row if event.y < frame.header else frame.row_on(line)
        if row is None or row >= frame.rows:
            return
        painter = picture.painter(column, frame.widths[column - frame.left])
        block = painter.block_at(row, event.x - frame.x_of(column))
        self._move(Cursor(column, row, block))
        self._keep_to_doctor()
        if event.chain == 2 and event.y >= frame.header:
            self.action_open_cell()

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        """Show the next column."""
        self._pan(1)
        event.stop()

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        """Show the column before."""
        self._pan(-1)
        event.stop()
