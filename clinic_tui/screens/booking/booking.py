"""The booking dialog: who, with whom, when and what for; answers with a request to book."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from ...domain.access import Permission, Reach, reach
from ...domain.errors import BadInput, Refusal
from ...domain.visits.booking import BookingRequest
from ..base import Dialog
from ..place.form import PlaceForm
from ..safe import safe
from ..styles import style_sheet
from ..typed import put_typed, typed_in
from ..typing_ahead import another_follows
from ..visits.refusals import FIELDS, sentence
from ..who.picker import PatientPicker
from ..widgets.choice import Choice
from ..widgets.key_line import KeyLine
from ..widgets.who_line import WhoLine
from .draft import BookingDraft
from .new_patient import NewPatient

if TYPE_CHECKING:
    from ...desk import Desk
    from ..place.holding import Holding


@dataclass(frozen=True, slots=True)
class BookingAnswer:
    """What the dialog answers: the draft as it was left, and the request when there is one.

    ``other`` asks for the draft that had been put aside instead, with ``typed`` in its line.
    """

    draft: BookingDraft
    request: BookingRequest | None = None
    other: bool = False
    typed: str | None = None


class BookingDialog(Dialog[BookingAnswer]):
    """Asks for one booking. Knows what is free, writes nothing; ``holding`` keeps what is chosen.

    ``aside`` is another draft, left earlier: Ctrl+R changes over to it. ``restored`` says that
    this one had been left: what is typed over its line begins the other one. ``typed`` is typed
    into the line at once.
    """

    CSS_PATH = style_sheet("booking")
    TITLE_IN_HELP = "the booking"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (25, "-middling"), (34, "-high")]  # noqa: RUF012 - as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "book", "Book", id="booking.book", tooltip="Book what the line says"),
        Binding("ctrl+n", "register", "New patient", id="booking.new", tooltip="Register one"),
        Binding(
            "ctrl+r",
            "change_over",
            "Other draft",
            id="booking.other",
            tooltip="Left before",
            show=False,
        ),
    ]

    def __init__(
        self,
        desk: Desk,
        draft: BookingDraft,
        holding: Holding,
        *,
        aside: BookingDraft | None = None,
        restored: bool = False,
        typed: str | None = None,
    ) -> None:
        super().__init__()
        self._desk = desk
        self._draft = draft
        self._holding = holding
        self._aside = aside
        self._restored = restored
        self._typed = typed
        self._said = "", "refusal"
        self._reads_again = False

    def compose(self) -> ComposeResult:
        """Who over where and when, over the sentence why not."""
        with Vertical(classes="box booking") as box:
            box.border_title = "Book a visit"
            yield PatientPicker(self._desk)
            yield PlaceForm(self._desk, self._draft, holding=self._holding)
            yield Static(id="refusal", classes="refusal")
        yield KeyLine()

    def on_mount(self) -> None:
        """Everything as it was left, and the cursor where the next key is needed."""
        draft = self._draft
        put_typed(self._picker, draft.typed)
        if draft.registering:
            self._picker.resume_registering()
        elif draft.patient_id is not None:
            if name := draft.typed.get("patient"):
                self._picker.resume(draft.patient_id, name)
            else:
                self._picker.load_known(draft.patient_id)
        elif draft.typed.get("patient"):
            self._reads_again = True
            self._picker.search_again()
        self._say(self._about_the_other(), "hint")
        if draft.refusal is not None:
            self.show_refusal(draft.refusal)
        elif self._typed is not None:
            self._picker.line.focus()
            self._picker.line.insert_text_at_cursor(self._typed)
        elif self._gives_way:
            self._picker.line.gives_way = True
            self._picker.line.begin_again()
        elif draft.patient_id is not None or (draft.time_first and not self._restored):
            self._form.go_to_openings()
        else:
            self._picker.line.focus()

    def on_screen_resume(self) -> None:
        """Back from under a lock: what was chosen may have run out meanwhile."""
        super().on_screen_resume()
        self._holding.renew()

    @property
    def _picker(self) -> PatientPicker:
        return self.query_one(PatientPicker)

    @property
    def _form(self) -> PlaceForm:
        return self.query_one(PlaceForm)

    @property
    def _gives_way(self) -> bool:
        """Whether it was left, and begun again by a key that says nothing of whom it is for."""
        return self._restored and self._aside is not None and self._aside.patient_id is None

    @on(WhoLine.Overtyped)
    def overtyped(self, event: WhoLine.Overtyped) -> None:
        """It is about somebody else: nothing of what was left is for them."""
        another_follows(self)
        self.dismiss(BookingAnswer(self.draft, other=True, typed=event.text))

    # Between the two halves

    @on(PatientPicker.Settled)
    def settled(self) -> None:
        """It is clear who: their visits count, and the openings are next."""
        self._form.is_for(self._picker.patient_id, self._picker.who)
        self._form.go_to_openings()

    @on(PatientPicker.Known)
    def known(self) -> None:
        """The name is there; the cursor stays."""
        self._form.is_for(self._picker.patient_id, self._picker.who)

    @on(PatientPicker.Read)
    def read(self, event: PatientPicker.Read) -> None:
        """What the line says of the place goes into the fields, unless they were left so."""
        if self._reads_again:
            self._reads_again = False
            self._form.stands_as_said(event.meaning)
        else:
            self._form.put_said(event.meaning)

    @on(PatientPicker.Unsettled)
    def unsettled(self) -> None:
        """Nobody's visits count."""
        self._form.is_for(None, "")

    @on(PatientPicker.Refused)
    @on(PlaceForm.Refused)
    def refused(self, event: PatientPicker.Refused | PlaceForm.Refused) -> None:
        """Say why not; whoever is typing in the line goes on there."""
        self.show_refusal(event.refusal, stays=isinstance(event, PatientPicker.Refused))

    @on(PlaceForm.Chosen)
    def chosen(self) -> None:
        """Who comes is next, if that is still to be said."""
        if not self._picker.is_settled and not self._picker.is_registering:
            self._picker.line.focus()

    @on(NewPatient.Numbered)
    def numbered(self, event: NewPatient.Numbered) -> None:
        """A digit typed where a name begins: that opening; the cursor stays."""
        self._form.take_numbered(event.index)

    @on(PlaceForm.Lost)
    def lost(self, event: PlaceForm.Lost) -> None:
        """Say what is not kept any more; the cursor stays."""
        self._say(event.sentence, "refusal")

    @on(PlaceForm.Confirmed)
    def confirmed(self) -> None:
        """Enter on what is free."""
        self.action_book()

    @on(Input.Changed)
    @on(Choice.Changed)
    def typing(self) -> None:
        """A refusal has been read once something is typed."""
        if self._said[0]:
            self._say("", "refusal")

    # Keys

    def action_book(self) -> None:
        """Answer with the request, or go to what is missing for it."""
        if self._picker.is_registering and not self._picker.is_settled:
            self._picker.new.go_on()
            return
        if not self._form.is_loaded:
            self._form.go_on()
            return
        if self._picker.awaited_id is not None:
            self._picker.take()
            return
        try:
            request = self._request()
        except BadInput as refusal:
            self.show_refusal(refusal)
        else:
            self.dismiss(BookingAnswer(self.draft, request))

    def action_register(self) -> None:
        """It is for somebody new."""
        self._picker.register()

    def action_leave(self) -> None:
        """One step back: out of the new patient's fields, or out, with what was typed kept."""
        if self._picker.is_registering and not self._picker.is_settled:
            self._picker.back_to_search()
        else:
            self.dismiss(BookingAnswer(self.draft))

    def action_change_over(self) -> None:
        """Ask for the other draft."""
        self.dismiss(BookingAnswer(self.draft, other=True))

    def action_later(self) -> None:
        """Later openings."""
        self._form.later()

    def action_to_day(self) -> None:
        """Type a day."""
        self.query_one("#day").focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what there is."""
        if action == "change_over":
            return self._restored or self._aside is not None
        if action == "register":
            return reach(self._desk.actor, Permission.REGISTER_PATIENT) is not Reach.NONE
        return super().check_action(action, parameters)

    # Draft and request

    @property
    def draft(self) -> BookingDraft:
        """Everything as it stands now."""
        fields = self._form.fields
        return replace(
            self._draft,
            patient_id=self._picker.patient_id or self._picker.awaited_id,
            registering=self._picker.is_registering,
            typed=typed_in(self) | fields.typed(),
            refusal=None,
            doctor_id=fields.picked("doctor"),
            visit_type_id=fields.picked("type"),
            room_id=fields.picked("room"),
        )

    def _request(self) -> BookingRequest:
        picker, form = self._picker, self._form
        if not picker.is_settled:
            raise BadInput("Patient", "Patient: choose who it is for.")
        doctor_id, starts_at = form.place()
        return BookingRequest(
            doctor_id=doctor_id,
            visit_type_id=form.fields.visit_type_id,
            starts_at=starts_at,
            patient_id=picker.patient_id,
            new_patient=picker.new_details(),
            minutes=form.fields.minutes,
            room_id=form.fields.room_id,
            note=form.fields.note,
            key=self._draft.key,
        )

    # Saying

    def show_refusal(self, refusal: Refusal, *, stays: bool = False) -> None:
        """Say why not, and go to the field it is about, or to the openings if it is to none."""
        self._say("" if self._form.says(refusal) else sentence(refusal), "refusal")
        field = FIELDS.get(refusal.field) if isinstance(refusal, BadInput) else None
        if field is not None:
            self.query_one(f"#{field}").focus()
        elif not stays:
            self._form.go_to_openings()

    def _about_the_other(self) -> str:
        if self._restored:
            return "As you left it. Ctrl+R starts anew."
        if self._aside is not None:
            whom = f" for {self._aside.whose}" if self._aside.whose else ""
            return f"Ctrl+R brings back what you had typed{whom}."
        return ""

    def _say(self, sentence: str, kind: str) -> None:
        if (sentence, kind) == self._said:
            return
        self._said = sentence, kind
        line = self.query_one("#refusal", Static)
        line.update(safe(sentence), layout=False)
        line.set_classes(kind)
