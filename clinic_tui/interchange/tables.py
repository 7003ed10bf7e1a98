"""Tables in files: CSV with a header, in any of the usual separators and encodings.

A file is looked through once before it is believed, so that what cannot be read is refused in a
sentence before anything is done with it, and read again row by row, never whole.
"""

from __future__ import annotations

import codecs
import csv
import re
import stat
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..domain.errors import BadInput, Refusal

MAX_BYTES = 128 * 1024 * 1024
MAX_LINES = 1_000_000
"""What an import takes at once: more than any clinic has, less than fills a small machine."""

_CHUNK = 1 << 20
_DELIMITERS = (",", ";", "\t")
_UNREADABLE_IN_1252 = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")
_OTHER_UNICODE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_QUOTED = re.compile(r'"[^"]*"')

Aliases = Mapping[str, tuple[str, ...]]
"""Our name of a column → everything it may be called in a file, comparable (see ``_key``)."""


@dataclass(frozen=True, slots=True)
class Cells:
    """One row: on which line it begins, and its cells by our names of the columns.

    A field that stands in several columns has several cells.
    """

    line: int
    values: Mapping[str, tuple[str, ...]]
    fault: str = ""
    """What is wrong with the row as such."""

    def __getitem__(self, name: str) -> str:
        """The cell, without outer blanks; empty where the file has no such column."""
        return next((cell for cell in self.values.get(name, ()) if cell), "")

    def all(self, name: str) -> list[str]:
        """Every cell of that field that says something."""
        return [cell for cell in self.values.get(name, ()) if cell]

    def everything(self) -> tuple[str, ...]:
        """All cells that are understood, in one order: what makes two rows the same row."""
        return tuple(cell for name in sorted(self.values) for cell in (name, *self.values[name]))


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file that can be read, and how. ``places`` are where each of our columns stands in it."""

    path: Path
    encoding: str
    delimiter: str
    lines: int
    columns: int
    places: Mapping[str, tuple[int, ...]]
    unknown: tuple[str, ...]
    """Columns that are not used, as the file calls them."""

    def rows(self) -> Iterator[Cells]:
        """Every row but the header; empty lines are none. Refused where the table breaks off."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter)
            before = 0
            try:
                for cells in reader:
                    line, before = before + 1, reader.line_num
                    if line > 1 and any(cells):
                        yield self._row(line, cells)
            except UnicodeDecodeError as error:
                raise Refusal(f"{self.path.name} has changed while it was read.") from error
            except csv.Error as error:
                raise Refusal(
                    f"{self.path.name}: the row that begins on line {before + 1} has no end;"
                    " is a quotation mark missing?"
                ) from error

    def _row(self, line: int, cells: list[str]) -> Cells:
        fault = ""
        if len(cells) > self.columns and any(cells[self.columns :]):
            fault = f"The row has {len(cells)} cells under {self.columns} columns."
        values = {
            name: tuple(cells[at].strip() if at < len(cells) else "" for at in places)
            for name, places in self.places.items()
        }
        return Cells(line, values, fault)


def open_csv(path: Path, aliases: Aliases) -> CsvFile:
    """Look a file through. ``aliases`` say which columns are wanted and how they may be called.

    Refused in one sentence: what is no file or cannot be read, more than 128 MiB or 1,000,000
    lines, nothing in it, an encoding other than UTF-8 or Windows' Latin-1, no column that is
    wanted, one that is there twice.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise Refusal(f"{path} is no file.")
        if status.st_size > MAX_BYTES:
            raise Refusal(
                f"{path.name} has {status.st_size // 1024**2} MiB; an import takes at most"
                f" {MAX_BYTES // 1024**2}: please split it."
            )
        with path.open("rb") as file:
            encoding, lines = _look_through(file, path.name)
        with path.open(encoding=encoding, newline="") as file:
            delimiter = _delimiter(file.readline())
            file.seek(0)
            header = next(csv.reader(file, delimiter=delimiter), [])
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}.") from error
    except csv.Error as error:
        raise Refusal(f"{path.name}: its first line is no header of a table.") from error
    places, unknown = _places(header, aliases, path.name)
    return CsvFile(path, encoding, delimiter, lines, len(header), places, unknown)


def need(file: CsvFile, *columns: str) -> None:
    """Refuse a file that has none of these columns."""
    if not any(column in file.places for column in columns):
        wanted = " or ".join(columns)
        raise Refusal(f"{file.path.name} has no column {wanted}.")


def must_lack(file: CsvFile, called: tuple[str, ...], holds: str) -> None:
    """Refuse a file with a column, whatever of these it is called, that says it holds others."""
    tell_tale = next((column for column in file.unknown if _key(column) in called), "")
    if tell_tale:
        raise Refusal(
            f"{file.path.name} has a column {tell_tale}: it holds {holds}. Nothing is taken in."
        )


def _look_through(file: BinaryIO, name: str) -> tuple[str, int]:
    """The encoding and the number of lines; refused as ``open_csv`` says."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, seen, lines, last = True, False, 1, b""
    while chunk := file.read(_CHUNK):
        if not seen and chunk.startswith(_OTHER_UNICODE):
            raise Refusal(f"{name} is written in UTF-16: please save it as UTF-8.")
        if b"\x00" in chunk:
            raise Refusal(f"{name} holds NUL bytes: it is no text.")
        seen = seen or bool(chunk.strip())
        lines += chunk.count(b"\n")
        if lines > MAX_LINES + 1:
            raise Refusal(
                f"{name} has more than {MAX_LINES:,} lines, as many as an import takes:"
                " please split it."
            )
        if is_utf8:
            is_utf8 = _decodes(decoder, chunk)
        last = chunk
    if not seen:
        raise Refusal(f"{name} is empty.")
    if is_utf8 and _decodes(decoder, b"", final=True):
        return "utf-8-sig", lines - last.endswith(b"\n")
    file.seek(0)
    while chunk := file.read(_CHUNK):
        if any(byte in chunk for byte in _UNREADABLE_IN_1252):
            raise Refusal(f"{name} is neither UTF-8 nor Latin-1: please save it as UTF-8.")
    return "cp1252", lines - last.endswith(b"\n")


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(first_line: str) -> str:
    """Which of the usual separators there are most of in the header."""
    bare = _QUOTED.sub("", first_line)
    return max(_DELIMITERS, key=bare.count)


def _key(name: str) -> str:
    """A column's name, comparable: "Date of Birth" and DATE_OF_BIRTH are one."""
    return "".join(char for char in name.casefold() if char.isalnum())


def _places(
    header: list[str], aliases: Aliases, name: str
) -> tuple[dict[str, tuple[int, ...]], tuple[str, ...]]:
    twice = [cell for cell, count in Counter(map(_key, header)).items() if cell and count > 1]
    if twice:
        raise BadInput("Header", f"{name} has the column {twice[0]} twice.")
    ours = {alias: column for column, known in aliases.items() for alias in known}
    places: dict[str, tuple[int, ...]] = {}
    unknown = []
    for at, cell in enumerate(header):
        column = ours.get(_key(cell))
        if column is not None:
            places[column] = (*places.get(column, ()), at)
        elif cell.strip():
            unknown.append(cell.strip())
    if not places:
        raise BadInput(
            "Header",
            f"{name} has no column that is known here; the first line must name them, as in"
            f" {', '.join(list(aliases)[:4])}.",
        )
    return places, tuple(unknown)
