"""The dates of a series, one a line: when, and what becomes of each."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style

from ....domain.errors import CannotBook, ObstacleKind, Opening, Refusal
from ....domain.times.walltime import local_day, say_day, say_time
from ...several.series_draft import DateRow, Fate
from ...wording import clock_cells, date_cells
from ..cells import fit
from .deciding_list import DecidingList

_SIGN = 3
_SIGNS = {
    Fate.STANDS: "✓",
    Fate.NEAREST: "→",
    Fate.OUT: "–",
    Fate.SKIPPED: "–",
    Fate.OPEN: "✗",
}
_TAKEN = {
    ObstacleKind.DOCTOR: "the doctor is taken",
    ObstacleKind.PATIENT: "the patient has another visit then",
    ObstacleKind.ROOM: "the room is taken",
}
_LOOKS = {Fate.OPEN: "open", Fate.NEAREST: "nearest", Fate.STANDS: "line"}


class DateList(DecidingList[DateRow]):
    """Sign, day and time, and in words what becomes of it; those to decide stand out."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "date-list--line", "date-list--faint", "date-list--open", "date-list--nearest",
        "date-list--highlighted",
    }  # fmt: skip
    DEFAULT_CSS = """
    DateList > .date-list--line { color: $foreground; }
    DateList > .date-list--faint { color: $foreground 60%; }
    DateList > .date-list--open { color: $error; text-style: bold; }
    DateList > .date-list--nearest { color: $success; }
    DateList > .date-list--highlighted {
        background: $block-cursor-background; color: $block-cursor-foreground;
    }
    """

    def highlight(self) -> Style | None:
        """The line that keys act on."""
        return self.get_component_rich_style("date-list--highlighted")

    def segments(self, line: DateRow, width: int, style: Style | None) -> list[Segment]:
        """What is to be decided in colour, and told by a sign and words as well."""
        fate = line.fate
        sign = "≠" if line.anew and fate is Fate.OPEN else _SIGNS[fate]
        day, time = _day_and_time(line, self._zone)
        on, at = date_cells() + 1, 2 * clock_cells() + 3
        words = fit(say_fate(line, self._zone), max(0, width - _SIGN - on - at))
        text = f" {sign} {fit(day, on)}{fit(time, at)}{words}"
        look = style or self.get_component_rich_style(f"date-list--{_LOOKS.get(fate, 'faint')}")
        return [Segment(text, look)]


def say_when(row: DateRow, zone: str) -> str:
    """ "Tue 24 Nov 2026 10:00–10:20"; of one that is skipped the day."""
    return " ".join(filter(None, _day_and_time(row, zone)))


def _day_and_time(row: DateRow, zone: str) -> tuple[str, str]:
    date = row.date
    if date.starts_at is None or date.ends_at is None:
        return say_day(date.day), ""
    return say_day(local_day(date.starts_at, zone)), _say_times(date.starts_at, date.ends_at, zone)


def _say_times(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    return f"{say_time(starts_at, zone)}–{say_time(ends_at, zone)}"


def say_fate(row: DateRow, zone: str) -> str:
    """What becomes of it: that it fits, why it does not, or where it goes instead."""
    date, fate = row.date, row.fate
    if fate is Fate.OUT:
        return "left out"
    if fate is Fate.SKIPPED:
        return date.note.partition(": ")[2] or date.note
    if fate is Fate.NEAREST and date.alternative is not None:
        return f"→ {say_nearest(row, date.alternative, zone)}"
    if date.refusal is not None:
        return _why(date.refusal)
    return date.note or "fits"


def _why(refusal: Refusal) -> str:
    """In a few words, because a sentence may begin with a long name."""
    if isinstance(refusal, CannotBook) and refusal.obstacles:
        return _TAKEN.get(refusal.obstacles[0].kind, str(refusal))
    return str(refusal)


def say_nearest(row: DateRow, opening: Opening, zone: str) -> str:
    """Where it may stand instead; the day only where that is another one."""
    time = _say_times(opening.starts_at, opening.ends_at, zone)
    day = local_day(opening.starts_at, zone)
    stands = row.date.starts_at
    same = stands is not None and local_day(stands, zone) == day
    return time if same else f"{say_day(day)} {time}"
