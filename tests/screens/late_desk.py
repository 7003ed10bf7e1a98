"""A desk of which one answer comes late: in which order answers come is for a test to say."""

from __future__ import annotations

import asyncio
from typing import ParamSpec, TypeVar

from clinic_tui.desk import Desk, Operation

P = ParamSpec("P")
T = TypeVar("T")


class LateDesk(Desk):
    """One answer comes late: the first to what is ``asked``, when ``gate`` opens."""

    asked: object
    gate: asyncio.Event

    async def read(self, operation: Operation[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Read, and for that one question wait before answering."""
        is_late = self.asked in (operation, *args)
        if is_late:
            self.asked = None
        answer = await super().read(operation, *args, **kwargs)
        if is_late:
            await self.gate.wait()
        return answer
