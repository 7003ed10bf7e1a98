"""Keys typed while a dialog is still on its way: they wait for it, in order, and none is lost.

A receptionist who books all day types ``b`` and the name in one go, faster than a dialog can be
built and its visit be read. Without this the name would go to the calendar, as commands.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar

from textual import events, work
from textual.app import App
from textual.screen import Screen
from textual.worker import Worker

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound=Screen[Any])

_LONGEST = 2.0
"""Seconds after which keys go on even so: a clinic that does not answer must not eat them."""


class TypingAhead(App[int]):
    """An app whose keys wait from when a story begins until its first dialog, or its end."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[events.Key] | None = None

    async def on_event(self, event: events.Event) -> None:
        """Keep a key that came too early, whether it is on its way down or came back up unused."""
        if self._waiting is not None and isinstance(event, events.Key):
            self._waiting.append(event)
        else:
            await super().on_event(event)

    def keys_wait(self) -> None:
        """From now on keys are kept."""
        if self._waiting is None:
            self._waiting = []
            self.set_timer(_LONGEST, self._go_on)

    def keys_go_on(self) -> None:
        """Whoever is to have the keys is there."""
        if self._waiting is not None:
            self.call_later(self._go_on)

    async def _go_on(self) -> None:
        kept, self._waiting = sorted(self._waiting or (), key=lambda key: key.time), None
        while kept and self._waiting is None:
            key = kept.pop(0)
            await self.on_event(events.Key(key.key, key.character))
        for key in kept:
            await self.on_event(key)


def story(
    method: Callable[Concatenate[S, P], Coroutine[None, None, R]],
) -> Callable[Concatenate[S, P], Worker[R]]:
    """A coroutine of a screen that may open a dialog, as a worker; keys wait for that dialog.

    It is not exclusive: cancelling a write would drop the report while the thread commits.
    """

    async def told(screen: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await method(screen, *args, **kwargs)
        finally:
            if isinstance(screen.app, TypingAhead):
                screen.app.keys_go_on()

    def begin(screen: S, /, *args: P.args, **kwargs: P.kwargs) -> Worker[R]:
        if isinstance(screen.app, TypingAhead):
            screen.app.keys_wait()
        return run(screen, *args, **kwargs)

    run: Callable[Concatenate[S, P], Worker[R]] = work(told)
    update_wrapper(begin, method)
    return begin
