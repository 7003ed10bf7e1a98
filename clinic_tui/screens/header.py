"""The header: one line over every screen, which says where, when and who, and what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from ..domain.text import showable
from ..domain.times.walltime import local, say_day, say_time
from .names_hidden import HidesNames
from .widgets.cells import cut, fit

if TYPE_CHECKING:
    from ..desk import Desk

_SHORTEST_NAME = 12
"""Cells that are left of the clinic's name, or else of who is signed in."""
_APART = 3
"""Cells at least between what day it is and who is signed in, where there is room for the week."""


class ClinicHeader(Widget):
    """One line: the clinic, the date and week, who is signed in, what needs them, the time."""

    DEFAULT_CSS = "ClinicHeader { dock: top; height: 1; background: $panel; color: $foreground; }"

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._said = Content("")

    def on_mount(self) -> None:
        """Keep the time true."""
        self.set_interval(5, self._keep_true)

    def _keep_true(self) -> None:
        """Say what is so now; under a dialog drawing the same again would cost a key its time."""
        now = self.render()
        if now != self._said:
            self._said = now
            self.refresh()

    def render(self) -> Content:
        """The line at its full width."""
        now = local(self._desk.now(), self._desk.zone)
        hiding = isinstance(self.app, HidesNames) and self.app.hiding is not None
        hidden = "* names hidden │ " if hiding else ""
        day = say_day(now.date())
        time = f" │ {self._needs()}{say_time(self._desk.now(), self._desk.zone)} "
        # Who is signed in and what time it is are seen however long any name is.
        room = max(0, self.size.width - cell_len(f"  │ {day}  {hidden}{time}"))
        who = self._desk.actor.name if self._desk.is_signed_in else "nobody signed in"
        least = max(room - _SHORTEST_NAME, min(_SHORTEST_NAME, room))
        who = cut(who, min(self.size.width // 3, least))
        right = f"{hidden}{who}{time}"
        left = f" {cut(self._desk.settings.name, room - cell_len(who))} │ {day}"
        if (ring := self._desk.ringing) is not None:
            calls = f" p {showable(ring.who)} calls"
            room = max(0, self.size.width - cell_len(right))
            return Content.assemble(Content.styled(fit(calls, room), "bold $accent"), right)
        week = f" · week {now.isocalendar().week}"
        if cell_len(left) + len(week) + _APART + cell_len(right) <= self.size.width:
            left += week
        gap = max(1, self.size.width - cell_len(left) - cell_len(right))
        return Content(f"{left}{' ' * gap}{right}")

    def _needs(self) -> str:
        """How much on F7 needs somebody; nothing where nothing does."""
        to_see, faults = self._desk.messages_to_see, len(self._desk.faults)
        said = [f"{to_see} to see"] if to_see else []
        said += [f"{faults} fault{'s' if faults > 1 else ''}"] if faults else []
        return f"F7: {', '.join(said)} │ " if said else ""
