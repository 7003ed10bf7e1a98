"""A room out of use: its visits planned into others, the room out, and in use again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from textual.pilot import Pilot

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.access import Actor, Role
from clinic_tui.domain.clinic.closures import close_clinic
from clinic_tui.domain.clinic.rooms import change_room, list_rooms
from clinic_tui.domain.staff.accounts import AccountDetails, add_account
from clinic_tui.domain.staff.sign_ins import current_actor
from clinic_tui.screens.absence.away_dialog import AwayDialog
from clinic_tui.screens.absence.call_list import CallList
from clinic_tui.screens.absence.plan_dialog import PlanDialog
from clinic_tui.screens.absence.rooms_out import RoomForm
from clinic_tui.screens.calendar.calendar import CalendarScreen
from clinic_tui.screens.widgets.choice import Choice
from clinic_tui.screens.widgets.lists.plan_list import PlanList, say_fate
from tests.domain.given import APPOINTMENTS, add_visit, at
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import keys, said, until
from tests.screens.stories import fill, told
from tests.small_clinic import NOW, ZONE, SmallClinic


def in_room_one(session: Session, clinic: SmallClinic) -> list[int]:
    """Two visits there tomorrow, of two doctors, and one next week; the other room has one, too."""
    room = {"room_id": clinic.room_one}
    add_visit(
        session, clinic, at("10:40", 1), minutes=380, doctor_id=clinic.okafor,
        room_id=clinic.room_two,
    )  # fmt: skip
    return [
        add_visit(session, clinic, at("10:00", 1), patient_id=clinic.maria, **room),
        add_visit(
            session, clinic, at("11:00", 1), patient_id=clinic.sam, doctor_id=clinic.park, **room
        ),
        add_visit(session, clinic, at("10:00", 8), patient_id=clinic.ozlem, **room),
    ]


def manager(session: Session, clinic: SmallClinic) -> Actor:
    """Somebody who manages the clinic and books in it, as in a small one."""
    details = AccountDetails("zoe", "Zoe Kern", frozenset({Role.ADMIN, Role.RECEPTIONIST}))
    number = add_account(session, clinic.admin, details, "no hash", NOW)
    return current_actor(session, replace(clinic.admin, account_id=number, mark=""))


def rooms_of(database: Database, visits: list[int]) -> list[int | None]:
    """In which rooms they stand."""
    columns = APPOINTMENTS.c
    query = select(columns.room_id).where(columns.id.in_(visits)).order_by(columns.id)
    return list(database.read(lambda session: session.scalars(query).all()))


def in_use(desk: Desk) -> list[str]:
    """The rooms that are in use."""
    return [room.name for room in desk.read_now(list_rooms)]


async def ask_for_room(pilot: Pilot[int]) -> None:
    """The form, out of the palette."""
    await pilot.press("ctrl+p", *"room out")
    await settle(pilot)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, RoomForm))


async def over(pilot: Pilot[int]) -> None:
    """The calendar is back, and nothing is under way."""
    await until(pilot, lambda: isinstance(pilot.app.screen, CalendarScreen))
    await settle(pilot)


@on_both
async def test_its_visits_go_to_another_room_and_later_ones_stay(
    open_app: OpenApp, database: Database, desk: Desk, clinic: SmallClinic
) -> None:
    """D, o: out until Friday; the same plan as for a doctor; in use again from the palette."""
    visits = database.transact(in_room_one, clinic)
    desk.sign_in_as(database.transact(manager, clinic))
    async with open_app() as pilot:
        await pilot.press("D")
        await until(pilot, lambda: isinstance(pilot.app.screen, AwayDialog))
        await pilot.press("o")
        await until(pilot, lambda: isinstance(pilot.app.screen, RoomForm))
        await fill(pilot, "until", "20nov2026")
        await pilot.press("ctrl+s")
        assert said(pilot, "#refusal") == "That has gone by."
        await fill(pilot, "until", "fri")
        assert said(pilot, "#hint") == "Visits that start from Sat 28 Nov 2026 00:00 on stay."
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlanDialog))
        lines = pilot.app.screen.query_one(PlanList).lines
        assert [say_fate(row.line, ZONE) for row in lines] == [
            "→ Room 2", "→ Wed 25 Nov 09:00 Dr Park, Room 2",
        ]  # fmt: skip
        assert in_use(desk) == ["Room 1", "Room 2"]
        await pilot.press("a")
        await over(pilot)
        assert told(pilot)[-1].startswith("Room 1 out of use · 2 moved.")
        one, two = clinic.room_one, clinic.room_two
        assert rooms_of(database, visits) == [two, two, one]
        assert in_use(desk) == ["Room 2"]
        await ask_for_room(pilot)
        form = pilot.app.screen
        assert "Room 1 (out of use)" in str(form.query_one("#room", Choice).render())
        form.query_one("#what", Choice).value = "in"
        await pilot.press("ctrl+s")
        await over(pilot)
        assert in_use(desk) == ["Room 1", "Room 2"]
        await pilot.press("u", "u")
        await settle(pilot)
        assert rooms_of(database, visits) == [one, one, one]


async def test_who_may_not_book_leaves_them_to_be_called_and_finds_them_again(
    open_app: OpenApp, database: Database, desk: Desk, clinic: SmallClinic
) -> None:
    visits = database.transact(in_room_one, clinic)
    desk.sign_in_as(clinic.admin)
    async with open_app() as pilot:
        await ask_for_room(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlanDialog))
        assert said(pilot, "#summary") == "3 visits: 3 to call"
        assert said(pilot, "#says") == "Nothing is written yet: a does all of it in one go."
        await pilot.press("a")
        await over(pilot)
        assert "Room 1 out of use · 3 to call." in told(pilot)[-1]
        assert rooms_of(database, visits) == [clinic.room_one] * 3
        await ask_for_room(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlanDialog))
        assert said(pilot, "#summary") == "3 visits: 3 to call"
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, RoomForm))
        await pilot.press("escape")
        await over(pilot)
        await pilot.press("u")
        await settle(pilot)
        assert told(pilot)[-1] == "Undone: took out of use Room 1."


@on_both
async def test_who_books_plans_what_is_out_and_closed_already(
    open_app: OpenApp, database: Database, desk: Desk, clinic: SmallClinic
) -> None:
    """An admin, who books nobody, has said so; the receptionist takes nothing out by herself."""
    visits = database.transact(in_room_one, clinic)
    async with open_app() as pilot:
        await pilot.press("D")
        await until(pilot, lambda: isinstance(pilot.app.screen, AwayDialog))
        assert not {"o", "c"} & keys(pilot)
        assert "room out" not in said(pilot, "#choices")
        await pilot.press("escape", "ctrl+p", *"room out")
        await settle(pilot)
        await pilot.press("enter")
        refused = "Every room is in use: who manages the clinic takes one out."
        await until(pilot, lambda: told(pilot)[-1:] == [refused])
        desk.sign_in_as(clinic.admin)
        tomorrow = NOW.date() + timedelta(days=1)
        desk.run_now(change_room, clinic.room_one, "Room 1", NOW, active=False)
        desk.run_now(close_clinic, tomorrow, tomorrow, "Outing", NOW)
        desk.sign_in_as(clinic.receptionist)
        await pilot.press("D")
        await until(pilot, lambda: isinstance(pilot.app.screen, AwayDialog))
        assert "c" not in keys(pilot), "today is open"
        await pilot.press("o")
        await until(pilot, lambda: isinstance(pilot.app.screen, RoomForm))
        what = pilot.app.screen.query_one("#what", Choice)
        what.focus()
        await pilot.press("right")
        assert what.value == "out"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlanDialog))
        assert said(pilot, "#summary") == "3 visits: 3 same doctor"
        await pilot.press("a")
        await over(pilot)
        assert told(pilot)[-1].startswith("Room 1 out of use · 3 moved.")
        await pilot.press("]", "D")
        await until(pilot, lambda: isinstance(pilot.app.screen, AwayDialog))
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlanDialog))
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, CallList))
        assert told(pilot)[-1].startswith("Clinic closed: Tue 24 Nov 2026 · 1 to call.")
    assert clinic.room_one not in rooms_of(database, visits)


def test_looks_of_a_room_out(
    snap_compare: Callable[..., bool], desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    database.transact(in_room_one, clinic)
    desk.sign_in_as(database.transact(manager, clinic))

    async def plan(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await ask_for_room(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlanDialog))
        await until(pilot, lambda: "1 " in said(pilot, "#places"))

    assert snap_compare(ClinicApp(lambda: desk), terminal_size=(80, 24), run_before=plan)
