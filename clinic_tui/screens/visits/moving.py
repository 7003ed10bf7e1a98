"""The moving dialog: where a visit stands and where it is to stand; answers with a request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from ...domain.errors import BadInput, Refusal
from ...domain.text import showable
from ...domain.times.walltime import say_span
from ...domain.visits.appointments import AppointmentDetails
from ...domain.visits.moving import MoveRequest
from ..base import Dialog
from ..booking.draft import BookingDraft
from ..place.form import PlaceForm
from ..safe import safe
from ..styles import style_sheet
from ..typed import typed_in
from ..widgets.key_line import KeyLine
from .refusals import FIELDS, sentence

if TYPE_CHECKING:
    from ...desk import Desk

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class MoveAnswer:
    """What the dialog answers: the draft as it was left, and the request when there is one."""

    draft: BookingDraft
    request: MoveRequest | None = None


class MoveDialog(Dialog[MoveAnswer]):
    """Asks for a visit's new place. The old one stands until the new one is taken."""

    CSS_PATH = style_sheet("booking")
    TITLE_IN_HELP = "moving a visit"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "move", "Move", id="moving.move", tooltip="To what the line says"),
    ]

    def __init__(self, desk: Desk, visit: AppointmentDetails, draft: BookingDraft) -> None:
        super().__init__()
        self._desk = desk
        self._visit = visit
        self._draft = draft

    def compose(self) -> ComposeResult:
        """Where it stands over where it is to stand."""
        visit = self._visit
        span = say_span(visit.starts_at, visit.ends_at, self._desk.zone)
        stands = " · ".join(part for part in (span, visit.doctor, visit.room) if part)
        with Vertical(classes="box booking") as box:
            box.border_title = "Move a visit"
            yield Static(
                Content.assemble(
                    Content.styled(showable(f"{visit.patient}, {visit.visit_type}"), "bold"),
                    Content.styled(f"\nstands at  {showable(stands)}", "$foreground 70%"),
                ),
                id="standing",
            )
            yield PlaceForm(self._desk, self._draft, visit)
            yield Static(id="refusal", classes="refusal")
        yield KeyLine()

    def on_mount(self) -> None:
        """Digits choose at once; g types a day."""
        self._form.is_for(self._visit.patient_id, self._visit.patient)
        self._form.go_to_openings()
        if self._draft.refusal is not None:
            self.show_refusal(self._draft.refusal)

    @property
    def _form(self) -> PlaceForm:
        return self.query_one(PlaceForm)

    @on(PlaceForm.Confirmed)
    def confirmed(self) -> None:
        """Enter on what is free."""
        self.action_move()

    @on(PlaceForm.Refused)
    def refused(self, event: PlaceForm.Refused) -> None:
        """Say why not."""
        self.show_refusal(event.refusal)

    @on(Input.Changed)
    def typing(self) -> None:
        """A refusal has been read once something is typed."""
        self.query_one("#refusal", Static).update("")

    def action_move(self) -> None:
        """Answer with the request, or go to what is missing for it."""
        if not self._form.is_loaded:
            self._form.go_on()
            return
        visit, fields = self._visit, self._form.fields
        try:
            doctor_id, starts_at = self._form.place()
            request = MoveRequest(
                appointment_id=visit.appointment_id,
                doctor_id=doctor_id,
                starts_at=starts_at,
                minutes=fields.minutes or (visit.ends_at - visit.starts_at) // _MINUTE,
                room_id=fields.room_id,
                seen_sequence=visit.sequence,
                key=self._draft.key,
            )
        except BadInput as refusal:
            self.show_refusal(refusal)
        else:
            self.dismiss(MoveAnswer(self.draft, request))

    def action_leave(self) -> None:
        """Leave it where it stands, with what was typed kept."""
        self.dismiss(MoveAnswer(self.draft))

    def action_later(self) -> None:
        """Later openings."""
        self._form.later()

    def action_to_day(self) -> None:
        """Type a day."""
        self.query_one("#day").focus()

    @property
    def draft(self) -> BookingDraft:
        """Everything as it stands now."""
        fields = self._form.fields
        return replace(
            self._draft,
            doctor_id=fields.picked("doctor"),
            room_id=fields.picked("room"),
            typed=typed_in(self),
            refusal=None,
        )

    def show_refusal(self, refusal: Refusal) -> None:
        """Say why not, and go to the field it is about."""
        said = "" if self._form.says(refusal) else sentence(refusal)
        self.query_one("#refusal", Static).update(safe(said))
        field = FIELDS.get(refusal.field) if isinstance(refusal, BadInput) else None
        if field is None:
            self._form.go_to_openings()
        else:
            self.query_one(f"#{field}").focus()


def draft_of(visit: AppointmentDetails) -> BookingDraft:
    """A draft that says where the visit stands."""
    return BookingDraft(
        doctor_id=visit.doctor_id,
        starts_at=visit.starts_at,
        patient_id=visit.patient_id,
        visit_type_id=visit.visit_type_id,
        minutes=(visit.ends_at - visit.starts_at) // _MINUTE,
        room_id=visit.room_id,
    )
