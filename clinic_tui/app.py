"""ClinicApp: from the first frame to sign-in, between the screens, and out again."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import traceback
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.segment import Segments
from rich.text import Text
from textual import on, work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen

from .domain.access import Actor, Permission, Reach, reach
from .domain.errors import Refusal
from .screens.help import HelpScreen
from .screens.messages import LockRequested, OpenDay, OpenDoctor, OpenPatient, SignedOut
from .screens.opening import OpeningScreen
from .screens.palette import ClinicCommands
from .screens.safe import TerminalTextFilter
from .screens.themes import DARK, THEMES, WITHOUT_COLOUR

if TYPE_CHECKING:
    from .desk import Desk

_MODES = {
    "calendar": Permission.SEE_CALENDAR,
    "patients": Permission.SEE_CONTACT,
    "doctors": Permission.SEE_DOCTORS,
}


class ClinicApp(App[int]):
    """The program. One factory for the command line and for tests.

    ``open_desk`` opens the database; it runs in a thread after the first frame, because opening
    costs more than drawing. ``keymap`` maps binding ids to keys.
    """

    TITLE = "clinic"
    CSS_PATH = "clinic.tcss"
    COMMANDS: ClassVar[set[Any]] = {ClinicCommands}
    ALLOW_SELECT = False
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]]] = [(0, "-narrow"), (120, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,question_mark", "help", "Help", id="app.help", tooltip="The keys of this screen"),
        Binding("f3", "go('calendar')", "Calendar", id="app.calendar", show=False),
        Binding("f4", "go('patients')", "Patients", id="app.patients", show=False),
        Binding("f5", "go('doctors')", "Doctors", id="app.doctors", show=False),
        Binding("f12", "lock", "Lock", id="app.lock", show=False, priority=True),
        Binding("ctrl+q", "quit", "Quit", id="app.quit", show=False, priority=True),
    ]

    def __init__(
        self,
        open_desk: Callable[[], Desk],
        *,
        theme: str = DARK.name,
        keymap: dict[str, str] | None = None,
    ) -> None:
        super().__init__()
        self._open_desk = open_desk
        self._theme_wanted = theme
        self._keys = keymap or {}
        self._safe_text = TerminalTextFilter()
        self.desk: Desk | None = None

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, then ours: nothing reaches the terminal past it."""
        return [*super().get_line_filters(), self._safe_text]

    def on_mount(self) -> None:
        """Draw first, open the book afterwards."""
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = WITHOUT_COLOUR if self.no_color else self._theme_wanted
        self.set_keymap(self._keys)
        self.push_screen(OpeningScreen())
        self.call_after_refresh(self.open_book)

    @work
    async def open_book(self) -> None:
        """Open the database off the loop, then go where the signed-in person works."""
        try:
            self.desk = await asyncio.to_thread(self._opened)
        except Refusal as refusal:
            self.leave(1, str(refusal))
            return
        if self.desk.is_signed_in:
            await self._enter(self.desk.actor)
        else:
            await self._ask_who()

    def _opened(self) -> Desk:
        """Open, and import the screens behind the first one, all off the loop."""
        desk = self._open_desk()
        from .screens import calendar, doctors, patients  # noqa: F401, PLC0415 - warms imports

        return desk

    async def _ask_who(self) -> None:
        from .screens.sign_in import SignInScreen  # noqa: PLC0415 - needs the domain

        desk = self._the_desk()
        await self.switch_screen(SignInScreen(desk))

    async def _enter(self, actor: Actor) -> None:
        """Add the screens this person may use and show the first of them."""
        desk = self._the_desk()
        makers = _screen_makers(desk)
        for mode, needed in _MODES.items():
            if mode in self._modes:
                await self.remove_mode(mode)
            if reach(actor, needed) is not Reach.NONE:
                self.add_mode(mode, makers[mode])
        first = next(mode for mode in _MODES if mode in self._modes)
        await self.switch_mode(first)

    def _the_desk(self) -> Desk:
        if self.desk is None:
            raise Refusal("The appointment book is still being opened.")
        return self.desk
