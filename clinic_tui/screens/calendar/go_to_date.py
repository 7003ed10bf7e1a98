"""Go to a date: what was understood is shown with its weekday while it is being typed."""

from __future__ import annotations

from datetime import date

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from ...domain.errors import BadInput
from ...domain.times.days import read_day, say_distance
from ...domain.times.walltime import say_day
from ..base import Dialog
from ..safe import own, safe
from ..widgets.key_line import KeyLine

_EXAMPLES = "24 · 24/11 · 24nov · tue · +2w · w48 · 2026-11-24"


class GoToDate(Dialog[date]):
    """Asks for a day; answers with it, or with None."""

    def __init__(self, today: date, region: str) -> None:
        super().__init__()
        self._today = today
        self._region = region

    def compose(self) -> ComposeResult:
        """One line to type, one that says what was understood."""
        with Vertical(classes="box"):
            yield Static(own("Go to date"), classes="title")
            yield Input(placeholder=_EXAMPLES, id="day")
            yield Static("", id="understood", markup=False)
            yield Static(own("Enter goes there"), classes="hint")
        yield KeyLine()

    @on(Input.Changed)
    def echo(self, event: Input.Changed) -> None:
        """Say what was understood so far, or that it is no day yet."""
        understood = self.query_one("#understood", Static)
        understood.remove_class("refusal")
        day = self._read(event.value) if event.value.strip() else None
        if isinstance(day, date):
            understood.update(f"→ {say_day(day)} · {say_distance(day, self._today)}")
        else:
            understood.update("…" if event.value.strip() else "")

    @on(Input.Submitted)
    def go(self, event: Input.Submitted) -> None:
        """Answer with the day, or say what is accepted and keep what was typed."""
        day = self._read(event.value)
        if isinstance(day, date):
            self.dismiss(day)
            return
        understood = self.query_one("#understood", Static)
        understood.add_class("refusal")
        understood.update(safe(day))

    def _read(self, text: str) -> date | str:
        """The day, or the sentence that says why there is none."""
        try:
            return read_day(text, self._today, self._region)
        except BadInput as refusal:
            return str(refusal)
