"""Where a doctor's visits stand in the rows of a column, side by side where they meet. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise
from typing import overload

from ....domain.codes import Status
from ....domain.overview.calendar import CalendarView, DayColumn
from ....domain.overview.calendar_visits import CalendarVisit
from .rows import DayRows, seconds


class Shade(Enum):
    """What a row without visits is."""

    OPEN = auto()
    PARTLY = auto()
    CLOSED = auto()
    SKIPPED = auto()


@dataclass(frozen=True, slots=True)
class Block:
    """A visit over the rows ``first`` up to ``after``, in one of ``lanes`` side by side.

    The last lane of a crowd is shared: ``crowded`` visits in it are counted, not named.
    ``on_time`` says that the visit begins where its first row does, ``exact`` that it also ends
    where its last one does; ``late`` and ``early`` that it leaves half of that row, or more.
    """

    visit: CalendarVisit
    first: int
    after: int
    lane: int
    lanes: int
    crowded: bool
    on_time: bool
    exact: bool
    late: bool
    early: bool


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """A column's blocks by start, those of each row by lane, and what lies between them.

    ``traces`` holds, for a row, the sign and the colour of a visit or its buffer that reaches into
    it without filling half of it: such a row must not look free.
    """

    column: DayColumn
    blocks: tuple[Block, ...]
    in_row: tuple[tuple[Block, ...], ...]
    shades: tuple[Shade, ...]
    traces: dict[int, tuple[str, str]]

    def block_of(self, appointment_id: int | None) -> Block | None:
        """The block of that visit, if it is in this column."""
        return next((b for b in self.blocks if b.visit.appointment_id == appointment_id), None)

    def open_rows(self) -> tuple[int, int] | None:
        """The first and the last row in which the doctor works, or None."""
        worked = [row for row, shade in enumerate(self.shades) if shade in _WORKED]
        return (worked[0], worked[-1]) if worked else None


_WORKED = (Shade.OPEN, Shade.PARTLY)


def lay_out(column: DayColumn, index: int, rows: DayRows, most_lanes: int) -> ColumnLayout:
    """Place the visits of column ``index``; at most ``most_lanes`` stand side by side."""
    visits = [(seconds(visit.starts_at), seconds(visit.ends_at), visit) for visit in column.visits]
    blocks = tuple(_blocks(visits, index, rows, most_lanes))
    in_row: list[list[Block]] = [[] for _ in range(len(rows))]
    for block in blocks:
        for row in range(block.first, block.after):
            in_row[row].append(block)
    return ColumnLayout(
        column,
        blocks,
        tuple(tuple(sorted(row, key=lambda block: block.lane)) for row in in_row),
        _shades(column, index, rows),
        _traces(visits, index, rows),
    )


_Timed = tuple[int, int, CalendarVisit]
"""A visit with its start and its end in seconds since 1970."""


def _blocks(
    visits: Iterable[_Timed], index: int, rows: DayRows, most_lanes: int
) -> Iterable[Block]:
    spans = [(*rows.rows_mostly_of(index, *timed[:2]), timed) for timed in visits]
    # By rows: of two that start together the shorter may be drawn a row higher than the longer.
    spans.sort(key=lambda span: span[:2])
    cluster: list[tuple[int, int, _Timed]] = []
    reaches = 0
    for span in spans:
        if cluster and span[0] >= reaches:
            yield from _side_by_side(cluster, rows.edges[index], most_lanes)
            cluster = []
        cluster.append(span)
        reaches = max(reaches, span[1])
    yield from _side_by_side(cluster, rows.edges[index], most_lanes)


def _side_by_side(
    cluster: list[tuple[int, int, _Timed]], edges: tuple[int, ...], most_lanes: int
) -> Iterable[Block]:
    """Give each visit of a cluster the first lane that is free at its first row."""
    ends: list[int] = []
    lanes: list[int] = []
    for first, after, _ in cluster:
        lane = next((n for n, end in enumerate(ends) if end <= first), len(ends))
        ends[lane : lane + 1] = [after]
        lanes.append(lane)
    shown = min(len(ends), most_lanes)
    for (first, after, (starts, stops, visit)), lane in zip(cluster, lanes, strict=True):
        top, bottom = edges[first : first + 2], edges[after - 1 : after + 1]
        yield Block(
            visit=visit,
            first=first,
            after=after,
            lane=min(lane, shown - 1),
            lanes=shown,
            crowded=len(ends) > shown and lane >= shown - 1,
            on_time=starts == top[0],
            exact=starts == top[0] and stops == bottom[1],
            late=starts * 2 >= top[0] + top[1],
            early=stops * 2 <= bottom[0] + bottom[1],
        )


def _shades(column: DayColumn, index: int, rows: DayRows) -> tuple[Shade, ...]:
    edges = rows.edges[index]
    shades = [Shade.CLOSED if start < end else Shade.SKIPPED for start, end in pairwise(edges)]
    for opens, closes in column.open:
        start, end = seconds(opens), seconds(closes)
        for row in range(*rows.rows_of(index, start, end)):
            if shades[row] is Shade.SKIPPED:
                continue
            whole = start <= edges[row] and edges[row + 1] <= end
            shades[row] = Shade.OPEN if whole else Shade.PARTLY
    return tuple(shades)


def _traces(visits: Iterable[_Timed], index: int, rows: DayRows) -> dict[int, tuple[str, str]]:
    traces: dict[int, tuple[str, str]] = {}
    for starts, ends, visit in visits:
        if visit.status is Status.NOSHOW:
            continue
        first, after = rows.rows_of(index, starts, ends)
        if visit.blocked_from < visit.starts_at:
            for row in range(*rows.rows_of(index, seconds(visit.blocked_from), starts)):
                traces.setdefault(row, ("┊", visit.colour))
        if visit.ends_at < visit.blocked_until:
            for row in range(*rows.rows_of(index, ends, seconds(visit.blocked_until))):
                traces.setdefault(row, ("┊", visit.colour))
        traces[first] = ("▖", visit.colour)
        traces[after - 1] = ("▘", visit.colour)
    return traces


class Layouts(Sequence[ColumnLayout]):
    """The layouts of a view's columns, each made when it is first looked at."""

    def __init__(self, view: CalendarView, rows: DayRows, most_lanes: int) -> None:
        self._columns = view.columns
        self._rows = rows
        self._most_lanes = most_lanes
        self._made: dict[int, ColumnLayout] = {}

    def __len__(self) -> int:
        return len(self._columns)

    @overload
    def __getitem__(self, index: int) -> ColumnLayout: ...
    @overload
    def __getitem__(self, index: slice) -> list[ColumnLayout]: ...
    def __getitem__(self, index: int | slice) -> ColumnLayout | list[ColumnLayout]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        if index not in self._made:
            column = self._columns[index]
            self._made[index] = lay_out(column, index, self._rows, self._most_lanes)
        return self._made[index]
