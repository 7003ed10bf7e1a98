"""Moving a visit: the old place stands until the new one is taken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.codes import Status
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from clinic_tui.screens.place.openings import Openings
from clinic_tui.screens.visits.moving import MoveDialog
from clinic_tui.screens.visits.visits import move_visit
from tests.domain.given import add_visit, at, visit
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import type_text, until
from tests.screens.stories import (
    begin,
    ended,
    fill,
    on_nothing,
    openings,
    says,
    screen_of,
    told,
    value,
)
from tests.small_clinic import NOW, SmallClinic


def marias(database: Database, clinic: SmallClinic, **given: Any) -> int:
    """Maria's visit, Tuesday 10:00 with Dr Lee."""
    return database.transact(add_visit, clinic, at("10:00", 1), patient_id=clinic.maria, **given)


async def begin_moving(pilot: Pilot[int], appointment_id: int) -> Any:
    """Begin to move it, and wait until the first offer is there."""
    story = await begin(pilot, move_visit(screen_of(pilot), appointment_id))
    await until(pilot, lambda: bool(says(pilot, "state")))
    return story


@on_both
async def test_an_opening_is_three_keys_away(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    moving = marias(database, clinic, room_id=clinic.room_one)
    async with open_app() as pilot:
        story = await begin_moving(pilot, moving)
        assert "stands at  Tue 24 Nov 2026 10:00–10:20 · Dr Lee · Room 1" in says(pilot, "standing")
        assert says(pilot, "state") == "✗ It stands there now."
        assert isinstance(pilot.app.focused, Openings)
        await pilot.press("2", "enter")
        moved = await ended(pilot, story)
        assert (moved.appointment_id, moved.starts_at) == (moving, at("10:40", 1))
        assert told(pilot) == ["Maria Garcia, Tue 24 Nov 2026, 10:40, Dr Lee, Room 1."]


async def test_a_day_is_typed_and_the_time_of_day_kept(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    moving = marias(database, clinic)
    async with open_app() as pilot:
        story = await begin_moving(pilot, moving)
        await pilot.press("g")
        await type_text(pilot, "1dec")
        await pilot.press("enter")
        await until(pilot, lambda: "Tue 1 Dec 2026 10:00–10:20" in says(pilot, "says"))
        await until(pilot, lambda: says(pilot, "state") == "✓ free")
        await pilot.press("enter")
        assert (await ended(pilot, story)).starts_at == at("10:00", 8)


async def test_only_the_room_or_the_length_can_change(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    moving = marias(database, clinic)
    async with open_app() as pilot:
        story = await begin_moving(pilot, moving)
        await fill(pilot, "room-text", "room 2")
        await until(pilot, lambda: says(pilot, "state") == "✓ free")
        await fill(pilot, "length", "45")
        await pilot.press("enter")
        await until(pilot, lambda: "10:00–10:45, Dr Lee, Follow-up, Room 2" in says(pilot, "says"))
        await pilot.press("enter")
        moved = await ended(pilot, story)
        assert (moved.ends_at - moved.starts_at, moved.room) == (timedelta(minutes=45), "Room 2")


@on_both
async def test_a_refused_place_leaves_the_old_one_and_what_was_typed(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    moving = marias(database, clinic)
    async with open_app() as pilot:
        story = await begin_moving(pilot, moving)
        await fill(pilot, "time", "11")
        await pilot.press("enter")
        await until(pilot, lambda: says(pilot, "state") == "✓ free")
        database.transact(add_visit, clinic, at("11:00", 1))
        await pilot.press("enter")
        await until(pilot, lambda: back_with(pilot, "Dr Lee is taken Tue 24 Nov 2026 11:00"))
        assert value(pilot, "time") == "11:00"
        assert database.read(visit, moving).starts_at == at("10:00", 1)
        await until(pilot, lambda: bool(openings(pilot)))
        await pilot.press("1", "enter")
        assert (await ended(pilot, story)).starts_at == at("11:20", 1)


def back_with(pilot: Pilot[int], sentence: str) -> bool:
    """Whether the dialog is back with that refusal."""
    return isinstance(pilot.app.screen, MoveDialog) and sentence in says(pilot, "refusal")


@on_both
async def test_what_somebody_else_moved_meanwhile_is_shown_where_it_stands_now(
    open_app: OpenApp, database: Database, desk: Desk, clinic: SmallClinic
) -> None:
    moving = marias(database, clinic)
    async with open_app() as pilot:
        story = await begin_moving(pilot, moving)
        theirs = MoveRequest(moving, clinic.lee, at("14:00", 2), 20, None)
        desk.run_now(move_appointment, theirs, NOW)
        await pilot.press("1", "enter")
        await until(pilot, lambda: back_with(pilot, "Somebody else has just moved that visit"))
        assert "stands at  Wed 25 Nov 2026 14:00–14:20" in says(pilot, "standing")
        assert value(pilot, "time") == "10:20"
        await until(pilot, lambda: says(pilot, "state") == "✓ free")
        await pilot.press("enter")
        assert (await ended(pilot, story)).starts_at == at("10:20", 1)


async def test_esc_leaves_it_and_keeps_what_was_typed(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    moving = marias(database, clinic)
    async with open_app() as pilot:
        story = await begin_moving(pilot, moving)
        await fill(pilot, "day", "somewhen [/]")
        await pilot.press("escape")
        assert await ended(pilot, story) is None
        await begin_moving(pilot, moving)
        assert value(pilot, "day") == "somewhen [/]"
    assert database.read(visit, moving).starts_at == at("10:00", 1)


@on_both
async def test_what_cannot_be_moved_is_refused(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    done = marias(database, clinic, status=Status.FULFILLED)
    async with open_app() as pilot:
        story = await begin_moving(pilot, done)
        await pilot.press("1", "enter")
        await until(pilot, lambda: back_with(pilot, "A visit that is done cannot be moved."))
        await pilot.press("escape")
        assert await ended(pilot, story) is None
        assert await move_visit(screen_of(pilot), 999_999) is None
        await settle(pilot)
        assert told(pilot)[-1] == "There is no such appointment."


@pytest.mark.parametrize("kind", ["sqlite"])
def test_looks(
    snap_compare: Callable[..., bool], desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    moving = marias(database, clinic, room_id=clinic.room_one)

    async def choose(pilot: Pilot[int]) -> None:
        await on_nothing(pilot, desk)
        await begin_moving(pilot, moving)
        await pilot.press("2")

    app = ClinicApp(lambda: desk)
    assert snap_compare(app, terminal_size=(80, 24), run_before=choose)
