"""How a plan is worded below its list: the visit under the cursor, and where else it could go."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from textual.content import Content

from ...domain.absence.lines import PlanLine
from ...domain.codes import Prefer, Status
from ...domain.errors import Opening
from ...domain.times.walltime import say_span
from ...domain.visits.status_words import STATUS_WORDS
from ..safe import safe
from ..signs import STATUS_SIGNS
from ..widgets.cells import fit
from ..widgets.lists.plan_list import PlanRow, say_fate, say_opening
from .plan_draft import PlanDraft

_NARROWEST = 20
FIRST = {
    Prefer.SAME_DOCTOR: "the same doctor first",
    Prefer.COLLEAGUE: "a colleague on the same day first",
    Prefer.CALL: "nothing moves by itself",
}
"""In which way it is planned."""


def hint_words(draft: PlanDraft, *, places: bool) -> str:
    """What a does, and a digit where there are places."""
    if not draft.rows:
        return "Nothing is written yet: a does it."
    digit = "A digit moves it there. " if places else ""
    return f"{digit}Nothing is written yet: a does all of it in one go."


def about_words(row: PlanRow | None, zone: str) -> Content:
    """The visit in full, and why nothing was found for it."""
    if row is None:
        return Content("")
    line = row.line
    span = say_span(line.starts_at, line.ends_at, zone)
    what = " · ".join(filter(None, (line.visit_type, span, line.doctor, line.room)))
    name = Content.styled(safe(line.patient).plain, "bold")
    # Of whom is in the room the plan says so itself.
    waits = line.status is Status.ARRIVED
    here = f"{STATUS_SIGNS[line.status]} {STATUS_WORDS[line.status]}" if waits else ""
    fate = " · ".join(filter(None, (here, say_fate(line, zone))))
    return Content.assemble(name, safe(f" — {what}"), "\n", safe(fate))


def places_words(places: Sequence[Opening], line: PlanLine, width: int, zone: str) -> Content:
    """Its own doctor's on the left, colleagues' on the right, each with its digit; the one that
    is decided is marked.
    """
    half = max(_NARROWEST, width // 2 - 1)
    own = [place.doctor_id == line.doctor_id for place in places].count(True)
    lines = [
        _place(number, say_opening(place, zone, line.room), half, is_it=_same(place, line.to))
        for number, place in enumerate(places, start=1)
    ]
    beside = zip_longest(lines[:own], lines[own:], fillvalue=Content(" " * half))
    return Content("\n").join(left + "  " + right for left, right in beside)


def _place(number: int, words: str, width: int, *, is_it: bool) -> Content:
    text = fit(f"{'▸' if is_it else ' '}{number} {words}", width)
    digit = Content.styled(text[:2], "bold $primary")
    return digit + Content.styled(text[2:], "bold" if is_it else "")


def _same(one: Opening, other: Opening | None) -> bool:
    if other is None:
        return False
    mine, theirs = (one.doctor_id, one.starts_at), (other.doctor_id, other.starts_at)
    return mine == theirs and one.room_id == other.room_id
