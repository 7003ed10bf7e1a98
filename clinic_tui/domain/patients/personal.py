"""What this process has read of persons from its database, so that screens can hide it.

Names, numbers, birth dates and what was written about somebody pass through the types of their
columns, wherever they go from there: into a line, a toast, the title of a dialog, a sentence.
Nothing that is shown of a patient comes another way, so whoever hides them need not know where
they are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Written:
    """An alert, a note, a reason, an address: personal as a whole; its words are anybody's."""

    text: str


@dataclass(frozen=True, slots=True)
class Numbered:
    """A record number: personal as a whole, though part of it may be anything's number."""

    text: str


_MOST = 100_000
"""So many are kept; past that the older half is forgotten."""
Personal = str | date | Written | Numbered
_read: dict[Personal, None] = {}
_forgotten = 0


def remember(value: Personal) -> None:
    """Keep in mind that this was read of a person; cheap, because every row comes by."""
    global _forgotten  # noqa: PLW0603 - how often; one process reads one clinic
    if value in _read:
        return
    if len(_read) >= _MOST:
        for old in list(_read)[: _MOST // 2]:
            _read.pop(old, None)
        _forgotten += 1
    _read[value] = None


def read_so_far() -> tuple[int, int]:
    """How often some was forgotten, and how much is kept: it changes whenever there is more."""
    return _forgotten, len(_read)


def read_since(position: int) -> list[Personal]:
    """What was read of persons, from that position on, the oldest first."""
    return list(_read)[position:]
