"""The program on a clinic into whose tables somebody wrote past the domain."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from textual.pilot import Pilot

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.access import Actor
from tests.screens.conftest import settle, steady
from tests.small_clinic import NOW, SmallClinic

from .poison import TEXTS, Poisoned, poison

__all__ = ["steady"]

Opened = Callable[..., AbstractAsyncContextManager[Pilot[int]]]


@pytest.fixture
def poisoned(database: Database, clinic: SmallClinic, kind: str) -> Poisoned:
    """The clinic of ``database``, poisoned; PostgreSQL itself takes no NUL."""
    texts = TEXTS if kind == "sqlite" else [text for text in TEXTS if "\0" not in text]
    return database.transact(poison, clinic, texts)


@pytest.fixture
def opened(database: Database, clinic: SmallClinic) -> Opened:
    """``async with opened(actor) as pilot``: the program at their desk, first screen loaded."""

    @asynccontextmanager
    async def at_desk_of(
        actor: Actor = clinic.receptionist, size: tuple[int, int] = (160, 50)
    ) -> AsyncIterator[Pilot[int]]:
        desk = Desk(database, now=lambda: NOW)
        desk.sign_in_as(actor)
        app = ClinicApp(lambda: desk)
        async with app.run_test(size=size, notifications=True) as pilot:
            await settle(pilot)
            yield pilot

    return at_desk_of
