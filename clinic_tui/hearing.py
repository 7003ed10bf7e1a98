"""What the program hears beside its keys: other terminals, the telephone, messages that wait."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.screen import Screen

from .domain.access import Permission, Reach, reach
from .domain.errors import Refusal
from .screens.base import ClinicScreen
from .screens.messages import ClinicChanged, Rang
from .screens.sealed import SealedApp

if TYPE_CHECKING:
    from .beside import Beside
    from .changes import News
    from .desk import Desk

_COUNTED_EVERY, _COUNTED_AFTER = 10.0, 0.5
"""Seconds after which the messages that need somebody are counted anew: whatever was heard, and
once for all that is heard of messages meanwhile, of which a sender may send hundreds."""


class HearingApp(SealedApp):
    """An app whose screens are told what others did; whatever is open over them stays."""

    def __init__(self, beside: Beside, hide_names_after: float | None) -> None:
        super().__init__(hide_names_after)
        self.beside = beside
        self.desk: Desk | None = None
        self._counts_soon = False

    def on_mount(self) -> None:
        """Count from time to time, whatever is heard."""
        self.set_interval(_COUNTED_EVERY, self.count_messages)

    @work(exclusive=True, group="count-messages")
    async def count_messages(self) -> None:
        """How many messages need somebody, for the screen that is seen, also under a dialog."""
        self._counts_soon, desk = False, self.desk
        screen = next((one for one in self.screen_stack if isinstance(one, ClinicScreen)), None)
        if desk is None or screen is None or not desk.is_signed_in:
            return
        if reach(desk.actor, Permission.MESSAGES) is Reach.NONE:
            return
        from .domain.messages.message_list import messages_to_see  # noqa: PLC0415 - after the first frame

        try:
            counted = await desk.read(messages_to_see, desk.now())
        except Refusal:
            desk.faults = self.beside.faults
            return
        if desk.is_signed_in:
            desk.faults = (*self.beside.faults, *counted.held_up)
            screen.count(counted.together)

    @on(ClinicChanged)
    def clinic_changed(self, event: ClinicChanged) -> None:
        """Let the screen that is seen, also under a dialog, read what changed."""
        if event.news.concerns_messages and not self._counts_soon:
            self._counts_soon = True
            self.set_timer(_COUNTED_AFTER, self.count_messages)
        if event.news.concerns_clinic:
            self.take_up_settings(event.news)
        else:
            self._hand_on(event.news, self.screen_stack)

    @work
    async def take_up_settings(self, news: News) -> None:
        """Take up what was set elsewhere: all screens write as the clinic writes now."""
        desk = self.desk
        if desk is None:
            return
        before = desk.settings
        with suppress(Refusal):
            await asyncio.to_thread(desk.reload_settings)
        if desk.settings == before:
            self._hand_on(news, self.screen_stack)
            return
        self._hand_on(replace(news, everything=True), list(self.drawn_screens()))
        self.draw_anew()

    def _hand_on(self, news: News, screens: Sequence[Screen[Any]]) -> None:
        if self.desk is not None and self.desk.is_signed_in:
            for screen in screens:
                if isinstance(screen, ClinicScreen):
                    screen.hear(news)

    @on(Rang)
    def rang(self, event: Rang) -> None:
        """Say in the header who calls, whatever is open over it."""
        self.say_who_calls(event.number)

    @work(exclusive=True, group="load-ring")
    async def say_who_calls(self, number: str) -> None:
        """Look for whose number it is, for whoever is at the desk."""
        desk = self.desk
        if desk is None or not desk.is_signed_in:
            return
        if reach(desk.actor, Permission.RUN_VISITS) is Reach.NONE:
            return
        from .screens.patients.ringing import who_rings  # noqa: PLC0415 - not for the first frame

        ring = await who_rings(desk, number)
        for screen in self.screen_stack:
            if isinstance(screen, ClinicScreen) and desk.is_signed_in:
                screen.ring(ring)
