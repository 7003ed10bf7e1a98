"""Finding the cursor's place again: in newer data, another day, other rows, or at home. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ....domain.overview.calendar import CalendarView
from .blocks import Layouts
from .cursor import Cursor, land
from .frame import Frame
from .rows import DayRows, seconds


@dataclass(frozen=True, slots=True)
class Aim:
    """Where the cursor is to be: with that doctor, at that instant, on that visit.

    On another day than that of ``second`` it is the row with that ``label``; without either it is
    home, which is now, while anybody works, and else the beginning of the doctor's day.
    """

    doctor_id: int | None = None
    second: int | None = None
    label: str = ""
    appointment_id: int | None = None

    @property
    def home(self) -> bool:
        """Whether no time is aimed at."""
        return self.second is None and not self.label


def aim_at(
    cursor: Cursor, view: CalendarView, rows: DayRows, doctor_id: int | None, second: int | None
) -> Aim:
    """The aim that finds this cursor again.

    ``doctor_id`` is whom it was last put on; ``second`` was aimed at before and is so again if it
    is in the cursor's row, so that zooming out and in again leads back.
    """
    start, end = rows.edges[cursor.column][cursor.row : cursor.row + 2]
    return Aim(
        doctor_id or view.columns[cursor.column].doctor_id,
        second if second is not None and start <= second < end else start,
        rows.labels[cursor.row],
        cursor.block.visit.appointment_id if cursor.block else None,
    )


def find(
    aim: Aim, view: CalendarView, rows: DayRows, layouts: Layouts, now: datetime, column: int
) -> Cursor:
    """The cursor nearest to where it is to be; near ``column`` where the doctor is not."""
    column = _column_for(aim, view, column)
    edges = rows.edges[column]
    if aim.second is not None and edges[0] <= aim.second < edges[-1]:
        row = rows.row_at(column, aim.second)
    elif aim.label in rows.labels:
        row = rows.labels.index(aim.label)
    else:
        row = _home_row(column, view, rows, layouts, now)
    block = layouts[column].block_of(aim.appointment_id)
    if block is None:
        return land(layouts, column, row)
    return Cursor(column, row if block.first <= row < block.after else block.first, block)


def home_line(view: CalendarView, rows: DayRows, frame: Frame, now: datetime, shown: int) -> int:
    """The first line to show: the clinic's opening, or later where now would be far down."""
    opening = _opening(view, rows)
    line = frame.line_of(opening) - (opening == frame.now_row)
    for number, column in enumerate(view.columns):
        if column.midnight <= now < column.next_midnight and _anybody_works(view, now):
            line_now = frame.line_of(rows.row_at(number, seconds(now)))
            if not line <= line_now < line + shown * 2 // 3:
                return max(0, line_now - shown // 3)
    return line


def _column_for(aim: Aim, view: CalendarView, column: int) -> int:
    """The doctor's column; of several days the one with that instant."""
    theirs = [n for n, c in enumerate(view.columns) if c.doctor_id == aim.doctor_id]
    if len(theirs) == 1:
        return theirs[0]
    if aim.second is not None:
        for number in theirs:
            day = view.columns[number]
            if seconds(day.midnight) <= aim.second < seconds(day.next_midnight):
                return number
    return min(column, len(view.columns) - 1)


def _home_row(
    column: int, view: CalendarView, rows: DayRows, layouts: Layouts, now: datetime
) -> int:
    day = view.columns[column]
    if day.midnight <= now < day.next_midnight and _anybody_works(view, now):
        return rows.row_at(column, seconds(now))
    worked = layouts[column].open_rows()
    return worked[0] if worked else _opening(view, rows)


def _anybody_works(view: CalendarView, now: datetime) -> bool:
    """Whether now lies between the first opening and the last closing of that date.

    Before and after, nothing happens now: who looks at the book looks for working hours.
    """
    return any(
        day.open
        and day.midnight <= now < day.next_midnight
        and day.open[0][0] <= now < day.open[-1][1]
        for day in view.columns
    )


def _opening(view: CalendarView, rows: DayRows) -> int:
    """The row in which the first of the doctors begins; eight o'clock where none works."""
    starts = [
        rows.row_at(number, seconds(column.open[0][0]))
        for number, column in enumerate(view.columns)
        if column.open
    ]
    if starts:
        return min(starts)
    return rows.labels.index("08:00") if "08:00" in rows.labels else 0
