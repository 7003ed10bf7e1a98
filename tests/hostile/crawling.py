"""Every key that is bound, pressed: on each page, and in each dialog that a key opens."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen

from clinic_tui.screens.base import ClinicScreen
from clinic_tui.screens.saving import Saving

from .seen import check_harmless

_LEADS_AWAY = frozenset({"ctrl+q", "f12", "ctrl+o", "asterisk"})
"""Leaving, locking, signing out and hiding names have their own tests."""
_MOST_STEPS_BACK = 6
_A_MOMENT, _PATIENCE = 0.02, 60.0
_PLACES = {
    "f2": "TodayScreen",
    "f3": "CalendarScreen",
    "f4": "PatientsScreen",
    "f5": "DoctorsScreen",
    "f6": "WaitlistScreen",
    "f7": "MessagesScreen",
}
"""A path begins with the key of a place; where one is there already it goes without."""


class Crawl:
    """Presses keys and remembers which screens were met and which key was pressed where.

    ``check`` looks at what each of them leads to.
    """

    def __init__(
        self, pilot: Pilot[int], check: Callable[[Pilot[int]], None] = check_harmless
    ) -> None:
        self.pilot = pilot
        self._check = check
        self.met: set[str] = set()
        self.pressed: set[tuple[str, str]] = set()

    async def page(self, *path: str) -> None:
        """Go to a page by that path of keys and press every key on it; Esc leads back there."""
        await self._go(path)
        page = self._screen
        name = f"{type(page).__name__} {path[-1]}"
        self.met.add(type(page).__name__)
        self._check(self.pilot)
        while (key := self._next_key(name) or await self._next_after(path, name)) is not None:
            await self._press(key)
            self._check(self.pilot)
            if self._screen is not page:
                await self._meet([*path, key])
                await self._go(path)
            page = self._screen

    async def _next_after(self, path: Sequence[str], name: str) -> str | None:
        """A key that works where the path leads: the one before may have gone to a search line."""
        await self._go(path)
        return self._next_key(name)

    async def _meet(self, path: list[str]) -> None:
        """Press every key of a dialog, when it is the first of its kind."""
        here = self._screen
        name = type(here).__name__
        if name in self.met or isinstance(here, ClinicScreen):
            return
        self.met.add(name)
        self._check(self.pilot)
        while (key := self._next_key(name)) is not None:
            await self._press(key)
            self._check(self.pilot)
            if self._screen is not here:
                await self._meet([*path, key])
                await self._go(path)
                here = self._screen
                if type(here).__name__ != name:
                    return  # What it was about is over: a visit that is cancelled has no dialog.

    async def _go(self, path: Sequence[str]) -> None:
        await self.out()
        there = type(self._screen).__name__ == _PLACES[path[0]]
        for key in path[there:]:
            await self._press(key)

    def look(self) -> None:
        """Something is in front to which no key led: it is met, and looked at."""
        self.met.add(type(self._screen).__name__)
        self._check(self.pilot)

    async def out(self) -> None:
        """Esc leads back to a page from wherever this is."""
        for _ in range(_MOST_STEPS_BACK):
            if isinstance(self._screen, ClinicScreen):
                return
            await self._press("escape")
        raise AssertionError(f"There is no way out of {self._screen}.")

    async def _press(self, key: str) -> None:
        await self.pilot.press(key)
        give_up = time.monotonic() + _PATIENCE
        while time.monotonic() < give_up:
            if self._is_calm():
                return
            await self.pilot.pause(_A_MOMENT)
        raise AssertionError(f"{key} on {self._screen} is never done.")

    def _is_calm(self) -> bool:
        loading = (
            worker.is_running and worker.group.startswith("load")
            for worker in self.pilot.app.workers
        )
        return not isinstance(self._screen, Saving) and not any(loading)

    def _next_key(self, name: str) -> str | None:
        """A key of ours that works here now and was not pressed yet; Tab and Enter, too."""
        active = self._screen.active_bindings
        ours = {key: found.binding.id for key, found in active.items() if found.enabled}
        for key, known_as in (ours | {"tab": "", "enter": ""}).items():
            # The keys of the program itself do the same wherever they work.
            once = ("app" if (known_as or "").startswith("app.") else name, key)
            if known_as is not None and key not in _LEADS_AWAY and once not in self.pressed:
                self.pressed.add(once)
                return key
        return None

    @property
    def _screen(self) -> Screen[Any]:
        return self.pilot.app.screen
