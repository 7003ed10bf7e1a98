"""Who it is for: found while one types, with what the line says beside the name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from ...domain.access import Permission, Reach, reach
from ...domain.bar.bar import Meaning
from ...domain.errors import BadInput
from ..base import Dialog
from ..safe import safe
from ..styles import style_sheet
from ..typing_ahead import another_follows
from ..widgets.key_line import KeyLine
from .picker import PatientPicker

if TYPE_CHECKING:
    from ...desk import Desk


@dataclass(frozen=True, slots=True)
class WhoAnswer:
    """Whom, by number and name; without a number somebody ``new`` or nobody.

    ``line`` is what stands in the line, ``meaning`` what it says beside the patient.
    """

    line: str
    meaning: Meaning
    patient_id: int | None = None
    name: str = ""
    new: bool = False


class _Finder(PatientPicker):
    """Finds; whoever is new is registered in a form of their own."""

    class Unknown(Message):
        """They are not on record."""

    def register(self) -> None:
        """It is somebody new."""
        if reach(self._desk.actor, Permission.REGISTER_PATIENT) is Reach.NONE:
            self.post_message(self.Refused(BadInput("Patient", "Patient: nobody fits that.")))
        else:
            self.post_message(self.Unknown())


class WhoDialog(Dialog[WhoAnswer]):
    """A search line that may say it all: garcia derm tue."""

    CSS_PATH = style_sheet("booking")
    TITLE_IN_HELP = "who it is for"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "register", "New patient", id="who.new", tooltip="Register one"),
    ]

    def __init__(self, desk: Desk, line: str, title: str) -> None:
        super().__init__()
        self._desk = desk
        self._line = line
        self._title = title
        self._meaning = Meaning()

    def compose(self) -> ComposeResult:
        """The line over whom it finds."""
        with Vertical(classes="box booking") as box:
            box.border_title = self._title
            yield _Finder(self._desk)
            yield Static(id="refusal", classes="refusal")
        yield KeyLine()

    def on_mount(self) -> None:
        """Type at once; what was left is there again."""
        finder = self.query_one(_Finder)
        finder.line.placeholder = "garcia, or more: garcia lee follow-up tue"
        finder.line.focus()
        if self._line:
            finder.line.value = self._line
            finder.line.action_select_all()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Who may register somebody is offered it."""
        if action == "register":
            return reach(self._desk.actor, Permission.REGISTER_PATIENT) is not Reach.NONE
        return super().check_action(action, parameters)

    def action_register(self) -> None:
        """It is somebody new."""
        self.query_one(_Finder).register()

    def action_leave(self) -> None:
        """Nobody; what was typed is offered again."""
        self.dismiss(WhoAnswer(self.query_one(_Finder).line.value, self._meaning))

    @on(PatientPicker.Read)
    def read(self, event: PatientPicker.Read) -> None:
        """What the line says beside the patient."""
        self._meaning = event.meaning

    @on(PatientPicker.Settled)
    def settled(self) -> None:
        """It is clear who."""
        finder = self.query_one(_Finder)
        another_follows(self)
        self.dismiss(WhoAnswer("", self._meaning, finder.patient_id, finder.who))

    @on(_Finder.Unknown)
    def unknown(self) -> None:
        """They are registered first."""
        another_follows(self)
        self.dismiss(WhoAnswer(self.query_one(_Finder).sought, self._meaning, new=True))

    @on(PatientPicker.Refused)
    def refused(self, event: PatientPicker.Refused) -> None:
        """Say why not."""
        self.query_one("#refusal", Static).update(safe(str(event.refusal)), layout=False)
