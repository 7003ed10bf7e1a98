"""MonthGrid: a month as a sheet, each day with how full it is, or why it is closed."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ...domain.clinic.writing import first_of_week, week_number
from ...domain.overview.calendar import DayLoad
from ...domain.times.walltime import say_day
from .cells import fit
from .day.header import visits_in_words

_GUTTER = 3
"""Cells for the number of the week."""
_MOST_LINES = 5
"""Lines a week takes at most; a sheet that fills a large terminal says no more."""


def _key(keys: str, name: str, days: int, does: str, more: str) -> Binding:
    return Binding(keys, f"days({days})", does, id=f"month.{name}", show=False, tooltip=more)


class MonthGrid(Widget, can_focus=True):
    """The days of a month in their weeks. Its cursor may leave the month: then that is wanted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        _key("left", "left", -1, "Left", "The day before"),
        _key("right", "right", 1, "Right", "The day after"),
        _key("up", "up", -7, "Up", "A week back"),
        _key("down", "down", 7, "Down", "A week on"),
        Binding("enter", "choose", "Open", id="month.open", tooltip="Open that day"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "month--header", "month--week", "month--day", "month--today", "month--share",
        "month--bar", "month--full", "month--rest", "month--closed", "month--cursor",
    }  # fmt: skip
    DEFAULT_CSS = """
    MonthGrid {
        height: 1fr;
        background: $background;
        & > .month--header { background: $panel; color: $foreground; text-style: bold; }
        & > .month--week { color: $foreground 60%; }
        & > .month--day { color: $foreground; text-style: bold; }
        & > .month--today { color: $accent; text-style: bold; }
        & > .month--share { color: $foreground 80%; }
        & > .month--bar { color: $primary; }
        & > .month--full { color: $warning; }
        & > .month--rest { color: $foreground 30%; }
        & > .month--closed { color: $foreground 60%; }
        & > .month--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: bold;
        }
        &:ansi > .month--header { text-style: bold underline; }
        &:ansi > .month--cursor {
            background: ansi_default;
            color: ansi_default;
            text-style: reverse bold;
        }
    }
    """

    @dataclass
    class DayMoved(Message):
        """The cursor is on that day, which may be one of another month."""

        day: date

    @dataclass
    class DayChosen(Message):
        """That day is to be opened."""

        day: date

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._loads: dict[date, DayLoad] = {}
        self._today = self._day = date(1970, 1, 1)

    def show(self, loads: tuple[DayLoad, ...], today: date, day: date) -> None:
        """Show a month, the cursor on ``day``."""
        self._loads = {load.day: load for load in loads}
        self._today, self._day = today, day
        self.refresh()

    @property
    def load(self) -> DayLoad | None:
        """What is known of the day under the cursor."""
        return self._loads.get(self._day)

    def action_days(self, days: int) -> None:
        """That many days on, or back."""
        self._move(self._day + timedelta(days=days))

    def action_choose(self) -> None:
        """Open the day under the cursor."""
        self.post_message(self.DayChosen(self._day))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor there; a double click opens the day."""
        day = self._day_at(event.x, event.y)
        if day in self._loads:
            self._move(day)
            if event.chain == 2:
                self.action_choose()

    def _move(self, day: date) -> None:
        before, self._day = self._day, day
        self.refresh(self._region(before), self._region(day))
        self.post_message(self.DayMoved(day))

    @property
    def _first_day(self) -> date:
        """Where the first week begins, in the month before if need be."""
        return first_of_week(min(self._loads))

    @property
    def _weeks(self) -> int:
        first = min(self._loads)
        before = (first - self._first_day).days
        return -(-(before + monthrange(first.year, first.month)[1]) // 7)

    @property
    def _lines(self) -> int:
        """Lines a week takes."""
        return min(_MOST_LINES, max(2, (self.size.height - 1) // self._weeks))

    @property
    def _column(self) -> int:
        """Cells of a day."""
        return max(4, (self.size.width - _GUTTER) // 7)

    def _region(self, day: date) -> Region:
        weeks, weekday = divmod((day - self._first_day).days, 7)
        x, y = _GUTTER + weekday * self._column, 1 + weeks * self._lines
        return Region(x, y, self._column, self._lines).intersection(self.size.region)

    def _day_at(self, x: int, y: int) -> date | None:
        weekday = (x - _GUTTER) // self._column
        if y < 1 or not self._loads or x < _GUTTER or weekday > 6:
            return None
        return self._first_day + timedelta(days=(y - 1) // self._lines * 7 + weekday)

    def render_line(self, y: int) -> Strip:
        """One line of the widget."""
        width = self.size.width
        if not self._loads or y > self._weeks * self._lines:
            return Strip.blank(width, self.rich_style)
        if y == 0:
            style = self.get_component_rich_style("month--header")
            names = (say_day(self._first_day + timedelta(days=n))[:3] for n in range(7))
            text = " " * _GUTTER + "".join(name.ljust(self._column) for name in names)
            return Strip([Segment(text, style)]).extend_cell_length(width, style)
        week, line = divmod(y - 1, self._lines)
        first = self._first_day + timedelta(days=week * 7)
        number = f"{week_number(first):>2}" if line == 0 else ""
        segments = [Segment(number.ljust(_GUTTER), self.get_component_rich_style("month--week"))]
        for weekday in range(7):
            segments += self._cell(first + timedelta(days=weekday), line)
        return Strip(segments).extend_cell_length(width, self.rich_style)

    def _cell(self, day: date, line: int) -> list[Segment]:
        load, cells = self._loads.get(day), self._column - 1
        if load is None:
            return [Segment(" " * self._column, self.rich_style)]
        pieces = self._pieces(load, line, cells)
        if day == self._day:
            cursor = self.get_component_rich_style("month--cursor")
            text = "".join(text for text, _ in pieces)
            return [Segment(text, cursor), Segment(" ", self.rich_style)]
        styled = [
            Segment(text, self.get_component_rich_style(f"month--{part}")) for text, part in pieces
        ]
        return [*styled, Segment(" ", self.rich_style)]

    def _pieces(self, load: DayLoad, line: int, cells: int) -> list[tuple[str, str]]:
        """A line of a day in exactly ``cells`` cells, and what each piece of it is."""
        share = 0
        if load.open_minutes:
            share = min(100, round(100 * load.taken_minutes / load.open_minutes))
        if line == 0:
            part = "today" if load.day == self._today else "day"
            percent = f"{share}%" if load.open_minutes else ""
            return [(f"{load.day.day:>2}", part), (percent.rjust(cells - 2), "share")]
        if not load.open_minutes:
            said = [load.closed_because or "closed", visits_in_words(load.visits)]
            words = _wrapped(", ".join(filter(None, said)), cells, self._lines - 1)
            return [(fit(words[line - 1], cells), "closed")]
        if line == 1:
            full = round(cells * share / 100)
            rest = ("─" * (cells - full), "rest")
            return [("━" * full, "full" if share == 100 else "bar"), rest]
        visits = visits_in_words(load.visits) if line == 2 else ""
        return [(fit(visits if len(visits) <= cells else str(load.visits), cells), "closed")]


def _wrapped(words: str, cells: int, lines: int) -> list[str]:
    """The words over that many lines, the last of which takes whatever is left."""
    found = [""]
    for word in words.split():
        longer = f"{found[-1]} {word}".strip()
        if len(found) == lines or not found[-1] or cell_len(longer) <= cells:
            found[-1] = longer
        else:
            found.append(word)
    return found + [""] * (lines - len(found))
