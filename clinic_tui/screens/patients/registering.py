"""Registering and changing a patient, each as one story: ask, check, run, tell."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ...domain.errors import ChangedMeanwhile, Refusal
from ...domain.patients.details import PatientDetails
from ...domain.patients.history import PatientRecord, patient_record
from ...domain.patients.patients import change_patient, register_patient
from ...domain.patients.search import PossibleDuplicate, parse_query, possible_duplicates
from ...domain.text import full_name
from ...domain.times.walltime import local_day
from ...domain.visits.requests import new_key
from ..base import ClinicScreen, Dialog
from ..form import Filled, Typed
from ..safe import as_own, own, safe
from ..widgets.cells import fit
from ..widgets.key_line import KeyLine
from ..wording import say_birth_date
from .form import PatientForm, details_of, typed_of

if TYPE_CHECKING:
    from ...desk import Desk

Drafts = MutableMapping[int | None, Typed]
"""What was typed and not saved, by patient; None is the new one."""


async def register_new(screen: ClinicScreen, searched: str, drafts: Drafts) -> int | None:
    """Register somebody; returns the id, also of the one on record who it turned out to be.

    ``searched`` is the search line that found nobody: it is typed once, not twice.
    """
    desk = screen.desk
    empty = typed_from_search(desk, searched)
    draft, refusal = drafts.pop(None, None), None
    asked, key = None, new_key()
    while True:
        form = PatientForm(desk, "New patient", empty, draft=draft, refusal=refusal)
        filled: Filled = await screen.app.push_screen_wait(form)
        if not filled.save:
            _keep(drafts, None, filled.typed, empty)
            return None
        draft, refusal = filled.typed, None
        try:
            details = _details(desk, draft)
            if details != asked:
                # Of the same request the answer may have been lost: they are on record by now.
                alike = await desk.read(possible_duplicates, details, desk.now())
                if alike:
                    decision = await screen.app.push_screen_wait(DuplicatesDialog(alike))
                    if decision is None:
                        continue
                    if decision.patient_id is not None:
                        return decision.patient_id
                asked, key = details, new_key()
            patient_id = await desk.run(register_patient, details, desk.now(), key)
        except Refusal as refused:
            refusal = refused
            continue
        screen.tell(f"{full_name(details.given_name, details.family_name)} is registered.")
        return patient_id


async def edit_patient(screen: ClinicScreen, record: PatientRecord, drafts: Drafts) -> bool:
    """Change a patient; whether anything was changed."""
    desk = screen.desk
    seen = record.details
    on_record = typed_of(seen, desk.settings.region)
    draft, refusal = drafts.pop(record.patient_id, None), None
    while True:
        form = PatientForm(desk, record.name, on_record, draft=draft, refusal=refusal)
        filled: Filled = await screen.app.push_screen_wait(form)
        if not filled.save:
            _keep(drafts, record.patient_id, filled.typed, on_record)
            return False
        draft = filled.typed
        try:
            details = _details(desk, draft)
            await desk.run(change_patient, record.patient_id, details, desk.now(), seen)
        except ChangedMeanwhile:
            fresh = await desk.read(patient_record, record.patient_id, desk.now())
            theirs = typed_of(fresh.details, desk.settings.region)
            draft, refusal = _merged(on_record, theirs, draft)
            seen, on_record = fresh.details, theirs
        except Refusal as refused:
            refusal = refused
        else:
            screen.tell(f"Saved: {full_name(details.given_name, details.family_name)}.")
            return True


def typed_from_search(desk: Desk, searched: str) -> Typed:
    """A new patient's fields with what the search line told: a birth date, a phone, names.

    Of several names the last is taken for the family name, as names are spoken.
    """
    region, today = desk.settings.region, local_day(desk.now(), desk.zone)
    typed = typed_of(PatientDetails("", ""), region)
    names, digits = [], []
    for token in searched.split():
        if parse_query(token, region, today).birth_date is not None:
            typed["born"] = token
        elif any(char.isdigit() for char in token):
            digits.append(token)
        else:
            names.append(token[:1].upper() + token[1:])
    *given, family = names or [""]
    return typed | {"given": " ".join(given), "family": family, "phones": " ".join(digits)}


def _details(desk: Desk, typed: Typed) -> PatientDetails:
    return details_of(typed, desk.settings.region, local_day(desk.now(), desk.zone))


def _keep(drafts: Drafts, whose: int | None, typed: Typed, original: Typed) -> None:
    if dict(typed) != dict(original):
        drafts[whose] = typed


def _merged(before: Typed, theirs: Typed, mine: Typed) -> tuple[Typed, Refusal]:
    """What somebody else wrote, and over it what was typed here; and the sentence that says so."""
    changed = [key for key in before if theirs[key] != before[key]]
    typed = {key: theirs[key] if mine[key] == before[key] else mine[key] for key in before}
    names = ", ".join(PatientForm.LABELS[key].lower() for key in changed) or "something"
    return typed, ChangedMeanwhile(
        f"Somebody else has just changed this patient ({names}). What you typed is kept: Ctrl+S"
        " saves it, Ctrl+R shows theirs."
    )


_NAME = 22
"""Cells of a name: what speaks for its being the same person is as telling."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Who it is after all: somebody on record, or, with None, nobody yet."""

    patient_id: int | None


class DuplicatesDialog(Dialog[Decision | None]):
    """Shows who on record the new patient may be, before anything is saved."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "take(0)", "Is this one", id="duplicates.1", tooltip="Already on record"),
        *(
            Binding(
                str(at + 1),
                f"take({at})",
                "Is that one",
                id=f"duplicates.{at + 1}",
                show=False,
                tooltip="Already on record",
            )
            for at in range(1, 5)
        ),
        Binding("ctrl+s", "register", "Register anyway", id="duplicates.new", tooltip="A new one"),
    ]
    TITLE_IN_HELP = "possible duplicates"

    def __init__(self, alike: tuple[PossibleDuplicate, ...]) -> None:
        super().__init__()
        self._alike = alike

    def compose(self) -> ComposeResult:
        """The people, numbered, and what speaks for each."""
        with Vertical(classes="box wide"):
            yield Static(own("Already on record?"), classes="title")
            yield OptionList(
                *(Option(_line(at, match)) for at, match in enumerate(self._alike)), id="alike"
            )
            yield Static(
                "A digit takes that patient; Ctrl+S registers somebody new; Esc goes back to the"
                " form.",
                classes="hint",
            )
        yield KeyLine()

    def action_take(self, at: int) -> None:
        """It is that one."""
        if at < len(self._alike):
            self.dismiss(Decision(self._alike[at].patient.patient_id))

    @on(OptionList.OptionSelected)
    def take_line(self, event: OptionList.OptionSelected) -> None:
        """Enter takes the line under the cursor."""
        self.action_take(event.option_index)

    def action_register(self) -> None:
        """It is somebody else of that name."""
        self.dismiss(Decision(None))


def _line(at: int, match: PossibleDuplicate) -> Content:
    patient = match.patient
    names = ", ".join(filter(None, (patient.family_name, patient.given_name)))
    born = say_birth_date(patient.birth_date) if patient.birth_date else ""
    return Content.assemble(
        Content.styled(f"{at + 1} ", "bold"),
        fit(names, _NAME),
        f" {born:>11}  ",
        fit(patient.record_number, 8) + " ",
        as_own(safe(match.why)),
    )
