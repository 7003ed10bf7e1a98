"""Frames, drawn once the program has nothing left to do.

What is drawn between two looks nobody sees: sixty frames a second, on a busy machine several for
every key, were half of what a test of a screen cost.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

from textual.screen import Screen

draw_at_once = Screen._compositor_refresh
_due: WeakSet[Screen[Any]] = WeakSet()


def draw_once_still(screen: Screen[Any]) -> None:
    """Takes the place of ``Screen._compositor_refresh``."""
    screen._dirty_widgets.clear()
    _due.add(screen)


def draw_what_is_due() -> bool:
    """Draw each screen that asked for it; whether any did."""
    due = [screen for screen in _due if screen.is_running]
    _due.clear()
    for screen in due:
        draw_at_once(screen)
    return bool(due)
