"""The sticky lines over the calendar's columns: whose day it is, or which day of the week."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from ....domain.overview.calendar import DayColumn
from ....domain.times.walltime import say_weekday
from ..cells import fit, fit_doctor, plain


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands over one column, in up to two lines, and in whose colour."""

    name: str
    more: str
    colour: str


def headings(columns: tuple[DayColumn, ...]) -> tuple[Heading, ...]:
    """Doctors by name and specialty; the days of one doctor by date and number of visits."""
    if len({column.day for column in columns}) > 1:
        return tuple(Heading(say_weekday(c.day), _visits(c), c.colour) for c in columns)
    return tuple(Heading(c.doctor, c.specialty, c.colour) for c in columns)


def heading_line(
    heading: Heading, line: int, lines: int, width: int, style: Style
) -> list[Segment]:
    """One line of a heading; where there is only one, both parts as far as they fit."""
    if lines == 1:
        text = heading.name
        if heading.more and width - cell_len(plain(text)) > 7:
            text = f"{text} · {heading.more}"
    else:
        text = (heading.name, heading.more)[line]
    shown = fit_doctor(text, width) if text == heading.name else fit(text, width)
    return [Segment(shown, style)]


def _visits(day: DayColumn) -> str:
    if not day.visits and not day.open:
        return "closed"
    return visits_in_words(len(day.visits))


def visits_in_words(number: int) -> str:
    """A number of visits; nothing for none."""
    if not number:
        return ""
    return "1 visit" if number == 1 else f"{number} visits"
