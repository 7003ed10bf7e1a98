"""Requests: every visit that awaits a yes, answered by single keys; the doctor's own ones."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session
from textual.pilot import Pilot

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.codes import CancelledBy, Status
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.screens.calendar.calendar import CalendarScreen
from clinic_tui.screens.visits.appointment import VisitDialog
from clinic_tui.screens.visits.cancelling import CancelDialog
from clinic_tui.screens.visits.requests_list import RequestLines, RequestsDialog
from tests.domain.given import add_visit, at, visit
from tests.screens.conftest import OpenApp, settle
from tests.screens.driving import keys, said, until
from tests.screens.stories import told
from tests.small_clinic import NOW, SmallClinic

LONG = "Wolfeschlegelsteinhausenbergerdorff-Bartholomäus von und zu Ω"


def asked_for(session: Session, clinic: SmallClinic) -> list[int]:
    """Three requests of Lee's and one of Park's, the first of somebody with a long name."""
    details = PatientDetails(LONG, "山田 [b]")
    patient = register_patient(session, clinic.admin, details, NOW)
    wanted = (
        ("10:00", 1, patient, clinic.lee, "[red]A rash[/] since Friday"),
        ("10:00", 2, clinic.maria, clinic.lee, ""),
        ("10:00", 3, clinic.sam, clinic.lee, "check the knee"),
        ("10:00", 4, clinic.ozlem, clinic.park, ""),
    )
    return [
        add_visit(
            session, clinic, at(start, day), patient_id=who, doctor_id=doctor, note=note,
            status=Status.PENDING,
        )
        for start, day, who, doctor, note in wanted
    ]  # fmt: skip


async def requests(pilot: Pilot[int]) -> None:
    """C, and the list."""
    await pilot.press("C")
    await until(pilot, lambda: isinstance(pilot.app.screen, RequestsDialog))


def listed(pilot: Pilot[int]) -> list[int]:
    """The visits that are listed."""
    return [one.appointment_id for one in pilot.app.screen.query_one(RequestLines).lines]


async def test_a_doctor_answers_own_requests_by_single_keys(
    open_app: OpenApp, database: Database, desk: Desk, clinic: SmallClinic
) -> None:
    """c says yes, d no with a reason, Enter opens it; u takes the last back."""
    visits = database.transact(asked_for, clinic)
    desk.sign_in_as(clinic.doctor_lee)
    async with open_app() as pilot:
        await requests(pilot)
        assert listed(pilot) == visits[:3]
        assert said(pilot, "#summary") == "3 visits were asked for and await a yes."
        assert "[red]A rash[/] since Friday" in said(pilot, "#about")
        await pilot.press("c")
        await until(pilot, lambda: listed(pilot) == visits[1:3])
        assert database.read(visit, visits[0]).status is Status.BOOKED
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, VisitDialog))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, RequestsDialog))
        assert pilot.app.screen.query_one(RequestLines).at == 1
        await pilot.press("d")
        await until(pilot, lambda: isinstance(pilot.app.screen, CancelDialog))
        box = pilot.app.screen.query_one(".box")
        assert box.border_title == "Decline a request"
        await pilot.press(*"closed", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, RequestsDialog))
        await until(pilot, lambda: listed(pilot) == visits[1:2])
        declined = database.read(visit, visits[2])
        assert (declined.status, declined.cancelled_by) == (Status.CANCELLED, CancelledBy.CLINIC)
        assert declined.cancel_reason == "closed"
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, CalendarScreen))
        await settle(pilot)
        assert told(pilot)[-1] == "No visit awaits a yes."
        await pilot.press("u")
        await settle(pilot)
        assert database.read(visit, visits[1]).status is Status.PENDING


async def test_who_may_confirm_nothing_is_not_offered_it(
    open_app: OpenApp, database: Database, desk: Desk, clinic: SmallClinic
) -> None:
    database.transact(asked_for, clinic)
    desk.sign_in_as(clinic.admin)
    async with open_app() as pilot:
        assert "C" not in keys(pilot)


def test_looks_of_requests(
    snap_compare: Callable[..., bool], desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    database.transact(asked_for, clinic)

    async def shown(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await requests(pilot)

    assert snap_compare(ClinicApp(lambda: desk), terminal_size=(80, 24), run_before=shown)
