"""While something is written: keys wait for what comes of it, and what takes long is said."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from textual import work
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Static

from .typing_ahead import forget_keys, look_at_keys

if TYPE_CHECKING:
    from ..desk import Operation
    from .base import ClinicScreen

P = ParamSpec("P")
T = TypeVar("T")
_LONG = 0.4
"""Seconds after which one wants to know."""


class Saving(ModalScreen[None]):
    """Stands until the task is done, and until nothing stands above it.

    What comes after a write, a dialog with what was refused, therefore never covers a lock.
    Another Enter is for what is being written already, and Esc comes too late for it.
    """

    DEFAULT_CSS = """
    Saving { background: $background 0%; align: center middle; }
    Saving Static { width: auto; padding: 0 2; background: $boost; display: none; }
    """

    def __init__(self, task: asyncio.Task[Any]) -> None:
        super().__init__()
        self._writing = task
        self._has_gone = False

    def compose(self) -> ComposeResult:
        """One word."""
        yield Static("Saving …", markup=False)

    def on_mount(self) -> None:
        """Wait."""
        self.set_timer(_LONG, self.say_so)
        self.wait()
        look_at_keys(self)

    def is_early(self, key: str) -> bool:
        """Whether that key is for what comes after."""
        return not self._has_gone and key not in ("enter", "escape")

    def say_so(self) -> None:
        """It takes long."""
        self.query_one(Static).display = True

    @work
    async def wait(self) -> None:
        """Go when it is done, refused or not."""
        await asyncio.wait({self._writing})
        self.go()

    def on_screen_resume(self) -> None:
        """What stood above is gone."""
        if self._writing.done():
            self.go()

    def go(self) -> None:
        """Go, unless something stands above."""
        # Not is_current, which a screen seen through a translucent one is, too.
        if self.app.screen is self and not self._has_gone:
            self._has_gone = True
            self.dismiss(None)


async def saved(
    screen: ClinicScreen, operation: Operation[P, T], /, *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run what a dialog answered with, holding the keys until it is done."""
    return await while_saving(screen, screen.desk.run(operation, *args, **kwargs))


async def while_saving(screen: ClinicScreen, write: Coroutine[Any, Any, T]) -> T:
    """Carry out a write, holding the keys until it is done; they are not for a refusal."""
    task = asyncio.create_task(write)
    await screen.app.push_screen_wait(Saving(task))
    if task.exception() is not None:
        forget_keys(screen)
    return task.result()
