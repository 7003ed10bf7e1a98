"""Reading on behalf of a part of a screen that may be gone before the answer is there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from textual.dom import DOMNode, NoScreen

if TYPE_CHECKING:
    from ..desk import Desk, Operation

P = ParamSpec("P")
T = TypeVar("T")


async def read_for(
    part: DOMNode, desk: Desk, operation: Operation[P, T], /, *args: P.args, **kwargs: P.kwargs
) -> T:
    """``desk.read``, whose answer nobody gets any more once the part's screen is being closed.

    Textual cancels a widget's workers only after its children are gone; in between, a worker
    that goes on would look for children in vain, and that would end the program.
    """
    try:
        return await desk.read(operation, *args, **kwargs)
    finally:
        stop_if_closing(part)


def stop_if_closing(part: DOMNode) -> None:
    """End the worker that asks this for a part whose screen is being closed."""
    if is_closing(part):
        raise asyncio.CancelledError


def is_closing(part: DOMNode) -> bool:
    """Whether the part's screen is being closed, some of its children gone already."""
    try:
        return not part.screen.display
    except NoScreen:
        return True
