"""The sick-doctor planner: each visit in the way and what becomes of it, decided by single keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from ...domain.absence.openings import other_openings
from ...domain.access import Permission, may
from ...domain.codes import Fate
from ...domain.errors import Opening, Refusal
from ...domain.visits.requests import MOVABLE
from ..base import Dialog
from ..reading import read_for
from ..safe import safe
from ..styles import style_sheet
from ..typing_ahead import TypingAhead, another_follows
from ..widgets.key_line import KeyLine
from ..widgets.lists.plan_list import PlanList, PlanRow
from ..widgets.steady import Steady
from .plan_draft import PlanDraft, count_visits, first_to_see, summary
from .plan_words import FIRST, about_words, hint_words, places_words

if TYPE_CHECKING:
    from ...desk import Desk

_FAINT = "$foreground 60%"
_AROUND_LIST = 12
"""Lines of the terminal that are not the list's."""
_MOST_PLACES = 6


class Then(Enum):
    """What is to be done with a plan that was looked at."""

    ACCEPT = "accept"
    ANEW = "anew"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """What the dialog answers: the plan as it was left, and what then."""

    draft: PlanDraft
    then: Then


def _key(keys: str, action: str, does: str, more: str, *, show: bool = True) -> Binding:
    name = action.replace("_", "-")
    return Binding(keys, action, does, id=f"plan.{name}", show=show, tooltip=more)


class PlanDialog(Dialog[PlanAnswer]):
    """Shows a plan. Nothing is written before it is accepted, and then all of it or nothing."""

    CSS_PATH = style_sheet("plan")
    TITLE_IN_HELP = "a plan for the visits in the way"
    BINDINGS: ClassVar[list[BindingType]] = [
        _key("a,enter", "accept", "Accept all", "Do all of it, or nothing if the book has changed"),
        *(
            Binding(
                str(number), f"take({number})", "Move there", id=f"plan.take-{number}",
                key_display="1…6", show=number == 1,
                tooltip="Move it to the place of that number, shown below the list",
            )
            for number in range(1, _MOST_PLACES + 1)
        ),
        _key("c", "call", "Call", "It stands until somebody has called"),
        _key("d", "cancel", "Cancel", "Cancel the visit; the patient is told"),
        _key("k", "keep", "Keep", "It stays where it is"),
        _key("w", "write", "Write", "Write to the patient, too, that it cannot be as booked"),
        _key("p", "prefer", "Prefer", "Plan anew: same doctor first, colleagues first, or call"),
    ]  # fmt: skip

    def __init__(self, desk: Desk, title: str, draft: PlanDraft) -> None:
        super().__init__()
        self._desk = desk
        self._title = title
        self._draft = draft
        # Kept, not looked for: keys are asked about also while the dialog is being closed.
        self._list = PlanList(desk.zone, id="visits")
        self._places: tuple[Opening, ...] | None = None
        self._wanted: tuple[int, int] | None = None
        """A digit that came before the places: which visit's, and the number."""

    def compose(self) -> ComposeResult:
        """The visits, and below them the one under the cursor with where else it could go."""
        with Vertical(classes="box plan" if self._draft.rows else "box plan -empty") as box:
            box.border_title = safe(self._title)
            yield Steady(id="summary")
            yield self._list
            yield Steady(id="about")
            yield Steady(id="places")
            yield Static(id="says")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin at the first visit that wants somebody to look."""
        if self._draft.rows:
            self._list.focus()
        self._fit()
        self._show(self._draft.at)
        self._say(self._draft.refusal)
        self._look_at_row()

    def on_resize(self) -> None:
        """The list has the room that the terminal leaves."""
        self._fit()

    def _fit(self) -> None:
        self._list.be_as_high_as(len(self._draft.rows), around=_AROUND_LIST)

    @property
    def _row(self) -> PlanRow | None:
        return self._list.highlighted

    # What is shown

    def _show(self, at: int) -> None:
        draft = self._draft
        self._list.show(draft.rows, at)
        self.query_one("#summary", Steady).put(safe(summary(draft)))
        self.query_one(".box").border_subtitle = FIRST[draft.wish.prefer] if draft.rows else ""

    def _say(self, refusal: Refusal | None) -> None:
        says = self.query_one("#says", Static)
        says.set_class(refusal is not None, "refusal")
        anew = sum(row.anew for row in self._draft.rows)
        if refusal is not None:
            marked = f" ≠ marks {count_visits(anew)} proposed anew." if anew else ""
            says.update(safe(f"{refusal}{marked}"))
        else:
            row = self._row
            places = row is not None and self._may_decide(row) and self._places != ()
            says.update(safe(hint_words(self._draft, places=places)))

    def _say_again(self) -> None:
        """What keys do now; a refusal stays until something else is decided."""
        if not self.query_one("#says", Static).has_class("refusal"):
            self._say(None)

    def _look_at_row(self) -> None:
        """Show the visit under the cursor, and look for other places for it."""
        self._places, row = None, self._row
        self.workers.cancel_group(self, "load-places")
        self.refresh_bindings()
        self.query_one("#about", Steady).put(about_words(row, self._desk.zone))
        if row is not None and self._may_decide(row):
            self._put_places("looking for other places …")
            self.load_places(row.line.appointment_id)
        else:
            self._put_places("")
        self._say_again()

    @work(exclusive=True, group="load-places")
    async def load_places(self, appointment_id: int) -> None:
        """Where else the visit could go, while all others stay as they are decided."""
        desk, plan = self._desk, self._draft.acceptance
        try:
            found = await read_for(self, desk, other_openings, plan, appointment_id, desk.now())
        except Refusal as refusal:
            self._places = ()
            self._put_places(str(refusal))
        else:
            self._places = found[:_MOST_PLACES]
            self._show_places()
        self.refresh_bindings()
        self._say_again()
        wanted, self._wanted = self._wanted, None
        if wanted is not None and wanted[0] == appointment_id:
            self.action_take(wanted[1])
        if isinstance(self.app, TypingAhead):
            self.app.keys_go_on()

    def _put_places(self, sentence: str) -> None:
        self.query_one("#places", Steady).put(Content.styled(safe(sentence).plain, _FAINT))

    def _show_places(self) -> None:
        """Its own doctor's on the left, colleagues' on the right, each with its digit."""
        row, places = self._row, self._places
        if row is None or not places:
            self._put_places("No other opening within 60 days: c call, d cancel, k keep.")
            return
        shown = self.query_one("#places", Steady)
        shown.put(places_words(places, row.line, shown.size.width, self._desk.zone))

    @on(PlanList.Moved)
    def follow(self) -> None:
        """Another visit is under the cursor."""
        self._look_at_row()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what may be done with the visit under the cursor."""
        if action in ("take", "call", "cancel", "keep", "write"):
            row = self._row
            if row is None or not self._may_decide(row):
                return False
            if action == "write":
                return row.line.fate in (Fate.CALL, Fate.KEEP)
            if action == "take" and self._places is not None:
                return int(str(parameters[0])) <= len(self._places)
        if action == "prefer":
            return bool(self._draft.rows)
        return super().check_action(action, parameters)

    def _may_decide(self, row: PlanRow) -> bool:
        if not self._desk.is_signed_in:
            return False
        line, actor = row.line, self._desk.actor
        whose = {"doctor_id": line.doctor_id, "patient_id": line.patient_id}
        return line.status in MOVABLE and may(actor, Permission.BOOK, **whose)

    def action_take(self, number: int) -> None:
        """Move the visit to the place of that number; a digit typed ahead waits for the places."""
        row = self._row
        if row is None:
            return
        if self._places is None:
            self._wanted = row.line.appointment_id, number
            another_follows(self)
        elif number <= len(self._places):
            self._decide(row.decided(Fate.MOVE, self._places[number - 1]))

    def action_call(self) -> None:
        """Somebody calls about it."""
        self._to(Fate.CALL)

    def action_cancel(self) -> None:
        """It is cancelled."""
        self._to(Fate.CANCEL)

    def action_keep(self) -> None:
        """It stays."""
        self._to(Fate.KEEP)

    def action_write(self) -> None:
        """Write to the patient, or do not after all; the cursor stays."""
        row = self._row
        if row is not None:
            tell = not row.line.tell
            told = replace(row, line=replace(row.line, tell=tell), by_hand=True)
            self._draft = self._draft.with_row(self._list.at, told)
            self._show(self._list.at)
            self._look_at_row()

    def _to(self, fate: Fate) -> None:
        row = self._row
        if row is not None:
            self._decide(row.decided(fate))

    def _decide(self, row: PlanRow) -> None:
        """It is to be so; on to the next visit that wants somebody."""
        at = self._list.at
        self._draft = self._draft.with_row(at, row)
        self._say(None)
        self._show(first_to_see(self._draft.rows, at))
        self._look_at_row()

    def action_accept(self) -> None:
        """All of it."""
        self.dismiss(PlanAnswer(self.draft, Then.ACCEPT))

    def action_prefer(self) -> None:
        """Plan anew, another way; what was decided by hand stays."""
        another_follows(self)
        draft = replace(self.draft, wish=self._draft.other_wish)
        self.dismiss(PlanAnswer(draft, Then.ANEW))

    def action_leave(self) -> None:
        """Nothing is written; what was decided by hand is kept for the next time."""
        self.dismiss(PlanAnswer(self.draft, Then.LEAVE))

    @property
    def draft(self) -> PlanDraft:
        """Everything as it stands now."""
        return replace(self._draft, at=self._list.at, refusal=None)
