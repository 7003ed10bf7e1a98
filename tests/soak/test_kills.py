"""Killed in the middle of bookings: what was answered stands once, what was not can be repeated."""

from __future__ import annotations

import os
import random
import signal
import threading
from multiprocessing.connection import Connection
from typing import Any

import pytest

from clinic_tui.database import Database
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from tests.races.racing import FORKING
from tests.races.test_booking_races import slots
from tests.small_clinic import NOW, SmallClinic

from .writers import book_all, trail, whole

pytestmark = pytest.mark.proof

_KILLS = {False: 10, True: 100}
"""On each of the two databases."""
_EACH = 40


def _requests(clinic: SmallClinic, round_: int) -> list[BookingRequest]:
    """Forty that do not meet, and no others' of another round."""
    starts = slots(_EACH * (round_ + 1), NOW.date())[_EACH * round_ :]
    return [
        BookingRequest(
            clinic.lee, clinic.follow_up, at, patient_id=clinic.maria, key=f"{round_} {number}"
        )
        for number, at in enumerate(starts)
    ]


def test_killed_while_booking(
    clinic: SmallClinic, database: Database, kind: str, soak: bool
) -> None:
    """What had been begun is asked for again after each kill: exactly one visit for each."""
    dice = random.Random(None if soak else 7)
    url = database.url.render_as_string(hide_password=False)
    answered: dict[str, int] = {}
    in_the_middle = 0
    for round_ in range(_KILLS[soak]):
        requests = _requests(clinic, round_)
        ours, theirs = FORKING.Pipe()
        child = FORKING.Process(target=book_all, args=(url, clinic.receptionist, requests, theirs))
        child.start()
        theirs.close()
        said = _killed_somewhere(child, ours, dice)
        answered |= {one[1]: one[2] for one in said if one[0] == "done"}
        begun = [one[1] for one in said if one[0] == "begun"]
        in_the_middle += begun[-1] not in answered
        assert answered.keys() <= database.read(trail).keys()
        for request in requests[: len(begun)]:
            made = database.transact(book_appointment, clinic.receptionist, request, NOW)
            assert answered.setdefault(request.key, made.appointment_id) == made.appointment_id
        assert whole(database) == answered
    print(f"\n{kind}: {_KILLS[soak]} kills, {in_the_middle} in the middle of a booking")  # noqa: T201
    assert in_the_middle > _KILLS[soak] / 4


def _killed_somewhere(child: Any, pipe: Connection, dice: random.Random) -> list[Any]:
    """Let it book a few, kill it a little later, and hear all that it had said."""
    few = dice.randrange(1, 12)
    assert pipe.recv() == ("ready",)
    said: list[Any] = []
    while sum(one[0] == "begun" for one in said) < few:
        said.append(pipe.recv())
    # Anywhere within the next booking, which takes some milliseconds; nothing waits for this.
    killing = threading.Timer(dice.random() * 0.012, os.kill, (child.pid, signal.SIGKILL))
    killing.start()
    try:
        while True:
            said.append(pipe.recv())
    except EOFError:
        pass
    killing.join()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    return said
