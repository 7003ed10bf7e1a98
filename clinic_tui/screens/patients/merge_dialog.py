"""Two records of one person side by side: what is kept, and what is taken over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from ...domain.codes import Channel, Sex
from ...domain.errors import Refusal
from ...domain.patients.contact import show_phone
from ...domain.patients.details import PatientDetails
from ...domain.patients.history import PatientRecord
from ...domain.times.walltime import say_moment
from ..absence.plan_draft import count_visits
from ..base import Dialog
from ..safe import own, safe
from ..styles import style_sheet
from ..widgets.cells import fit
from ..widgets.key_line import KeyLine
from ..widgets.steady import Steady
from ..wording import say_birth_date

if TYPE_CHECKING:
    from ...desk import Desk

_LABEL = 11
_FAINT = "$foreground 60%"
_MOST_HISTORY = 100
_TAKEN_OVER = "→ "
_NO = "–"


@dataclass(frozen=True, slots=True)
class MergeAnswer:
    """Which record is kept and which goes into it; ``merge`` unless they are left as they are."""

    kept_id: int
    merged_id: int
    merge: bool


class MergeDialog(Dialog[MergeAnswer]):
    """Both records side by side, what is kept, and what the kept one takes over."""

    CSS_PATH = style_sheet("plan")
    TITLE_IN_HELP = "two records of one person"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "merge", "Make one", id="merge.merge", tooltip="u takes it back"),
        Binding("x", "swap", "Keep the other", id="merge.swap", tooltip="The other one is kept"),
    ]

    def __init__(
        self, desk: Desk, kept: PatientRecord, merged: PatientRecord, refusal: Refusal | None
    ) -> None:
        super().__init__()
        self._desk = desk
        self._kept, self._merged = kept, merged
        self._refusal = refusal

    def compose(self) -> ComposeResult:
        """A line for each thing on record."""
        with Vertical(classes="box plan") as box:
            box.border_title = "One person?"
            yield Steady(id="sides")
            yield Static(id="says")
        yield KeyLine()

    def on_mount(self) -> None:
        """Say why not, where it was refused."""
        says = self.query_one("#says", Static)
        says.set_class(self._refusal is not None, "refusal")
        says.update(
            safe(str(self._refusal))
            if self._refusal is not None
            else "→ is taken over; visits, waitlist and replies follow. u takes it back."
        )

    def on_resize(self) -> None:
        """Two columns as wide as there is room."""
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        sides = self.query_one("#sides", Steady)
        width = max(20, (sides.size.width - _LABEL) // 2)
        rows = _rows(self._kept, self._merged, self._desk)
        lines = [
            Content.assemble(
                " " * _LABEL,
                own(fit("kept", width), "bold $primary"),
                own(fit("goes into it", width), f"bold {_FAINT}"),
            )
        ]
        lines += [
            Content.assemble(
                own(fit(label, _LABEL), _FAINT),
                fit(ours, width - 1) + " ",
                Content.styled(
                    fit(theirs, width), "bold" if theirs.startswith(_TAKEN_OVER) else _FAINT
                ),
            )
            for label, ours, theirs in rows
        ]
        sides.put(Content("\n").join(lines))

    def action_swap(self) -> None:
        """The other one is kept."""
        self._kept, self._merged = self._merged, self._kept
        self._show()

    def action_merge(self) -> None:
        """Make them one."""
        self.dismiss(MergeAnswer(self._kept.patient_id, self._merged.patient_id, merge=True))

    def action_leave(self) -> None:
        """They stay two."""
        self.dismiss(MergeAnswer(self._kept.patient_id, self._merged.patient_id, merge=False))


def _rows(kept: PatientRecord, merged: PatientRecord, desk: Desk) -> list[tuple[str, str, str]]:
    """Label, what the kept record has, what the other has; marked where that is taken over."""
    region = desk.settings.region
    ours, theirs = kept.details, merged.details
    numbers = [number for number in theirs.phones if number not in ours.phones]
    alert = theirs.alert and theirs.alert not in ours.alert
    more = len(merged.history)
    followed = f"at least {_MOST_HISTORY} visits" if more >= _MOST_HISTORY else count_visits(more)
    return [
        ("Name", _names(ours), _names(theirs)),
        ("Number", ours.record_number, theirs.record_number),
        _lacking("Born", ours, theirs, _born),
        _lacking("Sex", ours, theirs, lambda one: "" if one.sex is Sex.UNKNOWN else one.sex.value),
        (
            "Phones",
            " · ".join(show_phone(number, region) for number in ours.phones) or _NO,
            (_TAKEN_OVER if numbers else "")
            + (
                " · ".join(show_phone(number, region) for number in numbers or theirs.phones) or _NO
            ),
        ),
        _lacking("E-mail", ours, theirs, lambda one: one.email),
        _lacking("Address", ours, theirs, lambda one: one.address),
        _lacking("Language", ours, theirs, lambda one: one.language),
        _lacking("Prefers", ours, theirs, lambda one: _channel(one.prefers)),
        ("Alert", ours.alert or _NO, f"{_TAKEN_OVER if alert else ''}{theirs.alert or _NO}"),
        ("Next visit", _next(kept, desk), _next(merged, desk)),
        ("Visits", count_visits(len(kept.history)), f"{_TAKEN_OVER if more else ''}{followed}"),
    ]


def _lacking(
    label: str, ours: PatientDetails, theirs: PatientDetails, said: Callable[[PatientDetails], str]
) -> tuple[str, str, str]:
    """One thing, which the kept record takes over where it has none."""
    mine, other = said(ours), said(theirs)
    taken = _TAKEN_OVER if other and not mine else ""
    return label, mine or _NO, f"{taken}{other or _NO}"


def _names(details: PatientDetails) -> str:
    return ", ".join(filter(None, (details.family_name, details.given_name)))


def _born(details: PatientDetails) -> str:
    return say_birth_date(details.birth_date) if details.birth_date else ""


def _channel(channel: Channel | None) -> str:
    if channel is None:
        return ""
    return "SMS" if channel is Channel.SMS else "e-mail"


def _next(record: PatientRecord, desk: Desk) -> str:
    visit = record.next_visit
    return say_moment(visit.starts_at, desk.zone) if visit is not None else _NO
