"""A visit in full, and what its keys do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.codes import CancelledBy, Status
from clinic_tui.screens.patients.patients import PatientsScreen
from clinic_tui.screens.visits.appointment import VisitDialog
from clinic_tui.screens.visits.moving import MoveDialog
from clinic_tui.screens.visits.visits import (
    confirm_visit,
    noshow_visit,
    show_visit,
    step_back_visit,
    step_visit,
)
from tests.domain.given import add_visit, visit
from tests.screens.conftest import OpenApp, on_both
from tests.screens.driving import keys, until
from tests.screens.stories import begin, ended, on_nothing, screen_of, told
from tests.small_clinic import NOW, SmallClinic

HOSTILE = "Rash [left] [/] [@click=app.quit]x[/]"


def ozlems(database: Database, clinic: SmallClinic, **given: Any) -> int:
    """Özlem's visit with Dr Lee this morning, half an hour ago."""
    wanted: dict[str, Any] = {"patient_id": clinic.ozlem} | given
    return database.transact(add_visit, clinic, NOW - timedelta(minutes=30), **wanted)


def shown(pilot: Pilot[int]) -> str:
    """Everything that the dialog says; Label is a Static, too."""
    parts = pilot.app.screen.query(Static).results()
    return "\n".join(str(part.render()) for part in parts)


@on_both
async def test_everything_is_shown_as_it_is_stored(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    database.transact(add_visit, clinic, NOW - timedelta(days=9), patient_id=clinic.ozlem,
                      status=Status.NOSHOW)  # fmt: skip
    looked_at = ozlems(
        database, clinic, room_id=clinic.room_two, note=HOSTILE, before=5, after=10,
        status=Status.ARRIVED, arrived_at=NOW - timedelta(minutes=12), confirmed_at=NOW,
        overbooked=True, sequence=2,
    )  # fmt: skip
    async with open_app() as pilot:
        await begin(pilot, show_visit(screen_of(pilot), looked_at))
        said = shown(pilot)
        for fact in (
            "Özlem Yılmaz",
            "! Penicillin [allergy]",
            "1 Jun 1990, 36 years · female · 000003",
            "✗ did not come once",
            "When\nMon 23 Nov 2026 08:30–08:50, 20 min",
            "Doctor\nDr Lee, 08:25–09:00 with buffers",
            "Visit\nFollow-up, overbooked",
            "Room\nRoom 2",
            "Status\n◆ arrived · here since 08:48, waiting 12 min · will come",
            f"Note\n{HOSTILE}",
            "Booked\nMon 23 Nov 2026 09:00, changed 2 times since",
        ):
            assert fact in said


async def test_a_cancelled_visit_says_whose_wish_it_was(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    cancelled = ozlems(
        database, clinic, status=Status.CANCELLED, cancelled_by=CancelledBy.PATIENT,
        cancel_reason="[ill]",
    )  # fmt: skip
    async with open_app() as pilot:
        await begin(pilot, show_visit(screen_of(pilot), cancelled))
        assert "Cancelled\nby the patient, [ill]" in shown(pilot)
        assert keys(pilot) & set("midIcNr") == set()


async def test_a_cancelled_visit_that_is_ahead_can_be_brought_back(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    cancelled = database.transact(
        add_visit, clinic, NOW + timedelta(hours=1), patient_id=clinic.ozlem,
        status=Status.CANCELLED, cancelled_by=CancelledBy.PATIENT,
    )  # fmt: skip
    async with open_app() as pilot:
        story = await begin(pilot, show_visit(screen_of(pilot), cancelled))
        assert keys(pilot) & set("midIcNpr") == {"r", "p"}
        await pilot.press("r")
        assert (await ended(pilot, story)).status is Status.BOOKED
        assert told(pilot) == ["Özlem Yılmaz is booked."]


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        (Status.PENDING, "cmd"),
        (Status.BOOKED, "imdN"),
        (Status.ARRIVED, "imd"),
        (Status.CHECKED_IN, "i"),
        (Status.FULFILLED, ""),
    ],
)
async def test_the_keys_are_those_that_lead_on_from_here(
    open_app: OpenApp, database: Database, clinic: SmallClinic, status: Status, offered: str
) -> None:
    looked_at = ozlems(database, clinic, status=status)
    async with open_app() as pilot:
        await begin(pilot, show_visit(screen_of(pilot), looked_at))
        assert keys(pilot) & set("midIcNp") == {*offered, "p"}


async def test_a_doctor_may_step_back_own_visits(
    open_app: OpenApp, database: Database, desk: Desk, clinic: SmallClinic
) -> None:
    looked_at = ozlems(database, clinic, status=Status.FULFILLED, arrived_at=NOW)
    desk.sign_in_as(clinic.doctor_lee)
    async with open_app() as pilot:
        story = await begin(pilot, show_visit(screen_of(pilot), looked_at))
        assert keys(pilot) & set("midIcNp") == {"I", "p"}
        assert "Status\n✓ done · came at 09:00" in shown(pilot)
        await pilot.press("I")
        assert (await ended(pilot, story)).status is Status.CHECKED_IN


async def test_an_admin_sees_no_reasons_and_does_nothing_to_it(
    open_app: OpenApp, database: Database, desk: Desk, clinic: SmallClinic
) -> None:
    looked_at = ozlems(database, clinic, note="[secret]")
    desk.sign_in_as(clinic.admin)
    async with open_app() as pilot:
        await begin(pilot, show_visit(screen_of(pilot), looked_at))
        assert "[secret]" not in shown(pilot)
        assert "Penicillin" not in shown(pilot)
        assert keys(pilot) & set("midIcNp") == {"p"}


async def test_a_key_does_it_and_goes_back(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    looked_at = ozlems(database, clinic)
    async with open_app() as pilot:
        story = await begin(pilot, show_visit(screen_of(pilot), looked_at))
        await pilot.press("i")
        assert (await ended(pilot, story)).status is Status.ARRIVED
        assert told(pilot) == ["Özlem Yılmaz has arrived."]


async def test_giving_up_leads_back_to_the_visit(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    looked_at = ozlems(database, clinic)
    async with open_app() as pilot:
        story = await begin(pilot, show_visit(screen_of(pilot), looked_at))
        await pilot.press("m")
        await until(pilot, lambda: isinstance(pilot.app.screen, MoveDialog))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, VisitDialog))
        await pilot.press("escape")
        assert await ended(pilot, story) is None


async def test_p_opens_the_patients_record(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    looked_at = ozlems(database, clinic)
    async with open_app() as pilot:
        await begin(pilot, show_visit(screen_of(pilot), looked_at))
        await pilot.press("p")
        await until(pilot, lambda: isinstance(pilot.app.screen, PatientsScreen))


@on_both
async def test_each_step_is_one_call_and_says_what_it_did(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    walked = ozlems(database, clinic, status=Status.PENDING)
    missed = database.transact(
        add_visit, clinic, NOW - timedelta(minutes=50), patient_id=clinic.sam
    )
    async with open_app() as pilot:
        screen = screen_of(pilot)
        assert await step_visit(screen, walked, Status.PENDING) is None
        await confirm_visit(screen, walked)
        for status in (Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN):
            await step_visit(screen, walked, status)
        await noshow_visit(screen, missed)
        assert await step_back_visit(screen, missed) is None
        await pilot.pause()
        assert told(pilot) == [
            "A visit that is to be confirmed cannot take that step.",
            "Özlem Yılmaz is booked.",
            "Özlem Yılmaz has arrived.",
            "Özlem Yılmaz is in the room.",
            "Özlem Yılmaz is done.",
            "Sam Okoye did not come.",
            "You may not take a visit a step back.",
        ]
    assert database.read(visit, walked).status is Status.FULFILLED


@on_both
async def test_a_visit_that_is_gone_is_said_to_be(open_app: OpenApp, clinic: SmallClinic) -> None:
    async with open_app() as pilot:
        assert await show_visit(screen_of(pilot), 999_999) is None
        await pilot.pause()
        assert told(pilot) == ["There is no such appointment."]


@pytest.mark.parametrize("kind", ["sqlite"])
def test_looks(
    snap_compare: Callable[..., bool], desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    looked_at = ozlems(
        database, clinic, room_id=clinic.room_two, note="Rash [left] arm, with an interpreter",
        before=5, after=10, status=Status.ARRIVED, arrived_at=NOW - timedelta(minutes=12),
    )  # fmt: skip

    async def look(pilot: Pilot[int]) -> None:
        await on_nothing(pilot, desk)
        await begin(pilot, show_visit(screen_of(pilot), looked_at))

    app = ClinicApp(lambda: desk)
    assert snap_compare(app, terminal_size=(80, 24), run_before=look)
