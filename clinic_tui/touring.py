"""The program with a guided tour beside it: one line above the keys, on every screen and dialog."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.css.query import NoMatches
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from .app import ClinicApp
from .demo.plan import load_plan
from .demo.tour import Tour, day_of_tour, tour_steps
from .domain.access import Actor
from .domain.errors import Refusal
from .domain.undo.undo import undoable
from .screens.messages import OpenDay
from .screens.widgets.key_line import KeyLine

_LOOKS_EVERY = 0.2
"""Seconds."""


class TourLine(Static):
    """What to press next. Its second row lies under the keys, so that it stands above them."""

    DEFAULT_CSS = """
    TourLine {
        dock: bottom; height: 2; padding: 0 1; background: $primary; color: $background;
        text-style: bold; text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    def say(self, line: str) -> None:
        """Say this now."""
        if str(self.content) != line:
            self.update(Content(line))


class TourApp(ClinicApp):
    """``ClinicApp`` on the made-up clinic, with a tour that goes on when things are done."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape", "leave_tour", "Leave the tour", id="app.tour", show=False, priority=True,
            tooltip="Go on without it",
        ),
    ]  # fmt: skip

    tour: Tour | None = None
    """Where one is; None before and after."""
    _began = False

    async def _enter(self, actor: Actor) -> None:
        """Open on a day on which there is something to show."""
        await super()._enter(actor)
        if self.desk is None or self._began:
            return
        self._began = True
        done = await self.desk.read(undoable, self.desk.now())
        self.tour = Tour(tour_steps(load_plan().tour), done[0].step_id if done else 0)
        day = await asyncio.to_thread(day_of_tour, self.desk)
        self.post_message(OpenDay(day))
        self.screen_change_signal.subscribe(self, self._show_line)
        self._show_line(self.screen)
        self.set_interval(_LOOKS_EVERY, self.look)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In a dialog Esc leaves the dialog, and nothing else."""
        if action == "leave_tour":
            return self.tour is not None and not isinstance(self.screen, ModalScreen)
        return super().check_action(action, parameters)

    def action_leave_tour(self) -> None:
        """Go on without the tour."""
        self.tour = None
        for stack in self._screen_stacks.values():
            for screen in stack:
                screen.query(TourLine).remove()

    @work(exclusive=True, group="tour")
    async def look(self) -> None:
        """Whether what the line says has been done."""
        tour, desk = self.tour, self.desk
        if tour is None or desk is None or not desk.is_signed_in:
            return
        with suppress(Refusal):
            done = await desk.read(undoable, desk.now())
            tour.look(done, in_dialog=isinstance(self.screen, ModalScreen))
        self._show_line(self.screen)

    def _show_line(self, screen: Screen[Any]) -> None:
        """See to it that the line stands above the keys, and says what is to be done now."""
        if self.tour is None or not screen.is_mounted:
            return
        for line in screen.query(TourLine):
            line.say(self.tour.line)
            return
        with suppress(NoMatches):
            screen.mount(TourLine(Content(self.tour.line)), before=screen.query_one(KeyLine))
