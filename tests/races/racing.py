"""Processes that race for the same thing: started once, each its own, let go together.

Starting an interpreter takes half a second of a core, so the racers of a run are forked from one
that has loaded everything, and take one race after another. Each opens the clinic's database for
itself, as a terminal does.
"""

from __future__ import annotations

import multiprocessing
import os
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.errors import CannotBook, Refusal
from tests.compiled_once import compile_once
from tests.small_clinic import NOW

FACTOR = int(os.environ.get("CLINIC_RACE_FACTOR", "1"))
"""How many times as much of everything: a night's worth is 20."""
RACERS = 16
_LONGEST_WAIT = 600
PATIENCE = 90
"""Seconds, for one other terminal."""
FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["tests.soak.histories", "tests.soak.writers", "tests.upgrading"])
"""What the others are forked from: a process without threads, which no test has touched."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one operation came to: "done", or the name of the refusal and its sentence."""

    outcome: str
    seconds: float
    sentence: str = ""
    alternatives: int = 0
    key: str = ""
    value: Any = None


@dataclass(slots=True)
class Lane:
    """One racer's own desk, and what its operations came to."""

    number: int
    desk: Desk
    answers: list[Answer] = field(default_factory=list)

    def run(self, operation: Any, *args: Any, key: str = "") -> Any:
        """Run the operation as a screen would; None when it was refused."""
        begun = time.perf_counter()
        try:
            value = self.desk.run_now(operation, *args)
        except Refusal as refusal:
            offered = len(refusal.alternatives) if isinstance(refusal, CannotBook) else 0
            taken = time.perf_counter() - begun
            name = type(refusal).__name__
            self.answers.append(Answer(name, taken, str(refusal), offered, key))
            return None
        self.answers.append(Answer("done", time.perf_counter() - begun, key=key, value=value))
        return value


def see_it_wait(database: Database, other: Future[Any]) -> None:
    """Come back once the other terminal waits for us; SQLite shows nobody who waits."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    give_up = time.monotonic() + PATIENCE
    while not database.is_sqlite and not other.done():
        if database.read(lambda session: session.scalar(text(waiting))):
            break
        assert time.monotonic() < give_up
    assert not other.done()


Race = Callable[..., None]
"""What a racer does with its lane once the race is on."""


def _racer(number: int, barrier: Barrier, pipe: Connection) -> None:
    """A racer's life: wait for a race, run it with everybody else, say what happened."""
    compile_once(pytest.MonkeyPatch())
    while (job := pipe.recv()) is not None:
        race, url, prepare, actor, args = job
        try:
            with closing(Database(url)) as database:
                prepare(database)
                lane = Lane(number, Desk(database, now=lambda: NOW))
                lane.desk.sign_in_as(actor)
                barrier.wait(timeout=_LONGEST_WAIT)
                race(lane, *args)
            pipe.send(lane.answers)
        except Exception:  # noqa: BLE001 - told to the test, which fails with it
            barrier.abort()
            pipe.send(traceback.format_exc())


def as_it_is(_database: Database) -> None:
    """Race on the database as the program opens it."""


class Racers:
    """All racers of a run."""

    def __init__(self) -> None:
        self._barrier = FORKING.Barrier(RACERS)
        self._pipes: list[Connection] = []
        self._processes = []
        for number in range(RACERS):
            ours, theirs = FORKING.Pipe()
            process = FORKING.Process(target=_racer, args=(number, self._barrier, theirs))
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)

    def race(
        self, race: Race, database: Database, actor: Any, *args: Any, prepare: Any = as_it_is
    ) -> list[Answer]:
        """Let all of them run ``race(lane, *args)`` at once; what all their operations came to.

        ``prepare`` is done to each racer's database before the start, such as taking a guard away.
        """
        url = database.url.render_as_string(hide_password=False)
        for pipe in self._pipes:
            pipe.send((race, url, prepare, actor, args))
        results = [pipe.recv() for pipe in self._pipes]
        broken = [result for result in results if isinstance(result, str)]
        if broken:
            self._barrier.reset()
            raise AssertionError("\n".join(broken))
        return [answer for answers in results for answer in answers]

    def close(self) -> None:
        """Send everybody home."""
        for pipe in self._pipes:
            pipe.send(None)
        for process in self._processes:
            process.join()


_MEETING = """
    SELECT one.id, other.id FROM appointments one JOIN appointments other
        ON one.{owner} = other.{owner} AND one.id < other.id
        AND one.{first} < other.{last} AND other.{first} < one.{last}
    WHERE one.status NOT IN ('cancelled', 'noshow', 'entered-in-error')
        AND other.status NOT IN ('cancelled', 'noshow', 'entered-in-error')
"""
OWNERS = {
    "doctor": _MEETING.format(owner="doctor_id", first="blocked_from", last="blocked_until")
    + "AND NOT one.overbooked AND NOT other.overbooked",
    "patient": _MEETING.format(owner="patient_id", first="starts_at", last="ends_at"),
    "room": _MEETING.format(owner="room_id", first="starts_at", last="ends_at"),
}


def overlaps(session: Session) -> dict[str, int]:
    """How many pairs of live visits overlap for one doctor (buffers too), patient and room.

    A doctor is beside an overbooked visit by decision. Worked out by a join of the table with
    itself, which knows nothing of the guards.
    """
    return {owner: len(session.execute(text(query)).all()) for owner, query in OWNERS.items()}


def deadlocks(session: Session) -> int:
    """How many deadlocks PostgreSQL has broken in this database; each cost somebody a second."""
    if session.get_bind().dialect.name != "postgresql":
        return 0
    query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    return int(session.scalar(text(query)))


NO_OVERLAPS = {"doctor": 0, "patient": 0, "room": 0}


def say_speed(title: str, answers: list[Answer]) -> str:
    """How long the operations took: printed, because it belongs to the promise."""
    times = sorted(answer.seconds * 1000 for answer in answers)
    p50, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
    said = f"{title}: {len(times)} operations, p50 {p50:.1f} ms, p99 {p99:.1f} ms"
    print(f"\n{said}, longest {times[-1]:.1f} ms")  # noqa: T201
    return said
