"""Rows of a file as lines of a day sheet that was written on by hand."""

from __future__ import annotations

import hashlib
import re

from ..domain.errors import BadInput
from ..domain.intake.sheet import Noted, SheetRow
from ..domain.times.dates import clean_birth_date, parse_date
from ..domain.times.timeofday import read_length, read_time, start_of
from .incoming import Clock, Rows
from .tables import Cells, CsvFile, need

_NOTED = {
    "": Noted.NOTHING,
    "arrived": Noted.ARRIVED, "here": Noted.ARRIVED,
    "came": Noted.CAME, "yes": Noted.CAME, "y": Noted.CAME, "done": Noted.CAME,
    "no": Noted.MISSED, "n": Noted.MISSED, "did not come": Noted.MISSED, "noshow": Noted.MISSED,
    "no-show": Noted.MISSED,
}  # fmt: skip
_FULL_YEAR = re.compile(r"\d{4}")


def sheet_in(file: CsvFile, clock: Clock) -> Rows[SheetRow]:
    """A file of lines; refused without day, doctor, time or patient."""
    for column in ("day", "doctor", "time", "patient"):
        need(file, column)
    return Rows(file, clock, _row)


def _row(cells: Cells, clock: Clock) -> SheetRow:
    day = parse_date(cells["day"], clock.region, clock.today)
    if day is None or not _FULL_YEAR.search(cells["day"]):
        raise BadInput("Day", f"Day: “{cells['day']}” is no date; one looks like 2026-11-24.")
    noted = _NOTED.get(cells["came"].casefold())
    if noted is None:
        raise BadInput("Came", f"Came: “{cells['came']}” is none of arrived, came, did not come.")
    return SheetRow(
        doctor=cells["doctor"],
        starts_at=start_of(day, read_time(cells["time"]), clock.zone).at,
        patient=cells["patient"],
        key=_key(cells),
        birth_date=clean_birth_date(cells["birth_date"], clock.region, clock.today),
        visit_type=cells["visit_type"],
        minutes=read_length(cells["minutes"]) if cells["minutes"] else None,
        room=cells["room"],
        note=cells["note"],
        noted=noted,
    )


def _key(cells: Cells) -> str:
    """The same for the same row, wherever it stands and whoever types it."""
    whole = "\x1f".join(cells.everything())
    return hashlib.sha256(whole.encode(errors="replace")).hexdigest()[:32]
