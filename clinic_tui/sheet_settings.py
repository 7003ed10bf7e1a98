"""When and where this machine writes day sheets: the table [sheets] of its settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .domain.errors import BadInput
from .domain.times.timeofday import read_time

_KEYS = ("at", "folder")


@dataclass(frozen=True, slots=True)
class SheetSettings:
    """``minute`` is counted from midnight of the clinic's clock; ``folder`` is made by nobody."""

    minute: int
    folder: Path


def read_sheets(table: Any, where: str) -> SheetSettings:
    """The table [sheets] of a settings file, checked; ``BadInput`` naming the first wrong key."""
    if not isinstance(table, dict):
        raise BadInput("sheets", f"{where}: “sheets” is a table, as in [sheets] at = “18:00”.")
    for key, value in table.items():
        if key not in _KEYS:
            raise BadInput(
                f"sheets.{key}",
                f"{where}: “sheets.{key}” is no setting; there are {', '.join(_KEYS)}.",
            )
        if not isinstance(value, str) or not value.strip():
            raise BadInput(f"sheets.{key}", f"{where}: “sheets.{key}” must be a text in quotes.")
    if not all(key in table for key in _KEYS):
        raise BadInput("sheets", f"{where}: [sheets] needs “at” and “folder”.")
    try:
        minute = read_time(table["at"])
    except BadInput as wrong:
        raise BadInput("sheets.at", f"{where}: “sheets.at” is a time of day, as 18:00.") from wrong
    return SheetSettings(minute, Path(table["folder"]).expanduser())
