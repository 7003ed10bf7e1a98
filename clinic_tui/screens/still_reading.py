"""A screen that is still reading what the next keys are for: they wait until it is there."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.dom import DOMNode
from textual.screen import Screen
from textual.worker import Worker

from .typing_ahead import forget_keys, look_at_keys


class StillReading(Screen[None]):
    """Keys that are pressed behind one that asks for another page are for that page.

    ``AT_ONCE`` are the actions, named without ``action_``, that mean the same before it is there.
    """

    AT_ONCE: ClassVar[frozenset[str]] = frozenset()

    _awaited: tuple[DOMNode, str] | None = None
    """Whose workers read what keys are for, and the group of these."""

    def keys_await(self, reading: Worker[Any]) -> None:
        """Keys wait for what that worker reads, or whichever overtakes it."""
        self._awaited = reading.node, reading.group

    def awaited_in_vain(self) -> None:
        """It could not be read: what was typed for it is not for what is shown instead."""
        if self.is_behind:
            forget_keys(self)

    @property
    def is_behind(self) -> bool:
        """Whether what keys are for is still being read."""
        return self._awaited is not None and any(
            (worker.node, worker.group) == self._awaited and not worker.is_finished
            for worker in self.workers
        )

    def is_early(self, key: str) -> bool:
        """Whether that key has to wait for it."""
        if not self.is_behind:
            self._awaited = None
            return False
        return self.meant_by(key).isdisjoint(self.AT_ONCE)

    def meant_by(self, key: str) -> set[str]:
        """The actions of that key, offered now or not, named without ``action_``."""
        return {
            one.action.partition("(")[0]
            for _, bindings in self._binding_chain
            for one in bindings.key_to_bindings.get(key, ())
        }

    @on(Worker.StateChanged)
    def has_read(self, event: Worker.StateChanged) -> None:
        """What keys wait for may be there."""
        if event.worker.is_finished:
            self._awaited = self._awaited if self.is_behind else None
            look_at_keys(self)
