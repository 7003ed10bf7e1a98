"""Who it is for: found while one types, or somebody new; and what to know of them first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual import on, work
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from ...domain.access import Permission, Reach, reach
from ...domain.errors import BadInput, Refusal
from ...domain.patients.details import PatientDetails
from ...domain.patients.history import PatientRecord, patient_record
from ...domain.text import showable
from ..booking.new_patient import NewPatient
from ..reading import read_for
from ..typing_ahead import keys_follow, keys_wait
from .finder import PatientFinder
from .summary import alert_words, summary

if TYPE_CHECKING:
    from ...desk import Desk

_NEW = "New patient: Enter goes on, Esc goes back to the search"
_MAYBE_KNOWN = "On record already? A digit takes that one, Enter registers a new one"


class PatientPicker(PatientFinder):
    """Search, the patient chosen, or the fields of a new one: one of the three at a time."""

    class Settled(Message):
        """It is clear who it is for."""

    class Known(Message):
        """The name of the patient whose number was given is known."""

    class Unsettled(Message):
        """It is not clear any more."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.patient_id: int | None = None
        self.is_settled = False
        self.awaited_id: int | None = None
        """Known by number only, and the clinic has not answered who that is."""
        self._chosen_name = ""
        self._registered_from = ""

    def compose_instead(self) -> Iterator[Widget]:
        """What to know of the patient chosen, or the fields of a new one."""
        yield Static(id="summary")
        yield NewPatient(self._desk)

    def on_mount(self) -> None:
        """Search."""
        self._show_part("found")

    @property
    def new(self) -> NewPatient:
        """The fields of a new patient."""
        return self.query_one(NewPatient)

    @property
    def is_registering(self) -> bool:
        """Whether it is for somebody new."""
        return self.new.display

    @property
    def who(self) -> str:
        """The name, once it is clear."""
        return self.new.who if self.is_registering else self._chosen_name

    def new_details(self) -> PatientDetails | None:
        """What was typed of somebody new; ``BadInput`` for what cannot be taken."""
        return self.new.details() if self.is_registering else None

    def take(self) -> None:
        """Go on with whoever is chosen; else take whoever is pointed at."""
        if self.is_settled and not self._finding:
            self.post_message(self.Settled())
        elif self.awaited_id is not None and not self._finding:
            self._taken = True
            keys_wait(self)
            self.load_known(self.awaited_id)
        elif self.is_registering and not (self._finding or self.sought):
            self.new.begin()  # As it was left: the line has not been read since.
        else:
            super().take()

    # Somebody on record

    def choose(self, patient_id: int, name: str, alert: str) -> None:
        """It is for that patient: show at once what to know, and the rest as soon as it is read."""
        self.query_one("#summary", Static).update(alert_words(alert), layout=False)
        self._settle(patient_id, name)
        self.load_record(patient_id)
        self.post_message(self.Settled())

    def resume(self, patient_id: int, name: str) -> None:
        """It is for that patient still, whether or not the clinic answers now."""
        self._settle(patient_id, name)
        self.post_message(self.Known())
        self.load_record(patient_id)

    @work(exclusive=True, group="load-record")
    async def load_record(self, patient_id: int) -> None:
        """Show alert, missed visits, next and last visits."""
        try:
            record = await read_for(self, self._desk, patient_record, patient_id, self._desk.now())
        except Refusal as refusal:
            self.post_message(self.Refused(refusal))
        else:
            self.show_record(record)

    @work(exclusive=True, group="load-record")
    async def load_known(self, patient_id: int) -> None:
        """It is for that patient, who is known by number only."""
        self._finding = True
        try:
            record = await read_for(self, self._desk, patient_record, patient_id, self._desk.now())
        except Refusal as refusal:
            self.awaited_id = patient_id
            self._finding = self._taken = False
            self.post_message(self.Refused(refusal))
            keys_follow(self)
            return
        self._finding = False
        self._settle(patient_id, record.name)
        self.show_record(record)
        self.post_message(self.Known())
        if self._taken:
            self._taken = False
            self.take()
            keys_follow(self)

    def show_record(self, record: PatientRecord) -> None:
        """Show what to know of them before a time is chosen."""
        words = summary(record, self._desk)
        self.query_one("#summary", Static).update(words, layout=False)

    # Somebody new

    def register(self) -> None:
        """It is for somebody new: make a start from what was typed, once."""
        if reach(self._desk.actor, Permission.REGISTER_PATIENT) is Reach.NONE:
            self.post_message(self.Refused(BadInput("Patient", "Patient: nobody fits that.")))
            return
        self.unsettle()
        if self._registered_from != self.sought:
            self._registered_from = self.sought
            self.new.prefill(self.sought)
        self.resume_registering()
        self.new.begin()

    def resume_registering(self) -> None:
        """Show the fields of somebody new as they are."""
        self._show_part("new")
        self._hint(_NEW)

    def back_to_search(self) -> None:
        """Search again; what was typed of somebody new stays for when it is them after all."""
        self.unsettle()
        self._show_part("found")
        self.line.focus()
        self.search_again()

    @on(NewPatient.Done)
    def registered(self, event: NewPatient.Done) -> None:
        """It is for somebody new, who is complete."""
        event.stop()
        self.is_settled = True
        self.post_message(self.Settled())

    @on(NewPatient.Doubles)
    def may_be_known(self, event: NewPatient.Doubles) -> None:
        """Say what the numbers under the fields are."""
        event.stop()
        self._hint(_MAYBE_KNOWN if event.found else _NEW)

    @on(NewPatient.Known)
    def known(self, event: NewPatient.Known) -> None:
        """It is somebody on record after all."""
        event.stop()
        self._choose(event.patient)

    @on(NewPatient.Refused)
    def refused(self, event: NewPatient.Refused) -> None:
        """Hand it on."""
        event.stop()
        self.post_message(self.Refused(event.refusal))

    # Showing

    def _settle(self, patient_id: int, name: str) -> None:
        self.patient_id, self._chosen_name, self.is_settled = patient_id, name, True
        self.awaited_id = None
        # A name gives way to the next one typed; what somebody typed is gone on with.
        self.line.select_on_focus = True
        self.line.chooses = False
        shown = showable(name)
        if self.line.value != shown:
            with self.prevent(Input.Changed):
                self.line.value = shown
        self._show_part("summary")
        self._hint("")

    def unsettle(self) -> None:
        """Nobody is chosen any more; what was read of them is not shown."""
        self.workers.cancel_group(self, "load-record")
        if self.is_settled:
            self.post_message(self.Unsettled())
        self.patient_id, self.is_settled = None, False
        self.awaited_id = None
        if self.query_one("#summary").display:
            self._show_part("found")

    def _show_part(self, part: str) -> None:
        for name, widget in (
            ("found", self.query_one("#found")),
            ("summary", self.query_one("#summary")),
            ("new", self.new),
        ):
            widget.display = name == part
