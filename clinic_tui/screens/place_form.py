"""Where a visit is to stand: the fields, in words what Enter will do, and the openings beside."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from ..domain.appointments import AppointmentDetails
from ..domain.bar import Meaning
from ..domain.errors import BadInput, CannotBook, ClinicUnavailable, Opening, Refusal
from ..domain.holds import HoldRequest
from ..domain.offers import Asked, Offer, offer_openings
from ..domain.text import showable
from ..domain.walltime import say_moment, say_span
from .further import Further, further_openings
from .holding import Holding
from .place_fields import PlaceFields
from .place_words import opening_lines, state_words, with_name
from .reading import read_for
from .refusals import outcome_unknown
from .said import Said
from .sign_in import LockScreen
from .start_fields import From
from .widgets.numbered import NumberedLines

if TYPE_CHECKING:
    from ..desk import Desk
    from .booking import BookingDraft

_MINUTE = timedelta(minutes=1)
_SHOWN = 3
_RENEWED_EVERY = 60
"""Seconds; a hold stands for three times as long."""
_TOO_LATE = "Somebody was faster."


class Openings(NumberedLines):
    """The openings. Letters act here, digits choose, Enter does what the words above say."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "go_on", "Take it", id="openings.take", tooltip="What the line above says"
        ),
        Binding(
            "n", "screen.later", "Next", id="openings.later", tooltip="Three more, also of others"
        ),
        Binding("g", "screen.to_day", "Date", id="openings.day", tooltip="Type another day"),
    ]


class PlaceForm(Vertical):
    """Asks and answers while one types.

    With an opening taken, or a start typed that is free, Enter on the openings confirms; where
    it is not free, Enter takes the first alternative, and only the next Enter confirms that. After
    a request of which nobody knows whether it was saved, Enter asks again, free or not.

    An opening that was chosen is kept by ``holding``, if there is one, as long as the fields say
    so and this is open.
    """

    class Confirmed(Message):
        """This is the place."""

    class Chosen(Message):
        """An opening was taken, and not only proposed."""

    class Refused(Message):
        """Something typed cannot be taken, or cannot be looked up."""

        def __init__(self, refusal: Refusal) -> None:
            super().__init__()
            self.refusal = refusal

    class Lost(Message):
        """What was chosen is somebody else's; whoever types somewhere goes on typing."""

        def __init__(self, sentence: str) -> None:
            super().__init__()
            self.sentence = sentence

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
        self._proposes = self._proposed_at_first = draft.starts_at is None and not draft.typed.get(
            "day"
        )
        self._patient_id, self._who = draft.patient_id, ""
        self._asks_again = outcome_unknown(draft.refusal)
        self._openings: tuple[Opening, ...] = ()
        self._wanted: Opening | None = None
        self._sought: From | None = None
        self._further: Further | None = None
        self._is_free = False
        self._refusal: Refusal | None = None
        self._note, self._why_not = "", ""
        self._asking = False
        self._entered = False
        self.is_loaded = False
        self.fields = PlaceFields(desk, draft, moving=visit is not None)
        self._said = Said(self.fields, desk.zone)

    def compose(self) -> ComposeResult:
        """The fields over the words over the openings."""
        yield self.fields
        yield Static(id="says")
        yield Static(id="state")
        yield Openings(id="openings")

    def on_mount(self) -> None:
        """Fill the fields and look what is free."""
        if self._holding is not None:
            self._holding.listener = self
            self.set_interval(_RENEWED_EVERY, self.renew)
        self.load()

    @work(exclusive=True, group="load-place")
    async def load(self) -> None:
        """Read what the fields choose from."""
        try:
            await self.fields.load()
        except Refusal as refusal:
            self._entered = False
            self._say_refused(refusal)
        else:
            self.is_loaded = True
            self.ask()

    def is_for(self, patient_id: int | None, who: str) -> None:
        """Say whom it is for: their other visits stand in the way, too."""
        changed = patient_id != self._patient_id
        self._patient_id, self._who = patient_id, who
        if changed and self.is_loaded:
            self.ask()
        else:
            self._say()

    def stands_as_said(self, meaning: Meaning) -> None:
        """The fields are as they were left: what the line said then is in them, or was changed."""
        self._said.meaning = meaning

    @work(exclusive=True, group="load-said")
    async def load_said(self, meaning: Meaning) -> None:
        """Put what the line says of the place into the fields; a newer line overtakes."""
        try:
            if not self.is_loaded:
                await self.fields.load()
                self.is_loaded = True
            if len(meaning.doctors) == 1 and meaning.doctors != self._said.meaning.doctors:
                await self.fields.load_doctor(meaning.doctors[0].id)
            # All at once, and nothing awaited: a newer line must not find it done by half.
            if self._said.put(meaning):
                self._proposes = meaning.minute is None and (
                    meaning.day is not None or self._proposed_at_first
                )
                self.ask()
        except Refusal as refusal:
            self._say_refused(refusal)

    def place(self) -> tuple[int, datetime]:
        """The doctor and the start; ``BadInput`` where one of them is missing."""
        sought, doctor_id = self.fields.start.sought(), self.fields.doctor_id
        if doctor_id is None:
            raise BadInput("Doctor", "Doctor: which one? Choose an opening or type a name.")
        if not sought.exactly:
            raise BadInput("Time", "Time: which one? Choose an opening or type 15:20.")
        return doctor_id, sought.at

    def go_to_openings(self) -> None:
        """Go where letters act, digits choose and Enter confirms."""
        self.query_one(Openings).focus()

    # Asking

    @on(PlaceFields.Changed)
    def changed(self, event: PlaceFields.Changed) -> None:
        """Whatever changes, ask again; a day or a time that is typed is kept to."""
        event.stop()
        if event.field in ("day", "time"):
            self._proposes = False
        self.ask()

    def ask(self) -> None:
        """Look whether what stands in the fields is free."""
        self._is_free, self._sought = False, None
        if not self.is_loaded:
            self.load()
            return
        try:
            sought = self._sought = self.fields.start.sought(proposing=self._proposes)
            asked = self._asked(sought)
        except BadInput as refusal:
            self.workers.cancel_group(self, "load-offer")
            self._asking, self._openings = False, ()
            self._say_refused(refusal)
            return
        self._asking = True
        self.load_offer(asked, sought)

    def later(self) -> None:
        """Further openings than those shown."""
        if self._asking or self._sought is None:
            return
        try:
            asked = self._asked(self._sought)
        except BadInput as refusal:
            self._say_refused(refusal)
        else:
            self._further = self._further or Further(self._sought.at, self._sought.at).past(
                self._openings, asked.doctor_id
            )
            self.load_later(asked, self._further)

    @work(exclusive=True, group="load-offer")
    async def load_offer(self, asked: Asked, sought: From) -> None:
        """Show what can be had; newer fields overtake older ones."""
        try:
            offer = await read_for(self, self._desk, offer_openings, asked, self._desk.now())
        except Refusal as refusal:
            self._asking, self._openings = False, ()
            self._say_refused(refusal)
        else:
            self._asking = False
            self._show(asked, offer, sought.note)
        if self._entered:
            self._entered = False
            self.go_on(proposed=not sought.exactly)

    @work(exclusive=True, group="load-offer")
    async def load_later(self, asked: Asked, further: Further) -> None:
        """Show further openings; what was taken stays taken."""
        try:
            found = await further_openings(self, self._desk, asked, further)
        except Refusal as refusal:
            self.post_message(self.Refused(refusal))
            return
        if found:
            self._openings = found
            self._further = further.past(found, asked.doctor_id)
            self._say()

    def _asked(self, sought: From) -> Asked:
        doctor_id = self.fields.doctor_sought
        visit = self._visit
        return Asked(
            visit_type_id=self.fields.visit_type_id,
            from_at=sought.at,
            exactly=sought.exactly and doctor_id is not None,
            doctor_id=doctor_id,
            patient_id=visit.patient_id if visit else self._patient_id,
            room_id=self.fields.room_id,
            minutes=self.fields.minutes,
            specialty_id=self.fields.specialty_id,
            appointment_id=visit.appointment_id if visit else None,
            desk=self._desk.name if self._holding else None,
        )

    def _show(self, asked: Asked, offer: Offer, note: str) -> None:
        self._refusal, self._note, self._why_not, self._wanted = None, note, offer.why_not, None
        self._further = None
        self._openings = tuple(one for one in offer.openings if not self._stands_at(one, asked))
        if asked.exactly:
            ends_at = asked.from_at + offer.minutes * _MINUTE
            doctor = self.fields.doctor_name
            self._wanted = Opening(asked.doctor_id or 0, doctor, asked.from_at, ends_at)
            if self._stands_at(self._wanted, asked):
                self._why_not = "It stands there now."
            self._is_free = not self._why_not
            if self._is_free:
                self._openings = (self._wanted, *self._openings[: _SHOWN - 1])
        elif self._proposes and self._openings:
            self.take(self._openings[0], proposed=True)
        self._hold_on()
        self._say()

    def _stands_at(self, opening: Opening, asked: Asked) -> bool:
        """Whether the visit that is to move stands exactly there, in that room."""
        visit = self._visit
        return visit is not None and (
            visit.doctor_id,
            visit.starts_at,
            visit.ends_at,
            visit.room_id,
        ) == (opening.doctor_id, opening.starts_at, opening.ends_at, asked.room_id)

    # Answering

    @on(NumberedLines.Taken)
    def taken(self, event: NumberedLines.Taken) -> None:
        """A digit takes an opening."""
        event.stop()
        self._choose(self._openings[event.index])

    @on(NumberedLines.WentOn)
    def went_on(self, event: NumberedLines.WentOn) -> None:
        """Enter does what the words say."""
        event.stop()
        self.go_on()

    @on(PlaceFields.Entered)
    def entered(self, event: PlaceFields.Entered) -> None:
        """Enter in a field goes to the openings; in the last one it does what the words say."""
        event.stop()
        self.go_to_openings()
        if event.field == "note":
            self.go_on()

    def take(self, opening: Opening, *, proposed: bool = False) -> None:
        """Write an opening into the fields: it was free a moment ago."""
        self._proposes = proposed
        self._wanted, self._is_free = opening, True
        self._refusal, self._why_not, self._note = None, "", ""
        self.fields.put(opening, proposed=proposed)

    def go_on(self, *, proposed: bool = False) -> None:
        """Confirm what is free; take the first alternative where it is not.

        Pressed while the answer is still on its way, it counts when that is there, but never for
        a time that was ``proposed`` only then and that nobody has read yet.
        """
        if not self.is_loaded:
            self._entered = True
            self.load()
        elif self._asks_again:
            self.post_message(self.Confirmed())
        elif self._asking:
            self._entered = True
        elif self._is_free or isinstance(self._refusal, ClinicUnavailable):
            if not proposed:
                self.post_message(self.Confirmed())
        elif self._refusal is not None:
            self.post_message(self.Refused(self._refusal))
        elif self._openings:
            self._choose(self._openings[0])

    # Keeping

    def _choose(self, opening: Opening) -> None:
        """Take an opening, and keep it from others while one talks."""
        self.take(opening)
        self.post_message(self.Chosen())
        if self._holding is not None:
            self._holding.keep(self._wish_for(opening))
        self._say()

    def _wish_for(self, opening: Opening) -> HoldRequest:
        """To keep that opening for what the fields say, which could be read when it was found."""
        return HoldRequest(
            doctor_id=opening.doctor_id,
            visit_type_id=self.fields.visit_type_id,
            starts_at=opening.starts_at,
            desk=self._desk.name,
            patient_id=self._patient_id,
            minutes=self.fields.minutes,
            room_id=self.fields.room_id,
        )

    def _hold_on(self) -> None:
        """What is kept changes with the fields; it is let go of where they say another place."""
        holding, wanted = self._holding, self._wanted if self._is_free else None
        kept = holding.wish if holding else None
        if holding is None or kept is None:
            return
        if wanted and (wanted.doctor_id, wanted.starts_at) == (kept.doctor_id, kept.starts_at):
            wish = self._wish_for(wanted)
            if wish != kept:
                holding.keep(wish)
        else:
            holding.let_go()

    def renew(self) -> None:
        """Keep what was chosen for longer, unless this desk is locked: nobody talks there."""
        if self._holding is not None and not isinstance(self.app.screen, LockScreen):
            self._holding.renew()

    @on(Holding.Told)
    def told(self, event: Holding.Told) -> None:
        """Say whether it is kept; where it is not, what else there is."""
        event.stop()
        refusal = event.refusal
        if refusal is None and self._refusal is None:
            self._say()
        elif isinstance(refusal, ClinicUnavailable):
            self._say_refused(refusal)
        else:
            if refusal is not None:
                # Why it cannot be had stands above the openings as soon as that is read.
                lost = "What you held ran out meanwhile." if event.ran_out else _TOO_LATE
                is_taken = isinstance(refusal, CannotBook)
                self.post_message(self.Lost(lost if is_taken else str(refusal)))
            self.ask()

    # Saying

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
        self.query_one("#says", Static).update(Content(showable(self._in_words())), layout=False)
        self.query_one("#state", Static).update(self._state(), layout=False)
        taken = self._wanted if self._is_free else None
        chosen = self._openings.index(taken) if taken in self._openings else None
        self.query_one(Openings).show(opening_lines(self._openings, self._desk.zone), chosen)

    def _in_words(self) -> str:
        """Who, when, with whom, what for, where: what Enter will do."""
        zone, wanted = self._desk.zone, self._wanted
        if wanted is not None:
            when, doctor = say_span(wanted.starts_at, wanted.ends_at, zone), wanted.doctor
        else:
            sought = self._sought
            when = say_moment(sought.at, zone) if sought and sought.exactly else ""
            doctor = self.fields.doctor_name or "any doctor"
        what = self._visit.visit_type if self._visit else self.fields.type_name
        rest = ", ".join(part for part in (when, doctor, what, self.fields.room_name) if part)
        return with_name(self._who, rest, self.query_one("#says").size.width)

    def _state(self) -> Content:
        holding = self._holding
        return state_words(
            self._refusal,
            self._why_not,
            self._note,
            free=self._is_free,
            held=holding is not None and holding.is_of(self._wanted),
            offered=bool(self._openings),
        )
