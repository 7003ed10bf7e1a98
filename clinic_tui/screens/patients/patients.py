"""Patients (F4): found, registered, changed, booked for, put on the waitlist, merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from ...domain.access import Permission
from ...domain.errors import NotFound
from ...domain.times.walltime import local_day
from ...domain.visits.appointments import BookedAppointment
from ..booking.draft import BookingDraft
from ..booking.story import book_visit
from ..messages import OpenDay
from ..typing_ahead import story
from ..visits.visits import show_visit
from .card import PatientCard
from .page import PatientsPage
from .registering import edit_patient, register_new

if TYPE_CHECKING:
    from ...desk import Desk
    from ..form import Typed


class PatientsScreen(PatientsPage):
    """Find a patient, see what is known of them, and do what they came for."""

    TITLE_IN_HELP: ClassVar[str] = "Patients"
    NEEDS: ClassVar[dict[str, Permission]] = {
        "edit": Permission.EDIT_CONTACT,
        "register": Permission.REGISTER_PATIENT,
        "merge": Permission.REGISTER_PATIENT,
        "book": Permission.BOOK,
        "wait": Permission.WAIT,
        "go": Permission.SEE_CALENDAR,
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
        self._drafts: dict[int | None, Typed] = {}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is done to a patient is offered once one is shown."""
        if action in ("edit", "book", "wait") and self.record is None:
            return False
        if action in ("find", "back") and self.is_own:
            return False
        if action == "go" and (self.record is None or self.record.next_visit is None):
            return False
        return super().check_action(action, parameters)

    def action_go(self) -> None:
        """The day of the next visit, in the calendar."""
        if self.record is not None and self.record.next_visit is not None:
            self.post_message(OpenDay(local_day(self.record.next_visit.starts_at, self.desk.zone)))

    @story
    async def action_book(self) -> None:
        """Book a visit for the patient shown."""
        record = self.record
        if record is not None:
            await book_visit(self, BookingDraft(patient_id=record.patient_id))
            self.keys_await(self.load_record(record.patient_id))

    def draft_here(self) -> BookingDraft:
        """For the patient shown, or for whoever is asked for."""
        return BookingDraft(patient_id=self.record.patient_id if self.record else None)

    def booked_here(self, booked: BookedAppointment | None) -> None:
        """The record shows it."""
        if booked is not None:
            self.keys_await(self.load_record(booked.patient_id))

    @story
    async def action_wait(self) -> None:
        """Put the patient shown on the waitlist."""
        from ..waitlist.wishing import add_patient  # noqa: PLC0415 - not before it is asked for

        record = self.record
        if record is not None:
            await add_patient(self, record.patient_id)

    @story
    async def action_edit(self) -> None:
        """Change what is on record of the patient shown."""
        record = self.record
        if record is not None and await edit_patient(self, record, self._drafts):
            self.look_again(record.patient_id)

    @story
    async def action_register(self) -> None:
        """Register somebody new, beginning with what was searched for."""
        typed = "" if self.finds_somebody else self.typed
        patient_id = await register_new(self, typed, self._drafts)
        if patient_id is not None:
            self.show_patient(patient_id)

    @story
    async def action_merge(self) -> None:
        """Make two records of one person one; the patient shown comes first."""
        from .merging_records import merge_records  # noqa: PLC0415 - not before it is asked for

        kept_id = await merge_records(self, self.record.patient_id if self.record else None)
        if kept_id is not None:
            self.show_patient(kept_id)

    @story
    async def action_undo(self) -> None:
        """Take back one's own last step, wherever it was taken."""
        from ..visits.undoing import undo_last_step  # noqa: PLC0415 - not before it is asked for

        record = self.record
        if await undo_last_step(self) is None or record is None:
            return
        try:
            await self.read(record.patient_id)
        except NotFound:
            self.action_find()
            self.load_patients(self.typed)
        else:
            self.look_again(record.patient_id)

    @on(PatientCard.VisitChosen)
    def open_visit(self, event: PatientCard.VisitChosen) -> None:
        """Enter on a line of the history opens that visit."""
        self.tell_visit(event.appointment_id)

    @story
    async def tell_visit(self, appointment_id: int) -> None:
        """Show the visit; it may have been changed when it is left."""
        record = self.record
        await show_visit(self, appointment_id)
        if record is not None:
            self.keys_await(self.load_record(record.patient_id))
