"""PostgreSQL stopped at once under load: nothing that was answered is lost, nothing done twice."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

import pytest

from clinic_tui.database import Database
from clinic_tui.domain.visits.booking import BookingRequest
from tests import postgres, small_clinic
from tests.patience import here
from tests.races.racing import FORKING
from tests.races.test_booking_races import slots
from tests.small_clinic import NOW, SmallClinic

from .writers import book_all, whole

pytestmark = pytest.mark.proof

_STOPS = {False: 2, True: 10}
_WRITERS = 4
_EACH = 120
"""Bookings of each between two stops at most: more than they ever come to."""


@dataclass(slots=True)
class Desks:
    """The terminals, and what they say they were answered."""

    pipes: list[Connection]
    answered: dict[str, int] = field(default_factory=dict)
    refused: dict[str, bool] = field(default_factory=dict)
    """Of each request that was cut off: whether nothing was changed, or nobody knows."""
    waiting: set[Connection] = field(default_factory=set)
    """Who says no more until the database is back, or at all."""

    def listen(self) -> None:
        """Hear what there is to hear, after waiting for something to be said."""
        heard = wait(set(self.pipes) - self.waiting, timeout=here(60))
        assert heard, "nobody says anything"
        for pipe in heard:
            assert isinstance(pipe, Connection)
            try:
                what, *said = pipe.recv()
            except EOFError:
                self.waiting.add(pipe)
                continue
            if what == "done":
                self.answered[said[0]] = said[1]
            elif what == "unavailable":
                self.refused[said[0]] = said[1]
                self.waiting.add(pipe)

    def listen_until_all_wait(self) -> None:
        """Hear everybody, up to where they are cut off or at their end."""
        while len(self.waiting) < len(self.pipes):
            self.listen()

    def go_on(self, word: str) -> None:
        """The database is back."""
        for pipe in self.pipes:
            pipe.send(word)
        self.waiting.clear()
        self.refused.clear()


@pytest.mark.parametrize("kind", ["postgresql"])
def test_stopped_at_once_under_load(kind: str, soak: bool) -> None:
    stops, dice = _STOPS[soak], random.Random(None if soak else 7)
    outcomes: Counter[str] = Counter()
    with ExitStack() as cleanup:
        server = cleanup.enter_context(postgres.new_server())
        database = cleanup.enter_context(closing(Database(server.url)))
        database.upgrade()
        clinic = database.transact(small_clinic.build)
        children, desks = _writers(server.url, clinic, stops)
        for number in range(stops):
            goal = len(desks.answered) + dice.randrange(8, 40)
            while len(desks.answered) < goal:
                desks.listen()
            server.stop_at_once()
            desks.listen_until_all_wait()
            server.start()
            _nothing_lost(whole(database), desks)
            outcomes.update("known" if known else "unknown" for known in desks.refused.values())
            desks.go_on("last" if number + 1 == stops else "on")
        desks.listen_until_all_wait()
        for child in children:
            child.join()
        assert [child.exitcode for child in children] == [0] * _WRITERS
        assert whole(database) == desks.answered
    print(f"\n{stops} stops: {len(desks.answered)} bookings, cut off with {dict(outcomes)}")  # noqa: T201
    assert outcomes.total() == stops * _WRITERS


def _writers(url: str, clinic: SmallClinic, stops: int) -> tuple[list[Any], Desks]:
    """Four, each with visits of its own in between the others': they meet at every start."""
    starts = slots(_WRITERS * _EACH * stops, NOW.date())
    children, pipes = [], []
    for writer in range(_WRITERS):
        requests = [
            BookingRequest(
                clinic.lee, clinic.follow_up, at, patient_id=clinic.maria, key=f"{writer} {number}"
            )
            for number, at in enumerate(starts[writer::_WRITERS])
        ]
        ours, theirs = FORKING.Pipe()
        child = FORKING.Process(target=book_all, args=(url, clinic.receptionist, requests, theirs))
        child.start()
        theirs.close()
        children.append(child)
        pipes.append(ours)
    return children, Desks(pipes)


def _nothing_lost(found: dict[str, int], desks: Desks) -> None:
    assert found.items() >= desks.answered.items()
    cut_off = desks.refused
    assert found.keys() - desks.answered.keys() <= {key for key in cut_off if not cut_off[key]}
