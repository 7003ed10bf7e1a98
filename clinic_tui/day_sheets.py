"""The day on paper while there still is a program: sheets written to disk at the clinic's hour.

Before noon it is the day that has begun, from noon on the next one. Any number of terminals and
workers may look; the files in the folder say whether it has been done. Who was off at that hour
makes up for it as long as the day is not over.
"""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from pathlib import Path

from .database import Database
from .dispatch import Clock
from .domain.day_sheet import DaySheet, reception_sheet
from .domain.errors import Refusal
from .domain.settings import load_settings
from .domain.walltime import MINUTES_PER_DAY, instant, local_day
from .sheet_settings import SheetSettings

_NOON = MINUTES_PER_DAY // 2
_DAY = timedelta(days=1)


def day_to_write(now: datetime, minute: int, zone: str) -> date | None:
    """The day whose sheets are to be there by now; None while that hour has not come."""
    today = local_day(now, zone)
    ahead = _DAY if minute >= _NOON else timedelta()
    last = today if instant(today, minute, zone) <= now else today - _DAY
    return last + ahead if last + ahead >= today else None


def look_for_sheets(database: Database, settings: SheetSettings, clock: Clock) -> None:
    """Write the sheets of the day that is due, unless they are there.

    Refused, in a sentence, where the folder is none or cannot be written to.
    """
    now = clock()
    zone = database.read(load_settings).zone
    day = day_to_write(now, settings.minute, zone)
    refuse_folder(settings)
    if day is None or all(path.exists() for path in _files(settings.folder, day)):
        return
    sheet = database.read(reception_sheet, day, now)
    try:
        _write(sheet, settings.folder)
    except OSError as error:
        raise Refusal(
            f"The day sheets cannot be written to {settings.folder}: {error.strerror or error}."
        ) from error


def refuse_folder(settings: SheetSettings) -> None:
    """Refuse a folder for day sheets that is none, or that cannot be written to."""
    folder = settings.folder
    if not folder.is_dir():
        raise Refusal(f"Day sheets cannot be written: there is no folder {folder}.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Refusal(f"Day sheets cannot be written: the folder {folder} is closed to them.")


def _files(folder: Path, day: date) -> tuple[Path, Path]:
    """The text and the PDF of a day."""
    name = f"day-sheet-{day.isoformat()}"
    return folder / f"{name}.txt", folder / f"{name}.pdf"


def _write(sheet: DaySheet, folder: Path) -> None:
    from .interchange.sheet import write_sheets  # noqa: PLC0415 - heavy, and once a day
    from .interchange.sheet_text import write_text  # noqa: PLC0415

    text, pdf = _files(folder, sheet.day)
    write_text(sheet, text)
    write_sheets(sheet, pdf)
