"""Whom to call about a visit that cannot be as it was booked: a list that gets shorter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from ...domain.absence.calls import VisitToCall
from ...domain.access import Permission, Reach, reach
from ...domain.codes import Status
from ...domain.patients.contact import show_phone
from ...domain.times.walltime import say_time
from ..base import Dialog
from ..safe import own, safe
from ..signs import STATUS_SIGNS
from ..styles import style_sheet
from ..typing_ahead import another_follows
from ..widgets.cells import fit, fit_doctor, shares, widest
from ..widgets.key_line import KeyLine
from ..widgets.lists.line_list import LineList
from ..wording import clock_cells, near_date_cells, say_short_day
from .plan_draft import count_visits

if TYPE_CHECKING:
    from ...desk import Desk
    from ...domain.clinic.settings import ClinicSettings

_PHONE = 21
_AROUND_LIST = 7


class CallDeed(Enum):
    """What came of a call."""

    MOVE = "move"
    CANCEL = "cancel"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """Which visit it is about, and where the cursor was."""

    deed: CallDeed
    appointment_id: int
    at: int


class WhomToCall(LineList[VisitToCall]):
    """When, who, the number to call, and for what."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"whom--line", "whom--highlighted"}
    DEFAULT_CSS = """
    WhomToCall > .whom--line { color: $foreground; }
    WhomToCall > .whom--highlighted {
        background: $block-cursor-background; color: $block-cursor-foreground;
    }
    """

    class Chosen(Message):
        """A line was clicked."""

    def __init__(self, settings: ClinicSettings, *, id: str) -> None:
        super().__init__(id=id)
        self._settings = settings
        self._several = False
        self._wanted = (0, 0)

    @property
    def at(self) -> int:
        """The row of the cursor, from 0."""
        return self._row

    def show(self, visits: Sequence[VisitToCall], at: int) -> None:
        """Show these, the cursor on that row or on the last."""
        self._several = len({visit.doctor_id for visit in visits}) > 1
        self._wanted = (
            widest(one.patient for one in visits) + 2,
            widest(one.doctor if self._several else one.visit_type for one in visits),
        )
        self.put(visits)
        self._go_to(at)

    def choose(self, line: VisitToCall) -> None:  # noqa: ARG002 - the cursor is on it
        """A click opens the visit, as Enter does."""
        self.post_message(self.Chosen())

    def highlight(self) -> Style | None:
        """The visit that keys act on."""
        return self.get_component_rich_style("whom--highlighted")

    def segments(self, line: VisitToCall, width: int, style: Style | None) -> list[Segment]:
        """All of it in one style; of several doctors whose it is instead of for what."""
        zone, region = self._settings.zone, self._settings.region
        when = f"{say_short_day(line.starts_at, zone)} {say_time(line.starts_at, zone)}"
        phone = show_phone(line.phone, region) if line.phone else "no phone on record"
        phone = f"{STATUS_SIGNS[Status.ARRIVED]} is here" if line.here else phone
        moment = near_date_cells() + clock_cells() + 3
        rest = width - 1 - moment - _PHONE
        name, kind = shares(rest, *self._wanted)
        what = fit_doctor(line.doctor, kind) if self._several else fit(line.visit_type, kind)
        text = (
            " " + fit(when, moment) + fit(line.patient, name - 1) + " " + fit(phone, _PHONE) + what
        )
        return [Segment(text, style or self.get_component_rich_style("whom--line"))]


def _key(keys: str, action: str, does: str, more: str) -> Binding:
    return Binding(keys, action, does, id=f"calls.{action}", tooltip=more)


class CallList(Dialog[CallAnswer]):
    """The visits outside a doctor's hours, each with a number to call; its keys act on them."""

    CSS_PATH = style_sheet("plan")
    TITLE_IN_HELP = "the visits to call about"
    BINDINGS: ClassVar[list[BindingType]] = [
        _key("enter", "open", "Visit", "The visit in full"),
        _key("m", "move", "Move", "They agreed to another time"),
        _key("d", "cancel", "Cancel", "They do not want another time"),
    ]

    def __init__(self, desk: Desk, visits: Sequence[VisitToCall], at: int) -> None:
        super().__init__()
        self._desk = desk
        self._visits = visits
        self._at = at

    def compose(self) -> ComposeResult:
        """The visits, and what becomes of them."""
        with Vertical(classes="box plan") as box:
            box.border_title = "To call about"
            whose = ", ".join(sorted({visit.doctor for visit in self._visits}))
            outside = f"{count_visits(len(self._visits))} outside the hours of {whose}"
            yield Static(safe(outside), id="summary")
            yield WhomToCall(self._desk.settings, id="visits")
            yield Static(own("They stand until moved or cancelled; D finds them again."), id="says")
        yield KeyLine()

    def on_mount(self) -> None:
        """Where the last call was."""
        self._list.focus()
        self.on_resize()
        self._list.show(self._visits, self._at)

    def on_resize(self) -> None:
        """The list has the room that the terminal leaves."""
        self._list.be_as_high_as(len(self._visits), around=_AROUND_LIST)

    @property
    def _list(self) -> WhomToCall:
        return self.query_one("#visits", WhomToCall)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Who may not book can only look."""
        if action in ("move", "cancel") and self._desk.is_signed_in:
            return reach(self._desk.actor, Permission.BOOK) is not Reach.NONE
        return super().check_action(action, parameters)

    def action_open(self) -> None:
        """The visit in full."""
        self._answer(CallDeed.OPEN)

    def on_whom_to_call_chosen(self) -> None:
        """A click."""
        self.action_open()

    def action_move(self) -> None:
        """To another time."""
        self._answer(CallDeed.MOVE)

    def action_cancel(self) -> None:
        """Not at all."""
        self._answer(CallDeed.CANCEL)

    def _answer(self, deed: CallDeed) -> None:
        visit = self._list.highlighted
        if visit is not None:
            another_follows(self)
            self.dismiss(CallAnswer(deed, visit.appointment_id, self._list.at))
