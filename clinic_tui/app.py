"""ClinicApp: from the first frame to sign-in, between the screens, and out again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.screen import Screen

from .beside import Beside
from .domain.access import Actor, Reach, reach
from .domain.errors import Refusal
from .hearing import HearingApp
from .screens.help import HelpScreen, key_lines
from .screens.messages import (
    LockRequested,
    OpenDay,
    OpenDoctor,
    OpenPatient,
    SignedOut,
)
from .screens.modes import MODES, Mode, keys_of_modes
from .screens.opening import OpeningScreen
from .screens.palette import ClinicCommands, Palette
from .screens.sign_in import LockScreen, SignInScreen
from .screens.themes import DARK, THEMES

if TYPE_CHECKING:
    from .desk import Desk
    from .scheduler import Sending

_SENDS_AFTER = 3.0
"""Seconds: what sends starts when the first day is shown."""
_DOOR = "door"
"""The mode in which nobody is signed in any more."""


def _before_all(key: str, action: str, does: str, name: str, more: str) -> Binding:
    """A key that works over dialogs, too."""
    return Binding(key, action, does, id=f"app.{name}", show=False, priority=True, tooltip=more)


class ClinicApp(HearingApp):
    """The program: one class for the command line and for tests.

    ``open_desk`` opens the database; it runs in a thread after the first frame, because opening
    costs more than drawing. ``keymap`` maps binding ids to keys; a bad one ends the program.
    After ``hide_names_after`` seconds without a key names are hidden until the next key.
    ``telephone`` is a named pipe into which numbers are written as somebody rings.
    ``start_sending`` starts what delivers messages beside this terminal, if anything can; it runs
    in a thread once the program stands. ``follows``: what other terminals change shows here
    within a second.
    """

    TITLE = "clinic"
    CSS_PATH = "clinic.tcss"
    COMMANDS: ClassVar[set[Any]] = {ClinicCommands}
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,question_mark", "help", "Help", id="app.help", tooltip="Keys of this screen"),
        *keys_of_modes(),
        _before_all("ctrl+p", "command_palette", "Find anything", "palette",
                    "Patients, doctors, dates and commands"),
        _before_all("f12", "lock", "Lock", "lock", "Hide all"),
        _before_all("ctrl+q", "leave", "Quit", "quit", "Leave"),
    ]  # fmt: skip

    def __init__(
        self,
        open_desk: Callable[[], Desk],
        *,
        theme: str = DARK.name,
        keymap: dict[str, str] | None = None,
        hide_names_after: float | None = None,
        telephone: Path | None = None,
        start_sending: Callable[[], Sending | None] | None = None,
        follows: bool = False,
    ) -> None:
        beside = Beside(
            self.post_message, follows=follows, telephone=telephone, start_sending=start_sending
        )
        super().__init__(beside, hide_names_after)
        self._open_desk = open_desk
        self._theme_wanted = theme
        self._keys = keymap or {}
        self.parting_words = ""
        """A sentence for the terminal once the screen is gone."""

    def get_key_display(self, binding: Binding) -> str:
        """Keys as they are printed on keyboards: F1, Ctrl+P; letters as they are."""
        if binding.key_display:
            return binding.key_display
        if len(binding.key) in (2, 3) and binding.key[0] == "f" and binding.key[1:].isdigit():
            return binding.key.upper()
        if binding.key.startswith("ctrl+"):
            return f"Ctrl+{binding.key[5:].upper()}"
        return super().get_key_display(binding)

    def on_mount(self) -> None:
        """Draw first, open the book afterwards."""
        for theme in THEMES.values():
            self.register_theme(theme)
        self.use_theme(self._theme_wanted)
        self.push_screen(OpeningScreen())
        self.call_after_refresh(self.open_book)

    @work
    async def open_book(self) -> None:
        """Open the database off the loop, then go where the signed-in person works."""
        try:
            self.desk = await asyncio.to_thread(self._opened)
            self.set_keymap(self._keys)
        except Refusal as refusal:
            self.parting_words = str(refusal)
            self.leave(1)
            return
        if self.beside.sends:
            self.set_timer(_SENDS_AFTER, self.open_sending)
        if self.desk.is_signed_in:
            await self._enter(self.desk.actor)
        else:
            await self.switch_screen(SignInScreen(self.desk))

    @work
    async def open_sending(self) -> None:
        """Deliver what is due beside this terminal, off the loop."""
        await asyncio.to_thread(self.beside.send)

    def _opened(self) -> Desk:
        """Open the desk, and import the first screen, off the loop.

        Whatever changes is heard from before the first day is read.
        """
        if self._keys:
            from .screens.keymap import checked_keymap  # noqa: PLC0415 - it imports all screens

            self._keys = checked_keymap(self._keys, ClinicApp)
        desk = self._open_desk()
        self.beside.begin(desk)
        from .screens.calendar import calendar  # noqa: F401, PLC0415

        return desk

    @on(SignInScreen.SignedIn)
    async def signed_in(self, event: SignInScreen.SignedIn) -> None:
        """Show this person's screens."""
        await self._enter(event.actor)

    async def _enter(self, actor: Actor) -> None:
        """Add the screens this person may use and show the first of them."""
        if self.desk is None:
            return
        for mode in MODES:
            if reach(actor, mode.needed) is not Reach.NONE:
                self.add_mode(mode.name, partial(mode.screen, self.desk))
        await self.switch_mode(self.modes()[0].name)
        if _DOOR in self._modes:
            await self.remove_mode(_DOOR)

    @on(SignedOut)
    async def signed_out(self) -> None:
        """Forget what was on the screens and let somebody else sign in.

        The screens go first: they are somebody's, and the database may take its time.
        """
        desk = self.desk
        if desk is None or not desk.is_signed_in:
            return
        self.clear_notifications()
        self.add_mode(_DOOR, lambda: SignInScreen(desk))
        await self.switch_mode(_DOOR)
        for mode in self.modes():
            await self.remove_mode(mode.name)
        await asyncio.to_thread(desk.sign_out)

    def modes(self) -> list[Mode]:
        """The screens the signed-in person may use."""
        return [mode for mode in MODES if mode.name in self._modes]

    async def action_go(self, mode: str) -> None:
        """Go to a screen; what is open on the present one stays as it is.

        What is typed behind the key is for the screen that it leads to.
        """
        if mode in self._modes and not isinstance(self.screen, LockScreen):
            self.go_elsewhere()
            await self.switch_mode(mode)
            self.screen.call_after_refresh(self.arrive)

    @on(OpenDay)
    async def open_day(self, event: OpenDay) -> None:
        """Show a day in the calendar."""
        await self._go_and("calendar", "show_day", event.day, event.doctor_id)

    @on(OpenPatient)
    async def open_patient(self, event: OpenPatient) -> None:
        """Show a patient's record."""
        await self._go_and("patients", "show_patient", event.patient_id)

    @on(OpenDoctor)
    async def open_doctor(self, event: OpenDoctor) -> None:
        """Show a doctor's profile."""
        await self._go_and("doctors", "show_doctor", event.doctor_id)

    async def _go_and(self, mode: str, method: str, *arguments: Any) -> None:
        """Keys wait until the screen stands, and then as it says."""
        self.go_elsewhere()
        if mode in self._modes:
            await self.switch_mode(mode)
            base: Screen[Any] = self.screen_stack[0]
            getattr(base, method)(*arguments)
        self.screen.call_after_refresh(self.arrive)

    def action_command_palette(self) -> None:
        """Find anything; what is typed behind the key is for the line there."""
        if not isinstance(self.screen, Palette):
            self.keys_wait()
            self.push_screen(Palette(placeholder="patients, doctors, dates, commands"))

    def action_help(self) -> None:
        """The keys of the screen under it."""
        screen = self.screen
        if not isinstance(screen, HelpScreen | OpeningScreen):
            self.push_screen(HelpScreen(_title(screen), key_lines(screen)))

    @on(LockRequested)
    def action_lock(self) -> None:
        """Hide everything until the password is typed again."""
        if self.desk is None or not self.desk.is_signed_in or isinstance(self.screen, LockScreen):
            return

        async def unlocked(stays: bool | None) -> None:
            if not stays:
                await self.signed_out()

        self.push_screen(LockScreen(self.desk), unlocked)

    def use_theme(self, name: str) -> None:
        """Change the colours; under NO_COLOR there are none, and what is lit up in the dark
        look is drawn reversed.
        """
        self.theme = DARK.name if self.no_color else name

    def leave(self, code: int = 0) -> None:
        """End the program with that exit code; may be called from a signal handler."""
        self.exit(code, return_code=code)

    def action_leave(self) -> None:
        """End the program."""
        self.leave(0)

    def on_unmount(self) -> None:
        """Give back what this desk holds, what it was about to send, and the database."""
        self.beside.end()
        if self.desk is not None:
            self.desk.leave()


def _title(screen: Screen[Any]) -> str:
    title: str = getattr(screen, "TITLE_IN_HELP", "") or "this dialog"
    return title
