"""Cancelling a visit: whose wish, and why; never by Enter alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot
from textual.worker import Worker

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.codes import CancelledBy, Status
from clinic_tui.domain.visits.appointments import BookedAppointment
from clinic_tui.screens.visits.cancelling import CancelDialog
from clinic_tui.screens.visits.visits import cancel_visit
from tests.domain.given import add_visit, at, visit
from tests.screens.conftest import OpenApp, on_both
from tests.screens.driving import until
from tests.screens.stories import begin, ended, fill, on_nothing, says, screen_of, told, value
from tests.small_clinic import SmallClinic


def marias(database: Database, clinic: SmallClinic, status: Status = Status.BOOKED) -> int:
    """Maria's visit, Tuesday 10:00 with Dr Lee."""
    return database.transact(
        add_visit, clinic, at("10:00", 1), patient_id=clinic.maria, status=status
    )


async def begin_cancelling(
    pilot: Pilot[int], appointment_id: int
) -> Worker[BookedAppointment | None]:
    """Begin to cancel it."""
    return await begin(pilot, cancel_visit(screen_of(pilot), appointment_id))


@on_both
async def test_a_wish_and_enter_cancel(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    cancelling = marias(database, clinic)
    async with open_app() as pilot:
        story = await begin_cancelling(pilot, cancelling)
        await pilot.press("p", "enter")
        cancelled = await ended(pilot, story)
        assert cancelled.status is Status.CANCELLED
        assert told(pilot) == ["Maria Garcia, Tue 24 Nov 2026, 10:00, Dr Lee."]
    row = database.read(visit, cancelling)
    assert (row.cancelled_by, row.cancel_reason) == (CancelledBy.PATIENT, "")


async def test_enter_alone_cancels_nothing(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    cancelling = marias(database, clinic)
    async with open_app() as pilot:
        story = await begin_cancelling(pilot, cancelling)
        await pilot.press("enter", "tab", "enter", "enter", "enter")
        assert not story.is_finished
        assert says(pilot, "does") == "p or c: whose wish?"
    assert database.read(visit, cancelling).status is Status.BOOKED


async def test_the_reason_is_kept_as_typed_and_refused_by_name(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    cancelling = marias(database, clinic)
    async with open_app() as pilot:
        story = await begin_cancelling(pilot, cancelling)
        await pilot.press("c")
        await fill(pilot, "reason", "Dr Lee\x1b is ill")
        await pilot.press("enter")
        await until(pilot, lambda: back_with(pilot, "Reason holds a character"))
        assert value(pilot, "reason") == "Dr Lee\x1b is ill"
        await fill(pilot, "reason", "[/] Dr Lee is [ill]")
        await pilot.press("enter")
        await ended(pilot, story)
    row = database.read(visit, cancelling)
    assert (row.cancelled_by, row.cancel_reason) == (CancelledBy.CLINIC, "[/] Dr Lee is [ill]")


def back_with(pilot: Pilot[int], sentence: str) -> bool:
    """Whether the dialog is back with that refusal."""
    return isinstance(pilot.app.screen, CancelDialog) and sentence in says(pilot, "refusal")


async def test_esc_leaves_it_booked_and_keeps_what_was_typed(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    cancelling = marias(database, clinic)
    async with open_app() as pilot:
        story = await begin_cancelling(pilot, cancelling)
        await pilot.press("p")
        await fill(pilot, "reason", "moved away")
        await pilot.press("escape")
        assert await ended(pilot, story) is None
        await begin_cancelling(pilot, cancelling)
        assert value(pilot, "reason") == "moved away"
    assert database.read(visit, cancelling).status is Status.BOOKED


@on_both
async def test_what_is_over_is_not_cancelled(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    over = marias(database, clinic, Status.FULFILLED)
    async with open_app() as pilot:
        await begin_cancelling(pilot, over)
        await pilot.press("p", "enter")
        await until(pilot, lambda: back_with(pilot, "A visit that is done cannot be cancelled."))


@pytest.mark.parametrize("kind", ["sqlite"])
def test_looks(
    snap_compare: Callable[..., bool], desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    cancelling = marias(database, clinic)

    async def wish(pilot: Pilot[int]) -> None:
        await on_nothing(pilot, desk)
        await begin_cancelling(pilot, cancelling)
        await pilot.press("p")
        await fill(pilot, "reason", "[/] moved away")

    app = ClinicApp(lambda: desk)
    assert snap_compare(app, terminal_size=(80, 24), run_before=wish)
