"""Where a visit is to stand, in words: what Enter will do, whether it is free, what else is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from ...domain.bar.words import Word
from ...domain.errors import Opening, Refusal
from ...domain.text import showable
from ...domain.visits.appointments import AppointmentDetails
from ..booking.said import Said
from ..visits import refusals
from .fields import PlaceFields
from .openings import SHOWN, Openings
from .start_fields import From
from .words import (
    doctor_lines,
    meant_words,
    opening_lines,
    span_words,
    state_words,
    when_words,
    with_name,
)

if TYPE_CHECKING:
    from ...desk import Desk
    from ..booking.draft import BookingDraft
    from .holding import Holding


class PlaceShown(Vertical):
    """The fields, in words what they say and whether it is free, and the openings.

    What is asked of the book, and when, is for ``PlaceAsking``.
    """

    class Refused(refusals.Refused):
        """Something typed cannot be taken, or cannot be looked up."""

    def __init__(
        self,
        desk: Desk,
        draft: BookingDraft,
        visit: AppointmentDetails | None = None,
        holding: Holding | None = None,
    ) -> None:
        super().__init__()
        self._desk = desk
        self._visit = visit
        self._holding = holding
        self._who = ""
        self._openings: tuple[Opening, ...] = ()
        self._wanted: Opening | None = None
        self._sought: From | None = None
        self._is_free = False
        self._refusal: Refusal | None = None
        self._note, self._why_not = "", ""
        self._told = str(draft.refusal or "")
        """Why it was refused, as long as the dialog says so below: it is not said twice."""
        self.fields = PlaceFields(desk, draft, moving=visit is not None)
        self._said = Said(self.fields, desk.zone)

    def compose(self) -> ComposeResult:
        """The fields over the words over the openings."""
        yield self.fields
        yield Static(id="says")
        yield Static(id="state")
        yield Openings(id="openings")

    def says(self, refusal: Refusal) -> bool:
        """Whether it says so already."""
        return self._refusal is not None and str(self._refusal) == str(refusal)

    def on_resize(self, event: events.Resize) -> None:
        """The words are as wide as there is room."""
        if event.size.width:
            self._say()

    def _say_refused(self, refusal: Refusal) -> None:
        self._refusal, self._wanted, self._is_free = refusal, None, False
        self._say()

    def _say(self) -> None:
        says = self.query_one("#says", Static)
        says.update(Content(showable(self._in_words(says.size.width))), layout=False)
        self.query_one("#state", Static).update(self._state(), layout=False)
        if few := self._few_meant:
            self.query_one(Openings).show(doctor_lines(few))
            return
        taken = self._wanted if self._is_free else None
        chosen = self._openings.index(taken) if taken in self._openings else None
        self.query_one(Openings).show(opening_lines(self._openings, self._desk.zone), chosen)

    @property
    def _few_meant(self) -> Sequence[Word]:
        """Doctors to choose from, as many as there are lines: one more would move the dialog."""
        room = self.query_one(Openings).size.height
        return self._said.doctors_meant[: max(SHOWN, room)]

    def _in_words(self, width: int) -> str:
        """Who, when, with whom, what for, where: what Enter will do."""
        zone, wanted, sought, fields = self._desk.zone, self._wanted, self._sought, self.fields
        if wanted is not None:
            when, doctor = span_words(wanted, zone), wanted.doctor
        else:
            when = when_words(sought.at, zone) if sought and sought.exactly else ""
            doctor = fields.doctor_name or ("" if self._said.doctors_meant else "any doctor")
        what = self._visit.visit_type if self._visit else fields.type_name
        rest = ", ".join(part for part in (when, doctor, what, fields.room_name) if part)
        return with_name(self._who, rest, width)

    def _state(self) -> Content:
        if self._said.doctors_meant and self._refusal is None:
            return meant_words(len(self._said.doctors_meant), len(self._few_meant))
        holding = self._holding
        is_told = bool(self._told and self._openings) and self._why_not == self._told
        return state_words(
            self._refusal,
            "not free: a digit takes another time" if is_told else self._why_not,
            self._note,
            free=self._is_free,
            held=holding is not None and holding.is_of(self._wanted),
            offered=bool(self._openings),
        )
