"""An answer that comes while its screen is being closed is nobody's any more."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session
from textual import work
from textual.app import App
from textual.screen import Screen
from textual.worker import WorkerState

from clinic_tui.desk import Desk
from clinic_tui.domain.access import Actor
from clinic_tui.domain.errors import NotFound
from clinic_tui.screens.reading import read_for
from tests.screens.driving import until
from tests.screens.stillness import OnPurpose


class Reader(Screen[None]):
    """Reads something and says it."""

    def __init__(self, desk: Desk, *, refused: bool) -> None:
        super().__init__()
        self._desk, self._refused = desk, refused
        self.answer = OnPurpose()
        self.said = False

    def _slow(self, _session: Session, _actor: Actor) -> str:
        self.answer.wait(20)
        if self._refused:
            raise NotFound("There is no such thing.")
        return "there"

    @work
    async def load(self) -> None:
        """Read and say."""
        try:
            await read_for(self, self._desk, self._slow)
        except NotFound:
            self.said = True
        self.said = True


@pytest.mark.parametrize("refused", [False, True])
async def test_a_late_answer_is_not_shown(desk: Desk, refused: bool) -> None:
    app = App[int]()
    async with app.run_test() as pilot:
        reader = Reader(desk, refused=refused)
        await app.push_screen(reader)
        worker = reader.load()
        # The first thing that Textual does with a screen that it closes.
        reader.display = False
        reader.answer.set()
        await until(pilot, lambda: worker.is_finished)
        assert worker.state is WorkerState.CANCELLED
        assert not reader.said
