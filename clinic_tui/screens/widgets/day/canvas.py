"""The calendar's drawing surface: lays a view out, scrolls it, and repaints what changed.

A line of the terminal is made of strips that are kept; moving the cursor draws anew only the
cells that it leaves and those that it enters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import NULL_REGION, Region, Size
from textual.reactive import reactive
from textual.strip import Strip

from ....domain.overview.calendar import CalendarView
from ..cells import plain
from ..lists.bare_lines import BareLines
from .aim import Aim, aim_at, find, home_line
from .blocks import Layouts
from .cell import Cell, cell_at
from .cursor import Cursor
from .frame import Frame, column_widths, first_shown, gutter
from .paint import most_lanes
from .palette import COMPONENT_CLASSES, PARTS_CSS, Palette, palette_of
from .picture import DayPicture, cursor_rows
from .rows import default_step, now_row, rows_for

_NARROWEST, _NARROWEST_DAY = 18, 10
"""Cells of a doctor's column, and of a day's in a week."""
_TWO_LINES_FROM = 24
"""Lines of the widget from which the header takes two of them."""
_NOTHING = CalendarView("UTC", ())


class DayCanvas(BareLines, can_focus=True, inherit_bindings=False):
    """A view in columns over the hours, with a cursor. How keys move it is for ``DayGrid``."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(COMPONENT_CLASSES)
    DEFAULT_CSS = (
        """
    DayCanvas {
        background: $background;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        scrollbar-color: $border;
        scrollbar-color-hover: $border;
        scrollbar-color-active: $primary;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
    """
        + PARTS_CSS
        + "}"
    )

    cell: reactive[Cell | None] = reactive(None, repaint=False)
    """What is under the cursor; None while nothing is shown. To be watched, not to be set:
    a message would arrive a frame later than the cursor."""
    columns_shown: reactive[tuple[int, int, int]] = reactive((0, 0, 0), repaint=False)
    """The first and the last column shown, counted from one, and of how many; likewise."""

    def __init__(self, *, step: int | None = None, id: str | None = None) -> None:
        super().__init__(id=id)
        self._zoom = step
        self._view = _NOTHING
        self._now = datetime.fromtimestamp(0, UTC)
        self._words: tuple[str, ...] = ()
        self._aim = Aim()
        self._doctor: int | None = None
        self._cursor = Cursor()
        self._picture: DayPicture | None = None
        self._palette: Palette | None = None
        self._width = 0

    def show(
        self,
        view: CalendarView,
        now: datetime,
        *,
        aim: Aim | None = None,
        words: tuple[str, ...] = (),
    ) -> None:
        """Show this view at this time, the cursor where it was or where ``aim`` says.

        Without columns there are ``words`` in the middle instead.
        """
        if aim is None and (view, now, words) == (self._view, self._now, self._words):
            return
        self._remember(aim)
        self._view, self._now, self._words = view, now, words
        self._arrange()

    def count_down(self, now: datetime) -> None:
        """The same view a moment later: what is held has less time left, and nothing moves."""
        if self._picture is not None:
            self._now = now
            self._picture = self._picture.later(now)
            self.refresh()

    @property
    def doctor_id(self) -> int | None:
        """Whom the cursor stays with, also over days on which that doctor is not shown."""
        if self._doctor is None and self._picture is not None:
            return self._picture.view.columns[self._cursor.column].doctor_id
        return self._doctor or self._aim.doctor_id

    def on_resize(self) -> None:
        """Lay the same view out in the new room."""
        self._remember()
        self._arrange()

    def notify_style_update(self) -> None:
        """Draw in the new colours, once those of the parts are known too."""
        super().notify_style_update()
        if self._palette is not None:
            self.call_next(self._recolour)

    def _recolour(self) -> None:
        palette = palette_of(self)
        if palette != self._palette:
            self._palette = palette
            self._remember()
            self._arrange()

    def _remember(self, aim: Aim | None = None) -> None:
        """Aim at ``aim``, or at where the cursor is."""
        if aim is not None:
            self._doctor = aim.doctor_id or self.doctor_id
            self._aim = replace(aim, doctor_id=self._doctor)
        elif self._picture is not None:
            view, rows, aimed = self._picture.view, self._picture.rows, self._aim.second
            self._aim = aim_at(self._cursor, view, rows, self.doctor_id, aimed)

    def _arrange(self) -> None:
        """Lay the view out and put the cursor where it is to be."""
        room = self.scrollable_content_region.size
        if not room:
            return
        self._width = room.width
        self._palette = self._palette or palette_of(self)
        columns = self._view.columns
        if not columns:
            self._picture = None
            self.virtual_size = room
            self.refresh()
            self._tell()
            return
        by_day = len({column.day for column in columns}) > 1
        header = 2 if room.height >= _TWO_LINES_FROM else 1
        widths = column_widths(
            room.width - gutter(), len(columns), _NARROWEST_DAY if by_day else _NARROWEST
        )
        rows = rows_for(self._view, self._zoom or default_step(room.height - header))
        layouts = Layouts(self._view, rows, most_lanes(min(widths)))
        cursor = find(self._aim, self._view, rows, layouts, self._now, self._cursor.column)
        left = self._picture.frame.left if self._picture else 0
        frame = Frame(header, left, widths, len(rows), now_row(self._view, rows, self._now))
        self._cursor = cursor
        self._picture = DayPicture(self._view, self._now, rows, layouts, frame, self._palette)
        # One line more than rows, now-line or not: another size would lay the whole screen out.
        self.virtual_size = Size(room.width, header + len(rows) + 1)
        if self._aim.home:
            line = home_line(self._view, rows, frame, self._now, room.height - header)
            self.scroll_to(y=line, animate=False, force=True)
        self._into_view()
        self.refresh()
        self._tell()

    def _move(self, cursor: Cursor) -> None:
        """Put the cursor there and draw anew only what that changes."""
        if cursor == self._cursor or self._picture is None:
            return
        before, self._cursor = self._cursor, cursor
        if not self._into_view():
            self.refresh(*self._regions(before), *self._regions(cursor))
            if before.column != cursor.column:
                self.refresh(self._heading(before.column), self._heading(cursor.column))
        self._tell()

    def _tell(self) -> None:
        """Let whoever watches know where the cursor is."""
        picture = self._picture
        if picture is None:
            self.cell, self.columns_shown = None, (0, 0, 0)
            return
        self.cell = cell_at(picture.layouts, picture.rows, self._cursor)
        frame = picture.frame
        self.columns_shown = (frame.left + 1, frame.right, len(self._view.columns))

    def zoom_to(self, step: int, above: int) -> None:
        """Let rows stand for that many minutes, with so many lines above the cursor's."""
        self._zoom = step
        self._remember()
        self._arrange()
        if self._picture is not None:
            line = self._picture.frame.line_of(self._cursor.row)
            self.scroll_to(y=max(0, line - above), animate=False, force=True)

    def _keep_to_doctor(self) -> None:
        """The doctor under the cursor is the one to stay with on other days."""
        self._doctor = self._view.columns[self._cursor.column].doctor_id

    def _pan(self, columns: int) -> None:
        """Show other columns without moving the cursor."""
        if (picture := self._picture) is not None:
            frame, most = picture.frame, len(self._view.columns) - len(picture.frame.widths)
            picture.frame = replace(frame, left=min(max(frame.left + columns, 0), most))
            self.refresh()
            self._tell()

    @property
    def _body_lines(self) -> int:
        header = self._picture.frame.header if self._picture else 0
        return self.scrollable_content_region.height - header

    def _into_view(self) -> bool:
        """Scroll as little as shows the cursor, and its whole visit if it fits; whether it did."""
        picture = self._picture
        if picture is None:
            return False
        frame, cursor = picture.frame, self._cursor
        columns = len(self._view.columns)
        left = first_shown(frame.left, cursor.column, len(frame.widths), columns)
        panned = left != frame.left
        if panned:
            picture.frame = frame = replace(frame, left=left)
            self.refresh()
        rows = cursor_rows(cursor)
        first, last = frame.line_of(rows[0]), frame.line_of(rows[-1])
        if last - first >= self._body_lines:
            first = last = frame.line_of(cursor.row)
        top = self.scroll_offset.y
        wanted = max(min(top, first), last - self._body_lines + 1)
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, force=True)
        return panned or wanted != top

    def _regions(self, cursor: Cursor) -> Iterable[Region]:
        """What the cursor colours: its cell or visit, and its hour."""
        picture = self._picture
        if picture is None or not picture.frame.left <= cursor.column < picture.frame.right:
            return
        frame, scrolled = picture.frame, self.scroll_offset.y
        x, width = frame.x_of(cursor.column), frame.widths[cursor.column - frame.left]
        yield Region(0, frame.header + frame.line_of(cursor.row) - scrolled, gutter(), 1)
        rows = cursor_rows(cursor)
        first, last = (frame.line_of(row) - scrolled for row in (rows[0], rows[-1]))
        first = max(first, 0)
        if first <= last:
            yield Region(x, frame.header + first, width, last - first + 1)

    def _heading(self, column: int) -> Region:
        """Where a column's heading is, if it is shown."""
        frame = self._picture.frame if self._picture else None
        if frame is None or not frame.left <= column < frame.right:
            return NULL_REGION
        return Region(frame.x_of(column), 0, frame.widths[column - frame.left], frame.header)

    def render_line(self, y: int) -> Strip:
        """One line of the widget."""
        width = self._width
        picture, palette = self._picture, self._palette
        if palette is None:
            return Strip.blank(width, self.rich_style)
        background = palette.free
        if picture is None:
            return self._words_line(y).extend_cell_length(width, background)
        if y < picture.frame.header:
            return picture.header(y, self._cursor).extend_cell_length(width, background)
        shown = y - picture.frame.header
        line = shown + self.scroll_offset.y
        if line >= picture.frame.lines:
            return Strip.blank(width, background)
        return picture.body(line, self._cursor, top=shown == 0).extend_cell_length(
            width, background
        )

    def _words_line(self, y: int) -> Strip:
        """A line of the words in the middle."""
        room = self.scrollable_content_region.size
        number = y - (room.height - len(self._words)) // 2
        if not 0 <= number < len(self._words):
            return Strip([])
        text = plain(self._words[number])
        style = self._palette.words if self._palette else self.rich_style
        return Strip([Segment(" " * max(0, (room.width - cell_len(text)) // 2) + text, style)])
