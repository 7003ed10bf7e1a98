"""A telephone that rings: whose number that is, in as few words as a header has room for."""

from __future__ import annotations

from contextlib import suppress

from ...desk import Desk, Ring
from ...domain.errors import Refusal
from ...domain.patients.callers import callers


async def who_rings(desk: Desk, number: str) -> Ring:
    """Look for whose number it is; what cannot be looked up now is the number itself."""
    who = number
    with suppress(Refusal):
        found = await desk.read(callers, number)
        if len(found) == 1:
            who = found[0].name
        elif found:
            who = f"{found[0].name} or {len(found) - 1} more"
    return Ring(number, who)
