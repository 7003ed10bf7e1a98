"""Sixteen terminals do anything at once: the book stays right and nobody meets the database."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.access import Actor, Permission, Role
from clinic_tui.domain.staff.accounts import AccountDetails, add_account
from clinic_tui.domain.staff.sign_ins import current_actor
from tests.races.racing import NO_OVERLAPS, RACERS, Answer, Racers, deadlocks, overlaps, say_speed
from tests.races.test_booking_races import one_patient_each
from tests.small_clinic import NOW, SmallClinic

from .conftest import SOAK
from .histories import Part, live
from .told import story, untrue

pytestmark = pytest.mark.proof

_OPERATIONS = 50_000 if SOAK else 2_000
"""Of all of them together, on each of the two databases."""
_WARM_UP = 100 if SOAK else 5
"""Turns of each."""
_CROWD = "one doctor"
_P99 = {"sqlite": 1.0, "postgresql": 0.5}
"""Seconds, promised where all are on one doctor; noise where everybody starts cold."""


def _one_account_each(session: Session, clinic: SmallClinic) -> list[Actor]:
    """Whoever sits at the terminals: undo takes back one's own steps."""
    granted = frozenset({Permission.STEP_BACK, Permission.OVERBOOK})
    accounts = [
        add_account(
            session, clinic.admin,
            AccountDetails(f"desk{number}", "Desk", frozenset({Role.RECEPTIONIST}), granted),
            "no password", NOW,
        )
        for number in range(RACERS)
    ]  # fmt: skip
    return [
        current_actor(session, replace(clinic.admin, account_id=one, mark="")) for one in accounts
    ]


def _parts(clinic: SmallClinic) -> list[Part]:
    """Two halves, and before them a few turns that warm everybody up."""
    turns = _OPERATIONS // 2 // RACERS
    one, three = (clinic.lee,), (clinic.lee, clinic.okafor, clinic.park)
    return [
        Part("warming up", one, range(1, 3), _WARM_UP),
        Part(_CROWD, one, range(7, 12), turns),
        Part("three doctors", three, range(14, 19), turns),
    ]


def test_sixteen_do_anything(
    clinic: SmallClinic, database: Database, racers: Racers, kind: str
) -> None:
    desks = database.transact(_one_account_each, clinic)
    patients = [clinic.maria, clinic.jonas, *database.transact(one_patient_each, clinic)]
    parts = _parts(clinic)
    seed = random.randrange(2**32)
    print(f"\n{kind}, histories {seed}:", end="")  # noqa: T201 - to see this one again
    answers = racers.race(live, database, clinic.receptionist, clinic, desks, patients, parts, seed)
    for part in parts:
        _look_at(kind, part, [one for one in answers if one.key.startswith(part.name)])
    assert len(answers) >= _OPERATIONS * 0.9
    assert database.read(overlaps) == NO_OVERLAPS
    assert database.read(deadlocks) == 0
    wrong = database.read(untrue, NOW)
    assert wrong == [], database.read(story, wrong)


def _look_at(kind: str, part: Part, answers: list[Answer]) -> None:
    """What they came to and how long that took; a history in which nobody met would show."""
    say_speed(f"{kind}: {RACERS} do anything, {part.name}", answers)
    outcomes = Counter(answer.outcome for answer in answers)
    print(dict(outcomes))  # noqa: T201
    # Any other refusal is the rules'; this one is the database's, deadlocks and locks among it.
    assert [one for one in answers if one.outcome == "ClinicUnavailable"] == []
    assert outcomes["done"] > len(answers) / 20
    assert outcomes["SlotTaken"] > len(answers) / 20
    if SOAK and part.name == _CROWD:
        times = sorted(answer.seconds for answer in answers)
        assert times[len(times) * 99 // 100] <= _P99[kind]
