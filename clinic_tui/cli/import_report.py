"""What an import tells: a look at the file before, and afterwards what became of its rows."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..interchange.whole import write_whole
from .output import echo

if TYPE_CHECKING:
    from ..domain.intake.intake import RefusedRow, Taken
    from ..interchange.overlaps import Overlap, Overlaps
    from ..interchange.tables import CsvFile

_SHOWN = 20
"""Refused rows and overlaps told on the terminal; --report and --json tell all of them."""
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs"}


@dataclass(slots=True)
class Look:
    """What a look through the file found."""

    rows: int = 0
    unreadable: int = 0
    passed_over: int = 0
    first: list[str] = field(default_factory=list)
    overlaps: Overlaps | None = None


def preview(file: CsvFile, look: Look, kind: str) -> None:
    """How many rows there are, the first of them, and what is not understood."""
    count = f"{look.rows:,} rows of {kind}"
    echo(f"{file.path.name}: {count}, parted by {_NAMES[file.delimiter]}, {_encoding(file)}.")
    for line in look.first:
        echo(f"  {line}")
    if file.unknown:
        echo(f"Columns that are not used: {', '.join(file.unknown)}.")
    if look.unreadable:
        echo(f"{_rows(look.unreadable)} cannot be read.")
    if look.passed_over:
        echo(f"{_rows(look.passed_over)} of people who have died will be left out.")
    if look.overlaps is not None:
        counts = [f"{_pairs(len(pairs))} of one {whose}" for whose, pairs in _both(look.overlaps)]
        echo(f"Rows that overlap: {', '.join(counts)}.")
        for line in _some(_say_overlaps(look.overlaps)):
            echo(f"  {line}")


def tell(taken: Taken, *, written: bool) -> None:
    """What became of the rows, or would have: the refused ones on stderr."""
    for line in _some(_say_refused(row) for row in taken.refused):
        echo(line, err=True)
    would = "" if written else "would be "
    marked = f"{taken.marked:,} {would}marked, " if taken.marked else ""
    echo(
        f"{taken.added:,} {would}added, {marked}{taken.already_there:,} already there,"
        f" {taken.passed_over:,} left out, {len(taken.refused):,} refused."
    )


def write_report(path: Path, taken: Taken, overlaps: Overlaps | None) -> None:
    """All that was refused, and all that overlaps, as CSV, whole or not at all."""
    stream = StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(("line", "field", "reason"))
    writer.writerows((row.line, row.field, row.reason) for row in taken.refused)
    if overlaps is not None:
        for whose, pairs in _both(overlaps):
            for pair in pairs:
                reason = f"overlaps line {pair.other_line} for one {whose}"
                writer.writerow((pair.line, "overlap", reason))
    write_whole(path, stream.getvalue().encode())


def summary(file: CsvFile, look: Look, taken: Taken, kind: str, *, written: bool) -> dict[str, Any]:
    """The same as --json prints it."""
    found: dict[str, Any] = {
        "file": str(file.path),
        "kind": kind,
        "rows": look.rows,
        "written": written,
        "added": taken.added if written else 0,
        "marked": taken.marked if written else 0,
        "already_there": taken.already_there,
        "left_out": taken.passed_over,
        "refused": [
            {"line": row.line, "field": row.field, "reason": row.reason} for row in taken.refused
        ],
        "unused_columns": list(file.unknown),
    }
    if look.overlaps is not None:
        found["overlaps"] = {
            whose: [[pair.line, pair.other_line] for pair in pairs]
            for whose, pairs in _both(look.overlaps)
        }
    return found


def _both(overlaps: Overlaps) -> tuple[tuple[str, tuple[Overlap, ...]], ...]:
    return (("doctor", overlaps.of_doctors), ("patient", overlaps.of_patients))


def _say_overlaps(overlaps: Overlaps) -> Iterator[str]:
    for whose, pairs in _both(overlaps):
        for pair in pairs:
            yield f"lines {pair.line} and {pair.other_line}: {whose} {pair.whose}"


def _some(lines: Iterable[str]) -> Iterator[str]:
    """The first of many lines, and how many more there are."""
    more = 0
    for number, line in enumerate(lines):
        if number < _SHOWN:
            yield line
        else:
            more += 1
    if more:
        yield f"… and {more:,} more; --report FILE writes all of them."


def _encoding(file: CsvFile) -> str:
    return "UTF-8" if file.encoding == "utf-8-sig" else "Latin-1"


def _say_refused(row: RefusedRow) -> str:
    """The line and the field, which the reason itself may name."""
    names_itself = row.reason.startswith(row.field)
    where = f"line {row.line}" if names_itself else f"line {row.line}, {row.field}"
    return f"{where}: {row.reason}"


def _pairs(count: int) -> str:
    return "1 pair" if count == 1 else f"{count:,} pairs"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
