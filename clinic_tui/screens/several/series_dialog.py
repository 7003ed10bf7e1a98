"""The dates of a series before anything is booked: each looked at, decided about by single keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from ...domain.errors import Refusal
from ...domain.series.words import OnHoliday
from ..absence.plan_draft import count_visits
from ..base import Dialog
from ..safe import safe
from ..styles import style_sheet
from ..typing_ahead import another_follows
from ..visits.refusals import outcome_unknown, sentence
from ..widgets.key_line import KeyLine
from ..widgets.lists.date_list import DateList, say_nearest, say_when
from ..widgets.steady import Steady
from .series_draft import DateRow, Fate, SeriesDraft, first_open, summary

if TYPE_CHECKING:
    from ...desk import Desk

_AROUND_LIST = 11
"""Lines of the terminal that are not the list's."""
_ON_HOLIDAYS = {
    OnHoliday.SKIP: "holidays are left out",
    OnHoliday.MOVE: "holidays move to the next working day",
}


class Then(Enum):
    """What is to be done with a series that was looked at."""

    BOOK = "book"
    ANEW = "anew"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class SeriesAnswer:
    """What the dialog answers: the series as it was left, and what then."""

    draft: SeriesDraft
    then: Then


def _key(keys: str, action: str, does: str, more: str, *, show: bool = True) -> Binding:
    name = action.replace("_", "-")
    return Binding(keys, action, does, id=f"series.{name}", show=show, tooltip=more)


class SeriesDialog(Dialog[SeriesAnswer]):
    """Shows each date. Nothing is booked before Enter, and then all of it or nothing."""

    CSS_PATH = style_sheet("series")
    TITLE_IN_HELP = "the dates of a series"
    BINDINGS: ClassVar[list[BindingType]] = [
        _key("enter", "book", "Book", "All that are chosen, in one go, or none"),
        _key("space", "leave_out", "Leave out", "This date, or take it in again"),
        _key("1", "nearest", "Nearest", "The nearest time that is free instead of this one"),
        _key("a", "all_nearest", "All nearest", "For each date that does not fit what is nearest"),
        _key("f", "only_fitting", "Fitting", "Leave out every date that does not fit"),
        _key("h", "holidays", "Holidays", "Left out, or moved to the next working day"),
    ]

    def __init__(self, desk: Desk, title: str, draft: SeriesDraft) -> None:
        super().__init__()
        self._desk = desk
        self._title = title
        self._draft = draft
        # Kept, not looked for: keys are asked about also while the dialog is being closed.
        self._list = DateList(desk.zone, id="dates")

    def compose(self) -> ComposeResult:
        """The dates, and below them the one under the cursor in full."""
        with Vertical(classes="box series") as box:
            box.border_title = safe(self._title)
            box.border_subtitle = _ON_HOLIDAYS[self._draft.request.on_holiday]
            yield Steady(id="summary")
            yield self._list
            yield Steady(id="about")
            yield Static(id="says")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin at the first date about which somebody has to decide."""
        self._list.focus()
        self._fit()
        self._show(self._draft.at)
        self._say(self._draft.refusal)

    def on_resize(self) -> None:
        """The list has the room that the terminal leaves."""
        self._fit()

    def _fit(self) -> None:
        self._list.be_as_high_as(len(self._draft.rows), around=_AROUND_LIST)

    # What is shown

    def _show(self, at: int) -> None:
        self._list.show(self._draft.rows, at)
        self.query_one("#summary", Steady).put(safe(summary(self._draft)))
        self.follow()

    @on(DateList.Moved)
    def follow(self) -> None:
        """Say of the date under the cursor why, and what is nearest to it."""
        row = self._list.highlighted
        self.query_one("#about", Steady).put(_about(row, self._desk.zone) if row else Content(""))
        self.refresh_bindings()

    def _say(self, refusal: Refusal | None) -> None:
        says = self.query_one("#says", Static)
        says.set_class(refusal is not None, "refusal")
        says.update(safe(sentence(refusal) if refusal is not None else self._hint()))

    def _hint(self) -> str:
        left = self._draft.count(Fate.OPEN)
        if left:
            fits = "1 date does not fit" if left == 1 else f"{left} dates do not fit"
            return f"{fits}: 1 takes the nearest time, space leaves it out."
        chosen = len(self._draft.chosen)
        if not chosen:
            return "No date is left to be booked: space takes one in, h looks at holidays."
        return f"Nothing is booked yet: Enter books {count_visits(chosen)} in one go."

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what may be done with the date under the cursor, and with the others."""
        row = self._list.highlighted
        if action == "leave_out":
            return row is not None and row.fate is not Fate.SKIPPED
        if action == "nearest":
            return row is not None and not row.date.fits and row.date.alternative is not None
        if action in ("all_nearest", "only_fitting"):
            return self._draft.count(Fate.OPEN) > 0
        return super().check_action(action, parameters)

    def action_leave_out(self) -> None:
        """It is not booked, or it is after all."""
        row = self._list.highlighted
        if row is not None:
            self._decide(replace(row, out=not row.out, nearest=False), always_on=True)

    def action_nearest(self) -> None:
        """What is nearest to it is booked instead, or is not after all."""
        row = self._list.highlighted
        if row is not None:
            self._decide(replace(row, out=False, nearest=row.fate is not Fate.NEAREST))

    def action_all_nearest(self) -> None:
        """For all that do not fit what is nearest to them; what has nothing near stays open."""
        self._decide_all(lambda row: replace(row, nearest=True))

    def action_only_fitting(self) -> None:
        """All that do not fit are left out."""
        self._decide_all(lambda row: replace(row, out=True))

    def action_holidays(self) -> None:
        """Look at the dates anew, holidays taken the other way."""
        another_follows(self)
        request = self._draft.request
        other = OnHoliday.MOVE if request.on_holiday is OnHoliday.SKIP else OnHoliday.SKIP
        draft = replace(self.draft, request=replace(request, on_holiday=other))
        self.dismiss(SeriesAnswer(draft, Then.ANEW))

    def action_book(self) -> None:
        """All that are chosen; where one is not decided yet, go there."""
        draft = self.draft
        # Whoever asks again after an answer was lost asks for the very same.
        if outcome_unknown(self._draft.refusal) or (draft.chosen and not draft.count(Fate.OPEN)):
            self.dismiss(SeriesAnswer(draft, Then.BOOK))
            return
        self._list.show(draft.rows, first_open(draft.rows, draft.at - 1))
        self.follow()
        self._say(None)

    def action_leave(self) -> None:
        """Nothing is booked; what was decided is kept for the next time."""
        self.dismiss(SeriesAnswer(self.draft, Then.LEAVE))

    def _decide(self, row: DateRow, *, always_on: bool = False) -> None:
        """It is to be so; on to the next date that wants somebody, or to the next at all."""
        at = self._list.at
        self._draft = replace(self._draft.with_row(at, row), refusal=None)
        on_to = first_open(self._draft.rows, at)
        if always_on and not self._draft.count(Fate.OPEN):
            on_to = min(at + 1, len(self._draft.rows) - 1)
        self._say(None)
        self._show(on_to)

    def _decide_all(self, decide: Callable[[DateRow], DateRow]) -> None:
        rows = tuple(decide(row) if row.fate is Fate.OPEN else row for row in self._draft.rows)
        self._draft = replace(self._draft, rows=rows, refusal=None)
        self._say(None)
        self._show(first_open(rows, self._list.at - 1))

    @property
    def draft(self) -> SeriesDraft:
        """Everything as it stands now."""
        return replace(self._draft, at=self._list.at, refusal=None)


def _about(row: DateRow, zone: str) -> Content:
    """The date in full, what is nearest to it, and why it does not fit."""
    date = row.date
    when = Content.styled(safe(say_when(row, zone)).plain, "bold")
    if date.refusal is None:
        return Content.assemble(when, "\n", safe(date.note or "It fits."))
    near = "nothing is free within two weeks of it"
    if date.alternative is not None:
        near = f"1 nearest: {say_nearest(row, date.alternative, zone)}"
    return Content.assemble(when, f" — {near}\n", safe(str(date.refusal)))
