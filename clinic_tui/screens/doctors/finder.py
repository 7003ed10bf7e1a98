"""Finding a doctor: a search line, the specialties where there is room, the doctors found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option
from textual.worker import Worker

from ...domain.errors import Refusal
from ...domain.staff.doctors import ListedDoctor, doctor_details, find_doctors
from ...domain.staff.specialties import ListedSpecialty, list_specialties
from ...domain.text import full_name
from ..reading import read_for
from ..safe import own, safe
from ..typing_ahead import look_at_keys
from ..visits import refusals
from ..widgets.find_line import FindLine
from ..widgets.steady import Steady
from .lines import DoctorList, doctor_lines, specialty_line

if TYPE_CHECKING:
    from ...desk import Desk

_MOST = 100
_EVERY = "every"


class DoctorFinder(Vertical):
    """The lists, and beside them whatever shows the doctor under the cursor."""

    class Follows(Message):
        """Another doctor is under the cursor; None where nobody is found for ``text``."""

        def __init__(self, doctor_id: int | None, text: str) -> None:
            super().__init__()
            self.doctor_id = doctor_id
            self.text = text

    class Refused(refusals.Refused):
        """The lists could not be read."""

    def __init__(self, desk: Desk, beside: Widget) -> None:
        super().__init__()
        self._desk = desk
        self._beside = beside
        self._found: tuple[ListedDoctor, ...] = ()
        self._specialties: tuple[ListedSpecialty, ...] = ()
        self._specialty: int | None = None
        self._with_retired = False
        self._current: int | None = None
        self._wanted: int | None = None
        self._widths: tuple[int, ...] = ()

    def compose(self) -> ComposeResult:
        """The search line over specialties, doctors and what is beside them."""
        with Horizontal(id="search"):
            yield Label(own("Find"))
            yield FindLine("name or specialty", is_answered=True)
            yield Steady(id="count")
        with Horizontal(id="body"):
            yield OptionList(id="specialties")
            yield DoctorList(id="doctors")
            yield self._beside

    @property
    def doctors(self) -> DoctorList:
        """The doctors found."""
        return self.query_one("#doctors", DoctorList)

    @property
    def current(self) -> int | None:
        """The doctor under the cursor, who may not be shown beside the list yet."""
        # Asked also before the list is there, and when it is gone.
        for doctors in self.query(DoctorList):
            if (option := doctors.highlighted_option) is not None:
                return int(option.id or 0)
        return None

    @property
    def line(self) -> FindLine:
        """The search line."""
        return self.query_one("#find", FindLine)

    def look_again(self, wanted: int | None = None) -> Worker[None]:
        """Read everything anew; ``wanted`` is brought into the list if need be.

        Whoever was wanted before and is not shown yet stays wanted.
        """
        self._wanted = wanted or self._wanted
        self.load_specialties()
        return self.load_doctors()

    def toggle_retired(self) -> None:
        """List those who see nobody any more, too; or leave them out again."""
        self._with_retired = not self._with_retired
        self.load_doctors()

    @work(exclusive=True, group="load-specialties")
    async def load_specialties(self) -> None:
        """The specialties and how many doctors each has."""
        try:
            self._specialties = await read_for(self, self._desk, list_specialties)
        except Refusal as refusal:
            self.post_message(self.Refused(refusal))
        else:
            self._fill_specialties()

    @work(exclusive=True, group="load-doctors")
    async def load_doctors(self) -> None:
        """Find whom the line may mean."""
        line, wanted = self.line, self._wanted
        text = line.value
        try:
            found = await self._search(text)
            if wanted is not None and wanted not in {one.doctor_id for one in found}:
                found = await self._bring(wanted)
        except Refusal as refusal:
            line.give_up()
            self.post_message(self.Refused(refusal))
            return
        self._found, self._wanted = found[:_MOST], None
        self._current = wanted or self._current
        many = f"the first {_MOST}: type on to narrow"
        count = many if len(found) > _MOST else f"{len(found)} found"
        self.query_one("#count", Steady).put(safe(count))
        self._fill()
        await line.answer(text if wanted is None else line.value)

    async def _search(self, text: str) -> tuple[ListedDoctor, ...]:
        return await read_for(
            self,
            self._desk,
            find_doctors,
            text,
            specialty_id=self._specialty,
            retired=self._with_retired,
            limit=_MOST + 1,
        )

    async def _bring(self, doctor_id: int) -> tuple[ListedDoctor, ...]:
        """Search for the one who is wanted by name, so that the line says why they are seen."""
        details = await read_for(self, self._desk, doctor_details, doctor_id)
        name = full_name(details.given_name, details.family_name)
        self._specialty = None
        self._with_retired = self._with_retired or not details.active
        self._fill_specialties()
        with self.prevent(Input.Changed):
            self.line.value = name
        return await self._search(name)

    @on(Worker.StateChanged)
    def has_read(self, event: Worker.StateChanged) -> None:
        """Keys of the screen may have waited for it."""
        if event.worker.is_finished:
            look_at_keys(self)

    def on_mount(self) -> None:
        """Lines are as wide as their lists, whenever those get another width."""
        self.screen.screen_layout_refresh_signal.subscribe(self, self._lay_out)

    def _lay_out(self, _screen: Screen[object]) -> None:
        widths = tuple(one.size.width for one in self.query(OptionList))
        if widths == self._widths:
            return
        self._widths = widths
        self._fill_specialties()
        if self._found:
            self._fill()

    def _fill_specialties(self) -> None:
        lines = self.query_one("#specialties", OptionList)
        options = [specialty_line(one, lines.size.width - 3) for one in self._specialties]
        lines.set_options([Option("Every specialty", _EVERY), *options])
        lines.highlighted = lines.get_option_index(str(self._specialty or _EVERY))

    def _fill(self) -> None:
        """List who was found, with the cursor where it was if they are among them."""
        doctors, colours = self.doctors, self.app.theme_variables
        width = doctors.size.width - 3
        doctors.put(doctor_lines(self._found, width, colours))
        ids = [one.doctor_id for one in self._found]
        if ids:
            doctors.highlighted = ids.index(self._current) if self._current in ids else 0
        else:
            self.post_message(self.Follows(None, self.line.value.strip()))

    @on(Input.Changed, "#find")
    def search(self) -> None:
        """Every key searches; a newer key overtakes the search of the one before."""
        self._wanted = None
        self.load_doctors()

    @on(OptionList.OptionHighlighted, "#specialties")
    def narrow(self, event: OptionList.OptionHighlighted) -> None:
        """Only the doctors of the specialty under the cursor."""
        chosen = None if event.option_id in (None, _EVERY) else int(event.option_id or 0)
        if chosen != self._specialty:
            self._specialty, self._wanted = chosen, None
            self.load_doctors()

    @on(OptionList.OptionSelected, "#specialties")
    def enter_specialty(self) -> None:
        """Enter goes on to its doctors."""
        self.doctors.focus()

    @on(OptionList.OptionHighlighted, "#doctors")
    def follow(self, event: OptionList.OptionHighlighted) -> None:
        """Somebody else is under the cursor."""
        self._current = int(event.option_id or 0)
        self.post_message(self.Follows(self._current, self.line.value))
