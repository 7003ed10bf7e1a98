"""Where a visit is to stand: what the fields say is asked of the book."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from textual import on, work

from ...domain.bar.bar import Meaning
from ...domain.bar.words import Word
from ...domain.errors import BadInput, ClinicUnavailable, Opening, Refusal
from ...domain.openings.offers import Asked, Offer, offer_openings
from ...domain.times.walltime import say_time
from ...domain.visits.appointments import AppointmentDetails
from ..reading import read_for
from ..typing_ahead import forget_keys, keys_follow, keys_wait
from ..visits.refusals import outcome_unknown
from .fields import PlaceFields
from .further import Further, soonest_of
from .openings import SHOWN, opening_at, stands_at, with_both
from .shown import PlaceShown
from .start_fields import From
from .words import nothing_free

if TYPE_CHECKING:
    from ...desk import Desk
    from ..booking.draft import BookingDraft
    from .holding import Holding


class PlaceAsking(PlaceShown):
    """Asks whenever a field changes. What keys do with an answer is for ``PlaceForm``."""

    def __init__(
        self,
        desk: Desk,
        draft: BookingDraft,
        visit: AppointmentDetails | None = None,
        holding: Holding | None = None,
    ) -> None:
        super().__init__(desk, draft, visit, holding)
        self._proposes = self._proposed_at_first = draft.starts_at is None and not draft.typed.get(
            "day"
        )
        self._looked_free = None if draft.typed.get("day") else draft.free_minutes
        self._patient_id = draft.patient_id
        self._asks_again = outcome_unknown(draft.refusal)
        self._further: Further | None = None
        self._in_order: tuple[Word, ...] = ()
        self._asking = self._reading_said = False
        self._entered = self._is_confirmed = False
        self._digit: int | None = None
        self._later = 0
        """How often further openings are wanted than those on their way."""
        self.is_loaded = False

    @work(exclusive=True, group="load-place")
    async def load(self) -> None:
        """Read what the fields choose from."""
        try:
            await self.fields.load()
        except Refusal as refusal:
            self._keys_are_void()
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
        self._said.stands(meaning)

    def put_said(self, meaning: Meaning) -> None:
        """Put what the line says of the place into the fields; a newer line overtakes."""
        self._reading_said = True
        self.load_said(meaning)

    @work(exclusive=True, group="load-said")
    async def load_said(self, meaning: Meaning) -> None:
        """Read what has to be known for that, and put it."""
        meaning = self._said.of_own(meaning)
        try:
            if not self.is_loaded:
                await self.fields.load()
                self.is_loaded = True
            if len(meaning.doctors) == 1 and meaning.doctors != self._said.meaning.doctors:
                await self.fields.doctor.meet(meaning.doctors[0].id)
            # All at once, and nothing awaited: a newer line must not find it done by half.
            if self._said.put(meaning):
                self._later = 0
                self._proposes = meaning.minute is None and (
                    meaning.day is not None or self._proposed_at_first
                )
                self.ask()
            elif isinstance(self._refusal, ClinicUnavailable):
                self.ask()  # It answers again: what stood there is not true any more.
        except Refusal as refusal:
            self._say_refused(refusal)
        self._reading_said = False
        if not self._asking:
            self.heard(proposed=True)

    def place(self) -> tuple[int, datetime]:
        """The doctor and the start; ``BadInput`` where one of them is missing."""
        sought, doctor_id = self.fields.start.sought(), self.fields.doctor_id
        if doctor_id is None:
            raise BadInput("Doctor", "Doctor: which one? Choose an opening or type a name.")
        if not sought.exactly:
            raise BadInput("Time", "Time: which one? Choose an opening or type 15:20.")
        return doctor_id, sought.at

    # Asking

    @on(PlaceFields.Changed)
    def changed(self, event: PlaceFields.Changed) -> None:
        """Whatever changes, ask again; a day or a time that is typed is kept to."""
        event.stop()
        self._told, self._later = "", 0
        if event.field in ("day", "time"):
            self._proposes = False
        if event.field == "doctor":
            self._said.doctor_is_named()
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
            self._keys_are_void()
            self._say_refused(refusal)
            return
        self._asking = True
        if self._said.doctors_meant:
            self._ask_which_doctor(asked, self._said.doctors_meant)
        else:
            self.load_offer(asked, sought)

    def _ask_which_doctor(self, asked: Asked, meant: tuple[Word, ...]) -> None:
        self._openings, self._wanted, self._refusal = (), None, None
        self.placed()
        if meant == self._in_order:
            self.workers.cancel_group(self, "load-offer")
            self._which_doctor()
        else:
            self.load_doctors(asked, meant)

    def _which_doctor(self) -> None:
        self._asking, self._in_order = False, self._said.doctors_meant
        self._say()
        self.heard(proposed=True)

    @work(exclusive=True, group="load-offer")
    async def load_doctors(self, asked: Asked, meant: tuple[Word, ...]) -> None:
        """Ask which of them is meant, first whoever has time first: many may have no hours."""
        # Where that is refused the one who is chosen says why.
        with suppress(Refusal):
            self._said.soonest_first(await soonest_of(self, self._desk, asked, meant))
        self._which_doctor()

    @work(exclusive=True, group="load-offer")
    async def load_offer(self, asked: Asked, sought: From) -> None:
        """Show what can be had; newer fields overtake older ones."""
        try:
            now = self._desk.now()
            offer = await read_for(self, self._desk, offer_openings, asked, now)
            if sought.again is not None and asked.exactly:
                other = replace(asked, from_at=sought.again)
                again = await read_for(self, self._desk, offer_openings, other, now)
                offer = with_both(offer, again, opening_at(other, again, self.fields.doctor_name))
        except Refusal as refusal:
            self._asking, self._openings = False, ()
            self._say_refused(refusal)
        else:
            self._asking = False
            self._show(asked, offer, sought.note)
        self.heard(proposed=self._proposes or not sought.exactly)

    def _enter_later(self) -> None:
        """Enter counts when the answer is there; what is typed behind it waits, too."""
        self._entered = True
        keys_wait(self)

    def _keys_are_void(self) -> None:
        """There is no answer for which they could count."""
        self._digit, self._later = None, 0
        if self._entered:
            self._entered = False
            self._keys_behind_enter(are_meant=False)

    def _keys_behind_enter(self, *, are_meant: bool) -> None:
        """They go on; where it confirmed nothing, they are not meant for what is shown instead."""
        if not are_meant:
            forget_keys(self)
        keys_follow(self)

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
        visit, room_id = self._visit, asked.room_id
        self._openings = tuple(one for one in offer.openings if not stands_at(visit, one, room_id))
        if asked.exactly:
            self._wanted = opening_at(asked, offer, self.fields.doctor_name)
            if stands_at(visit, self._wanted, room_id):
                self._why_not = "It stands there now."
            self._is_free = not self._why_not
            if self._is_free:
                self._openings = (self._wanted, *self._openings[: SHOWN - 1])
            elif self._looked_free is not None and offer.minutes > self._looked_free:
                self._begin_near(asked)
        elif not self._openings:
            self._why_not = nothing_free(moving=visit is not None)
        elif self._proposes:
            self.take(self._openings[0], proposed=True)
        self._looked_free = None
        self.placed()
        self._say()

    def _begin_near(self, asked: Asked) -> None:
        """Nobody typed the start, and it will not do: the doctor's next one, and why not there.

        Whatever changes, say a shorter visit, it is sought from there on.
        """
        if self._openings and self._openings[0].doctor_id == asked.doctor_id:
            why_not = self._why_not
            self._proposed_at_first, self.fields.start.search_from = True, asked.from_at
            self.take(self._openings[0], proposed=True)
            self._note = f"Not {say_time(asked.from_at, self._desk.zone)}: {why_not}"

    def take(self, opening: Opening, *, proposed: bool = False) -> None:
        """Write an opening into the fields: it was free a moment ago."""
        self._proposes = proposed
        self._wanted, self._is_free = opening, True
        self._refusal, self._why_not, self._note = None, "", ""
        self.fields.put(opening, proposed=proposed)

    def placed(self) -> None:
        """An answer is there, and about to be shown."""

    def heard(self, *, proposed: bool) -> None:
        """It is shown; ``proposed`` where the time is the program's own idea."""
