"""Doctors: by specialty or name; profile, weekly hours, extra hours, time off."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from ..domain.access import Permission, Reach, owns, reach
from ..domain.doctors import (
    ListedDoctor,
    ListedSpecialty,
    doctor_details,
    find_doctors,
    list_specialties,
)
from ..domain.hours import doctor_hours
from ..domain.text import full_name
from ..domain.walltime import local_day
from .base import ClinicScreen
from .doctor_card import DoctorCard, ShownDoctor
from .doctor_changes import (
    Drafts,
    edit_doctor,
    edit_hours,
    give_extra_hours,
    new_doctor,
    remove_line,
    take_time_off,
)
from .doctor_list import DoctorList, doctor_line, specialty_line
from .messages import OpenDay
from .safe import safe
from .widgets.find_line import FindLine

if TYPE_CHECKING:
    from ..desk import Desk

_MOST = 100
_FAINT = "$foreground 60%"
_EVERY = "every"
_OF_OWN_HOURS = frozenset({"hours", "extra", "away", "remove"})
_OF_ONE_DOCTOR = _OF_OWN_HOURS | {"edit", "open_day"}


class DoctorsScreen(ClinicScreen):
    """Find a doctor and see when they work."""

    CSS_PATH = "doctors.tcss"
    TITLE_IN_HELP: ClassVar[str] = "Doctors"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - as Textual has it
    NEEDS: ClassVar[dict[str, Permission]] = {
        "edit": Permission.MANAGE_CLINIC,
        "new": Permission.MANAGE_CLINIC,
        "hours": Permission.SET_HOURS,
        "extra": Permission.SET_HOURS,
        "away": Permission.SET_HOURS,
        "remove": Permission.SET_HOURS,
        "open_day": Permission.SEE_CALENDAR,
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "find", "Find", id="doctors.find", tooltip="By name or specialty"),
        Binding("h", "hours", "Hours", id="doctors.hours", tooltip="Change the weekly hours"),
        Binding("x", "extra", "Extra", id="doctors.extra", tooltip="Add extra hours on a date"),
        Binding("a", "away", "Away", id="doctors.away", tooltip="Add time off"),
        Binding("e", "edit", "Edit", id="doctors.edit", tooltip="Change the profile"),
        Binding("n", "new", "New", id="doctors.new", tooltip="Add a doctor"),
        Binding(
            "r", "retired", "Retired", id="doctors.retired", show=False, tooltip="Show them, too"
        ),
        Binding("escape", "back", "Back", id="doctors.back", show=False, tooltip="To the list"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._wanted: int | None = None
        self._shown: ShownDoctor | None = None
        self._found: tuple[ListedDoctor, ...] = ()
        self._specialty: int | None = None
        self._with_retired = False
        self._specialties: tuple[ListedSpecialty, ...] = ()
        self._drafts: Drafts = {}

    def compose_body(self) -> ComposeResult:
        """The search line over specialties, doctors and the one under the cursor."""
        with Horizontal(id="search"):
            yield Label("Find")
            yield FindLine("name or specialty")
            yield Static(id="count")
        with Horizontal(id="body"):
            yield OptionList(id="specialties")
            yield DoctorList(id="doctors")
            yield DoctorCard()

    def on_mount(self) -> None:
        """Everybody; doctors begin at themselves."""
        self._list.focus()
        self.load_specialties()
        self.load_doctors(wanted=self._wanted or self.desk.actor.doctor_id)

    def show_doctor(self, doctor_id: int) -> None:
        """Show that doctor's profile and hours, whoever is looked for at the moment."""
        self._wanted = doctor_id
        if self.is_mounted:
            self.load_doctors(wanted=doctor_id)

    @property
    def _list(self) -> DoctorList:
        return self.query_one("#doctors", DoctorList)

    @property
    def _find(self) -> FindLine:
        return self.query_one("#find", FindLine)

    @property
    def _card(self) -> DoctorCard:
        return self.query_one(DoctorCard)

    # Finding

    @work(exclusive=True, group="load-specialties")
    async def load_specialties(self) -> None:
        """The specialties and how many doctors each has."""
        with self.refusals_shown():
            self._specialties = await self.desk.read(list_specialties)
            self._fill_specialties()

    def _fill_specialties(self) -> None:
        lines = self.query_one("#specialties", OptionList)
        chosen = [_EVERY, *(str(one.specialty_id) for one in self._specialties)]
        options = [specialty_line(one, lines.size.width - 3) for one in self._specialties]
        lines.set_options([Option("Every specialty", _EVERY), *options])
        at = str(self._specialty or _EVERY)
        lines.highlighted = chosen.index(at) if at in chosen else 0

    def on_resize(self) -> None:
        """Lines are as wide as their lists, which are laid out by now."""
        self.call_after_refresh(self._lay_out)

    def _lay_out(self) -> None:
        self._fill_specialties()
        if self._found:
            self._fill(None)

    @on(Input.Changed, "#find")
    def search(self) -> None:
        """Every key searches; a newer key overtakes the search of the one before."""
        self.load_doctors()

    @work(exclusive=True, group="load-doctors")
    async def load_doctors(self, wanted: int | None = None) -> None:
        """Find whom the line may mean; ``wanted`` is brought into the list if need be."""
        with self.refusals_shown():
            found = await self._search(self._find.value)
            if wanted is not None and wanted not in {one.doctor_id for one in found}:
                found = await self._bring(wanted)
            self._found = found[:_MOST]
            many = f"the first {_MOST}: type on to narrow"
            count = many if len(found) > _MOST else f"{len(found)} found"
            self.query_one("#count", Static).update(count)
            self._fill(wanted)

    async def _search(self, text: str) -> tuple[ListedDoctor, ...]:
        return await self.desk.read(
            find_doctors,
            text,
            specialty_id=self._specialty,
            retired=self._with_retired,
            limit=_MOST + 1,
        )

    async def _bring(self, doctor_id: int) -> tuple[ListedDoctor, ...]:
        """Search for the one who is wanted by name, so that the line says why they are seen."""
        details = await self.desk.read(doctor_details, doctor_id)
        name = full_name(details.given_name, details.family_name)
        self._specialty = None
        self._with_retired = self._with_retired or not details.active
        self._fill_specialties()
        with self.prevent(Input.Changed):
            self._find.value = name
        return await self._search(name)

    def _fill(self, wanted: int | None) -> None:
        before = wanted or (self._shown.doctor_id if self._shown else None)
        width = self._list.size.width - 3
        self._list.set_options(
            doctor_line(one, width, self.app.theme_variables) for one in self._found
        )
        ids = [one.doctor_id for one in self._found]
        if ids:
            self._list.highlighted = ids.index(before) if before in ids else 0
        else:
            self._say_nobody()

    def _say_nobody(self) -> None:
        self._shown = None
        self.workers.cancel_group(self, "load-doctor")
        text = self._find.value.strip()
        sentence = f"No doctor is found for “{text}”." if text else "There is no doctor yet."
        may = reach(self.desk.actor, Permission.MANAGE_CLINIC) is not Reach.NONE
        how = "\n\nEsc leaves the search, n adds a doctor." if may else ""
        self._card.say(Content.assemble(safe(sentence), Content.styled(how, _FAINT)))
        self.refresh_bindings()

    @on(OptionList.OptionHighlighted, "#specialties")
    def narrow(self, event: OptionList.OptionHighlighted) -> None:
        """Only the doctors of the specialty under the cursor."""
        chosen = None if event.option_id in (None, _EVERY) else int(event.option_id or 0)
        if chosen != self._specialty:
            self._specialty = chosen
            self.load_doctors()

    @on(OptionList.OptionSelected, "#specialties")
    def enter_specialty(self) -> None:
        """Enter goes on to its doctors."""
        self._list.focus()

    @on(OptionList.OptionHighlighted, "#doctors")
    def follow(self, event: OptionList.OptionHighlighted) -> None:
        """Show the doctor under the cursor."""
        self.load_doctor(int(event.option_id or 0))

    @work(exclusive=True, group="load-doctor")
    async def load_doctor(self, doctor_id: int) -> None:
        """Show a doctor beside the list."""
        with self.refusals_shown():
            details = await self.desk.read(doctor_details, doctor_id)
            hours = await self.desk.read(doctor_hours, doctor_id)
            self._shown = ShownDoctor(doctor_id, details, hours)
            self._card.show(self._shown, self.desk.settings, self.desk.now())
            self.refresh_bindings()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is done to a doctor is offered once one is shown, hours to whom they belong."""
        if action == "find" and self._find.has_focus:
            return False
        if action in _OF_ONE_DOCTOR and self._shown is None:
            return False
        if action in _OF_OWN_HOURS and not self._may_set_hours():
            return False
        if action == "remove" and self._card.different.highlighted is None:
            return False
        return super().check_action(action, parameters)

    def _may_set_hours(self) -> bool:
        actor, shown = self.desk.actor, self._shown
        if reach(actor, Permission.SET_HOURS) is Reach.ANY or shown is None:
            return True
        return owns(actor, Permission.SET_HOURS, doctor_id=shown.doctor_id, patient_id=None)

    def action_move(self, lines: int) -> None:
        """Another doctor, without leaving the search line."""
        if lines < 0:
            self._list.action_cursor_up()
        else:
            self._list.action_cursor_down()

    def action_page(self, pages: int) -> None:
        """Another page of doctors."""
        self._list.turn(pages)

    def action_find(self) -> None:
        """Look for somebody else."""
        self._find.begin_again()

    def action_enter_list(self) -> None:
        """From the search line into the list, where letters act."""
        self._list.focus()

    def action_back(self) -> None:
        """One step back is the list of doctors."""
        self._list.focus()

    def action_open_day(self) -> None:
        """The doctor's day in the calendar."""
        if self._shown is not None:
            today = local_day(self.desk.now(), self.desk.zone)
            self.post_message(OpenDay(today, self._shown.doctor_id))

    def action_retired(self) -> None:
        """Show those who see nobody any more, too; or leave them out again."""
        self._with_retired = not self._with_retired
        self.load_doctors()

    @work
    async def action_new(self) -> None:
        """Add a doctor."""
        doctor_id = await new_doctor(self, self._drafts)
        if doctor_id is not None:
            self.load_specialties()
            self.load_doctors(wanted=doctor_id)

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

    @work
    async def change(
        self, story: Callable[[ClinicScreen, ShownDoctor, Drafts], Awaitable[bool]]
    ) -> None:
        """Tell a story about the doctor shown and look again."""
        shown = self._shown
        if shown is not None and await story(self, shown, self._drafts):
            self._look_again(shown.doctor_id)

    @work
    async def action_remove(self) -> None:
        """Take away the extra hours or the time off under the cursor."""
        shown, option = self._shown, self._card.different.highlighted_option
        if shown is not None and option is not None and option.id is not None:
            line = Content.from_text(str(option.prompt), markup=False).plain
            if await remove_line(self, shown, option.id, line):
                self._look_again(shown.doctor_id)

    def _look_again(self, doctor_id: int) -> None:
        self.load_specialties()
        self.load_doctors(wanted=doctor_id)
