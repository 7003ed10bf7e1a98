"""What the cursor of the calendar is on, for whoever has to act on it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from ....domain.codes import Status
from ....domain.overview.calendar import DayColumn
from ....domain.overview.calendar_visits import CalendarVisit
from .blocks import Layouts
from .cursor import Cursor
from .rows import DayRows, seconds


@dataclass(frozen=True, slots=True)
class Cell:
    """One doctor's row, or the visit there. Times are aware UTC.

    ``at`` is the instant to speak of, within the visit if there is one; ``bookable_from`` is where
    a booking would begin, the row's first instant that is free; None where all of it is taken or
    closed.
    """

    column: DayColumn
    at: datetime
    bookable_from: datetime | None
    visit: CalendarVisit | None

    @property
    def free_minutes(self) -> int:
        """How long it is free from there on; 0 where nothing is."""
        if self.bookable_from is None:
            return 0
        free, column = seconds(self.bookable_from), self.column
        ends = [seconds(c) for o, c in column.open if seconds(o) <= free < seconds(c)]
        ends += [s for v in column.visits if _takes(v) and (s := seconds(v.blocked_from)) > free]
        return (min(ends) - free) // 60


def cell_at(layouts: Layouts, rows: DayRows, cursor: Cursor) -> Cell:
    """The cell under that cursor."""
    column = layouts[cursor.column].column
    start, end = rows.edges[cursor.column][cursor.row : cursor.row + 2]
    free = _first_free(column, start, end)
    at = start if free is None else free
    visit = cursor.block.visit if cursor.block else None
    if visit is not None:
        at = min(max(start, seconds(visit.starts_at)), seconds(visit.ends_at) - 1)
    bookable_from = None if free is None else datetime.fromtimestamp(free, UTC)
    return Cell(column, datetime.fromtimestamp(at, UTC), bookable_from, visit)


def _first_free(column: DayColumn, start: int, end: int) -> int | None:
    """The first instant of a row that is open and not taken, if there is one."""
    free = start
    if not _open(column, free):
        free = min((seconds(o) for o, _ in column.open if start < seconds(o) < end), default=start)
    for visit in sorted(column.visits, key=lambda visit: visit.blocked_from):
        if _takes(visit) and seconds(visit.blocked_from) <= free < seconds(visit.blocked_until):
            free = seconds(visit.blocked_until)
    return free if free < end and _open(column, free) else None


def _takes(visit: CalendarVisit) -> bool:
    return visit.status is not Status.NOSHOW


def _open(column: DayColumn, at: int) -> bool:
    return any(seconds(opens) <= at < seconds(closes) for opens, closes in column.open)
