"""Every operation on the book against the plain model of the rules, on both databases."""

from __future__ import annotations

import itertools
import random
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.access import Actor, Permission, Role
from clinic_tui.domain.staff.accounts import AccountDetails, add_account
from clinic_tui.domain.staff.sign_ins import current_actor
from clinic_tui.domain.undo.steps import forget_old_steps
from tests.conftest import Templates
from tests.small_clinic import NOW, SmallClinic

from .machine import Given, machine_of

pytestmark = pytest.mark.proof


def _add_staff(session: Session, clinic: SmallClinic) -> tuple[Actor, ...]:
    """The clinic's receptionist and three more, of whom the first was granted everything."""
    granted = {"lead": frozenset({Permission.STEP_BACK, Permission.OVERBOOK})}
    lead, *others = (
        add_account(
            session, clinic.admin,
            AccountDetails(
                name, name, frozenset({Role.RECEPTIONIST}), granted.get(name, frozenset())
            ),
            "no password", NOW,
        )
        for name in ("lead", "carla", "carl")
    )  # fmt: skip
    forget_old_steps(session, clinic.admin.account_id, NOW)
    accounts = (lead, clinic.receptionist.account_id, *others)
    return tuple(
        current_actor(session, replace(clinic.admin, account_id=one, mark="")) for one in accounts
    )


@pytest.fixture
def given(kind: str, templates: Templates, tmp_path: Path, clinic: SmallClinic) -> Given:
    """A clinic with a second receptionist, to be copied for every machine."""
    stack = ExitStack()
    numbers = itertools.count()
    filled = templates.copy(
        kind, templates.with_clinic(kind)[0], tmp_path / "staff", templates.cleanup
    )
    with closing(Database(filled)) as database:
        staff = database.transact(_add_staff, clinic)
    opened: dict[Database, ExitStack] = {}

    def open_one() -> Database:
        cleanup = stack.enter_context(ExitStack())
        url = templates.copy(kind, filled, tmp_path / str(next(numbers)), cleanup)
        database = Database(url)
        cleanup.callback(database.close)
        opened[database] = cleanup
        return database

    def close_one(database: Database) -> None:
        opened.pop(database).close()

    return Given(open_one, close_one, clinic, staff)


def test_the_book_is_as_the_rules_say(given: Given, kind: str, soak: bool) -> None:
    """Same outcome and same book after every step; what Hypothesis finds it makes short."""
    run_state_machine_as_test(
        machine_of(given),
        settings=settings(
            max_examples=500 if soak else 15,
            stateful_step_count=40,
            deadline=None,
            derandomize=not soak,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    _print(given, kind)


def test_long_days_are_as_the_rules_say(given: Given, kind: str, soak: bool) -> None:
    """Days with everything in them, drawn evenly."""
    days, steps = (250, 150) if soak else (22, 110)
    for seed in range(days):
        machine = machine_of(given)()
        try:
            machine.walk(random.Random(seed), steps)
        except AssertionError as error:
            error.add_note(f"in the day drawn from {seed}")
            raise
        finally:
            machine.teardown()
    _print(given, kind)
    came_to = {name: {o for n, o in given.tally if n == name} for name, _ in given.tally}
    never_done = [name for name, outcomes in came_to.items() if "done" not in outcomes]
    assert len(never_done) <= (0 if soak else 3), never_done
    assert len(came_to) >= 28


def _print(given: Given, kind: str) -> None:
    print(f"\n{kind}: {sum(given.tally.values())} steps, {dict(sorted(given.tally.items()))}")  # noqa: T201
