"""The geometry of the calendar: which columns fit, how wide, and which line a row is on. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ....domain.clinic.writing import writing


def gutter() -> int:
    """Cells for the hours at the left, with a mark behind them."""
    return 6 if writing().clock_hours == 24 else 8


@dataclass(frozen=True, slots=True)
class Frame:
    """Where everything is, in cells and lines.

    ``left`` is the first column shown and ``widths`` are those of the columns shown. Rows take
    one line each; the now-line is one more, above the row ``now_row``, if it is not None.
    """

    header: int
    left: int
    widths: tuple[int, ...]
    rows: int
    now_row: int | None

    @property
    def lines(self) -> int:
        """The lines of the whole day under the header."""
        return self.rows + (self.now_row is not None)

    @property
    def right(self) -> int:
        """The column after the last one shown."""
        return self.left + len(self.widths)

    def line_of(self, row: int) -> int:
        """The line on which a row is drawn, from the first row's on."""
        return row + (self.now_row is not None and row >= self.now_row)

    def row_on(self, line: int) -> int | None:
        """The row on a line; None on the now-line."""
        if self.now_row is None or line < self.now_row:
            return line
        return None if line == self.now_row else line - 1

    def x_of(self, column: int) -> int:
        """The first cell of a column that is shown."""
        return gutter() + sum(self.widths[: column - self.left])

    def column_at(self, x: int) -> int | None:
        """The column at a cell, if there is one."""
        edge = gutter()
        for number, width in enumerate(self.widths):
            if edge <= x < edge + width:
                return self.left + number
            edge += width
        return None


def column_widths(room: int, columns: int, narrowest: int) -> tuple[int, ...]:
    """The widths of as many columns as fit into ``room`` cells; the rest is shared out."""
    if not columns:
        return ()
    shown = min(columns, max(1, room // narrowest))
    each, over = divmod(room, shown)
    return tuple(each + (number < over) for number in range(shown))


def first_shown(left: int, column: int, shown: int, columns: int) -> int:
    """The first column to show so that ``column`` is among them, moving as little as can be."""
    left = min(left, column)
    left = max(left, column - shown + 1)
    return max(0, min(left, columns - shown))
