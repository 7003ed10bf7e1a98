"""The cancelling dialog: whose wish, and why; one key of its own before Enter cancels."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult, RenderResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from ...domain.codes import CancelledBy, Status
from ...domain.errors import BadInput, Refusal
from ...domain.text import showable
from ...domain.times.walltime import say_span
from ...domain.visits.appointments import AppointmentDetails
from ...domain.visits.cancelling import CancelRequest
from ...domain.visits.requests import new_key
from ..base import Dialog
from ..safe import own, safe
from ..styles import style_sheet
from ..widgets.key_line import KeyLine
from .refusals import sentence

if TYPE_CHECKING:
    from ...desk import Desk

_WISHES = (
    (CancelledBy.PATIENT, "p", "the patient's"),
    (CancelledBy.CLINIC, "c", "the clinic's"),
)


@dataclass(frozen=True, slots=True)
class CancelDraft:
    """A cancellation so far, so that a refused one, or one left, comes back as it was."""

    cancelled_by: CancelledBy | None = None
    reason: str = ""
    refusal: Refusal | None = None
    key: str = field(default_factory=new_key)


@dataclass(frozen=True, slots=True)
class CancelAnswer:
    """What the dialog answers: the draft as it was left, and the request when there is one."""

    draft: CancelDraft
    request: CancelRequest | None = None


class Wish(Widget, can_focus=True):
    """Whose wish it is, chosen by its letter: nothing is chosen beforehand."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "choose('patient')", "The patient's", id="wish.patient", tooltip="Wish"),
        Binding("c", "choose('clinic')", "The clinic's", id="wish.clinic", tooltip="Wish"),
    ]

    class Chosen(Message):
        """It is known whose wish it is."""

    def __init__(self, value: CancelledBy | None) -> None:
        super().__init__()
        self.value = value

    def render(self) -> RenderResult:
        """Both, the chosen one marked."""
        return Content("    ").join(
            Content.assemble(
                Content.styled("● " if who is self.value else "○ ", "$primary"),
                Content.styled(key, "bold $primary"),
                f" {words}",
            )
            for who, key, words in _WISHES
        )

    def action_choose(self, who: str) -> None:
        """It is theirs."""
        self.value = CancelledBy(who)
        self.refresh()
        self.post_message(self.Chosen())


class CancelDialog(Dialog[CancelAnswer]):
    """Asks whose wish it is and why. Enter cancels only once a wish was named.

    ``several`` visits of a series may be meant; ``days`` says when they are.
    """

    CSS_PATH = style_sheet("booking")
    TITLE_IN_HELP = "cancelling a visit"

    def __init__(
        self, desk: Desk, visit: AppointmentDetails, draft: CancelDraft, *, several: int = 1,
        days: str = "",
    ) -> None:  # fmt: skip
        super().__init__()
        self._desk = desk
        self._visit = visit
        self._several, self._days = several, days
        # Nobody asks a patient whose wish it is that their own visit be cancelled.
        self._is_own = desk.is_signed_in and desk.actor.is_patient
        self._draft = replace(draft, cancelled_by=CancelledBy.PATIENT) if self._is_own else draft
        asked_for = visit.status is Status.PENDING and several == 1
        self._declines = asked_for and draft.cancelled_by is CancelledBy.CLINIC

    def compose(self) -> ComposeResult:
        """Which visit, whose wish, why, and what Enter does."""
        visit = self._visit
        span = self._days or say_span(visit.starts_at, visit.ends_at, self._desk.zone)
        what = " · ".join(part for part in (span, visit.doctor, visit.visit_type) if part)
        with Vertical(classes="box booking") as box:
            many = "a visit" if self._several == 1 else f"{self._several} visits"
            box.border_title = "Decline a request" if self._declines else f"Cancel {many}"
            name = Content.styled(showable(visit.patient), "bold")
            yield Static(Content.assemble(name, f"\n{showable(what)}"), id="standing")
            with Horizontal(classes="row") as whose:
                yield Label(own("Wish"))
                yield Wish(self._draft.cancelled_by)
            whose.display = not self._is_own
            with Horizontal(classes="row"):
                yield Label(own("Reason"))
                yield Input(self._draft.reason, id="reason", placeholder="in a few words, or none")
            yield Static(id="does", classes="hint")
            yield Static(id="refusal", classes="refusal")
        yield KeyLine()

    def on_mount(self) -> None:
        """Ask whose wish it is, or why where that is known."""
        self._say_what_it_does()
        if self._draft.cancelled_by is None:
            self.query_one(Wish).focus()
        else:
            self.query_one("#reason").focus()
        if self._draft.refusal is not None:
            self.query_one("#refusal", Static).update(safe(sentence(self._draft.refusal)))
            if isinstance(self._draft.refusal, BadInput):
                self.query_one("#reason").focus()

    @on(Wish.Chosen)
    def chosen(self) -> None:
        """The reason is next; Enter there cancels."""
        self._say_what_it_does()
        self.query_one("#reason").focus()

    @on(Input.Submitted, "#reason")
    def submit(self) -> None:
        """Enter cancels the visit, if it is known whose wish that is."""
        draft = self.draft
        if draft.cancelled_by is None:
            self.query_one(Wish).focus()
            return
        request = CancelRequest(
            self._visit.appointment_id, draft.cancelled_by, draft.reason, draft.key
        )
        self.dismiss(CancelAnswer(draft, request))

    def action_leave(self) -> None:
        """Leave it booked, with what was typed kept."""
        self.dismiss(CancelAnswer(self.draft))

    @property
    def draft(self) -> CancelDraft:
        """Everything as it stands now."""
        wish, reason = self.query_one(Wish).value, self.query_one("#reason", Input).value
        return CancelDraft(wish, reason, key=self._draft.key)

    def _say_what_it_does(self) -> None:
        known = self.query_one(Wish).value is not None
        does = "declines" if self._declines else "cancels"
        does = f"Enter {does} it: its time is free at once."
        if self._several > 1:
            does = f"Enter cancels all {self._several}: their time is free at once."
        words = does if known else "p or c: whose wish?"
        self.query_one("#does", Static).update(safe(words))
