"""Several visits on one day: typed, found, chosen by a digit, booked all or none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from textual.pilot import Pilot

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.codes import Status
from clinic_tui.domain.hours.hours import set_weekly_hours
from clinic_tui.domain.staff.doctors import DoctorDetails, add_doctor
from clinic_tui.screens.calendar.calendar import CalendarScreen
from clinic_tui.screens.several.together_form import TogetherForm
from clinic_tui.screens.several.ways_dialog import Ways, WaysDialog
from clinic_tui.screens.who.dialog import WhoDialog
from clinic_tui.screens.widgets.choice import Choice
from tests.domain.given import APPOINTMENTS, add_visit, at
from tests.races.racing import NO_OVERLAPS, overlaps
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import said, until
from tests.screens.stories import fill, told, value
from tests.small_clinic import GP, NOW, WEEK, SmallClinic

LONG = "Wolfeschlegelsteinhausenbergerdorff-Bartholomäus von Ω"


def booked(database: Database) -> list[tuple[int, int, int | None]]:
    """With whom, of which type and where the visits are that stand, in order of time."""
    columns = APPOINTMENTS.c
    query = (
        select(columns.doctor_id, columns.visit_type_id, columns.room_id)
        .where(columns.status == Status.BOOKED)
        .order_by(columns.starts_at)
    )
    return [tuple(row) for row in database.read(lambda session: session.execute(query).all())]


async def begin_together(pilot: Pilot[int], who: str) -> None:
    """T, somebody, and the form."""
    await pilot.press("T")
    await until(pilot, lambda: isinstance(pilot.app.screen, WhoDialog))
    await pilot.press(*who)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, TogetherForm))


def choose(pilot: Pilot[int], field: str, chosen: int | str) -> None:
    """Take a visit type, or another word."""
    pilot.app.screen.query_one(f"#{field}", Choice).value = str(chosen)


async def look(pilot: Pilot[int]) -> None:
    """Look at the ways."""
    await pilot.press("ctrl+s")
    await until(pilot, lambda: isinstance(pilot.app.screen, WaysDialog))


def ways(pilot: Pilot[int]) -> list[str]:
    """The ways, as shown."""
    shown = str(pilot.app.screen.query_one(Ways).render())
    return [line.rstrip() for line in shown.splitlines()]


@on_both
async def test_three_visits_with_different_doctors_and_rooms_in_one_go(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    """What is taken meanwhile is said, with other ways; undo takes all of it back."""
    async with open_app() as pilot:
        await begin_together(pilot, "garcia lee tue")
        assert (value(pilot, "whom1"), value(pilot, "first")) == ("Dr Lee", "Tue 24 Nov 2026")
        choose(pilot, "type2", clinic.follow_up)
        choose(pilot, "type3", clinic.vaccination)
        for field, text in (("whom2", "derm"), ("room2", "room 2"), ("whom3", "okafor")):
            await fill(pilot, field, text)
        await look(pilot)
        assert ways(pilot)[:2] == [
            "▸1  Tue 24 Nov 2026  09:00 Dr Lee, 09:20 Dr Park, 09:40 Dr Okafor",
            " 2  Tue 24 Nov 2026  09:20 Dr Lee, 09:40 Dr Park, 10:00 Dr Okafor",
        ]
        await pilot.press("2")
        assert said(pilot, "#visits").splitlines()[1].split() == [
            "09:40–10:00", "Follow-up", "Dr", "Park", "Room", "2",
        ]  # fmt: skip
        database.transact(add_visit, clinic, at("09:50", 1), doctor_id=clinic.park)
        await pilot.press("enter")
        await until(pilot, lambda: "none of the visits was booked" in said(pilot, "#says"))
        assert len(booked(database)) == 1
        assert ways(pilot)[1].startswith(" 2  Tue 24 Nov 2026  09:50 Dr Lee")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, CalendarScreen))
        await settle(pilot)
        said_last = "Maria Garcia, Tue 24 Nov 2026: 09:00 Dr Lee, 09:20 Dr Park (Room 2), 09:40"
        assert said_last in told(pilot)[-1]
        assert booked(database)[:3] == [
            (clinic.lee, clinic.follow_up, None),
            (clinic.park, clinic.follow_up, clinic.room_two),
            (clinic.okafor, clinic.vaccination, None),
        ]
        assert database.read(overlaps) == NO_OVERLAPS
        await pilot.press("u")
        await settle(pilot)
        assert len(booked(database)) == 1


async def test_what_is_wrong_is_said_at_its_field_and_what_is_left_is_kept(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    """Fields name themselves; no day at all leads back to them; later ways; Esc keeps it all."""
    async with open_app() as pilot:
        await begin_together(pilot, "garcia")
        for field, text, sentence in (
            ("whom2", "nobody", "nobody is called “nobody”"),
            ("room1", "attic", "Room 1: there is none called “attic”"),
            ("gap", "30-10", "Gap: from 30 to 10 is backwards"),
            ("last", "20nov2026", "lies before the first day"),
            ("first", "now", "“now” is no day"),
        ):
            await fill(pilot, field, text)
            await pilot.press("ctrl+s")
            assert sentence in said(pilot, "#refusal")
            assert pilot.app.focused is pilot.app.screen.query_one(f"#{field}")
            await fill(pilot, field, "")
        await fill(pilot, "first", "sat")
        await fill(pilot, "last", "sun")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "no day until Sun 29 Nov" in said(pilot, "#refusal"))
        await fill(pilot, "first", "tue")
        await fill(pilot, "last", "tue")
        await fill(pilot, "gap", "30-60")
        assert said(pilot, "#hint") == "Between two of them 30 to 60 minutes."
        choose(pilot, "order", "any")
        await look(pilot)
        first = ways(pilot)
        assert len(first) == 5
        await pilot.press("n")
        await until(pilot, lambda: ways(pilot) != first)
        assert "10 of 16 ways" in said(pilot, "#says")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, TogetherForm))
        assert value(pilot, "gap") == "30-60"
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, CalendarScreen))
        await settle(pilot)
        await begin_together(pilot, "garcia")
        assert value(pilot, "gap") == "30-60"
        assert not booked(database)


async def test_a_doctor_gathers_own_visits_alone(
    open_app: OpenApp, desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    database.transact(
        add_visit, clinic, at("09:00", -7), doctor_id=clinic.park, patient_id=clinic.maria
    )
    desk.sign_in_as(clinic.doctor_park)
    async with open_app() as pilot:
        await begin_together(pilot, "garcia")
        assert value(pilot, "whom1") == "Dr Park"
        await look(pilot)
        assert all(line.count("Dr Park") == 2 for line in ways(pilot))


@pytest.mark.parametrize("what", ["form", "ways"])
def test_looks_of_several_visits(
    snap_compare: Callable[..., bool], desk: Desk, database: Database, clinic: SmallClinic,
    what: str,
) -> None:  # fmt: skip
    database.transact(long_name, clinic)

    async def shown(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await begin_together(pilot, "garcia lee tue")
        choose(pilot, "type3", clinic.vaccination)
        for field, text in (("whom2", "wolfe"), ("room2", "room 2"), ("whom3", "derm")):
            await fill(pilot, field, text)
        if what == "ways":
            await look(pilot)
            await pilot.press("3")
        else:
            await fill(pilot, "gap", "ten")
            await pilot.press("ctrl+s")

    assert snap_compare(ClinicApp(lambda: desk), terminal_size=(80, 24), run_before=shown)


def long_name(session: Session, clinic: SmallClinic) -> None:
    """A doctor with a name longer than the line."""
    details = DoctorDetails(LONG, "山田", specialties=(GP,))
    doctor = add_doctor(session, clinic.admin, details, NOW)
    set_weekly_hours(session, clinic.admin, doctor, WEEK, NOW)
