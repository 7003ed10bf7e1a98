"""What the calendar says around its picture: the title, the line under the cursor. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from rich.cells import cell_len
from textual.content import Content

from ...domain.clinic.visit_types import ListedVisitType
from ...domain.clinic.writing import first_of_week, week_number
from ...domain.codes import Status
from ...domain.openings.why import Asked, explain
from ...domain.overview.calendar import DayColumn, DayLoad
from ...domain.overview.calendar_visits import CalendarVisit
from ...domain.text import full_name, showable
from ...domain.times.days import say_distance
from ...domain.times.walltime import say_day, say_near_day, say_time, say_weekday
from ..safe import safe
from ..widgets.cells import cut
from ..widgets.day.cell import Cell
from ..widgets.day.header import visits_in_words

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

_LONGEST_DOCTOR = 24
"""Cells of a name in the line under the cursor, which is to say why, too."""


def day_title(day: date, today: date) -> str:
    """A day, its week, and how far it is away."""
    return f"{say_day(day)} · week {day.isocalendar().week} · {say_distance(day, today)}"


def week_title(day: date, doctor: str) -> str:
    """The week that holds a day, and whose."""
    first = first_of_week(day)
    span = f"{say_near_day(first)} – {say_day(first + timedelta(days=6))}"
    return f"{span} · week {week_number(first)} · {doctor}"


def month_title(day: date, doctor: str) -> str:
    """The month that holds a day, and whose."""
    return f"{_MONTHS[day.month - 1]} {day.year} · {doctor or 'all doctors'}"


def title_line(left: str, right: Iterable[str], warning: str, width: int) -> Content:
    """The title at its full width; a warning takes the place of what is less important."""
    left, ending = showable(left), showable(warning or " · ".join(part for part in right if part))
    room = width - 2
    if warning and cell_len(left) + 2 + cell_len(ending) > room:
        ending = cut(ending.partition(":")[0], room)
    left = cut(left, max(0, room - cell_len(ending) - 2))
    gap = max(2, room - cell_len(left) - cell_len(ending))
    style = "bold $warning" if warning else "$foreground 70%"
    return Content.assemble(
        " ", Content.styled(left, "bold"), " " * gap, Content.styled(ending, style)
    )


def why_words(
    cell: Cell,
    zone: str,
    now: datetime,
    types: Iterable[ListedVisitType],
    last: str,
    *,
    with_day: bool,
) -> Content:
    """Why the cell is as it is, and whether the visit booked ``last`` would fit there.

    Of visits side by side only the one under the cursor is spoken of: keys act on it alone.
    """
    column = replace(cell.column, doctor=cut(cell.column.doctor, _LONGEST_DOCTOR))
    if cell.visit is not None:
        column = replace(column, visits=(cell.visit,))
    said = explain(column, cell.at, zone, now, _wanted(column, types, last))
    if with_day:  # Whose week it is stands above it.
        day, named = say_weekday(cell.column.day), f"{column.doctor} {say_time(cell.at, zone)}"
        rest = said.removeprefix(column.doctor)
        said = f"{day}{rest}" if said.startswith(named) else f"{day} · {said}"
    where, dash, rest = said.partition(" — ")
    return Content.assemble(safe(where).stylize("bold"), safe(f"{dash}{rest}"))


def read_back_words(visit: CalendarVisit, doctor: str, zone: str) -> str:
    """The sentence that was read back when it was booked; empty for what nobody has booked yet."""
    from ...domain.visits.appointments import read_back

    if visit.patient_id is None or visit.status is Status.HELD:
        return ""
    who = full_name(visit.given_name, visit.family_name)
    return read_back(who, visit.starts_at, doctor, visit.room, zone)


def month_words(load: DayLoad) -> str:
    """A day of a month in a sentence."""
    day = say_day(load.day)
    visits = visits_in_words(load.visits)
    if not load.open_minutes:
        return f"{day} — " + ", ".join(filter(None, (load.closed_because or "closed", visits)))
    visits = visits or "no visits"
    taken, opened = _hours(load.taken_minutes), _hours(load.open_minutes)
    return f"{day} — {visits}, {taken} of {opened} taken"


def nobody_works(day: date, specialty: str, column: DayColumn | None) -> tuple[str, ...]:
    """Why a day is empty, and which keys help; ``column`` is one doctor's, if there are any."""
    if column is None:
        return ("There are no doctors yet.", "", "An admin adds them: F5, then n")
    reason = column.closed_because
    if not reason or reason.startswith(column.doctor):
        of = f" of {specialty}" if specialty else ""
        reason = f"Nobody{of} works on {say_day(day)}"
    keys = "[ ] day back and on · t today · g go to date"
    return (f"{reason}.", "", f"{keys} · s specialty" if specialty else keys)


def _wanted(column: DayColumn, types: Iterable[ListedVisitType], last: str) -> Asked | None:
    """The visit type to speak of: the one booked last, or else the first that the doctor does."""
    done = [kind for kind in types if kind.done_by((column.specialty,))]
    found = next((kind for kind in done if kind.details.name == last), done[0] if done else None)
    if found is None:
        return None
    return Asked(found.details.name, found.details.minutes, found.visit_type_id, found.details.fit)


def _hours(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02} min" if rest else f"{hours} h"
