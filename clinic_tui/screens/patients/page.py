"""Patients: found as one types, their record beside the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.events import DescendantFocus
from textual.widgets import Input, Label

from ...domain.access import Permission, Reach, reach
from ...domain.change_log import ChangeKind
from ...domain.errors import NotFound, Refusal
from ...domain.patients.history import PatientRecord, patient_record
from ...domain.patients.search import FoundPatient, find_patients
from ..base import ClinicScreen
from ..reading import read_for
from ..safe import own, safe
from ..styles import style_sheet
from ..typing_ahead import keys_follow, keys_wait
from ..widgets.find_line import FindLine
from ..widgets.lists.patient_list import PatientList
from ..widgets.steady import Steady
from .card import PatientCard
from .words import nobody_words, nothing_typed_words

if TYPE_CHECKING:
    from ...changes import News
    from ...desk import Desk

_MOST = 50
_SHOWN_HERE = frozenset(
    {ChangeKind.VISIT, ChangeKind.PATIENT, ChangeKind.DOCTOR, ChangeKind.CLINIC}
)


class PatientsPage(ClinicScreen):
    """The search line, the list under it and the record. What keys do to a patient is for
    ``PatientsScreen``.

    Two places to be: the search line, where everything typed searches, and the record, where
    letters act. The list follows the arrows in the search line and is never in focus itself.
    """

    CSS_PATH = style_sheet("patients")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - as Textual has it

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.record: PatientRecord | None = None
        self._wanted: int | None = None
        self._keys_wait = False

    def compose_body(self) -> ComposeResult:
        """The search line over the list and the record."""
        with Horizontal(id="search"):
            yield Label(own("Find"))
            yield FindLine("name, phone, birth date or number", is_answered=True)
            yield Steady(id="count")
        with Container(id="body"):
            results = PatientList(id="results")
            results.can_focus = False
            yield results
            yield PatientCard()

    def on_mount(self) -> None:
        """Type at once; somebody who may see nobody else sees their own record."""
        actor = self.desk.actor
        if self.is_own:
            self.query_one("#search").display = False
        else:
            self._find.focus()
        if reach(actor, Permission.SEE_CONTACT) is Reach.OWN and actor.patient_id is not None:
            self._wanted = self._wanted or actor.patient_id
        if self._wanted is not None:
            self._show_wanted(self._wanted)
        else:
            self._show_found(())
            self._say(nothing_typed_words(may_register=self._may_register))

    @property
    def is_own(self) -> bool:
        """Whether it is a patient who looks, and so at their own record alone."""
        return self.desk.is_signed_in and self.desk.actor.is_patient

    def show_patient(self, patient_id: int) -> None:
        """Show that patient's record, whoever is looked for at the moment."""
        self._wanted = patient_id
        if self.is_mounted:
            self._show_wanted(patient_id)

    def _show_wanted(self, patient_id: int) -> None:
        # What stands in the line may still be looked for: it is not what is wanted any more.
        self.workers.cancel_group(self, "load-patients")
        self.keys_await(self.load_wanted(patient_id))

    @property
    def _awaits_wanted(self) -> bool:
        """Whether somebody named elsewhere is about to be shown, as they are now."""
        return any(
            worker.node is self and worker.name == "load_wanted" and not worker.is_finished
            for worker in self.workers
        )

    def on_screen_resume(self) -> None:
        """What was done elsewhere meanwhile shows in the record."""
        self._read_again()

    def hear(self, news: News) -> None:
        """What becomes of the patient shown; who else is found stays as it was."""
        shown = self.record.patient_id if self.record else None
        if news.everything or any(
            change.kind in _SHOWN_HERE and change.patient_id in (None, shown)
            for change in news.changes
        ):
            self._read_again()

    def _read_again(self) -> None:
        if not self.desk.is_signed_in or self._awaits_wanted:
            return
        patient = self._results.highlighted
        if patient is not None:
            self.load_again(patient.patient_id)
        elif self._find.value.strip():
            self.load_patients(self._find.value)

    @work(exclusive=True, group="load-record")
    async def load_again(self, patient_id: int) -> None:
        """Show what became of them; whoever is not on record any more is not found any more."""
        with self.refusals_shown():
            try:
                record = await self.read(patient_id)
            except NotFound:
                self.load_patients(self._find.value)
                return
            if record != self.record:
                self._show(record)

    @property
    def _find(self) -> FindLine:
        return self.query_one("#find", FindLine)

    @property
    def _results(self) -> PatientList:
        return self.query_one("#results", PatientList)

    @property
    def _card(self) -> PatientCard:
        return self.query_one(PatientCard)

    @property
    def typed(self) -> str:
        """What stands in the search line."""
        return self._find.value

    @property
    def finds_somebody(self) -> bool:
        """Whether anybody is in the list."""
        return self._results.highlighted is not None

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
            self._say(nothing_typed_words(may_register=self._may_register))
            await self._find.answer(text)
            return
        try:
            found = await read_for(self, self.desk, find_patients, text, self.desk.now(), _MOST)
            record = await self.read(found[0].patient_id) if found else None
        except Refusal as refusal:
            self.refuse(refusal)
            self._find.give_up()
            return
        self._show_found(found)
        if record is None:
            self._say(nobody_words(text, may_register=self._may_register))
        elif record != self.record:
            self._show(record)
        await self._find.answer(text)

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
            self._show(await self.read(patient_id))
        if self._keys_wait:
            self._keys_wait = False
            keys_follow(self)

    @work(exclusive=True, group="load-record")
    async def load_wanted(self, patient_id: int) -> None:
        """Show the record of somebody who was named elsewhere, alone in the list."""
        with self.refusals_shown():
            record = await self.read(patient_id)
            with self.prevent(Input.Changed):
                self._find.value = ""
            await self._find.answer("")
            self._list((_as_found(record),))
            self.query_one("#count", Steady).put(safe(""))
            self._show(record)
            self._card.history.focus()

    def look_again(self, patient_id: int) -> None:
        """Read again what is shown, with the patient where they stand in the list now."""
        if self.typed.strip():
            self.load_patients(self.typed)
        self.keys_await(self.load_record(patient_id))

    async def read(self, patient_id: int) -> PatientRecord:
        """A patient in full, as they are now."""
        return await read_for(self, self.desk, patient_record, patient_id, self.desk.now())

    def _show(self, record: PatientRecord) -> None:
        self._card.show(record, self.desk.settings, self.desk.now())
        self._offer_for(record)

    def _say(self, words: Content) -> None:
        self._card.say(words)
        self._offer_for(None)

    def _offer_for(self, record: PatientRecord | None) -> None:
        """Offer the keys of this record. The footer is made anew only where they are others."""
        before, self.record = self.record, record
        if _offers(before) != _offers(record):
            self.refresh_bindings()

    @property
    def _may_register(self) -> bool:
        return reach(self.desk.actor, Permission.REGISTER_PATIENT) is not Reach.NONE

    # Moving about

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Into the list where there is one; a search line that has the focus is not sought."""
        if action == "enter_list" and not self.finds_somebody:
            return False
        if action == "find" and self._find.has_focus:
            # It types a slash there; Textual would offer the key all the same.
            return False
        return super().check_action(action, parameters)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """A record that is read has all the room of a small terminal."""
        self.query_one("#body").set_class(event.widget is self._card.history, "-reading")

    def action_move(self, lines: int) -> None:
        """Another line of the list, without leaving the search line."""
        self._results.move(lines)
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
        """Into the record, where letters act: on whom the list points at, once they are shown."""
        patient = self._results.highlighted
        if patient is None:
            return
        self._card.history.focus()
        if self.record is None or self.record.patient_id != patient.patient_id:
            self._keys_wait = True
            keys_wait(self)
            self.load_record(patient.patient_id)

    @on(PatientList.Chosen)
    def clicked(self, event: PatientList.Chosen) -> None:
        """A click opens the record, too."""
        self.load_record(event.patient.patient_id)
        self._card.history.focus()


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
