"""The command palette: patients, doctors, dates and commands, whatever fits what is typed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, cast

from textual import on
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widgets import Input
from textual.worker import Worker

from ..domain.access import Permission, Reach, reach
from ..domain.errors import BadInput, Refusal
from ..domain.text import search_key, showable
from ..domain.times.days import read_day
from ..domain.times.walltime import local_day, say_date, say_day
from .messages import LockRequested, OpenDay, OpenDoctor, OpenPatient, SignedOut
from .reading import is_closing
from .themes import THEMES
from .typing_ahead import TypingAhead, go_elsewhere, keys_follow, keys_wait

if TYPE_CHECKING:
    from ..desk import Desk
    from .modes import Mode

_FEW = 6
_BY_NAME = (
    ("absence", "Doctor ill or away: plan the visits", "D"),
    ("room_out", "Room out of use: plan the visits", "D o"),
    ("series", "Series: visits that repeat", "S"),
    ("together", "Several visits on one day", "T"),
    ("requests", "Requests: visits that await a yes", "C"),
    ("merge", "Two records of one person: make one", "M"),
)
"""Actions of screens that are found by what they are for: action, words, key."""


class Host(Protocol):
    """What the palette needs of the program around it."""

    desk: Desk | None

    def modes(self) -> list[Mode]:
        """The screens this person may use."""

    async def action_go(self, mode: str) -> None:
        """Go to one of them, by its name."""

    def action_hide_names(self) -> None:
        """Hide what is patients', or show it again."""

    def use_theme(self, name: str) -> None:
        """Change the colours."""

    def leave(self, code: int = 0) -> None:
        """End the program."""


class Palette(CommandPalette):
    """Enter waits for what is found by what is typed, and what comes behind it for where it leads.

    Until then the list shows what was found by what was typed before.
    """

    _entered: str | None = None

    def on_screen_resume(self) -> None:
        """What was typed behind the key that opened it is for the line."""
        if isinstance(self.app, TypingAhead):
            self.call_after_refresh(self.app.keys_go_on)

    @property
    def _is_looking(self) -> bool:
        return any(worker.node is self and not worker.is_finished for worker in self.workers)

    @on(Input.Submitted)
    def enter(self, event: Input.Submitted) -> None:
        """Take what is found, as soon as it is."""
        if self._is_looking:
            event.stop()
            event.prevent_default()
            self._entered = event.value
            keys_wait(self)
        elif self.query_one(CommandList).highlighted is not None:
            go_elsewhere(self)

    @on(Worker.StateChanged)
    async def looked(self) -> None:
        """Enter that waited for it does its work, unless something else is typed by now."""
        entered = self._entered
        if entered is None or self._is_looking or is_closing(self):
            return
        self._entered, line = None, self.query_one(Input)
        if entered == line.value and self.query_one(CommandList).highlighted is not None:
            await line.action_submit()
        else:
            keys_follow(self)


class ClinicCommands(Provider):
    """Offers only what makes sense now and to this person."""

    @property
    def _host(self) -> Host:
        return cast("Host", self.app)

    @property
    def _desk(self) -> Desk | None:
        desk = self._host.desk
        return desk if desk is not None and desk.is_signed_in else None

    async def discover(self) -> Hits:
        """Without a word typed: the commands."""
        for name, help_text, command in self._commands():
            yield DiscoveryHit(Content(name), command, name, help_text)

    async def search(self, query: str) -> Hits:
        """Commands by their words, a date, and people by any part of their name."""
        wanted = search_key(query)
        for name, help_text, command in self._commands():
            if all(word in search_key(name) for word in wanted.split()):
                yield Hit(0.5, Content(name), command, name, help_text)
        desk = self._desk
        if desk is None:
            return
        try:
            async for hit in self._dates(desk, query):
                yield hit
            async for hit in self._people(desk, query):
                yield hit
        except Refusal:
            # A half-typed line that no operation takes finds nobody; the palette stays open.
            return

    async def _dates(self, desk: Desk, query: str) -> Hits:
        if reach(desk.actor, Permission.SEE_CALENDAR) is Reach.NONE:
            return
        today = local_day(desk.now(), desk.zone)
        try:
            day = read_day(query, today, desk.settings.region)
        except BadInput:
            return
        title = f"{say_day(day)} in the calendar"
        yield Hit(0.9, Content(title), self._post(OpenDay(day)), title)

    async def _people(self, desk: Desk, query: str) -> Hits:
        from ..domain.patients.search import find_patients  # noqa: PLC0415
        from ..domain.staff.doctors import find_doctors  # noqa: PLC0415 - after the first frame

        for doctor in await desk.read(find_doctors, query, limit=_FEW):
            title = showable(f"{doctor.name} · {', '.join(doctor.specialties)}")
            yield Hit(
                0.7, Content(title), self._post(OpenDoctor(doctor.doctor_id)), title, "doctor"
            )
        if reach(desk.actor, Permission.SEE_CONTACT) is Reach.NONE:
            return
        for patient in await desk.read(find_patients, query, desk.now(), _FEW):
            born = f" · {say_date(patient.birth_date)}" if patient.birth_date else ""
            known_as = f"{born} · {patient.record_number}"
            name = ", ".join(filter(None, (patient.family_name, patient.given_name)))
            title = showable(f"{name}{known_as}")
            command = self._post(OpenPatient(patient.patient_id))
            # The last words are read as markup: they are never what somebody is called.
            yield Hit(0.8, Content(title), command, title, "patient")

    def _commands(self) -> list[tuple[str, str, Callable[[], Any]]]:
        app = self._host
        commands: list[tuple[str, str, Callable[[], Any]]] = []
        if self._desk is not None:
            commands += [
                (f"Go to {mode.title}", mode.key, partial(app.action_go, mode.name))
                for mode in app.modes()
            ]
            commands += self._of_the_screen()
            commands += [
                ("Hide or show patients' names", "*", self._then_keys(app.action_hide_names)),
                ("Lock this desk", "F12", self._then_keys(self._post(LockRequested()))),
                (
                    "Sign out",
                    "let somebody else sign in",
                    self._then_keys(self._post(SignedOut())),
                ),
            ]
        commands += [
            (f"Look: {name}", "change the colours", self._then_keys(partial(app.use_theme, name)))
            for name in THEMES
        ]
        return [*commands, ("Quit", "leave the program", partial(app.leave, 0))]

    def _of_the_screen(self) -> list[tuple[str, str, Callable[[], None]]]:
        """What the screen below offers beyond the keys in its last line."""
        found = (
            (name, key, getattr(self.screen, f"action_{action}"))
            for action, name, key in _BY_NAME
            if hasattr(self.screen, f"action_{action}") and self.screen.check_action(action, ())
        )
        return [
            (name, key, self._then_keys(cast("Callable[[], None]", run)))
            for name, key, run in found
        ]

    def _then_keys(self, run: Callable[[], object]) -> Callable[[], None]:
        """What leads to no other screen: keys that waited for it go on."""

        def then() -> None:
            run()
            if isinstance(self.app, TypingAhead):
                self.app.call_later(self.app.arrive)

        return then

    def _post(
        self, message: OpenDay | OpenPatient | OpenDoctor | LockRequested | SignedOut
    ) -> Callable[[], None]:
        return lambda: cast("None", self.app.post_message(message))
