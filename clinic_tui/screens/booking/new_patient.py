"""Somebody new, typed in while a visit is booked for them; whom they may already be is shown."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label

from ...domain.codes import Sex
from ...domain.errors import BadInput, Refusal
from ...domain.patients.details import PatientDetails, tidy_details
from ...domain.patients.search import FoundPatient, PossibleDuplicate, possible_duplicates
from ...domain.text import full_name
from ...domain.times.dates import clean_birth_date
from ...domain.times.walltime import local_day
from ..patients.registering import typed_from_search
from ..reading import read_for
from ..safe import own
from ..visits import refusals
from ..widgets.cells import fit
from ..widgets.choice import Choice
from ..widgets.lists.numbered import NumberedLines
from ..wording import say_birth_date

if TYPE_CHECKING:
    from ...desk import Desk

_SEXES = tuple((sex.value, sex.value) for sex in (Sex.UNKNOWN, Sex.FEMALE, Sex.MALE, Sex.OTHER))
_SHOWN, _NAME, _NUMBER = 3, 18, 7
_AGREED = (("", "no"), ("yes", "yes"))
_DIGITS = "123456789"


class NameField(Input):
    """A name, which begins with no digit: one typed there takes what is numbered."""

    class Numbered(Message):
        """What stands there under that number, counted from 0."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def on_key(self, event: events.Key) -> None:
        """A digit where a name begins is for what is shown with it, and not typed."""
        digit = event.character if event.is_printable else None
        if digit and digit in _DIGITS and self.selected_text == self.value:
            event.stop()
            event.prevent_default()
            self.post_message(self.Numbered(int(digit) - 1))


class NewPatient(Vertical):
    """The fields of a new patient on three lines, and below them up to three possible doubles."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+t", "swap_names", "Swap names", id="new.swap", tooltip="Family name ⇄ given name"
        ),
    ]

    class Done(Message):
        """Complete, and new indeed."""

    class Doubles(Message):
        """Whether somebody on record may be meant."""

        def __init__(self, *, found: bool) -> None:
            super().__init__()
            self.found = found

    class Known(Message):
        """It is somebody on record."""

        def __init__(self, patient: FoundPatient) -> None:
            super().__init__()
            self.patient = patient

    class Numbered(Message):
        """A digit that is for none of those who may be meant: its number, counted from 0."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    class Refused(refusals.Refused):
        """Something typed cannot be taken."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._doubles: tuple[PossibleDuplicate, ...] = ()
        self._looking = False
        self._waited_for = False
        self._digit: int | None = None

    def compose(self) -> ComposeResult:
        """Family and given name; birth date, sex and phone; e-mail and consent; doubles."""
        with Horizontal(classes="row"):
            yield Label(own("Family"))
            yield NameField(id="family")
            yield Label(own("Given"), classes="next")
            yield NameField(id="given")
        with Horizontal(classes="row"):
            yield Label(own("Born"))
            yield Input(id="born", placeholder="12mar84")
            yield Label(own("Sex"), classes="next")
            yield Choice(_SEXES, Sex.UNKNOWN.value, id="sex")
            yield Label(own("Phone"), classes="next")
            yield Input(id="phone")
        with Horizontal(classes="row"):
            yield Label(own("E-mail"))
            yield Input(id="email")
            yield Label(own("Agreed to SMS"), classes="next")
            yield Choice(_AGREED, "", id="sms")
            yield Label(own("e-mail"), classes="next")
            yield Choice(_AGREED, "", id="mail")
        yield NumberedLines(id="doubles")

    def prefill(self, text: str) -> None:
        """Make a start from what was typed to search: names, birth date, phone."""
        before, comma, after = text.partition(",")
        typed = typed_from_search(self._desk, f"{after} {before}" if comma else text)
        for key, field in (
            ("family", "family"),
            ("given", "given"),
            ("born", "born"),
            ("phones", "phone"),
        ):
            self.query_one(f"#{field}", Input).value = typed[key]

    def action_swap_names(self) -> None:
        """Family name and given name change places: they were heard the other way round."""
        family, given = self.query_one("#family", Input), self.query_one("#given", Input)
        family.value, given.value = given.value, family.value

    def begin(self) -> None:
        """Type in the first field that is still empty."""
        fields = [self.query_one(f"#{key}", Input) for key in ("family", "given", "born", "phone")]
        next((field for field in fields if not field.value), fields[0]).focus()

    @property
    def who(self) -> str:
        """The name as typed."""
        return full_name(self._text("given").strip(), self._text("family").strip())

    def details(self) -> PatientDetails:
        """What was typed; ``BadInput`` naming the field for what cannot be taken."""
        region, today = self._desk.settings.region, self._today
        phone = self._text("phone").strip()
        details = PatientDetails(
            family_name=self._text("family"),
            given_name=self._text("given"),
            birth_date=clean_birth_date(self._text("born"), region, today),
            sex=Sex(self.query_one("#sex", Choice).value),
            phones=(phone,) if phone else (),
            email=self._text("email"),
            sms_consent=self.query_one("#sms", Choice).value == "yes",
            email_consent=self.query_one("#mail", Choice).value == "yes",
        )
        tidy_details(details, region, today)
        return details

    def go_on(self) -> None:
        """Be done, unless a field is wrong or somebody on record may be meant."""
        try:
            self.details()
        except BadInput as refusal:
            self.post_message(self.Refused(refusal))
            return
        if self._looking:
            self._waited_for = True
        elif self._doubles:
            self.query_one("#doubles", NumberedLines).focus()
        else:
            self.post_message(self.Done())

    @on(Input.Submitted)
    def entered(self, event: Input.Submitted) -> None:
        """Enter in any field says that this is all."""
        event.stop()
        self.go_on()

    @on(Input.Changed, "#family, #given, #born, #phone")
    def look(self, event: Input.Changed) -> None:
        """Every letter may make it somebody known."""
        event.stop()
        try:
            details = self.details()
        except BadInput:
            return
        self._looking = True
        self.find_doubles(details)

    @work(exclusive=True, group="find-doubles")
    async def find_doubles(self, details: PatientDetails) -> None:
        """Show whom on record they may be."""
        try:
            self._doubles = await read_for(
                self, self._desk, possible_duplicates, details, self._desk.now()
            )
        except Refusal as refusal:
            self.post_message(self.Refused(refusal))
        self._looking = False
        lines = [_line(double) for double in self._doubles[:_SHOWN]]
        self.query_one("#doubles", NumberedLines).show(lines)
        self.post_message(self.Doubles(found=bool(lines)))
        digit, self._digit = self._digit, None
        if digit is not None and not lines:  # Of those who come only now nobody was chosen.
            self.post_message(self.Numbered(digit))
        if self._waited_for:
            self._waited_for = False
            self.go_on()

    @on(NameField.Numbered)
    def numbered(self, event: NameField.Numbered) -> None:
        """A digit: one of those on record or, where nobody may be meant, what else is numbered."""
        event.stop()
        if self._looking:
            self._digit = event.index
        elif not self._doubles:
            self.post_message(self.Numbered(event.index))
        elif event.index < len(self._doubles[:_SHOWN]):
            self.post_message(self.Known(self._doubles[event.index].patient))

    @on(NumberedLines.Taken, "#doubles")
    def take_known(self, event: NumberedLines.Taken) -> None:
        """A digit: it is that one."""
        event.stop()
        self.post_message(self.Known(self._doubles[event.index].patient))

    @on(NumberedLines.WentOn, "#doubles")
    def register_anyway(self, event: NumberedLines.WentOn) -> None:
        """Enter: it is none of them."""
        event.stop()
        self.post_message(self.Done())

    def _text(self, key: str) -> str:
        return self.query_one(f"#{key}", Input).value

    @property
    def _today(self) -> date:
        return local_day(self._desk.now(), self._desk.zone)


def _line(double: PossibleDuplicate) -> str:
    patient = double.patient
    names = ", ".join(filter(None, (patient.family_name, patient.given_name)))
    born = say_birth_date(patient.birth_date) if patient.birth_date else ""
    why = double.why.replace(", same ", ", ")
    return f"{fit(names, _NAME)}  {born:>11}  {fit(patient.record_number, _NUMBER)}  {why}"
