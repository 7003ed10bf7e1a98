"""The day and the time at which a visit is to start, as people type them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from ...domain.errors import BadInput
from ...domain.times.timeofday import read_date, read_time, start_of
from ...domain.times.walltime import AGAIN, clock, day_bounds, local_day, say_day, say_which
from ..widgets.steady import SteadyInput
from ..wording import clock_cells, date_field_cells

if TYPE_CHECKING:
    from ...desk import Desk


@dataclass(frozen=True, slots=True)
class From:
    """From when openings are sought; ``exactly`` when that is the very start asked for.

    ``again`` is the other start that is called the same, where the clocks go back.
    """

    at: datetime
    exactly: bool
    note: str = ""
    again: datetime | None = None


class StartFields(Horizontal):
    """Two fields, written out as they were understood when they are left.

    Where both are empty, openings are sought from ``search_from`` on, or from now.
    """

    DEFAULT_CSS = "StartFields { width: auto; height: 1; }"

    def __init__(self, desk: Desk, search_from: datetime | None) -> None:
        super().__init__()
        self._desk = desk
        self.search_from = search_from

    def compose(self) -> ComposeResult:
        """Day and time."""
        day = SteadyInput(id="day", placeholder="tue, 24, +2w")
        time = SteadyInput(id="time", placeholder="15:20")
        day.styles.width, time.styles.width = date_field_cells(), clock_cells() + 3
        yield day
        yield time

    def put(self, at: datetime) -> None:
        """Write a start into the fields, telling nobody."""
        zone = self._desk.zone
        self._put("day", say_day(local_day(at, zone)))
        self._put("time", say_which(at, zone))

    def write(self, day: str, time: str) -> None:
        """Write texts into the fields, telling nobody."""
        self._put("day", day)
        self._put("time", time)

    def sought(self, *, proposing: bool = False) -> From:
        """The start asked for; without a time, and without a day, from when on to seek.

        While one is only being proposed, nobody has asked for it. Refused with ``BadInput``:
        what cannot be read, and a time without a day.
        """
        day_text, time_text = self.text("day"), self.text("time")
        now, zone = self._desk.now(), self._desk.zone
        if proposing or not (day_text or time_text):
            return From(max(self.search_from or now, now), exactly=False)
        if not day_text:
            raise BadInput("Day", "Day: which one? Write 24, 24nov, tue or +2w.")
        day = read_date(day_text, local_day(now, zone), self._desk.settings.region)
        if not time_text:
            return From(max(day_bounds(day, zone)[0], now), exactly=False)
        start = start_of(day, read_time(time_text.removesuffix(AGAIN)), zone)
        if start.again is not None and time_text.endswith(AGAIN):
            return From(start.again, exactly=True)
        return From(start.at, exactly=True, note=start.note, again=start.again)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:  # noqa: ARG002
        """Write day and time out as they were understood."""
        try:
            sought = self.sought()
        except BadInput:
            return
        if self.text("day"):
            self._put("day", say_day(local_day(sought.at, self._desk.zone)))
        if sought.exactly:
            typed = self.text("time")
            which = AGAIN if typed.endswith(AGAIN) else ""
            self._put("time", f"{clock(read_time(typed.removesuffix(AGAIN)))}{which}")

    def _put(self, field: str, text: str) -> None:
        with self.prevent(Input.Changed):
            self.query_one(f"#{field}", Input).value = text

    def text(self, field: str) -> str:
        """What stands in "day" or in "time"."""
        return self.query_one(f"#{field}", Input).value.strip()
