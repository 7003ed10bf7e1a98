"""Two or three visits of one patient on one day, typed: what, with whom, where, how far apart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.types import CSSPathType
from textual.widget import Widget

from ...domain.access import Permission, Reach, reach
from ...domain.clinic.rooms import ListedRoom
from ...domain.errors import BadInput, Refusal
from ...domain.text import clean_text, showable
from ...domain.times.walltime import local_day, say_day
from ...domain.visits.together_search import TogetherSearch, VisitWanted
from ..booking.draft import BookingDraft
from ..form import Form, Typed
from ..place.typed_places import day_words, kinds_of, the_day, the_room, type_for
from ..styles import style_sheet
from ..waitlist.whom import Known, Whom
from .beginning import Beginning

if TYPE_CHECKING:
    from ...desk import Desk

MOST_WAYS = 20
"""Ways that one search may find."""
_NUMBERS = (1, 2, 3)
_NO_VISIT = ("", "–")
_ORDERS = (("", "as they stand here"), ("any", "whatever fits first"))
_GAP = re.compile(r"(?:(\d{1,3}) ?(?:-|–|to) ?)?(\d{1,3}) ?(?:m|min|minutes)?")


@dataclass(frozen=True, slots=True)
class TogetherStart:
    """What the form begins with: for whom, what stands in it, and what its words may name."""

    patient_id: int
    typed: Typed
    whom: Whom
    known: Known
    rooms: Sequence[ListedRoom]


def _each(words: Mapping[str, str], name: str = "{key}{number}") -> dict[str, str]:
    """The same for each of the visits."""
    return {
        name.format(key=key, number=number): text.format(number=number)
        for number in _NUMBERS
        for key, text in words.items()
    }


class TogetherForm(Form):
    """Asks which visits, and within which days; the ways in which they fit are looked at next."""

    CSS_PATH: ClassVar[CSSPathType | None] = [style_sheet("form"), style_sheet("series")]
    TITLE_IN_HELP = "several visits on one day"
    PROPOSES = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s", "save", "Look", id="together-form.look", priority=True,
            tooltip="See on which days all of them fit",
        ),
    ]  # fmt: skip
    LABELS: ClassVar[Mapping[str, str]] = _each(
        {"type": "Visit {number}", "whom": "with", "room": "room"}
    ) | {"first": "From", "last": "Until", "gap": "Gap", "order": "Order", "note": "Note"}
    FIELDS: ClassVar[Mapping[str, str]] = _each(
        {"Visit": "type{number}", "Doctor": "whom{number}", "Room": "room{number}"},
        "{key} {number}",
    ) | {"From": "first", "Until": "last", "Gap": "gap", "Visits": "type2", "Note": "note"}
    HINTS: ClassVar[Mapping[str, str]] = _each(
        {
            "type": "← → or a first letter: which visit. A third one is none, unless it is named.",
            "whom": "lee; lee, okafor: one of them. derm: a specialty. Empty: anybody.",
            "room": "A room, if it matters which.",
        }
    ) | {
        "first": "From this day on: tue, 24nov, +2w.",
        "last": "Until this day; empty: sixty days on.",
        "gap": "Empty: back to back. 30: at most 30 minutes apart; 10-30: 10 to 30.",
        "order": "← →: one after the other as they stand here, or however they fit.",
        "note": "Why they come, in a few words.",
    }

    def __init__(
        self,
        desk: Desk,
        title: str,
        start: TogetherStart,
        *,
        draft: Typed | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        super().__init__(desk, title, start.typed, draft=draft, refusal=refusal)
        self._start = start

    def compose_fields(self) -> ComposeResult:
        """A line for each visit, over when and how they follow each other."""
        kinds = kinds_of(self._start.known)
        for number in _NUMBERS:
            options = kinds if number < 3 else (_NO_VISIT, *kinds)
            yield _beside(
                self.field(self.choice(f"type{number}", options)),
                self.field(self.text(f"whom{number}")),
                self.field(self.text(f"room{number}")),
            )
        yield _beside(
            self.field(self.text("first"), gap=True), self.field(self.text("last"), gap=True)
        )
        yield _beside(self.field(self.text("gap")), self.field(self.choice("order", _ORDERS)))
        yield self.field(self.text("note"))

    def check(self, typed: Typed) -> None:
        """Everything must be readable."""
        search_from(self.desk, typed, self._start)
        clean_text(typed["note"], "Note")

    def hint(self, key: str, value: str) -> str:
        """What was understood of a day or a gap."""
        if value.strip() and key in ("first", "last", "gap"):
            try:
                if key == "gap":
                    least, most = _gap(value)
                    return f"Between two of them {least} to {most} minutes."
                return say_day(the_day(self.desk, value, self.LABELS[key]))
            except BadInput as refusal:
                return str(refusal)
        return super().hint(key, value)


def start_for_together(desk: Desk, draft: BookingDraft, begun: Beginning) -> TogetherStart:
    """What is known already: of the cell, and of what the line said."""
    meaning, known, actor = begun.meaning, begun.known, desk.actor
    own = actor.doctor_id if reach(actor, Permission.BOOK) is Reach.OWN else None
    said = meaning.doctors[0].id if len(meaning.doctors) == 1 else None
    # Which of several is meant is for the form to ask.
    doctor_id = own or said or (None if meaning.doctors else draft.doctor_id)
    asked = meaning.visit_type.id if meaning.visit_type else draft.visit_type_id
    day = meaning.day
    if day is None and draft.starts_at is not None:
        day = local_day(draft.starts_at, desk.zone)
    name = showable(known.doctor(doctor_id)) if doctor_id else ""
    typed = dict.fromkeys(TogetherForm.LABELS, "") | {
        "type1": type_for(known, asked, doctor_id),
        "whom1": name,
        "type2": type_for(known, None, own),
        "first": day_words(day),
    }
    whom = Whom((doctor_id,)) if doctor_id else Whom()
    return TogetherStart(begun.patient_id, typed, whom, known, begun.rooms)


def search_from(desk: Desk, typed: Typed, start: TogetherStart) -> TogetherSearch:
    """What is sought, as typed; ``BadInput`` naming the field that cannot be read."""
    least, most = _gap(typed["gap"])
    today = local_day(desk.now(), desk.zone)
    last: date | None = None
    if typed["last"].strip():
        last = the_day(desk, typed["last"], "Until")
    first = the_day(desk, typed["first"], "From") if typed["first"].strip() else today
    if first < today:
        raise BadInput("From", f"From: {say_day(first)} has gone by.")
    if last is not None and last < first:
        raise BadInput("Until", f"Until: {say_day(last)} lies before the first day.")
    return TogetherSearch(
        patient_id=start.patient_id,
        parts=tuple(_part(typed, number, start) for number in _NUMBERS if typed[f"type{number}"]),
        first_day=first,
        last_day=last,
        least_gap=least,
        most_gap=most,
        any_order=bool(typed["order"]),
        limit=MOST_WAYS,
    )


def _part(typed: Typed, number: int, start: TogetherStart) -> VisitWanted:
    text = typed[f"whom{number}"]
    # Two doctors may be called alike: what was not touched means the same.
    same = number == 1 and text == start.typed["whom1"]
    try:
        whom = start.whom if same else start.known.whom(text)
    except BadInput as refusal:
        raise BadInput(f"Doctor {number}", str(refusal)) from refusal
    room_id = the_room(start.rooms, typed[f"room{number}"], f"Room {number}")
    type_id = int(typed[f"type{number}"])
    return VisitWanted(type_id, whom.doctor_ids, whom.specialty_id, room_id=room_id)


def _gap(text: str) -> tuple[int, int]:
    """At least and at most so many minutes; 0 and 0 is back to back."""
    if not text.strip():
        return 0, 0
    match = _GAP.fullmatch(text.strip().lower())
    if match is None:
        raise BadInput("Gap", f"Gap: “{text.strip()}” is none; write 30, or 10-30.")
    least, most = int(match[1] or 0), int(match[2])
    if most < least:
        raise BadInput("Gap", f"Gap: from {least} to {most} is backwards; write {most}-{least}.")
    return least, most


def _beside(first: Widget, *more: Widget) -> Horizontal:
    return Horizontal(
        Vertical(first, classes="left"),
        *(Vertical(field, classes="more left") for field in more[:-1]),
        Vertical(more[-1], classes="more"),
        classes="columns",
    )
