"""A form as a story: filled in, saved or refused, left for later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import TypeVar

from ..domain.errors import Refusal
from .base import ClinicScreen
from .form import Form, Typed

T = TypeVar("T")


async def fill_in(
    screen: ClinicScreen,
    drafts: MutableMapping[tuple[str, int], Typed],
    key: tuple[str, int],
    original: Typed,
    form: Callable[[Typed, Typed | None, Refusal | None], Form],
    save: Callable[[Typed], Awaitable[T | None]],
) -> T | None:
    """Show a form until what it holds is saved or it is left; a refusal brings it back.

    ``save`` answers None when the person wants the form back. What is left is kept in ``drafts``
    under ``key``, by which form it is and what it is about.
    """
    draft, refusal = drafts.pop(key, None), None
    while True:
        filled = await screen.app.push_screen_wait(form(original, draft, refusal))
        draft, refusal = filled.typed, None
        if not filled.save:
            if dict(draft) != dict(original):
                drafts[key] = draft
            return None
        try:
            done = await save(draft)
        except Refusal as refused:
            refusal = refused
        else:
            if done is not None:
                return done
