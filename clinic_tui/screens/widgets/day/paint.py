"""How a column of the calendar is drawn, line by line, into pieces of exactly its width."""

from __future__ import annotations

from datetime import datetime

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from ....domain.codes import Status
from ....domain.openings.why import time_left
from ....domain.overview.calendar_visits import CalendarVisit
from ....domain.text import initials
from ....domain.times.walltime import say_time
from ...signs import CONFIRMED, STATUS_SIGNS, UNSENT
from ..cells import fit, plain
from .blocks import Block, ColumnLayout, Shade
from .palette import Palette

_GAP = 1
"""Cells between two columns."""
_LANE = 7
"""Cells in which a name can still be told."""
_TYPE_FROM, _TIME_FROM, _NAME = 15, 14, 6
"""Cells in which a block names its visit type, or its start; cells its name keeps beside that."""
_FULL_FROM = 34
"""Cells from which names and visit types are written out."""
_OVERBOOKED = "‼"
_OVER = (Status.FULFILLED, Status.NOSHOW)

Line = tuple[Segment, ...]


def most_lanes(width: int) -> int:
    """How many visits may stand side by side in a column of that many cells."""
    return max(2, (width - _GAP) // _LANE)


class ColumnPainter:
    """Draws one column. Lines are kept, because moving a cursor changes two of them."""

    def __init__(
        self, layout: ColumnLayout, width: int, palette: Palette, zone: str, now: datetime
    ) -> None:
        self.layout = layout
        self.width = width
        self._body = width - _GAP
        self._palette = palette
        self._zone = zone
        self._now = now
        self._gap = Segment(" " * _GAP, palette.free)
        self._kept: dict[tuple[int, bool], Line] = {}

    def line(self, row: int, *, top: bool = False) -> Line:
        """A row's pieces; ``top`` names visits again that began above the row."""
        key = (row, top)
        if key not in self._kept:
            self._kept[key] = self._line(row, top, chosen=None, under_cursor=False)
        return self._kept[key]

    def line_under_cursor(self, row: int, chosen: Block | None, *, top: bool = False) -> Line:
        """The same with the chosen block, or where there is none the whole cell, marked."""
        return self._line(row, top, chosen, under_cursor=True)

    def now_line(self, row: int, *, today: bool) -> Line:
        """The line above ``row``: now, with the bars of the visits that it crosses."""
        char, style = ("━", self._palette.now) if today else ("─", self._palette.faint)
        before = self.layout.in_row[max(row - 1, 0)]
        crossed = {self._span(b)[0]: b for b in before if b.first < row < b.after}
        line: list[Segment] = []
        at = 0
        for x, block in sorted(crossed.items()):
            line.append(Segment(char * (x - at), style))
            line.append(Segment("▌", self._ink(block)))
            at = x + 1
        line.append(Segment(char * (self.width - at), style))
        return tuple(line)

    def block_at(self, row: int, x: int) -> Block | None:
        """The block at that cell of a row, if there is one."""
        for block in self.layout.in_row[row]:
            start, cells = self._span(block)
            if start <= x < start + cells:
                return block
        return None

    def _line(self, row: int, top: bool, chosen: Block | None, *, under_cursor: bool) -> Line:
        blocks = self.layout.in_row[row]
        if not blocks:
            return self._cell(row, under_cursor=under_cursor)
        line: list[Segment] = []
        at = 0
        crowd = [block for block in blocks if block.crowded]
        for block in [b for b in blocks if not b.crowded] + crowd[:1]:
            x, cells = self._span(block)
            if x > at:
                line += self._between(row, x - at)
            if len(crowd) > 1 and block.crowded:
                line += self._crowd(len(crowd), cells, chosen in crowd)
            else:
                line += self._block(block, row, cells, top, chosen is block)
            at = x + cells
        if at < self._body:
            line += self._between(row, self._body - at)
        return (*line, self._gap)

    def _span(self, block: Block) -> tuple[int, int]:
        """Where a block's lane begins in the column, and its cells."""
        each, over = divmod(self._body, block.lanes)
        last = block.lane == block.lanes - 1
        return block.lane * each, each + (over if last else 0)

    def _cell(self, row: int, *, under_cursor: bool) -> Line:
        """A row without visits, with the trace of a visit or a buffer that reaches into it."""
        trace = self.layout.traces.get(row)
        line = self._between(row, self._body)
        if trace is not None:
            sign, colour = trace
            palette = self._palette
            line = [
                Segment(sign, palette.ink(colour, on=palette.free) if colour else palette.faint),
                Segment(line[0].text[1:], line[0].style),
            ]
        if under_cursor:
            text = "".join(segment.text for segment in line)
            line = [Segment(text, self._palette.cursor)]
        return (*line, self._gap)

    def _between(self, row: int, cells: int) -> list[Segment]:
        shade, palette = self.layout.shades[row], self._palette
        if shade is Shade.CLOSED:
            return [Segment("░" * cells, palette.closed)]
        if shade is Shade.SKIPPED:
            return [Segment("╌" * cells, palette.faint)]
        first = "░" if shade is Shade.PARTLY else "·"
        return [Segment(first + " " * (cells - 1), palette.faint)]

    def _crowd(self, visits: int, cells: int, marked: bool) -> list[Segment]:
        style = self._palette.cursor if marked else self._palette.visit
        return [Segment(fit(f"▌+{visits}", cells), style)]

    def _block(self, block: Block, row: int, cells: int, top: bool, marked: bool) -> list[Segment]:
        palette = self._palette
        inner = cells - 1
        if row == block.first or top:
            pieces = self._name_line(block, inner)
        elif row == block.first + 1:
            pieces = [(fit(self._details(block, inner), inner), palette.detail)]
        else:
            pieces = [(" " * inner, palette.visit)]
        line = [(_bar(block, row), self._ink(block)), *pieces]
        if marked:
            return [Segment("".join(text for text, _ in line), palette.cursor)]
        return [Segment(text, style) for text, style in line]

    def _ink(self, block: Block) -> Style:
        """Of what others keep busy no more is known, and nothing of it stands out."""
        palette, visit = self._palette, block.visit
        return palette.detail if visit.busy else palette.ink(visit.colour)

    def _name_line(self, block: Block, inner: int) -> list[tuple[str, Style]]:
        visit, palette = block.visit, self._palette
        if visit.status is Status.HELD:
            held = " · ".join(filter(None, ("held", visit.held_by, time_left(visit, self._now))))
            return [(fit(held, inner), palette.detail)]
        over = visit.status in _OVER
        style = palette.detail if visit.busy or over else palette.visit
        pieces = []
        if not block.on_time and block.after - block.first == 1 and inner >= _TIME_FROM:
            time = f"{say_time(visit.starts_at, self._zone)} "
            pieces.append((time, palette.detail))
            inner -= len(time)
        marks = _marks(visit)
        short = plain(visit.visit_type if inner >= _FULL_FROM else visit.short_name)
        room = inner - cell_len(short) - cell_len(marks) - 1
        if inner < _TYPE_FROM or not short or room < _NAME:
            marks = marks.strip()
            return [*pieces, (fit(_name(block, inner), inner - cell_len(marks)) + marks, style)]
        return [
            *pieces,
            (fit(_name(block, inner), room) + " ", style),
            (short, style if over else palette.ink(visit.colour)),
            (marks, style),
        ]

    def _details(self, block: Block, inner: int) -> str:
        """What the second line of a visit adds: its times where the rows do not tell, its room."""
        visit = block.visit
        times = ""
        if not block.exact:
            starts, ends = visit.starts_at, visit.ends_at
            times = say_time(starts, self._zone)
            if inner >= 2 * len(times) + 1:
                times = f"{times}–{say_time(ends, self._zone)}"
        return " ".join(part for part in (times, visit.room) if part)


def _marks(visit: CalendarVisit) -> str:
    """The signs of a visit, its status last: two cells, three where it is out of the ordinary."""
    odd = (_OVERBOOKED if visit.overbooked else "") + (UNSENT if visit.unsent else "")
    sure = visit.confirmed and visit.status is Status.BOOKED
    return (odd or " ") + (CONFIRMED if sure else STATUS_SIGNS[visit.status])


def _name(block: Block, inner: int) -> str:
    visit = block.visit
    if visit.busy:
        return "busy"
    given = visit.given_name if inner >= _FULL_FROM else initials(visit.given_name)[:1]
    return f"{visit.family_name} {given}".strip()


def _bar(block: Block, row: int) -> str:
    """The bar at a visit's left; half as high where the visit fills half of the row or less.

    What is only held has its own sign.
    """
    if row == block.first and block.visit.status is Status.HELD:
        return STATUS_SIGNS[Status.HELD]
    if row == block.first and block.late:
        return "▖"
    if row == block.after - 1 and block.early:
        return "▘"
    return "▌"
