"""What is said of the place of a visit, above its openings: what Enter will do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.cells import cell_len
from textual.content import Content

from ...domain.bar.words import Word
from ...domain.errors import Opening, Refusal
from ...domain.text import showable
from ...domain.times.walltime import local_day, say_day, say_which
from ..widgets.cells import fit

_SHORTEST_NAME = 12


def with_name(who: str, rest: str, width: int) -> str:
    """Who and the rest in that many cells: a name may be cut, the time never."""
    if not who:
        return rest
    room = max(_SHORTEST_NAME, width - cell_len(rest) - 2)
    return f"{who if cell_len(who) <= room else fit(who, room)}, {rest}"


def when_words(at: datetime, zone: str) -> str:
    """Day and time; of two times that look alike it is told which."""
    return f"{say_day(local_day(at, zone))} {say_which(at, zone)}"


def span_words(opening: Opening, zone: str) -> str:
    """From when to when."""
    return f"{when_words(opening.starts_at, zone)}–{say_which(opening.ends_at, zone)}"


def opening_lines(openings: Sequence[Opening], zone: str) -> list[str]:
    """When and with whom, a line each."""
    return [f"{when_words(one.starts_at, zone)}  {one.doctor}" for one in openings]


def doctor_lines(doctors: Sequence[Word]) -> list[str]:
    """Those whom the words may mean, by the name that tells them apart and in full."""
    width = max(cell_len(showable(one.short or one.name)) for one in doctors)
    return [f"{fit(one.short or one.name, width)}  {showable(one.name)}" for one in doctors]


def meant_words(fitting: int, shown: int) -> Content:
    """That one of them has to be chosen; where not all are shown, that there are more."""
    more = f": {fitting} fit, type more of the name" if fitting > shown else "? Choose one"
    return Content.styled(f"With whom{more}", "$warning")


def nothing_free(*, moving: bool) -> str:
    """That the search, which looks sixty days ahead, found no other start; and what may help."""
    what = "Nothing else" if moving else "Nothing"
    return f"{what} is free within 60 days: name another doctor or a later day."


def state_words(
    refusal: Refusal | None, why_not: str, note: str, *, free: bool, held: bool, offered: bool
) -> Content:
    """Whether it can be had; whether this desk keeps it meanwhile."""
    after = f"  {note}" if note else ""
    if refusal is not None:
        return Content.styled(f"✗ {showable(str(refusal))}", "$error")
    if free:
        kept = " · held for you" if held else ""
        return Content.assemble(Content.styled(f"✓ free{kept}", "$success"), after)
    if why_not:
        return Content.assemble(Content.styled(f"✗ {showable(why_not)}", "$warning"), after)
    return Content.styled("Choose an opening", "$foreground 60%") if offered else Content("")
