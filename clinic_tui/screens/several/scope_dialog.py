"""Which visits of a series are meant: this one, it and those that follow, or all still ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.types import CSSPathType
from textual.widgets import Static

from ...domain.series.rule_words import say_rule
from ...domain.series.words import Scope
from ...domain.times.walltime import local_day, say_day, say_moment
from ...domain.visits.appointments import BookedAppointment
from ..absence.plan_draft import count_visits
from ..base import Dialog
from ..safe import safe
from ..styles import style_sheet
from ..typing_ahead import another_follows
from ..widgets.key_line import KeyLine
from ..widgets.lists.numbered import NumberedLines

_SCOPES = (Scope.THIS, Scope.FOLLOWING, Scope.ALL)


@dataclass(frozen=True, slots=True)
class SeriesAhead:
    """A visit of a series and those of its visits that are still ahead, in the series' order."""

    visit: BookedAppointment
    rule: str
    ahead: Sequence[BookedAppointment]

    def meant(self, scope: Scope) -> Sequence[BookedAppointment]:
        """The visits that are meant."""
        if scope is Scope.THIS:
            return (self.visit,)
        if scope is Scope.ALL:
            return self.ahead
        ids = [one.appointment_id for one in self.ahead]
        return self.ahead[ids.index(self.visit.appointment_id) :]


class ScopeDialog(Dialog[Scope]):
    """Digits choose; Enter takes this visit alone."""

    CSS_PATH: ClassVar[CSSPathType | None] = style_sheet("series")
    TITLE_IN_HELP = "which visits of the series"

    def __init__(self, doing: str, series: SeriesAhead, zone: str) -> None:
        super().__init__()
        self._doing = doing
        self._series = series
        self._zone = zone

    def compose(self) -> ComposeResult:
        """Whose series, and three ways to mean it."""
        series = self._series
        with Vertical(classes="box series") as box:
            box.border_title = f"{self._doing}: a visit of a series"
            yield Static(safe(series.visit.patient), classes="whose")
            yield Static(safe(f"{say_rule(series.rule)}, with {series.visit.doctor}"))
            yield NumberedLines(id="scopes")
        yield KeyLine()

    def on_mount(self) -> None:
        """Digits choose at once."""
        lines = self.query_one(NumberedLines)
        lines.show([self._words(scope) for scope in _SCOPES], 0)
        lines.focus()

    @on(NumberedLines.Taken)
    def taken(self, event: NumberedLines.Taken) -> None:
        """It is those."""
        self._answer(_SCOPES[event.index])

    @on(NumberedLines.WentOn)
    def went_on(self) -> None:
        """Enter alone changes no other visit than the one that was meant first."""
        self._answer(Scope.THIS)

    def _answer(self, scope: Scope) -> None:
        another_follows(self)
        self.dismiss(scope)

    def _words(self, scope: Scope) -> str:
        series, zone = self._series, self._zone
        meant = series.meant(scope)
        if scope is Scope.THIS:
            return f"only this one, {say_moment(series.visit.starts_at, zone)}"
        if scope is Scope.FOLLOWING and len(meant) == 1:
            return "this one and those that follow: it is the last"
        first, last = (say_day(local_day(one.starts_at, zone)) for one in (meant[0], meant[-1]))
        if scope is Scope.FOLLOWING:
            return f"this one and the {len(meant) - 1} that follow, to {last}"
        return f"all {count_visits(len(meant))} still ahead, {first} to {last}"
