"""Patients: found as one types, their record beside the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.events import DescendantFocus
from textual.widgets import Input, Label

from ..domain.access import Permission, Reach, reach
from ..domain.appointments import BookedAppointment
from ..domain.errors import NotFound
from ..domain.patient_history import PatientRecord, patient_record
from ..domain.patient_search import FoundPatient, find_patients
from ..domain.walltime import local_day
from .base import ClinicScreen
from .booking import BookingDraft
from .messages import OpenDay
from .patient_card import PatientCard
from .reading import read_for
from .registering import edit_patient, register_new
from .safe import safe
from .typing_ahead import story
from .visits import book_visit, show_visit
from .widgets.find_line import FindLine
from .widgets.patient_list import PatientList
from .widgets.steady import Steady

if TYPE_CHECKING:
    from ..desk import Desk
    from .form import Typed

_MOST = 50
_FAINT = "$foreground 60%"


class PatientsScreen(ClinicScreen):
    """Find a patient and see what is known of them.

    Two places to be: the search line, where everything typed searches, and the record, where
    letters act. The list follows the arrows in the search line and is never in focus itself.
    """

    CSS_PATH = "patients.tcss"
    TITLE_IN_HELP: ClassVar[str] = "Patients"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - as Textual has it
    NEEDS: ClassVar[dict[str, Permission]] = {
        "edit": Permission.EDIT_CONTACT,
        "register": Permission.REGISTER_PATIENT,
        "merge": Permission.REGISTER_PATIENT,
        "book": Permission.BOOK,
        "wait": Permission.WAIT,
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "find", "Find", id="patients.find", tooltip="Search for somebody else"),
        Binding("b", "book", "Book", id="patients.book", tooltip="Book a visit for this patient"),
        Binding("e", "edit", "Edit", id="patients.edit", tooltip="Change what is on record"),
        Binding("w", "wait", "Waitlist", id="patients.wait", tooltip="Put them on the waitlist"),
        Binding("g", "go", "Go to next", id="patients.go", tooltip="The day of the next visit"),
        Binding("n,ctrl+n", "register", "New", id="patients.new", tooltip="Register a patient"),
        Binding(
            "M",
            "merge",
            "Merge",
            id="patients.merge",
            show=False,
            tooltip="Who is on record twice: make two records one",
        ),
        Binding(
            "u", "undo", "Undo", id="patients.undo", show=False, tooltip="Take back your last step"
        ),
        Binding("escape", "back", "Back", id="patients.back", show=False, tooltip="To the search"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._record: PatientRecord | None = None
        self._wanted: int | None = None
        self._drafts: dict[int | None, Typed] = {}

    def compose_body(self) -> ComposeResult:
        """The search line over the list and the record."""
        with Horizontal(id="search"):
            yield Label("Find")
            yield FindLine("name, phone, birth date or record number")
            yield Steady(id="count")
        with Container(id="body"):
            results = PatientList(id="results")
            results.can_focus = False
            yield results
            yield PatientCard()

    def on_mount(self) -> None:
        """Type at once; somebody who may see nobody else sees their own record."""
        self._find.focus()
        actor = self.desk.actor
        if reach(actor, Permission.SEE_CONTACT) is Reach.OWN and actor.patient_id is not None:
            self._wanted = self._wanted or actor.patient_id
        if self._wanted is not None:
            self.load_wanted(self._wanted)
        else:
            self._show_found(())
            self._say_nothing_typed()

    def show_patient(self, patient_id: int) -> None:
        """Show that patient's record, whoever is looked for at the moment."""
        self._wanted = patient_id
        if self.is_mounted:
            self.load_wanted(patient_id)

    @property
    def _find(self) -> FindLine:
        return self.query_one("#find", FindLine)

    @property
    def _results(self) -> PatientList:
        return self.query_one("#results", PatientList)

    @property
    def _card(self) -> PatientCard:
        return self.query_one(PatientCard)

    # Finding

    @on(Input.Changed, "#find")
    def search(self, event: Input.Changed) -> None:
        """Every key searches; a newer key overtakes the search of the one before."""
        self.load_patients(event.value)

    @work(exclusive=True, group="load-patients")
    async def load_patients(self, text: str) -> None:
        """Find whom the line may mean; list them and show the first, drawn in one go."""
        if not text.strip():
            self._show_found(())
            self._say_nothing_typed()
            return
        with self.refusals_shown():
            found = await read_for(self, self.desk, find_patients, text, self.desk.now(), _MOST)
            record = await self._read(found[0].patient_id) if found else None
            self._show_found(found)
            if record is None:
                self._say_nobody(text)
            elif record != self._record:
                self._show(record)

    def _show_found(self, found: tuple[FoundPatient, ...]) -> None:
        self._list(found)
        self.workers.cancel_group(self, "load-record")
        many = f"the first {_MOST}: type on to narrow"
        count = many if len(found) == _MOST else f"{len(found)} found" if found else ""
        self.query_one("#count", Steady).put(safe(count))

    def _list(self, found: tuple[FoundPatient, ...]) -> None:
        self._results.show(found, region=self.desk.settings.region)
        # A class of the list, not of the screen: that would style everything anew.
        self._results.set_class(not found, "-empty")

    def _show_highlighted(self) -> None:
        patient = self._results.highlighted
        if patient is not None:
            self.load_record(patient.patient_id)

    @work(exclusive=True, group="load-record")
    async def load_record(self, patient_id: int) -> None:
        """Show a patient's record beside the list."""
        with self.refusals_shown():
            self._show(await self._read(patient_id))

    @work(exclusive=True, group="load-record")
    async def load_wanted(self, patient_id: int) -> None:
        """Show the record of somebody who was named elsewhere, alone in the list."""
        with self.refusals_shown():
            record = await self._read(patient_id)
            with self.prevent(Input.Changed):
                self._find.value = ""
            self._list((_as_found(record),))
            self.query_one("#count", Steady).put(safe(""))
            self._show(record)
            self._card.history.focus()

    async def _read(self, patient_id: int) -> PatientRecord:
        return await read_for(self, self.desk, patient_record, patient_id, self.desk.now())

    def _show(self, record: PatientRecord) -> None:
        self._card.show(record, self.desk.settings, self.desk.now())
        self._offer_for(record)

    def _say(self, *parts: str | Content) -> None:
        self._card.say(Content.assemble(*parts))
        self._offer_for(None)

    def _offer_for(self, record: PatientRecord | None) -> None:
        """Offer the keys of this record. The footer is made anew only where they are others."""
        before, self._record = self._record, record
        if _offers(before) != _offers(record):
            self.refresh_bindings()

    def _say_nothing_typed(self) -> None:
        self._say(
            "Type a name, the last digits of a phone number, a birth date (12mar84) or a record"
            " number; several together narrow it: ",
            Content.styled("garcia 12mar84", "bold"),
            ".\n\n",
            Content.styled(self._how_to_register("a new patient"), _FAINT),
        )

    def _say_nobody(self, text: str) -> None:
        self._say(
            "Nobody is found for “",
            safe(text.strip()),
            "”.\n\n",
            Content.styled(self._how_to_register("them as a new patient"), _FAINT),
        )

    def _how_to_register(self, whom: str) -> str:
        may = reach(self.desk.actor, Permission.REGISTER_PATIENT) is not Reach.NONE
        return f"Ctrl+N registers {whom}." if may else ""

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is done to a patient is offered once one is shown."""
        if action in ("edit", "book", "wait") and self._record is None:
            return False
        if action == "enter_list" and self._results.highlighted is None:
            return False
        if action == "find" and self._find.has_focus:
            # It types a slash there; Textual would offer the key all the same.
            return False
        if action == "go" and (self._record is None or self._record.next_visit is None):
            return False
        return super().check_action(action, parameters)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """A record that is read has all the room of a small terminal."""
        self.query_one("#body").set_class(event.widget is self._card.history, "-reading")

    def action_move(self, lines: int) -> None:
        """Another line of the list, without leaving the search line."""
        if lines < 0:
            self._results.action_up()
        else:
            self._results.action_down()
        self._show_highlighted()

    def action_page(self, pages: int) -> None:
        """Another page of the list."""
        self._results.action_page(pages)
        self._show_highlighted()

    def action_find(self) -> None:
        """Back to the search line; what stands there goes when something new is typed."""
        self._find.begin_again()

    def action_back(self) -> None:
        """One step back is the search line, too."""
        self._find.begin_again()

    def action_enter_list(self) -> None:
        """Into the record, where letters act."""
        if self._results.highlighted is not None:
            self._card.history.focus()

    @on(PatientList.Chosen)
    def clicked(self, event: PatientList.Chosen) -> None:
        """A click opens the record, too."""
        self.load_record(event.patient.patient_id)
        self._card.history.focus()

    def action_go(self) -> None:
        """The day of the next visit, in the calendar."""
        if self._record is not None and self._record.next_visit is not None:
            self.post_message(OpenDay(local_day(self._record.next_visit.starts_at, self.desk.zone)))

    @story
    async def action_book(self) -> None:
        """Book a visit for the patient shown."""
        record = self._record
        if record is not None:
            await book_visit(self, BookingDraft(patient_id=record.patient_id))
            self.load_record(record.patient_id)

    def draft_here(self) -> BookingDraft:
        """For the patient shown, or for whoever is asked for."""
        return BookingDraft(patient_id=self._record.patient_id if self._record else None)

    def booked_here(self, booked: BookedAppointment | None) -> None:
        """The record shows it."""
        if booked is not None:
            self.load_record(booked.patient_id)

    @story
    async def action_wait(self) -> None:
        """Put the patient shown on the waitlist."""
        from .wishing import add_patient  # noqa: PLC0415 - not before it is asked for

        record = self._record
        if record is not None:
            await add_patient(self, record.patient_id)

    @story
    async def action_edit(self) -> None:
        """Change what is on record of the patient shown."""
        record = self._record
        if record is not None and await edit_patient(self, record, self._drafts):
            self._look_again(record.patient_id)

    @story
    async def action_register(self) -> None:
        """Register somebody new, beginning with what was searched for."""
        typed = "" if self._results.highlighted is not None else self._find.value
        patient_id = await register_new(self, typed, self._drafts)
        if patient_id is not None:
            self.load_wanted(patient_id)

    @story
    async def action_merge(self) -> None:
        """Make two records of one person one; the patient shown comes first."""
        from .merging_records import merge_records  # noqa: PLC0415 - not before it is asked for

        kept_id = await merge_records(self, self._record.patient_id if self._record else None)
        if kept_id is not None:
            self.load_wanted(kept_id)

    @story
    async def action_undo(self) -> None:
        """Take back one's own last step, wherever it was taken."""
        from .undoing import undo_last_step  # noqa: PLC0415 - not before it is asked for

        record = self._record
        if await undo_last_step(self) is None or record is None:
            return
        try:
            await self._read(record.patient_id)
        except NotFound:
            self._find.begin_again()
            self.load_patients(self._find.value)
        else:
            self._look_again(record.patient_id)

    @on(PatientCard.VisitChosen)
    def open_visit(self, event: PatientCard.VisitChosen) -> None:
        """Enter on a line of the history opens that visit."""
        self.tell_visit(event.appointment_id)

    @story
    async def tell_visit(self, appointment_id: int) -> None:
        """Show the visit; it may have been changed when it is left."""
        record = self._record
        await show_visit(self, appointment_id)
        if record is not None:
            self.load_record(record.patient_id)

    def _look_again(self, patient_id: int) -> None:
        """Read again what is shown, with the patient where they stand in the list now."""
        if self._find.value.strip():
            self.load_patients(self._find.value)
        self.load_record(patient_id)


def _offers(record: PatientRecord | None) -> tuple[bool, bool]:
    return record is not None, record is not None and record.next_visit is not None


def _as_found(record: PatientRecord) -> FoundPatient:
    details = record.details
    return FoundPatient(
        record.patient_id,
        details.family_name,
        details.given_name,
        details.birth_date,
        details.record_number,
        details.phones[0] if details.phones else "",
        details.alert,
    )
