"""ClinicApp: from the first frame to sign-in, between the screens, and out again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import on, work
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen

from .domain.access import Actor, Permission, Reach, reach
from .domain.errors import Refusal
from .screens.base import ClinicScreen
from .screens.help import HelpScreen, key_lines
from .screens.messages import (
    ClinicChanged,
    LockRequested,
    OpenDay,
    OpenDoctor,
    OpenPatient,
    Rang,
    SignedOut,
)
from .screens.names_hidden import HidesNames
from .screens.opening import OpeningScreen
from .screens.palette import ClinicCommands
from .screens.safe import TerminalTextFilter, WithoutColour
from .screens.sign_in import LockScreen, SignInScreen
from .screens.themes import DARK, THEMES
from .unexpected import write_down

if TYPE_CHECKING:
    from .changes import Follower
    from .desk import Desk
    from .scheduler import Sending
    from .telephone import Telephone

_SENDS_AFTER = 3.0
_PATIENCE = 0.5
"""Seconds: what sends starts when the first day is shown, and does not hold up the end."""
_PLACES = (
    ("calendar", "Calendar", "F3", Permission.SEE_CALENDAR),
    ("today", "Today", "F2", Permission.RUN_VISITS),
    ("patients", "Patients", "F4", Permission.SEE_CONTACT),
    ("doctors", "Doctors", "F5", Permission.SEE_DOCTORS),
    ("waitlist", "Waitlist", "F6", Permission.WAIT),
    ("messages", "Messages", "F7", Permission.MESSAGES),
)
_COUNTED_EVERY = 10.0
"""Seconds after which the messages that need somebody are counted anew."""
_DOOR = "door"
"""The mode in which nobody is signed in any more."""


class ClinicApp(HidesNames):
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
        Binding("f2", "go('today')", "Today", id="app.today", show=False, tooltip="Who is here"),
        Binding(
            "f3", "go('calendar')", "Calendar", id="app.calendar", show=False, tooltip="The day"
        ),
        Binding(
            "f4", "go('patients')", "Patients", id="app.patients", show=False, tooltip="Find one"
        ),
        Binding(
            "f5", "go('doctors')", "Doctors", id="app.doctors", show=False, tooltip="Hours, leave"
        ),
        Binding(
            "f6", "go('waitlist')", "Waitlist", id="app.waitlist", show=False, tooltip="Who waits"
        ),
        Binding(
            "f7",
            "go('messages')",
            "Messages",
            id="app.messages",
            show=False,
            tooltip="What was sent, what failed, replies",
        ),
        Binding(
            "ctrl+p",
            "command_palette",
            "Find anything",
            id="app.palette",
            show=False,
            priority=True,
            tooltip="Patients, doctors, dates and commands",
        ),
        Binding(
            "f12", "lock", "Lock", id="app.lock", show=False, priority=True, tooltip="Hide all"
        ),
        Binding(
            "ctrl+q", "leave", "Quit", id="app.quit", show=False, priority=True, tooltip="Leave"
        ),
    ]

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
        super().__init__(hide_names_after)
        self._follows = follows
        self._follower: Follower | None = None
        self._start_sending = start_sending
        self._sending: Sending | None = None
        self._open_desk = open_desk
        self._theme_wanted = theme
        self._keys = keymap or {}
        self._pipe = telephone
        self._telephone: Telephone | None = None
        self._safe_text = TerminalTextFilter()
        self._without_colour = WithoutColour()
        self.desk: Desk | None = None
        self.parting_words = ""
        """A sentence for the terminal once the screen is gone."""

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, then ours: nothing reaches the terminal past it."""
        filters = [*super().get_line_filters(), self._safe_text]
        if self.hiding is not None:
            filters.append(self.hiding)
        return [*filters, self._without_colour] if self.no_color else filters

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
        self.set_interval(_COUNTED_EVERY, self.count_messages)

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
        if self._follows:
            # Before the first day is read: nothing that changes after that is missed.
            self._follower = self.desk.follow(lambda news: self.post_message(ClinicChanged(news)))
        if self._pipe is not None:
            from .telephone import Telephone  # noqa: PLC0415 - where there is one

            self._telephone = Telephone(self._pipe, lambda number: self.post_message(Rang(number)))
            self._telephone.start()
        if self._start_sending is not None:
            self.set_timer(_SENDS_AFTER, self.open_sending)
        if self.desk.is_signed_in:
            await self._enter(self.desk.actor)
        else:
            await self.switch_screen(SignInScreen(self.desk))

    @work
    async def open_sending(self) -> None:
        """Deliver what is due beside this terminal; the imports alone take a fifth of a second."""
        if self._start_sending is not None:
            self._sending = await asyncio.to_thread(self._start_sending)

    def _opened(self) -> Desk:
        """Open the desk, and import the first screen, off the loop."""
        if self._keys:
            from .screens.keymap import checked_keymap  # noqa: PLC0415 - it imports all screens

            self._keys = checked_keymap(self._keys, ClinicApp)
        desk = self._open_desk()
        from .screens import calendar  # noqa: F401, PLC0415

        return desk

    @on(SignInScreen.SignedIn)
    async def signed_in(self, event: SignInScreen.SignedIn) -> None:
        """Show this person's screens."""
        await self._enter(event.actor)

    async def _enter(self, actor: Actor) -> None:
        """Add the screens this person may use and show the first of them."""
        if self.desk is None:
            return
        for mode, _, _, needed in _PLACES:
            if reach(actor, needed) is not Reach.NONE:
                self.add_mode(mode, partial(_SCREENS[mode], self.desk))
        await self.switch_mode(self.places()[0][0])
        if _DOOR in self._modes:
            await self.remove_mode(_DOOR)

    @on(SignedOut)
    async def signed_out(self) -> None:
        """Forget what was on the screens and let somebody else sign in."""
        desk = self.desk
        if desk is None or not desk.is_signed_in:
            return
        await asyncio.to_thread(desk.sign_out)
        self.clear_notifications()
        self.add_mode(_DOOR, lambda: SignInScreen(desk))
        await self.switch_mode(_DOOR)
        for mode, *_ in self.places():
            await self.remove_mode(mode)

    @work(exclusive=True, group="count-messages")
    async def count_messages(self) -> None:
        """How many messages need somebody, for the header of the screen that is seen."""
        desk, screen = self.desk, self.screen
        if desk is None or not isinstance(screen, ClinicScreen) or not desk.is_signed_in:
            return
        if reach(desk.actor, Permission.MESSAGES) is Reach.NONE:
            return
        if self._sending is not None:
            desk.faults = tuple(self._sending.faults.values())
        from .domain.message_list import messages_to_see  # noqa: PLC0415 - after the first frame

        with suppress(Refusal):
            counted = await desk.read(messages_to_see, desk.now())
            if desk.is_signed_in:
                screen.count(counted.together)

    @on(ClinicChanged)
    def clinic_changed(self, event: ClinicChanged) -> None:
        """Let the screen that is seen, also under a dialog, read what changed."""
        if self.desk is not None and self.desk.is_signed_in:
            for screen in self.screen_stack:
                if isinstance(screen, ClinicScreen):
                    screen.hear(event.news)

    @on(Rang)
    def rang(self, event: Rang) -> None:
        """Say in the header who calls, whatever is open over it."""
        self.say_who_calls(event.number)

    @work(exclusive=True, group="load-ring")
    async def say_who_calls(self, number: str) -> None:
        """Look for whose number it is; what cannot be looked up now is the number itself."""
        desk = self.desk
        if desk is None or not desk.is_signed_in:
            return
        if reach(desk.actor, Permission.RUN_VISITS) is Reach.NONE:
            return
        from .desk import Ring  # noqa: PLC0415 - not for the first frame
        from .domain.callers import callers  # noqa: PLC0415

        who = number
        with suppress(Refusal):
            found = await desk.read(callers, number)
            if len(found) == 1:
                who = found[0].name
            elif found:
                who = f"{found[0].name} or {len(found) - 1} more"
        for screen in self.screen_stack:
            if isinstance(screen, ClinicScreen) and desk.is_signed_in:
                screen.ring(Ring(number, who))

    def places(self) -> list[tuple[str, str, str]]:
        """The screens the signed-in person may use: mode, title, key."""
        return [place[:3] for place in _PLACES if place[0] in self._modes]

    def action_go(self, mode: str) -> None:
        """Go to a screen; what is open on the present one stays as it is."""
        if mode in self._modes and not isinstance(self.screen, LockScreen):
            self.switch_mode(mode)

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
        if mode not in self._modes:
            return
        await self.switch_mode(mode)
        base: Screen[Any] = self.screen_stack[0]
        getattr(base, method)(*arguments)

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
        if self._follower is not None:
            self._follower.stop(_PATIENCE)
        if self._telephone is not None:
            self._telephone.stop(_PATIENCE)
        if self._sending is not None:
            self._sending.stop(_PATIENCE)
        if self.desk is not None:
            self.desk.leave()

    # What Textual offers and a clinic must not have: files with patients' names in a download
    # folder, a stopped process that holds a terminal, links and a clipboard out of the program.

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """No picture of patients' data is written from within the program."""

    def action_suspend_process(self) -> None:
        """A stopped process would hold its terminal and its connection: it is not stopped."""

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Nothing is opened outside the program."""

    def copy_to_clipboard(self, text: str) -> None:
        """Nothing leaves by the terminal's clipboard, but a sentence to be read back (``y``)."""

    def _fatal_error(self) -> None:
        """An unexpected error: a number on the terminal, the details in a private file.

        Textual would print the local variables, patients' data and the database URL among them.
        """
        self._exit_renderables.append(Text(write_down(self._exception)))
        self._close_messages_no_wait()


# Each screen is imported when it is first gone to: the first one should not wait for the others.


def _calendar(desk: Desk) -> Screen[Any]:
    from .screens.calendar import CalendarScreen  # noqa: PLC0415

    return CalendarScreen(desk)


def _today(desk: Desk) -> Screen[Any]:
    from .screens.today import TodayScreen  # noqa: PLC0415

    return TodayScreen(desk)


def _patients(desk: Desk) -> Screen[Any]:
    from .screens.patients import PatientsScreen  # noqa: PLC0415

    return PatientsScreen(desk)


def _doctors(desk: Desk) -> Screen[Any]:
    from .screens.doctors import DoctorsScreen  # noqa: PLC0415

    return DoctorsScreen(desk)


def _waitlist(desk: Desk) -> Screen[Any]:
    from .screens.waitlist import WaitlistScreen  # noqa: PLC0415

    return WaitlistScreen(desk)


def _messages(desk: Desk) -> Screen[Any]:
    from .screens.messages_screen import MessagesScreen  # noqa: PLC0415

    return MessagesScreen(desk)


_SCREENS = {
    "calendar": _calendar,
    "today": _today,
    "patients": _patients,
    "doctors": _doctors,
    "waitlist": _waitlist,
    "messages": _messages,
}


def _title(screen: Screen[Any]) -> str:
    title: str = getattr(screen, "TITLE_IN_HELP", "") or "this dialog"
    return title
