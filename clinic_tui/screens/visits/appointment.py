"""A visit in full; its keys act on it."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Label, Static

from ...domain.access import Permission, may
from ...domain.codes import Status
from ...domain.patients.history import PatientRecord
from ...domain.text import showable
from ...domain.times.walltime import say_moment, say_span, say_time
from ...domain.visits.appointments import AppointmentDetails
from ...domain.visits.status_words import STATUS_WORDS
from ..base import Dialog
from ..safe import own, safe
from ..signs import STATUS_SIGNS
from ..styles import style_sheet
from ..who.summary import alert_words, missed_words, person_words
from ..widgets.key_line import KeyLine

if TYPE_CHECKING:
    from ...desk import Desk

_MINUTE = timedelta(minutes=1)


class Deed(StrEnum):
    """What a key of the dialog asks to be done with the visit."""

    MOVE = "move"
    CANCEL = "cancel"
    STEP = "step"
    STEP_BACK = "step_back"
    CONFIRM = "confirm"
    REINSTATE = "reinstate"
    NOSHOW = "noshow"
    EARLIER = "earlier"
    SERIES = "series"
    PATIENT = "patient"


_MOVABLE = frozenset({Status.PENDING, Status.BOOKED, Status.ARRIVED})
_FROM: dict[str, tuple[Deed, Permission, frozenset[Status]]] = {
    "move": (Deed.MOVE, Permission.BOOK, _MOVABLE),
    "cancel": (Deed.CANCEL, Permission.BOOK, _MOVABLE),
    "arrive": (Deed.STEP, Permission.RUN_VISITS, frozenset({Status.BOOKED})),
    "enter_room": (Deed.STEP, Permission.RUN_VISITS, frozenset({Status.ARRIVED})),
    "finish": (Deed.STEP, Permission.RUN_VISITS, frozenset({Status.CHECKED_IN})),
    "step_back": (
        Deed.STEP_BACK,
        Permission.STEP_BACK,
        frozenset({Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED, Status.NOSHOW}),
    ),
    "confirm": (Deed.CONFIRM, Permission.CONFIRM, frozenset({Status.PENDING})),
    "reinstate": (Deed.REINSTATE, Permission.BOOK, frozenset({Status.CANCELLED})),
    "noshow": (Deed.NOSHOW, Permission.RUN_VISITS, frozenset({Status.BOOKED})),
    "earlier": (Deed.EARLIER, Permission.WAIT, _MOVABLE),
}
"""By action: what it asks for, who may, and from which statuses it leads on."""
_IN_TIME = {Deed.NOSHOW: True, Deed.EARLIER: False, Deed.REINSTATE: False}
"""What is done only once the visit's time has come, and what only before."""


class VisitDialog(Dialog[Deed]):
    """Shows everything there is to know of a visit and answers with what is to be done."""

    CSS_PATH = style_sheet("booking")
    TITLE_IN_HELP = "the visit"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "arrive", "Arrived", id="visit.arrive", tooltip="The patient is here"),
        Binding("i", "enter_room", "In the room", id="visit.room", tooltip="With the doctor"),
        Binding("i", "finish", "Done", id="visit.finish", tooltip="The visit is over"),
        Binding("I", "step_back", "Step back", id="visit.back", tooltip="Undo the last step"),
        Binding("c", "confirm", "Confirm", id="visit.confirm", tooltip="Say yes to the request"),
        Binding("m", "move", "Move", id="visit.move", tooltip="Another time, doctor or room"),
        Binding("d", "cancel", "Cancel", id="visit.cancel", tooltip="Ask whose wish, and why"),
        Binding("r", "reinstate", "Reinstate", id="visit.reinstate", tooltip="Where it stood"),
        Binding("e", "earlier", "Earlier", id="visit.earlier", tooltip="They want an earlier time"),
        Binding("S", "series", "Series", id="visit.series", tooltip="The same again, repeatedly"),
        Binding("N", "noshow", "Did not come", id="visit.noshow", tooltip="Nobody came"),
        Binding("p", "patient", "Patient", id="visit.patient", tooltip="Their record"),
    ]

    def __init__(
        self, desk: Desk, visit: AppointmentDetails, record: PatientRecord, series: str = ""
    ) -> None:
        super().__init__()
        self._desk = desk
        self._series = series
        self._visit = visit
        self._record = record

    def compose(self) -> ComposeResult:
        """Who, when, what for, how it stands."""
        with VerticalScroll(classes="box booking visit", can_focus=False) as box:
            box.border_title = own("Visit")
            yield Static(_who(self._visit, self._record, self._desk), id="standing")
            for label, text in _facts(self._visit, self._series, self._desk):
                with Horizontal(classes="fact"):
                    yield Label(own(label))
                    yield Static(safe(text))
        yield KeyLine()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what leads on from here and what the actor may do with this visit."""
        known = _FROM.get(action)
        if action == "series":
            whose = {"doctor_id": self._visit.doctor_id, "patient_id": self._visit.patient_id}
            return may(self._desk.actor, Permission.BOOK, **whose)
        if known is None:
            return super().check_action(action, parameters)
        deed, permission, statuses = known
        visit = self._visit
        has_begun = visit.starts_at <= self._desk.now()
        return (
            _IN_TIME.get(deed, has_begun) is has_begun
            and visit.status in statuses
            and may(
                self._desk.actor,
                permission,
                doctor_id=visit.doctor_id,
                patient_id=visit.patient_id,
            )
        )

    def action_move(self) -> None:
        """Another time, doctor or room."""
        self.dismiss(Deed.MOVE)

    def action_cancel(self) -> None:
        """Give its time back."""
        self.dismiss(Deed.CANCEL)

    def action_arrive(self) -> None:
        """The patient is here."""
        self.dismiss(Deed.STEP)

    def action_enter_room(self) -> None:
        """The patient is with the doctor."""
        self.dismiss(Deed.STEP)

    def action_finish(self) -> None:
        """The visit is over."""
        self.dismiss(Deed.STEP)

    def action_step_back(self) -> None:
        """Take the last step back."""
        self.dismiss(Deed.STEP_BACK)

    def action_confirm(self) -> None:
        """Say yes to a request."""
        self.dismiss(Deed.CONFIRM)

    def action_reinstate(self) -> None:
        """Bring it back to where it stood."""
        self.dismiss(Deed.REINSTATE)

    def action_noshow(self) -> None:
        """Nobody came."""
        self.dismiss(Deed.NOSHOW)

    def action_earlier(self) -> None:
        """They want an earlier time."""
        self.dismiss(Deed.EARLIER)

    def action_series(self) -> None:
        """The same visit again and again."""
        self.dismiss(Deed.SERIES)

    def action_patient(self) -> None:
        """Their record."""
        self.dismiss(Deed.PATIENT)


def _who(visit: AppointmentDetails, record: PatientRecord, desk: Desk) -> Content:
    details = record.details
    lines = (
        Content.styled(showable(visit.patient), "bold $primary"),
        alert_words(details.alert),
        person_words(details, desk),
        missed_words(record),
    )
    return Content("\n").join(line for line in lines if line)


def _facts(visit: AppointmentDetails, series: str, desk: Desk) -> list[tuple[str, str]]:
    """What there is to say, and under which word."""
    zone = desk.zone
    minutes = (visit.ends_at - visit.starts_at) // _MINUTE
    buffers = visit.blocked_from < visit.starts_at or visit.blocked_until > visit.ends_at
    kept = f"{say_time(visit.blocked_from, zone)}–{say_time(visit.blocked_until, zone)}"
    cancelled = visit.cancelled_by and ", ".join(
        filter(None, (f"by the {visit.cancelled_by}", visit.cancel_reason))
    )
    facts = (
        ("When", f"{say_span(visit.starts_at, visit.ends_at, zone)}, {minutes} min"),
        ("Doctor", f"{visit.doctor}, {kept} with buffers" if buffers else visit.doctor),
        ("Visit", visit.visit_type + ", overbooked" * visit.overbooked),
        ("Overbooked", visit.overbook_reason),
        ("Room", visit.room),
        ("Series", series),
        ("Status", _status(visit, desk)),
        ("Cancelled", cancelled),
        ("Note", visit.note),
        ("Asked for" if visit.status is Status.PENDING else "Booked", _booked(visit, zone)),
    )
    return [(label, text) for label, text in facts if text]


def _status(visit: AppointmentDetails, desk: Desk) -> str:
    words = [f"{STATUS_SIGNS[visit.status]} {STATUS_WORDS[visit.status]}".strip()]
    if visit.arrived_at is not None:
        waited = (desk.now() - visit.arrived_at) // _MINUTE
        waiting = f", waiting {waited} min" if visit.status is Status.ARRIVED else ""
        since = "came at" if visit.status is Status.FULFILLED else "here since"
        words.append(f"{since} {say_time(visit.arrived_at, desk.zone)}{waiting}")
    if visit.confirmed_at is not None:
        words.append("will come")
    return " · ".join(words)


def _booked(visit: AppointmentDetails, zone: str) -> str:
    times = "once" if visit.sequence == 1 else f"{visit.sequence} times"
    changed = f", changed {times} since" if visit.sequence else ""
    return f"{say_moment(visit.created_at, zone)}{changed}"
