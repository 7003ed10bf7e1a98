"""Doctors: by specialty or name; profile, weekly hours, extra hours, time off."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from ...domain.access import Permission, Reach, may, owns, reach
from ...domain.change_log import ChangeKind
from ...domain.errors import Refusal
from ...domain.hours.hours import doctor_hours
from ...domain.staff.doctors import doctor_details
from ...domain.times.walltime import local_day
from ..base import ClinicScreen
from ..booking.draft import BookingDraft
from ..messages import OpenDay
from ..reading import read_for
from ..safe import safe
from ..styles import style_sheet
from ..typing_ahead import story
from .card import DoctorCard, ShownDoctor
from .changes import (
    Drafts,
    edit_doctor,
    edit_hours,
    give_extra_hours,
    new_doctor,
    remove_line,
    take_time_off,
)
from .finder import DoctorFinder

if TYPE_CHECKING:
    from ...changes import News
    from ...desk import Desk

_OF_OWN_HOURS = frozenset({"hours", "extra", "away", "absence", "remove"})
_OF_ONE_DOCTOR = _OF_OWN_HOURS | {"edit", "open_day"}
_SHOWN_HERE = frozenset({ChangeKind.DOCTOR, ChangeKind.HOURS, ChangeKind.CLINIC})


class DoctorsScreen(ClinicScreen):
    """Find a doctor and see when they work."""

    CSS_PATH = style_sheet("doctors")
    TITLE_IN_HELP: ClassVar[str] = "Doctors"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - as Textual has it
    NEEDS: ClassVar[dict[str, Permission]] = {
        "edit": Permission.MANAGE_CLINIC,
        "new": Permission.MANAGE_CLINIC,
        "hours": Permission.SET_HOURS,
        "extra": Permission.SET_HOURS,
        "away": Permission.SET_HOURS,
        "absence": Permission.SET_HOURS,
        "remove": Permission.SET_HOURS,
        "open_day": Permission.SEE_CALENDAR,
        "retired": Permission.SEE_CALENDAR,
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "find", "Find", id="doctors.find", tooltip="By name or specialty"),
        Binding("b", "book", "Book", id="doctors.book", tooltip="Book a visit with this doctor"),
        Binding("h", "hours", "Hours", id="doctors.hours", tooltip="Change the weekly hours"),
        Binding(
            "x",
            "extra",
            "Extra",
            id="doctors.extra",
            show=False,
            tooltip="Add extra hours on a date",
        ),
        Binding("a", "away", "Away", id="doctors.away", tooltip="Add time off"),
        Binding(
            "D",
            "absence",
            "Absence",
            id="doctors.absence",
            show=False,
            tooltip="Ill or away today: what becomes of the visits",
        ),
        Binding("e", "edit", "Edit", id="doctors.edit", tooltip="Change the profile"),
        Binding("n", "new", "New", id="doctors.new", tooltip="Add a doctor"),
        Binding(
            "u", "undo", "Undo", id="doctors.undo", show=False, tooltip="Take back your last step"
        ),
        Binding(
            "r", "retired", "Retired", id="doctors.retired", show=False, tooltip="Show them, too"
        ),
        Binding("escape", "back", "Back", id="doctors.back", show=False, tooltip="To the list"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._wanted: int | None = None
        self._shown: ShownDoctor | None = None
        self._offered = (False, False, False)
        self._drafts: Drafts = {}

    def compose_body(self) -> ComposeResult:
        """The lists, and the doctor under the cursor beside them."""
        yield DoctorFinder(self.desk, DoctorCard())

    def on_mount(self) -> None:
        """Everybody; doctors begin at themselves."""
        self._finder.doctors.focus()
        self._look_again(self._wanted or self.desk.actor.doctor_id)

    def hear(self, news: News) -> None:
        """Somebody changed a doctor or their hours; the cursor stays."""
        kinds = {change.kind for change in news.changes}
        if news.everything or kinds & _SHOWN_HERE:
            self._finder.look_again()

    def show_doctor(self, doctor_id: int) -> None:
        """Show that doctor's profile and hours, whoever is looked for at the moment."""
        self._wanted = doctor_id
        if self.is_mounted:
            self._look_again(doctor_id)

    def _look_again(self, wanted: int | None = None) -> None:
        """Keys are for the list as it is then."""
        self.keys_await(self._finder.look_again(wanted))

    @property
    def _finder(self) -> DoctorFinder:
        return self.query_one(DoctorFinder)

    @property
    def _current(self) -> int | None:
        """The doctor under the cursor."""
        return next((one.current for one in self.query(DoctorFinder)), None)

    @property
    def _card(self) -> DoctorCard:
        return self.query_one(DoctorCard)

    @on(DoctorFinder.Follows)
    def follow(self, event: DoctorFinder.Follows) -> None:
        """Show the doctor under the cursor."""
        if event.doctor_id is not None:
            self.load_doctor(event.doctor_id)
            return
        self.workers.cancel_group(self, "load-doctor")
        may_add = reach(self.desk.actor, Permission.MANAGE_CLINIC) is not Reach.NONE
        found = (
            f"No doctor is found for “{event.text}”." if event.text else "There are no doctors yet."
        )
        how = "\n\nEnter leaves the search; n adds a doctor." if may_add else ""
        if not (may_add or event.text):
            how = "\n\nAn admin adds them: n."
        self._card.say(Content.assemble(safe(found), Content.styled(how, "$foreground 60%")))
        self._offer_for(None)

    @on(DoctorFinder.Refused)
    def not_read(self, event: DoctorFinder.Refused) -> None:
        """Say why there is nothing new to see."""
        self.refuse(event.refusal)

    @work(exclusive=True, group="load-doctor")
    async def load_doctor(self, doctor_id: int) -> None:
        """Show a doctor beside the list."""
        with self.refusals_shown():
            shown = await self._read(doctor_id)
            may_change = self.check_action("extra", ()) is True
            self._card.show(shown, self.desk.settings, self.desk.now(), may_change=may_change)
            self._offer_for(shown)

    async def _read(self, doctor_id: int) -> ShownDoctor:
        details = await read_for(self, self.desk, doctor_details, doctor_id)
        hours = await read_for(self, self.desk, doctor_hours, doctor_id)
        return ShownDoctor(doctor_id, details, hours)

    async def _meant(self) -> ShownDoctor | None:
        """The doctor under the cursor: a key may be quicker than the card beside the list."""
        shown, meant = self._shown, self._current
        if meant is None or (shown is not None and shown.doctor_id == meant):
            return shown
        try:
            return await self._read(meant)
        except Refusal as refusal:
            self.refuse(refusal)
            return None

    def _offer_for(self, shown: ShownDoctor | None) -> None:
        """Offer the keys of this doctor. The footer is made anew only where they are others."""
        before, self._offered = (
            self._offered,
            (
                shown is not None,
                self._may_set_hours(),
                self._card.different.highlighted is not None,
            ),
        )
        self._shown = shown
        if self._offered != before:
            self.refresh_bindings()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is done to a doctor is offered once one is found, hours to whom they belong."""
        if action == "find" and self._finder.line.has_focus:
            return False
        if action in _OF_ONE_DOCTOR and self._current is None:
            return False
        if action in _OF_OWN_HOURS and not self._may_set_hours():
            return False
        if action == "book" and not self._may_book():
            return False
        if action == "remove" and self._card.different.highlighted is None:
            return False
        return super().check_action(action, parameters)

    def _may_set_hours(self) -> bool:
        actor, doctor_id = self.desk.actor, self._current
        if reach(actor, Permission.SET_HOURS) is Reach.ANY or doctor_id is None:
            return True
        return owns(actor, Permission.SET_HOURS, doctor_id=doctor_id, patient_id=None)

    def action_move(self, lines: int) -> None:
        """Another doctor, without leaving the search line."""
        self._finder.doctors.move(lines)

    def action_page(self, pages: int) -> None:
        """Another page of doctors."""
        self._finder.doctors.move(pages * max(1, self._finder.doctors.size.height - 1))

    def action_find(self) -> None:
        """Look for somebody else."""
        self._finder.line.begin_again()

    def action_enter_list(self) -> None:
        """From the search line into the list, where letters act."""
        self._finder.doctors.focus()

    def action_back(self) -> None:
        """One step back is the list of doctors."""
        self._finder.doctors.focus()

    def action_open_day(self) -> None:
        """The doctor's day in the calendar."""
        doctor_id = self._current
        if doctor_id is not None:
            today = local_day(self.desk.now(), self.desk.zone)
            self.post_message(OpenDay(today, doctor_id))

    def action_retired(self) -> None:
        """Show those who see nobody any more, too; or leave them out again."""
        self._finder.toggle_retired()

    def _may_book(self) -> bool:
        if not self.desk.is_signed_in:
            return False
        actor = self.desk.actor
        return may(actor, Permission.BOOK, doctor_id=self._current, patient_id=actor.patient_id)

    def draft_here(self) -> BookingDraft:
        """With the doctor under the cursor."""
        return BookingDraft(doctor_id=self._current)

    @story
    async def action_new(self) -> None:
        """Add a doctor."""
        doctor_id = await new_doctor(self, self._drafts)
        if doctor_id is not None:
            self._look_again(doctor_id)

    def action_edit(self) -> None:
        """Change the profile."""
        self.change(edit_doctor)

    def action_hours(self) -> None:
        """Change the weekly hours."""
        self.change(edit_hours)

    def action_extra(self) -> None:
        """Add extra hours."""
        self.change(give_extra_hours)

    def action_away(self) -> None:
        """Add time off."""
        self.change(take_time_off)

    @story
    async def action_absence(self) -> None:
        """Away today, or for longer: plan the visits in the way."""
        from ..absence.doctors_day import plan_doctors_day  # noqa: PLC0415 - not before it is asked for

        shown = await self._meant()
        if shown is not None:
            today = local_day(self.desk.now(), self.desk.zone)
            if await plan_doctors_day(self, shown.doctor_id, today, self._drafts):
                self._look_again(shown.doctor_id)

    @story
    async def change(
        self, story: Callable[[ClinicScreen, ShownDoctor, Drafts], Awaitable[bool]]
    ) -> None:
        """Tell a story about the doctor under the cursor and look again."""
        shown = await self._meant()
        if shown is not None and await story(self, shown, self._drafts):
            self._look_again(shown.doctor_id)

    @story
    async def action_undo(self) -> None:
        """Take back one's own last step, wherever it was taken."""
        from ..visits.undoing import undo_last_step  # noqa: PLC0415 - not before it is asked for

        if await undo_last_step(self) is not None:
            self._look_again()

    @story
    async def action_remove(self) -> None:
        """Take away the extra hours or the time off under the cursor."""
        shown, option = self._shown, self._card.different.highlighted_option
        if shown is not None and option is not None and option.id is not None:
            line = Content.from_text(str(option.prompt), markup=False).plain
            if await remove_line(self, shown, option.id, line):
                self._look_again(shown.doctor_id)
