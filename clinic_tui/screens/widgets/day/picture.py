"""The calendar's picture: header, hours, columns and the now-line, line by line."""

from __future__ import annotations

from datetime import datetime

from rich.segment import Segment
from textual.strip import Strip

from ....domain.overview.calendar import CalendarView
from ....domain.times.walltime import say_time
from .blocks import Layouts
from .cursor import Cursor
from .frame import Frame, gutter
from .header import Heading, heading_line, headings
from .paint import ColumnPainter
from .palette import Palette
from .rows import DayRows


class DayPicture:
    """One view in one frame. Lines without the cursor are kept; the cursor's are drawn anew."""

    def __init__(
        self,
        view: CalendarView,
        now: datetime,
        rows: DayRows,
        layouts: Layouts,
        frame: Frame,
        palette: Palette,
    ) -> None:
        self.rows, self.layouts = rows, layouts
        self.view, self._now, self._palette = view, now, palette
        self._frame = frame
        self._headings = headings(view.columns)
        self._painters: dict[tuple[int, int], ColumnPainter] = {}
        self._kept: dict[tuple[int, bool], Strip] = {}

    def later(self, now: datetime) -> DayPicture:
        """The same at that time."""
        return DayPicture(self.view, now, self.rows, self.layouts, self._frame, self._palette)

    @property
    def frame(self) -> Frame:
        """Where everything is."""
        return self._frame

    @frame.setter
    def frame(self, frame: Frame) -> None:
        self._frame = frame
        self._kept.clear()

    def header(self, line: int, cursor: Cursor) -> Strip:
        """A line of the header."""
        frame, palette = self._frame, self._palette
        more_left = "‹ " if frame.left and line == 0 else "  "
        segments = [Segment(more_left.rjust(gutter()), palette.header)]
        for column, width in self._columns():
            style = palette.header_cursor if column == cursor.column else palette.header
            heading: Heading = self._headings[column]
            segments.append(Segment("▌", palette.ink(heading.colour, on=style)))
            segments += heading_line(heading, line, frame.header, width - 2, style)
            last = column == frame.right - 1 < len(self.view.columns) - 1 and line == 0
            segments.append(Segment("›" if last else " ", palette.header))
        return Strip(segments)

    def body(self, line: int, cursor: Cursor, *, top: bool) -> Strip:
        """A line of the day; ``top`` where it is the first one that is visible."""
        row = self._frame.row_on(line)
        if row is None:
            return self._now_strip(line)
        if row in cursor_rows(cursor):
            return self._strip(row, top, cursor)
        key = (row, top)
        if key not in self._kept:
            self._kept[key] = self._strip(row, top, None)
        return self._kept[key]

    def painter(self, column: int, width: int) -> ColumnPainter:
        """What draws that column."""
        key = (column, width)
        if key not in self._painters:
            self._painters[key] = ColumnPainter(
                self.layouts[column], width, self._palette, self.view.zone, self._now
            )
        return self._painters[key]

    def _columns(self) -> list[tuple[int, int]]:
        return list(enumerate(self._frame.widths, start=self._frame.left))

    def _strip(self, row: int, top: bool, cursor: Cursor | None) -> Strip:
        segments = [self._hour(row, marked=cursor is not None and row == cursor.row)]
        for column, width in self._columns():
            painter = self.painter(column, width)
            if cursor is not None and column == cursor.column:
                segments += painter.line_under_cursor(row, cursor.block, top=top)
            else:
                segments += painter.line(row, top=top)
        return Strip(segments, gutter() + sum(self._frame.widths))

    def _hour(self, row: int, *, marked: bool) -> Segment:
        label = self.rows.labels[row]
        if marked:
            mark = f"{label.removesuffix('²')}▸"
            return Segment(mark.ljust(gutter()), self._palette.row_cursor)
        full = ":00" in label
        return Segment(label.ljust(gutter()), self._palette.hour if full else self._palette.minute)

    def _now_strip(self, line: int) -> Strip:
        palette = self._palette
        segments = [Segment(say_time(self._now, self.view.zone).ljust(gutter()), palette.now)]
        for column, width in self._columns():
            day = self.view.columns[column]
            today = day.midnight <= self._now < day.next_midnight
            painter = self.painter(column, width)
            segments += painter.now_line(line, today=today)
        return Strip(segments)


def cursor_rows(cursor: Cursor) -> range:
    """The rows that change when the cursor comes or goes."""
    if cursor.block is None:
        return range(cursor.row, cursor.row + 1)
    return range(cursor.block.first, cursor.block.after)
