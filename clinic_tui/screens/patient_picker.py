"""Who it is for: found while one types, or somebody new; and what to know of them first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Label, Static

from ..domain.access import Permission, Reach, reach
from ..domain.bar import Meaning, Understood
from ..domain.bar_words import Names
from ..domain.errors import BadInput, Refusal
from ..domain.patient_details import PatientDetails
from ..domain.patient_history import PatientRecord, patient_record
from ..domain.patient_search import FoundPatient, find_patients
from ..domain.text import showable
from .line_reading import read_names, ways_to_read
from .new_patient import NewPatient
from .patient_summary import alert_words, summary
from .reading import read_for
from .widgets.patient_list import PatientList
from .widgets.who_line import WhoLine

if TYPE_CHECKING:
    from ..desk import Desk

_MOST = 20
_POINTING = ("up", "down", "page_up", "page_down")
_NEW = "New patient: Enter goes on, Esc goes back to the search"
_NOT_LOOKED_FOR = "Nobody could be looked for: Enter tries again"
_MAYBE_KNOWN = "On record already? A digit takes that one, Enter registers a new one"


class PatientPicker(Vertical):
    """Search, the patient chosen, or the fields of a new one: one of the three at a time."""

    class Settled(Message):
        """It is clear who it is for."""

    class Known(Message):
        """The name of the patient whose number was given is known."""

    class Unsettled(Message):
        """It is not clear any more."""

    class Read(Message):
        """What the line says beside the patient."""

        def __init__(self, meaning: Meaning) -> None:
            super().__init__()
            self.meaning = meaning

    class Refused(Message):
        """Something typed cannot be taken, or nobody could be looked for."""

        def __init__(self, refusal: Refusal) -> None:
            super().__init__()
            self.refusal = refusal

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._finding = False
        self._taken = self._pointed = False
        self._unanswered = False
        self.patient_id: int | None = None
        self.is_settled = False
        self._chosen_name = ""
        self._registered_from = ""
        self._found_by = ""
        """What those in the list were found by: whatever is said beside it finds them again."""
        self._names: Names | None = None
        self._read = Understood((), Meaning())

    def compose(self) -> ComposeResult:
        """A line to type in, what it found below it, and a hint."""
        with Horizontal(classes="row"):
            yield Label("Patient")
            yield WhoLine(id="patient", placeholder="garcia, or all of it: garcia tue 3pm lee 20m")
        with Vertical(id="who"):
            found = PatientList(id="found")
            found.can_focus = False
            yield found
            yield Static(id="summary")
            yield NewPatient(self._desk)
        yield Static(id="who-hint", classes="hint")

    def on_mount(self) -> None:
        """Search."""
        self._show_part("found")

    @property
    def line(self) -> WhoLine:
        """The line to type in."""
        return self.query_one(WhoLine)

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

    # Finding

    @on(Input.Changed, "#patient")
    def search(self, event: Input.Changed) -> None:
        """Every letter searches anew, whoever was chosen before."""
        self._unsettle()
        self.line.select_on_focus = False
        self._taken = self._pointed = self.line.chooses = False
        self._finding = True
        self.load_patients(event.value)

    @work(exclusive=True, group="load-patients")
    async def load_patients(self, text: str) -> None:
        """Show whom the line may mean; a newer line overtakes an older one."""
        found: tuple[FoundPatient, ...] = ()
        self._unanswered = False
        try:
            found = await self._find(text)
        except Refusal as refusal:
            self._unanswered = True
            self.post_message(self.Refused(refusal))
        self._finding = False
        self.line.show_read(self._read)
        self.post_message(self.Read(self._read.meaning))
        self._found_by = self.sought if found else ""
        self.query_one(PatientList).show(found, region=self._desk.settings.region)
        self._hint(self._say_unread() or self._say_found(self.sought, len(found)))
        if self._taken:
            self._taken = False
            if not self._unanswered:
                self.take()

    async def _find(self, text: str) -> tuple[FoundPatient, ...]:
        """Read the line in the way in which it finds somebody."""
        if self._names is None:
            self._names = await read_names(self, self._desk)
        found: tuple[FoundPatient, ...] = ()
        for read in ways_to_read(self._desk, self._names, text):
            self._read = read
            if self.sought and self.sought == self._found_by:
                found = self.query_one(PatientList).lines
            elif self.sought:
                now = self._desk.now()
                found = await read_for(self, self._desk, find_patients, self.sought, now, _MOST)
            if found:
                break
        return found

    @property
    def sought(self) -> str:
        """What of the line is the patient's."""
        return self._read.meaning.patient

    @on(WhoLine.Pressed)
    def pressed(self, event: WhoLine.Pressed) -> None:
        """Move in the list, or take what it points at."""
        event.stop()
        found = self.query_one(PatientList)
        self._pointed = self._pointed or event.key in _POINTING
        match event.key:
            case "up":
                found.action_up()
            case "down":
                found.action_down()
            case "page_up":
                found.action_page(-1)
            case "page_down":
                found.action_page(1)
            case "take":
                self.take()
            case digit if int(digit) <= len(found.lines):
                self._choose(found.lines[int(digit) - 1])

    def take(self) -> None:
        """Take the patient pointed at, once what was typed last has been looked for.

        Where several fit, it is asked which: none is taken that nobody pointed at. Where nobody
        fits, it is somebody new; where nobody could be looked for, it is not.
        """
        patient = self.query_one(PatientList).highlighted
        if self._finding:
            self._taken = True
        elif self.is_settled:
            self.post_message(self.Settled())
        elif self._unanswered:
            self._taken = True
            self.search_again()
        elif not self.sought:
            self.post_message(self.Refused(BadInput("Patient", "Patient: type who it is for.")))
        elif patient is None:
            self.register()
        elif self._pointed or len(self.query_one(PatientList).lines) == 1:
            self._choose(patient)
        else:
            self._ask_which()

    def _ask_which(self) -> None:
        self.line.chooses = True
        self.query_one(PatientList).number()
        self._hint("Which one? A digit takes one, or ↑↓ and Enter; type on to narrow")

    def _choose(self, patient: FoundPatient) -> None:
        self.choose(patient.patient_id, patient.name, patient.alert)

    @on(PatientList.Chosen)
    def clicked(self, event: PatientList.Chosen) -> None:
        """A click takes a patient too."""
        event.stop()
        self._choose(event.patient)

    # Somebody on record

    def choose(self, patient_id: int, name: str, alert: str) -> None:
        """It is for that patient: show at once what to know, and the rest as soon as it is read."""
        self.query_one("#summary", Static).update(alert_words(alert), layout=False)
        self._settle(patient_id, name)
        self.load_record(patient_id)
        self.post_message(self.Settled())

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
        try:
            record = await read_for(self, self._desk, patient_record, patient_id, self._desk.now())
        except Refusal as refusal:
            self.post_message(self.Refused(refusal))
            return
        self._settle(patient_id, record.name)
        self.show_record(record)
        self.post_message(self.Known())

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
        self._unsettle()
        if self._registered_from != self.sought:
            self._registered_from = self.sought
            self.new.prefill(self.sought)
        self.resume_registering()
        self.new.begin()

    def resume_registering(self) -> None:
        """Show the fields of somebody new as they are."""
        self._show_part("new")
        self._hint(_NEW)

    def search_again(self) -> None:
        """Look for what stands in the line."""
        self._finding = True
        self._found_by = ""
        self.load_patients(self.line.value)

    def back_to_search(self) -> None:
        """Search again; what was typed of somebody new stays for when it is them after all."""
        self._unsettle()
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
        # A name gives way to the next one typed; what somebody typed is gone on with.
        self.line.select_on_focus = True
        self.line.chooses = False
        shown = showable(name)
        if self.line.value != shown:
            with self.prevent(Input.Changed):
                self.line.value = shown
        self._show_part("summary")
        self._hint("")

    def _unsettle(self) -> None:
        self.workers.cancel_group(self, "load-record")
        if self.is_settled:
            self.post_message(self.Unsettled())
        self.patient_id, self.is_settled = None, False
        if self.query_one("#summary").display:
            self._show_part("found")

    def _show_part(self, part: str) -> None:
        for name, widget in (
            ("found", self.query_one("#found")),
            ("summary", self.query_one("#summary")),
            ("new", self.new),
        ):
            widget.display = name == part

    def _hint(self, sentence: str) -> None:
        self.query_one("#who-hint", Static).update(Content(sentence), layout=False)

    def _say_unread(self) -> str:
        unread, doctors = self._read.unread, self._read.meaning.doctors
        if unread:
            return f"“{showable(unread[0].text)}” cannot be read there; the rest can."
        if len(doctors) > 1:
            return f"With whom? {showable(', '.join(one.name for one in doctors))}"
        return ""

    def _say_found(self, text: str, many: int) -> str:
        may_register = reach(self._desk.actor, Permission.REGISTER_PATIENT) is not Reach.NONE
        if self._unanswered:
            return _NOT_LOOKED_FOR
        if not text.strip():
            return ""
        if not many:
            return "Nobody fits: Enter registers them." if may_register else "Nobody fits."
        shown = "Enter takes them"
        if many > 1:
            shown = f"{many} fit: Enter, then a digit"
        if many == _MOST:
            shown = f"The first {many}: type on to narrow"
        return f"{shown} · Ctrl+N registers somebody new" if may_register else shown
