"""Undo, by the same letter everywhere: it asks nothing, and tells in one sentence what it did."""

from __future__ import annotations

from ..domain.errors import Refusal
from ..domain.requests import new_key
from ..domain.undo import Undone, undo_last
from .base import ClinicScreen
from .visits import saved


async def undo_last_step(screen: ClinicScreen) -> Undone | None:
    """Take back the signed-in person's last step; None where that was refused, which is said.

    Keys are held meanwhile: one that is pressed for long would take back one step after another.
    """
    try:
        undone = await saved(screen, undo_last, screen.desk.now(), new_key())
    except Refusal as refusal:
        screen.refuse(refusal)
        return None
    screen.tell(undone.sentence)
    return undone
