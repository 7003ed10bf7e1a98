"""How a visit on the board is worded: how it stands, what is marked on it, and in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from textual.content import Content

from ...domain.codes import Status
from ...domain.overview.board import LOOKED_BACK, MOST, Board, BoardVisit, Part
from ...domain.text import full_name
from ...domain.times.walltime import local_day, say_time
from ...domain.visits.status_words import STATUS_WORDS
from ..safe import safe
from ..wording import say_short_day

_MINUTE = timedelta(minutes=1)
_FAINT = "$foreground 60%"
_KEPT_LONG = timedelta(minutes=15)
"""Waiting for so long beyond the time that was agreed is shown in colour."""
_WORDS_SAY_ALL = (Status.PENDING, Status.NOSHOW)

TITLES: dict[Part, str] = {
    Part.ARRIVED: "Arrived",
    Part.IN_ROOM: "In the room",
    Part.EXPECTED: "Expected",
    Part.UNRESOLVED: "Unresolved",
    Part.DONE: "Done",
}
PARTS = tuple(TITLES)
"""By their digit, from 1."""


class Mood(Enum):
    """How much a line asks for attention."""

    PLAIN = "plain"
    NOW = "now"
    LATE = "late"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Told:
    """How a visit stands, in a few words, and how loudly they are said."""

    words: str
    mood: Mood = Mood.PLAIN


def state_words(visit: BoardVisit, board: Board, now: datetime, zone: str) -> Told:
    """What the desk wants to know of it at that time."""
    part = board.part_of(visit, now)
    if board.is_of_an_earlier_day(visit) and part is Part.UNRESOLVED:
        return Told(say_short_day(visit.starts_at, zone), Mood.LATE)
    if visit.status is Status.NOSHOW:
        return Told("did not come", Mood.OVER)
    if part is Part.ARRIVED:
        return _waiting(visit, now)
    if part in (Part.IN_ROOM, Part.DONE):
        came = f"came {say_time(visit.arrived_at, zone)}" if visit.arrived_at else ""
        return Told(came, Mood.OVER if part is Part.DONE else Mood.NOW)
    late = now - visit.starts_at
    if visit.status is Status.PENDING:
        return Told("to confirm", Mood.LATE)
    return Told(f"late {_minutes(late)}", Mood.LATE) if late >= _MINUTE else Told("")


def _waiting(visit: BoardVisit, now: datetime) -> Told:
    if visit.arrived_at is None:
        return Told("waits", Mood.NOW)
    if now - visit.arrived_at < _MINUTE:
        return Told("just came", Mood.NOW)
    kept = now - max(visit.arrived_at, visit.starts_at)
    mood = Mood.LATE if kept >= _KEPT_LONG else Mood.NOW
    return Told(f"waits {_minutes(now - visit.arrived_at)}", mood)


def marks_words(visit: BoardVisit, *, short: bool) -> str:
    """A first visit, and that the patient said they will come."""
    first, will_come = ("1st", "yes") if short else ("first visit", "will come")
    marks = [first] if visit.first_visit else []
    if visit.confirmed:
        marks.append(will_come)
    return (" " if short else " · ").join(marks)


def heading(part: Part, count: int, board: Board) -> tuple[str, str]:
    """The title of a part, and what its keys do where that is not plain."""
    hint = str(count)
    if part is Part.UNRESOLVED:
        back = f"the newest {MOST}" if board.more else f"today and {LOOKED_BACK} days back"
        hint += f" · did they come?  c yes  N no  ({back})"
    return TITLES[part], hint


def counts_line(counted: dict[Part, int], marked: int) -> Content:
    """Each part with its digit and how many are in it."""
    parts: list[Content] = []
    for digit, part in enumerate(PARTS, start=1):
        count = counted[part]
        style = "$warning" if part is Part.UNRESOLVED and count else "" if count else _FAINT
        parts.append(Content.styled(f" {digit} ", "bold $primary"))
        title = "In room" if part is Part.IN_ROOM else TITLES[part]
        parts.append(Content.styled(f"{title} {count} ", style))
    if marked:
        parts.append(Content.styled(f" {marked} marked", "bold $accent"))
    return Content.assemble(*parts)


def about_words(visit: BoardVisit, board: Board, now: datetime, zone: str) -> Content:
    """The visit in a sentence, with every name in full."""
    said_already = board.is_of_an_earlier_day(visit) or visit.status in _WORDS_SAY_ALL
    facts = (
        "" if visit.status is Status.BOOKED else STATUS_WORDS[visit.status],
        "" if said_already else state_words(visit, board, now, zone).words,
        marks_words(visit, short=False),
        "overbooked" if visit.overbooked else "",
        f"{visit.visit_type} with {visit.doctor}",
        _when(visit, board, zone),
        visit.room,
    )
    name = safe(full_name(visit.given_name, visit.family_name)).stylize("bold")
    alert = Content.styled(f" ! {safe(visit.alert).plain}" if visit.alert else "", "bold $warning")
    more = safe(f" — {' · '.join(filter(None, facts))}")
    return Content.assemble(name, alert, more)


def _when(visit: BoardVisit, board: Board, zone: str) -> str:
    """From when to when, with the date unless it is today's: within 31 days, so without year."""
    when = f"{say_time(visit.starts_at, zone)}–{say_time(visit.ends_at, zone)}"
    if local_day(visit.starts_at, zone) == board.day:
        return when
    return f"{say_short_day(visit.starts_at, zone)} {when}"


def _minutes(span: timedelta) -> str:
    hours, minutes = divmod(span // _MINUTE, 60)
    return f"{hours} h {minutes:02}" if hours else f"{minutes} min"
