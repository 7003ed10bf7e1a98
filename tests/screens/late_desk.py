"""A desk of which one answer comes late: in which order answers come is for a test to say."""

from __future__ import annotations

import asyncio
from typing import ParamSpec, TypeVar

from clinic_tui.database import Database
from clinic_tui.desk import Desk, Operation
from clinic_tui.domain.access import Actor
from tests.small_clinic import NOW

P = ParamSpec("P")
T = TypeVar("T")


class LateDesk(Desk):
    """One answer comes late: the first to what is ``asked``, when ``gate`` opens."""

    def __init__(self, database: Database, actor: Actor) -> None:
        super().__init__(database, now=lambda: NOW)
        self.asked: object = None
        self.gate = asyncio.Event()
        self.sign_in_as(actor)

    async def read(self, operation: Operation[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Read, and for that one question wait before answering."""
        is_late = self.asked in (operation, *args)
        if is_late:
            self.asked = None
        answer = await super().read(operation, *args, **kwargs)
        if is_late:
            await self.gate.wait()
        return answer
