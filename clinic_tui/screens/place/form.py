"""Where a visit is to stand: what keys make of an answer, and what is kept while one talks."""

from __future__ import annotations

from textual import on, work
from textual.message import Message

from ...domain.bar.words import Word
from ...domain.errors import BadInput, CannotBook, ClinicUnavailable, Opening, Refusal
from ...domain.openings.offers import Asked
from ...domain.visits.holds import HoldRequest
from ..reading import is_closing
from ..sign_in import LockScreen
from ..widgets.lists.numbered import NumberedLines
from .asking import PlaceAsking
from .fields import PlaceFields
from .further import Further, further_openings
from .holding import Holding
from .openings import Openings

_RENEWED_EVERY = 60
"""Seconds; a hold stands for three times as long."""
_TOO_LATE = "Somebody was faster."


class PlaceForm(PlaceAsking):
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

    class Lost(Message):
        """What was chosen is somebody else's; whoever types somewhere goes on typing."""

        def __init__(self, sentence: str) -> None:
            super().__init__()
            self.sentence = sentence

    def on_mount(self) -> None:
        """Fill the fields and look what is free."""
        if self._holding is not None:
            self._holding.listener = self
            self.set_interval(_RENEWED_EVERY, self.renew)
        self.load()

    def go_to_openings(self) -> None:
        """Go where letters act, digits choose and Enter confirms."""
        self.query_one(Openings).focus()

    # Answering

    @on(NumberedLines.Taken)
    def taken(self, event: NumberedLines.Taken) -> None:
        """A digit takes an opening, if there are as many still; or says which doctor is meant.

        Of what is shown: while the answer to what was typed is on its way, the digit waits for it.
        """
        event.stop()
        self.take_numbered(event.index)

    def take_numbered(self, index: int) -> None:
        """The same for a digit that was typed elsewhere."""
        if self._is_ahead or not self.is_loaded:
            self._digit = index
        elif few := self._few_meant[index : index + 1]:
            self.load_meant(few[0])
        elif index < len(self._openings):
            self._choose(self._openings[index])

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

    @work(exclusive=True, group="load-said")
    async def load_meant(self, doctor: Word) -> None:
        """It is that one of those whom the line may mean."""
        try:
            picked = await self.fields.doctor.meet(doctor.id)
        except Refusal as refusal:
            self.post_message(self.Refused(refusal))
            return
        self._said.doctor_is_named()
        self.fields.put_pick("doctor", picked)
        self.ask()

    def go_on(self, *, proposed: bool = False) -> None:
        """Confirm what is free; take the first alternative where it is not.

        Pressed while the answer is still on its way, it counts when that is there, but never for
        a time that was ``proposed`` only then and that nobody has read yet.
        """
        if not self.is_loaded:
            self._enter_later()
            self.load()
        elif self._asks_again:
            self._confirm()
        elif self._said.doctors_meant:
            self.post_message(self.Refused(BadInput("Doctor", "Doctor: which one? A digit says.")))
        elif self._is_ahead:
            self._enter_later()
        elif self._is_free or isinstance(self._refusal, ClinicUnavailable):
            if not proposed:
                self._confirm()
        elif self._refusal is not None:
            self.post_message(self.Refused(self._refusal))
        elif self._openings:
            self._choose(self._openings[0])

    def _confirm(self) -> None:
        self._is_confirmed = True
        self.post_message(self.Confirmed())

    @property
    def _is_ahead(self) -> bool:
        """Whether what is shown is not yet the answer to what was typed."""
        return self._asking or self._reading_said

    def heard(self, *, proposed: bool) -> None:
        """A digit or Enter was pressed before it was there: nobody has read what a digit took."""
        if self._is_ahead:
            return
        if self._later:
            self._later -= 1
            self.later()
            if self._asking:
                return
        digit, self._digit = self._digit, None
        if digit is not None and digit < len(self._openings):
            self._choose(self._openings[digit])
            proposed = True
        if self._entered:
            self._entered = self._is_confirmed = False
            self.go_on(proposed=proposed)
            if not self._entered:
                self._keys_behind_enter(are_meant=self._is_confirmed)

    def later(self) -> None:
        """Further openings than those shown."""
        if self._is_ahead or not self.is_loaded:
            self._later += 1
            return
        if self._sought is None or self._said.doctors_meant:
            return
        try:
            asked = self._asked(self._sought)
        except BadInput as refusal:
            self._say_refused(refusal)
        else:
            self._further = self._further or Further(self._sought.at, self._sought.at).past(
                self._openings, asked.doctor_id
            )
            self._asking = True
            self.load_later(asked, self._further)

    @work(exclusive=True, group="load-offer")
    async def load_later(self, asked: Asked, further: Further) -> None:
        """Show further openings; what was taken stays taken."""
        try:
            found = await further_openings(self, self._desk, asked, further)
        except Refusal as refusal:
            self.post_message(self.Refused(refusal))
            found = ()
        self._asking = False
        if found:
            self._openings = found
            self._further = further.past(found, asked.doctor_id)
            self._say()
        self.heard(proposed=False)

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

    def placed(self) -> None:
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
        if is_closing(self):
            return
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
