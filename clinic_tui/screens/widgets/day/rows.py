"""The rows of a calendar: which instants each row of each column stands for, and its label. Pure.

A row is a step of real time, so a day of 23 or 25 hours has that many and none of them lies.
Side by side, the days of a week share their clock's face instead: on the day the clocks change a
row is empty (the hour that is skipped) or longer than the others (the hour that comes twice).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime

from ....domain.overview.calendar import CalendarView, DayColumn
from ....domain.times.walltime import AGAIN, MINUTES_PER_DAY, clock, instant, local

STEPS = (5, 10, 15, 20, 30, 60)
"""Minutes a row may stand for."""
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class DayRows:
    """Labels of the rows, and for each column the edges between them in seconds since 1970.

    ``edges[column][row]`` is the row's first instant, ``edges[column][row + 1]`` its end.
    """

    step: int
    labels: tuple[str, ...]
    edges: tuple[tuple[int, ...], ...]

    def __len__(self) -> int:
        return len(self.labels)

    def row_at(self, column: int, second: int) -> int:
        """The row that holds that instant; the first or the last one for instants outside."""
        row = bisect_right(self.edges[column], second) - 1
        return min(max(row, 0), len(self.labels) - 1)

    def rows_of(self, column: int, starts: int, ends: int) -> tuple[int, int]:
        """The rows that a span of time touches: the first, and the one after the last."""
        first = self.row_at(column, starts)
        after = min(bisect_left(self.edges[column], ends), len(self.labels))
        return first, max(after, first + 1)

    def rows_mostly_of(self, column: int, starts: int, ends: int) -> tuple[int, int]:
        """The rows that a span of time fills by half or more; at least the one of its middle.

        Spans that follow each other never share a row, unless they are shorter than one.
        """
        edges = self.edges[column]
        first, after = self.rows_of(column, starts, ends)
        if (starts - edges[first]) * 2 >= edges[first + 1] - edges[first]:
            first += 1
        if (ends - edges[after - 1]) * 2 < edges[after] - edges[after - 1]:
            after -= 1
        if first < after:
            return first, after
        middle = self.row_at(column, (starts + ends) // 2)
        return middle, middle + 1


def rows_for(view: CalendarView, step: int) -> DayRows:
    """The rows of a view, ``step`` minutes each."""
    if not view.columns:
        return DayRows(step, (), ())
    first = view.columns[0]
    if all(column.midnight == first.midnight for column in view.columns):
        edges = _edges_of_day(first, step)
        return DayRows(step, _labels(edges, view.zone), (edges,) * len(view.columns))
    minutes = range(0, MINUTES_PER_DAY, step)
    return DayRows(
        step,
        tuple(clock(minute) for minute in minutes),
        tuple(_edges_by_clock(column, step, view.zone) for column in view.columns),
    )


def now_row(view: CalendarView, rows: DayRows, now: datetime) -> int | None:
    """The row above which now is, if it is in the view."""
    for edges, column in zip(rows.edges, view.columns, strict=True):
        if column.midnight <= now < column.next_midnight:
            return bisect_left(edges, seconds(now))
    return None


def default_step(rows: int) -> int:
    """The minutes a row stands for unless somebody zooms: ten where ten hours of them fit."""
    return 10 if rows >= 60 else 20


def seconds(at: datetime) -> int:
    """An aware instant as whole seconds since 1970."""
    return int(at.timestamp())


def _edges_of_day(column: DayColumn, step: int) -> tuple[int, ...]:
    starts, ends = seconds(column.midnight), seconds(column.next_midnight)
    return (*range(starts, ends, step * 60), ends)


def _labels(edges: tuple[int, ...], zone: str) -> tuple[str, ...]:
    walls = [local(datetime.fromtimestamp(edge, UTC), zone) for edge in edges[:-1]]
    return tuple(
        f"{clock(wall.hour * 60 + wall.minute)}{AGAIN if wall.fold else ''}" for wall in walls
    )


def _edges_by_clock(column: DayColumn, step: int, zone: str) -> tuple[int, ...]:
    starts, ends = seconds(column.midnight), seconds(column.next_midnight)
    if ends - starts == _DAY:
        return tuple(range(starts, ends + 1, step * 60))
    edges = [
        seconds(instant(column.day, minute, zone)) for minute in range(0, MINUTES_PER_DAY + 1, step)
    ]
    # A skipped time is placed past the gap: the rows within it all begin where the gap ends.
    for row in range(len(edges) - 2, -1, -1):
        edges[row] = min(edges[row], edges[row + 1])
    return tuple(edges)
