"""Finding who it is for while one types: the line, whom it finds, and which of them is meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from ...domain.access import Permission, Reach, reach
from ...domain.bar.bar import Meaning, Understood
from ...domain.bar.words import Names
from ...domain.errors import BadInput, Refusal
from ...domain.patients.search import FoundPatient, find_patients
from ...domain.text import showable
from ..booking.line_reading import read_names, ways_to_read
from ..reading import read_for
from ..safe import own
from ..typing_ahead import forget_keys, keys_follow, keys_wait
from ..visits import refusals
from ..widgets.cells import cut
from ..widgets.lists.patient_list import PatientList
from ..widgets.who_line import WhoLine

if TYPE_CHECKING:
    from ...desk import Desk

_MOST = 20
_LONGEST = 36
"""Cells that are given to what was typed, so that what Enter does can be read behind it."""
_POINTING = ("up", "down", "page_up", "page_down")
_NOT_LOOKED_FOR = "Nobody could be looked for: Enter tries again"


class PatientFinder(Vertical):
    """The search. What becomes of whoever is found, or is not, is for ``PatientPicker``."""

    class Read(Message):
        """What the line says beside the patient."""

        def __init__(self, meaning: Meaning) -> None:
            super().__init__()
            self.meaning = meaning

    class Refused(refusals.Refused):
        """Something typed cannot be taken, or nobody could be looked for."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._finding = False
        self._taken = self._pointed = False
        self._unanswered = False
        self._found_by = ""
        """What those in the list were found by: whatever is said beside it finds them again."""
        self._names: Names | None = None
        self._read = Understood((), Meaning())

    def compose(self) -> ComposeResult:
        """A line to type in, what it found below it, and a hint."""
        with Horizontal(classes="row"):
            yield Label(own("Patient"))
            yield WhoLine(id="patient", placeholder="garcia, or all of it: garcia tue 3pm lee 20m")
        with Vertical(id="who"):
            found = PatientList(id="found")
            found.can_focus = False
            yield found
            yield from self.compose_instead()
        yield Static(id="who-hint", classes="hint")

    def compose_instead(self) -> Iterator[Widget]:
        """What takes the place of the list."""
        yield from ()

    @property
    def line(self) -> WhoLine:
        """The line to type in."""
        return self.query_one(WhoLine)

    @on(Input.Changed, "#patient")
    def search(self, event: Input.Changed) -> None:
        """Every letter searches anew, whoever was chosen before."""
        self.unsettle()
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
            if self.line.chooses:
                forget_keys(self)  # A digit must not take somebody whom nobody has seen.
            keys_follow(self)

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

        What is typed behind that waits for it, too: it is for whatever comes next.
        Where several fit, it is asked which: none is taken that nobody pointed at. Where nobody
        fits, it is somebody new; where nobody could be looked for, it is not.
        """
        patient = self.query_one(PatientList).highlighted
        if self._finding or self._unanswered:
            self._taken = True
            keys_wait(self)
            if not self._finding:
                self.search_again()
        elif not self.sought:
            self.post_message(self.Refused(BadInput("Patient", "Patient: type who it is for.")))
        elif patient is None:
            self.register()
        elif self._pointed or len(self.query_one(PatientList).lines) == 1:
            self._choose(patient)
        else:
            self._ask_which()

    def search_again(self) -> None:
        """Look for what stands in the line."""
        self._finding = True
        self._found_by = ""
        self.load_patients(self.line.value)

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

    def choose(self, patient_id: int, name: str, alert: str) -> None:
        """It is for that patient."""

    def register(self) -> None:
        """It is for somebody who is not on record."""

    def unsettle(self) -> None:
        """Nobody is chosen any more."""

    def _hint(self, sentence: str) -> None:
        self.query_one("#who-hint", Static).update(Content(sentence), layout=False)

    def _say_unread(self) -> str:
        unread, doctors = self._read.unread, self._read.meaning.doctors
        if unread:
            return f"“{showable(unread[0].text)}” cannot be read there; the rest can."
        if len(doctors) > 1:
            return f"With whom? {showable(', '.join(one.short or one.name for one in doctors))}"
        return ""

    def _say_found(self, text: str, many: int) -> str:
        may_register = reach(self._desk.actor, Permission.REGISTER_PATIENT) is not Reach.NONE
        if self._unanswered:
            return _NOT_LOOKED_FOR
        if not text.strip():
            return ""
        if not many:
            nobody = f"Nobody fits “{cut(showable(text.strip()), _LONGEST)}”"
            return f"{nobody}: Enter registers them." if may_register else f"{nobody}."
        shown = "Enter takes them"
        if many > 1:
            shown = f"{many} fit: Enter, then a digit"
        if many == _MOST:
            shown = f"The first {many}: type on to narrow"
        return f"{shown} · Ctrl+N registers somebody new" if may_register else shown
