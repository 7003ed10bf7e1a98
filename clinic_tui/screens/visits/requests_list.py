"""Requests: visits that were asked for, each answered by a key; a list that gets shorter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from ...domain.access import Permission, may
from ...domain.errors import Refusal
from ...domain.times.walltime import say_moment, say_span, say_time
from ...domain.visits.asked_for import MOST, AskedFor, visits_asked_for
from ..base import ClinicScreen, Dialog
from ..safe import own, safe
from ..styles import style_sheet
from ..typing_ahead import another_follows
from ..widgets.cells import fit, fit_doctor, shares, widest
from ..widgets.key_line import KeyLine
from ..widgets.lists.deciding_list import DecidingList
from ..widgets.steady import Steady
from ..wording import clock_cells, near_date_cells, say_short_day
from .visits import confirm_visit, decline_visit, move_visit, show_visit

if TYPE_CHECKING:
    from ...desk import Desk

_AROUND_LIST = 10


class RequestDeed(Enum):
    """What is to be done with a request."""

    CONFIRM = "confirm"
    DECLINE = "decline"
    MOVE = "move"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class RequestAnswer:
    """Which visit it is about, and where the cursor was."""

    deed: RequestDeed
    appointment_id: int
    at: int


class RequestLines(DecidingList[AskedFor]):
    """When, who, for what, with whom."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"request--line", "request--highlighted"}
    DEFAULT_CSS = """
    RequestLines > .request--line { color: $foreground; }
    RequestLines > .request--highlighted {
        background: $block-cursor-background; color: $block-cursor-foreground;
    }
    """

    def __init__(self, zone: str, *, id: str) -> None:
        super().__init__(zone, id=id)
        self._wanted = (0, 0, 0)

    def show(self, requests: Sequence[AskedFor], at: int) -> None:
        """Show these, the cursor on that row or on the last."""
        self._wanted = (
            widest(one.patient for one in requests) + 2,
            widest(one.visit_type for one in requests) + 2,
            widest(one.doctor for one in requests),
        )
        super().show(requests, at)
        self.post_message(self.Moved())

    def highlight(self) -> Style | None:
        """The request that keys act on."""
        return self.get_component_rich_style("request--highlighted")

    def segments(self, line: AskedFor, width: int, style: Style | None) -> list[Segment]:
        """All of it in one style."""
        zone = self._zone
        when = f"{say_short_day(line.starts_at, zone)} {say_time(line.starts_at, zone)}"
        moment = near_date_cells() + clock_cells() + 3
        name, kind, doctor = shares(width - 3 - moment, *self._wanted)
        text = (
            " ? " + fit(when, moment) + fit(line.patient, name - 1) + " "
            + fit(line.visit_type, kind - 1) + " " + fit_doctor(line.doctor, doctor)
        )  # fmt: skip
        return [Segment(text, style or self.get_component_rich_style("request--line"))]


def _key(keys: str, action: str, does: str, more: str) -> Binding:
    return Binding(keys, action, does, id=f"requests.{action}", tooltip=more)


class RequestsDialog(Dialog[RequestAnswer]):
    """The requests that may be answered, the earliest visit first; keys act on each."""

    CSS_PATH = style_sheet("plan")
    TITLE_IN_HELP = "visits that were asked for"
    BINDINGS: ClassVar[list[BindingType]] = [
        _key("c", "confirm", "Confirm", "Say yes: it is booked, and they are told"),
        _key("d", "decline", "Decline", "Say no: its time is free at once, and they are told"),
        _key("m", "move", "Move", "To another time, which is booked"),
        _key("enter", "open", "Visit", "The visit in full"),
    ]

    def __init__(self, desk: Desk, requests: Sequence[AskedFor], at: int) -> None:
        super().__init__()
        self._desk = desk
        self._requests = requests
        self._at = at
        # Kept, not looked for: keys are asked about also while the dialog is being closed.
        self._list = RequestLines(desk.zone, id="requests")

    def compose(self) -> ComposeResult:
        """The requests, and the one under the cursor in full."""
        count = len(self._requests)
        shown = "1 visit was" if count == 1 else f"{count} visits were"
        if count == MOST:
            shown = f"The first {count} visits that were"
        with Vertical(classes="box plan") as box:
            box.border_title = own("Requests")
            yield Static(f"{shown} asked for and await a yes.", id="summary")
            yield self._list
            yield Steady(id="about")
        yield KeyLine()

    def on_mount(self) -> None:
        """Where the last answer was."""
        self._list.focus()
        self.on_resize()
        self._list.show(self._requests, self._at)

    def on_resize(self) -> None:
        """The list has the room that the terminal leaves."""
        self._list.be_as_high_as(len(self._requests), around=_AROUND_LIST)

    @on(RequestLines.Moved)
    def follow(self) -> None:
        """Say of the request under the cursor when, where, why, and since when it waits."""
        one = self._list.highlighted
        if one is not None:
            self.query_one("#about", Steady).put(_about(one, self._desk.zone))
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Moving and declining are for who may book that visit."""
        one = self._list.highlighted
        if action in ("move", "decline") and one is not None and self._desk.is_signed_in:
            whose = {"doctor_id": one.doctor_id, "patient_id": one.patient_id}
            return may(self._desk.actor, Permission.BOOK, **whose)
        return super().check_action(action, parameters)

    def action_confirm(self) -> None:
        """Yes."""
        self._answer(RequestDeed.CONFIRM)

    def action_decline(self) -> None:
        """No."""
        self._answer(RequestDeed.DECLINE)

    def action_move(self) -> None:
        """At another time."""
        self._answer(RequestDeed.MOVE)

    def action_open(self) -> None:
        """The visit in full."""
        self._answer(RequestDeed.OPEN)

    def _answer(self, deed: RequestDeed) -> None:
        one = self._list.highlighted
        if one is not None:
            another_follows(self)
            self.dismiss(RequestAnswer(deed, one.appointment_id, self._list.at))


def _about(one: AskedFor, zone: str) -> Content:
    span = say_span(one.starts_at, one.ends_at, zone)
    what = " · ".join(filter(None, (span, one.visit_type, one.doctor, one.room)))
    asked = f"asked for {say_moment(one.asked_at, zone)}"
    name = Content.styled(safe(one.patient).plain, "bold")
    rest = f"{asked} · {one.note}" if one.note else asked
    return Content.assemble(name, "\n", safe(what), "\n", safe(rest))


_DEEDS = {
    RequestDeed.CONFIRM: confirm_visit,
    RequestDeed.DECLINE: decline_visit,
    RequestDeed.MOVE: move_visit,
    RequestDeed.OPEN: show_visit,
}


async def answer_requests(screen: ClinicScreen) -> None:
    """Show the requests until each is answered or they are left."""
    desk, at = screen.desk, 0
    while True:
        try:
            requests = await desk.read(visits_asked_for, desk.now())
        except Refusal as refusal:
            screen.refuse(refusal)
            return
        if not requests:
            screen.tell("No visit awaits a yes.")
            return
        dialog = RequestsDialog(desk, requests, at)
        answer: RequestAnswer | None = await screen.app.push_screen_wait(dialog)
        if answer is None:
            return
        at = answer.at
        await _DEEDS[answer.deed](screen, answer.appointment_id)
