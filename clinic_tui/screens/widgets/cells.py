"""Text measured in the cells of a terminal, never in characters."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

from ...domain.text import showable

_UNSTEADY = dict.fromkeys((0xFE0F, 0x20E3, *range(0x1F3FB, 0x1F400)))
"""Emoji presentation, keycaps and skin tones: terminals disagree on how wide they make a sign."""

_TELLING = 2
"""Cells of an initial, in whatever script: see ``domain.doctor_names``."""


@lru_cache(4096)
def fit(text: str, cells: int) -> str:
    """The text in exactly that many cells: padded, or cut with an ellipsis."""
    steady = plain(text)
    if cells <= 0:
        return ""
    if cell_len(steady) <= cells:
        return set_cell_size(steady, cells)
    return set_cell_size(set_cell_size(steady, cells - 1).rstrip() + "…", cells)


def fit_doctor(name: str, cells: int) -> str:
    """A doctor's name in exactly that many cells: cut, it keeps what tells two of them apart."""
    begins, _, last = plain(name).rpartition(" ")
    room = cells - cell_len(last) - 1
    tells = cell_len(last) <= _TELLING or last.startswith("(")
    if not tells or room < _TELLING or cell_len(begins) <= room:
        return fit(name, cells)
    return f"{fit(begins, room)} {last}"


def cut(text: str, cells: int) -> str:
    """The text in at most that many cells, cut with an ellipsis."""
    return fit(text, min(cells, cell_len(plain(text))))


def shares(room: int, *wanted: int) -> list[int]:
    """Cells for columns side by side: what each wants, and where that is more than there is, the
    widest give way to the others. The last takes what is left over.
    """
    given = [0] * len(wanted)
    left = room
    for others, at in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
        given[at] = min(wanted[at], left // (len(wanted) - others))
        left -= given[at]
    given[-1] += left
    return given


def widest(texts: Iterable[str]) -> int:
    """The cells of the widest."""
    return max((cell_len(plain(text)) for text in texts), default=0)


def plain(text: str) -> str:
    """The text as it may be shown, without what would make its width uncertain."""
    return showable(text) if text.isascii() else showable(text).translate(_UNSTEADY)
