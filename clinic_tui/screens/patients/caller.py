"""Who is calling: found by the last digits of their number, seen before a time is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from ...domain.access import Permission, Reach, reach
from ...domain.codes import Status
from ...domain.errors import Refusal
from ...domain.patients.callers import FEWEST_DIGITS, callers, usual_doctor
from ...domain.patients.history import PatientRecord, patient_record
from ...domain.patients.search import FoundPatient
from ...domain.times.walltime import local_day, say_day
from ..base import Dialog
from ..reading import read_for
from ..safe import safe
from ..typing_ahead import another_follows, keys_follow, keys_wait
from ..who.summary import summary
from ..widgets.cells import fit
from ..widgets.key_line import KeyLine
from ..widgets.lists.numbered import NumberedLines
from ..widgets.steady import Steady, SteadyInput
from ..wording import say_birth_date

if TYPE_CHECKING:
    from ...desk import Desk

_DIALLED = "0123456789+ ()/.-"
_MISSED_SHOWN = 3
_MOST = 9
_NAME, _BORN, _NUMBER = 32, 11, 10
_WHAT_NEXT = Content.styled("b books for them · Enter opens their record", "$foreground 60%")


@dataclass(frozen=True, slots=True)
class CallerAnswer:
    """Whom it is about, and whether a visit is to be booked or their record to be opened."""

    patient_id: int
    book: bool


class _Digits(SteadyInput):
    """A line that takes what dials and leaves every other key to the dialog."""

    def on_key(self, event: events.Key) -> None:
        """Only what dials is typed; anything else goes on upwards as if no line were here."""
        if event.is_printable and (event.character or " ") not in _DIALLED:
            event.prevent_default()

    def check_consume_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002
        """Whether the key is typed, and so no command."""
        return character is not None and character in _DIALLED


class CallerDialog(Dialog[CallerAnswer]):
    """Type the last digits, or begin with the number that rang.

    Of several who share a number a digit chooses, once Enter has ended what is typed.
    """

    TITLE_IN_HELP = "who is calling"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "book", "Book", id="caller.book", tooltip="Book a visit for them"),
        Binding("enter", "record", "Record", id="caller.record", tooltip="Open their record"),
    ]
    DEFAULT_CSS = """
    CallerDialog .box { border-title-color: $primary; border-title-style: bold; }
    CallerDialog #card { height: auto; margin-top: 1; }
    CallerDialog #callers { margin-top: 1; display: none; }
    CallerDialog.-several #callers { display: block; }
    """

    def __init__(self, desk: Desk, number: str = "") -> None:
        super().__init__()
        self._desk = desk
        self._number = number
        self._found: tuple[FoundPatient, ...] = ()
        self._record: PatientRecord | None = None
        self._is_looking = False
        self._looked_for = ""
        self._wanted: tuple[str, Callable[[], None]] | None = None
        """What a key wanted that came before the answer, and what had been typed by then."""

    def compose(self) -> ComposeResult:
        """The number, those who have it, and what is known of the one it is about."""
        with Vertical(classes="box wide") as box:
            box.border_title = "Who is calling?"
            yield _Digits(
                self._number, placeholder="last digits of their number", select_on_focus=False
            )
            yield NumberedLines(id="callers")
            yield Steady(id="card")
        yield KeyLine()

    def on_mount(self) -> None:
        """Say what to type."""
        if not self._number:
            self._say(Content(_nobody("")))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Who may book is offered it, once it is clear for whom."""
        if action == "book":
            may = reach(self._desk.actor, Permission.BOOK) is not Reach.NONE
            return may and (self._record is not None or self._is_ahead)
        return super().check_action(action, parameters)

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        """Look who has a number that ends so."""
        self._look_anew()
        self.look(event.value)

    @work(exclusive=True, group="load-callers")
    async def look(self, number: str) -> None:
        """Find them, and show the only one at once."""
        try:
            self._found = await read_for(self, self._desk, callers, number, _MOST + 1)
        except Refusal as refusal:
            self._found = ()
            self._say(safe(str(refusal)))
        else:
            await self._list(number)
        self._looked_for = number
        self._go_on()

    async def _list(self, number: str) -> None:
        several = len(self._found) > 1
        self.set_class(several, "-several")
        self.query_one(NumberedLines).show([_line(one) for one in self._found])
        if several:
            more = "More than nine: type another digit." if len(self._found) > _MOST else ""
            self._say(Content(more or "Several share it: Enter, then a digit, says who."))
            if self._number and number == self._number:
                self.query_one(NumberedLines).focus()
        elif self._found:
            await self._show(self._found[0])
        else:
            self._say(Content(_nobody(number)))

    async def _show(self, patient: FoundPatient) -> None:
        desk = self._desk
        try:
            record = await read_for(self, desk, patient_record, patient.patient_id, desk.now())
        except Refusal as refusal:
            self._say(safe(str(refusal)))
            return
        self._about(record)
        self._say(Content("\n").join((caller_words(record, desk), _WHAT_NEXT)))

    def _about(self, record: PatientRecord | None) -> None:
        self._record = record
        self.refresh_bindings()

    def _say(self, content: Content) -> None:
        self.query_one("#card", Steady).put(content)

    @on(NumberedLines.Taken)
    def taken(self, event: NumberedLines.Taken) -> None:
        """It is that one."""
        self._look_anew()
        self.query_one(NumberedLines).show([_line(one) for one in self._found], event.index)
        self.show_one(event.index)

    @on(NumberedLines.Pointed)
    def pointed(self, event: NumberedLines.Pointed) -> None:
        """It may be that one."""
        if event.index is not None:
            self._look_anew()
            self.show_one(event.index)

    @on(NumberedLines.WentOn)
    def went_on(self) -> None:
        """Enter on the one who was chosen."""
        self.action_record()

    @work(exclusive=True, group="load-caller")
    async def show_one(self, index: int) -> None:
        """What is known of one of several, unless others were found meanwhile."""
        if index < len(self._found):
            await self._show(self._found[index])
        self._go_on()

    # What is typed before the answer is there

    @property
    def _is_ahead(self) -> bool:
        return self._is_looking or self.query_one(_Digits).value != self._looked_for

    def _look_anew(self) -> None:
        """It is about nobody until that is answered."""
        self.workers.cancel_group(self, "load-caller")
        self._is_looking = True
        self._about(None)

    def _waits(self, wanted: Callable[[], None]) -> bool:
        """Whether that has to wait for the answer; what is typed behind it does, too."""
        if self._is_ahead:
            self._wanted = self.query_one(_Digits).value, wanted
            keys_wait(self)
            return True
        return False

    def _go_on(self) -> None:
        """What was shown is what is typed: do what was wanted of it."""
        self._is_looking = False
        self.refresh_bindings()
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            if wanted[0] == self._looked_for:
                wanted[1]()
            keys_follow(self)

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Choose among several, or open the record of the only one."""
        if self._waits(self.submitted):
            return
        if self._record is None and len(self._found) > 1:
            self.query_one(NumberedLines).focus()
        else:
            self.action_record()

    def action_book(self) -> None:
        """A visit for them."""
        if not self._waits(self.action_book) and self._record is not None:
            another_follows(self)
            self.dismiss(CallerAnswer(self._record.patient_id, book=True))

    def action_record(self) -> None:
        """Their record."""
        if not self._waits(self.action_record) and self._record is not None:
            self.dismiss(CallerAnswer(self._record.patient_id, book=False))


def caller_words(record: PatientRecord, desk: Desk) -> Content:
    """The name, the usual doctor, when they did not come, and what the desk looks at first."""
    name = Content.styled(safe(record.name).plain, "bold $primary")
    lines = [name, *_habits(record, desk.now(), desk.zone), summary(record, desk)]
    return Content("\n").join(lines)


def _habits(record: PatientRecord, now: datetime, zone: str) -> list[Content]:
    lines = []
    usual = usual_doctor(record.history, now)
    if usual is not None:
        doctor, times, of = usual
        often = f"Usually {doctor}: {times} of the last {of} visits"
        lines.append(safe(often if of > 1 else f"Was here once, with {doctor}"))
    missed = [one for one in record.history if one.status is Status.NOSHOW][:_MISSED_SHOWN]
    if missed:
        days = ", ".join(say_day(local_day(one.starts_at, zone)) for one in missed)
        lines.append(Content.styled(f"Did not come on {days}", "$warning"))
    return lines


def _line(patient: FoundPatient) -> str:
    name = ", ".join(filter(None, (patient.family_name, patient.given_name)))
    born = say_birth_date(patient.birth_date) if patient.birth_date else "unknown"
    alert = "! alert" if patient.alert else ""
    return f"{fit(name, _NAME)}  {born:>{_BORN}}  {fit(patient.record_number, _NUMBER)}  {alert}"


def _nobody(number: str) -> str:
    digits = sum(char.isdigit() for char in number)
    if digits < FEWEST_DIGITS:
        return "Three digits or more find them. Esc goes back."
    return "Nobody on record has that number. Esc goes back; b on any screen registers somebody."
