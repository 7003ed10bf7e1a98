"""The day on paper while there still is a program: sheets written to disk at the clinic's hour.

Before noon it is the day that has begun, from noon on the next one; where nobody works on it, the
first after it on which somebody does. Any number of terminals and workers may look; the files in
the folder say whether it has been done. Who was off at that hour makes up for it as long as the day
is not over.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from .database import Database
from .dispatch import Clock
from .domain.clinic.settings import load_settings
from .domain.errors import Refusal
from .domain.overview.day_sheet import DaySheet, reception_sheet
from .domain.times.walltime import MINUTES_PER_DAY, instant, local_day
from .sheet_settings import SheetSettings

_NOON = MINUTES_PER_DAY // 2
_DAY = timedelta(days=1)
_FARTHEST = 14
"""Days that are looked through for one on which somebody works."""


@dataclass(frozen=True, slots=True)
class Due:
    """From which day on sheets are to be there, and since when (aware UTC)."""

    day: date
    since: datetime


def sheets_due(now: datetime, minute: int, zone: str) -> Due | None:
    """What is to be there by now; None while that hour has not come."""
    today = local_day(now, zone)
    ahead = _DAY if minute >= _NOON else timedelta()
    last = today if instant(today, minute, zone) <= now else today - _DAY
    return Due(last + ahead, instant(last, minute, zone)) if last + ahead >= today else None


def look_for_sheets(database: Database, settings: SheetSettings, clock: Clock) -> None:
    """Write the sheets that are due, unless they are there.

    Refused, in a sentence, where the folder is none or cannot be written to.
    """
    now = clock()
    due = sheets_due(now, settings.minute, database.read(load_settings).zone)
    refuse_folder(settings)
    try:
        if due is None or _is_done(settings.folder, due):
            return
        _write(_next_with_somebody(database, due.day, now), settings.folder)
    except OSError as error:
        raise Refusal(
            f"The day sheets cannot be written to {settings.folder}: {error.strerror or error}."
        ) from error


def _is_done(folder: Path, due: Due) -> bool:
    """Whether there is a sheet of that day or a later one that was made since then."""
    first = _file(folder, due.day).name
    return any(
        path.name >= first and path.stat().st_mtime >= due.since.timestamp()
        for path in folder.glob("day-sheet-*.pdf")
    )


def _next_with_somebody(database: Database, day: date, now: datetime) -> DaySheet:
    """The sheet of the first day from there on on which somebody works or is expected."""
    for ahead in range(_FARTHEST):
        sheet = database.read(reception_sheet, day + ahead * _DAY, now)
        if sheet.doctors:
            return sheet
    return database.read(reception_sheet, day, now)


def refuse_folder(settings: SheetSettings) -> None:
    """Refuse a folder for day sheets that is none, or that cannot be written to."""
    folder = settings.folder
    if not folder.is_dir():
        raise Refusal(f"Day sheets cannot be written: there is no folder {folder}.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Refusal(f"Day sheets cannot be written: the folder {folder} is closed to them.")


def _file(folder: Path, day: date) -> Path:
    """The PDF of a day; its text is beside it, written before it."""
    return folder / f"day-sheet-{day.isoformat()}.pdf"


def _write(sheet: DaySheet, folder: Path) -> None:
    """Both files, as old as what they tell."""
    from .interchange.sheet import write_sheets  # noqa: PLC0415 - heavy, and once a day
    from .interchange.sheet_text import write_text  # noqa: PLC0415

    pdf = _file(folder, sheet.day)
    write_text(sheet, pdf.with_suffix(".txt"))
    write_sheets(sheet, pdf)
    os.utime(pdf, (sheet.made_at.timestamp(),) * 2)
