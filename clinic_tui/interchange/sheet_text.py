"""Day sheets as plain text, for any printer and any screen: 80 columns, a doctor after another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.cells import set_cell_size

from ..domain.clinic.writing import writing
from ..domain.overview.day_sheet import DaySheet, DoctorSheet, SheetLine
from ..domain.text import showable
from ..domain.times.walltime import say_day, say_moment, say_time
from .sheet_words import name_on_sheet
from .whole import write_whole

_TIME_AND_PATIENT = 33
_OTHERS = (10, 15, 9, 8)
"""Of birth date, phone, visit type and room; a blank between all of them makes 80."""
_HEADS = ("Time", "Patient", "Born", "Phone", "Visit", "Room")


def write_text(sheet: DaySheet, path: Path) -> None:
    """Write the sheets, whole or not at all; ``OSError`` where it cannot be done."""
    write_whole(path, "".join(f"{line}\n" for line in _lines(sheet)).encode())


def _widths() -> tuple[int, ...]:
    """Of all columns: a clock of twelve hours takes more of the line."""
    time = 11 if writing().clock_hours == 24 else 15
    return time, _TIME_AND_PATIENT - time, *_OTHERS


def _lines(sheet: DaySheet) -> Iterator[str]:
    yield showable(f"{sheet.clinic} · {say_day(sheet.day)} · week {sheet.day.isocalendar().week}")
    yield f"As of {say_moment(sheet.made_at, sheet.zone)}. Empty lines are free time to write in."
    for doctor in sheet.doctors:
        yield ""
        yield from _doctor(doctor, sheet.zone)
    if not sheet.doctors:
        yield "Nobody works on that day."


def _doctor(doctor: DoctorSheet, zone: str) -> Iterator[str]:
    yield showable(" · ".join(filter(None, (doctor.doctor, doctor.specialty))))
    if doctor.closed_because:
        yield showable(doctor.closed_because)
    if doctor.lines:
        yield _row(_HEADS)
    for line in doctor.lines:
        yield _row(_words(line, zone))


def _words(line: SheetLine, zone: str) -> tuple[str, ...]:
    times = f"{say_time(line.starts_at, zone)}–{say_time(line.ends_at, zone)}"
    if line.visit is None:
        return (times, *("_" * width for width in _widths()[1:]))
    born = line.birth_date.isoformat() if line.birth_date else ""
    return (
        times,
        name_on_sheet(line.visit),
        born,
        line.phone,
        line.visit.visit_type,
        line.visit.room,
    )


def _row(words: tuple[str, ...]) -> str:
    """Each in its own width, measured in cells; what is too long is cut."""
    cells = (
        set_cell_size(showable(word), width) for word, width in zip(words, _widths(), strict=True)
    )
    return " ".join(cells).rstrip()
