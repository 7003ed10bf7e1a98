"""Today, driven by keys and mouse: one key a step, several at once, what nobody resolved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from rich.cells import cell_len
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from textual.pilot import Pilot

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.codes import Status
from clinic_tui.domain.models import Patient, table
from clinic_tui.domain.visits.flow import arrive, mark_noshow
from clinic_tui.domain.visits.requests import new_key
from clinic_tui.screens.booking.booking import BookingDialog
from clinic_tui.screens.patients.patients import PatientsScreen
from clinic_tui.screens.today.today import TodayScreen
from clinic_tui.screens.visits.appointment import VisitDialog
from clinic_tui.screens.widgets.lists.board_list import BoardList
from clinic_tui.screens.widgets.lists.parted_list import Heading
from tests.domain.given import APPOINTMENTS, add_visit, at
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import keys, said, until
from tests.screens.stories import choose, is_free, told
from tests.small_clinic import NOW, SmallClinic

PATIENTS = table(Patient)


class Clock:
    """The desk's clock, put on by hand."""

    def __init__(self) -> None:
        self.now = at("10:10")

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(desk: Desk) -> Clock:
    """Ten past ten on the Monday."""
    clock = Clock()
    desk.now = clock
    return clock


@pytest.fixture
def day(database: Database, clinic: SmallClinic, clock: Clock) -> dict[str, int]:
    """One visit in each part of the board, two expected; by the family name."""

    def fill(session: Session) -> dict[str, int]:
        come: dict[str, Any] = {"arrived_at": at("09:40")}
        visits: dict[str, tuple[datetime, int, dict[str, Any]]] = {
            "Garcia": (at("10:00"), clinic.maria, {"confirmed_at": NOW}),
            "Lind": (at("10:20"), clinic.jonas, {}),
            "Yılmaz": (at("09:40"), clinic.ozlem, come | {"status": Status.ARRIVED}),
            "Nguyễn": (at("09:20"), clinic.thuy, come | {"status": Status.CHECKED_IN}),
            "Okoye": (at("09:00"), clinic.sam, {}),
        }
        yesterday = at("09:00", -3)
        done: dict[str, Any] = {"status": Status.FULFILLED, "arrived_at": yesterday}
        add_visit(session, clinic, yesterday, patient_id=clinic.jonas, **done)
        add_visit(session, clinic, at("09:20", -3), patient_id=clinic.sam)
        return {
            name: add_visit(session, clinic, starts_at, patient_id=patient, **given)
            for name, (starts_at, patient, given) in visits.items()
        }

    return database.transact(fill)


def board(pilot: Pilot[int]) -> BoardList:
    """The list of the screen under every dialog."""
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, TodayScreen)
    return screen.query_one(BoardList)


def listed(pilot: Pilot[int]) -> list[str]:
    """The lines as drawn, their columns parted by one space; marked ones keep their sign."""
    found = board(pilot)
    return [
        " ".join("".join(part.text for part in found.segments(line, 80, None)).split())
        for line in found.lines
    ]


def under(pilot: Pilot[int]) -> str:
    """Whose visit is under the cursor."""
    visit = board(pilot).visit
    assert visit is not None
    return visit.family_name


def status(database: Database, number: int) -> Status:
    """How a visit stands in the database."""
    query = select(APPOINTMENTS.c.status).where(APPOINTMENTS.c.id == number)
    found: Status = database.read(lambda session: session.execute(query).scalar_one())
    return found


async def open_today(pilot: Pilot[int]) -> None:
    """Go there and wait for the visits."""
    await pilot.press("f2")
    await until(pilot, lambda: isinstance(pilot.app.screen, TodayScreen))
    await settle(pilot)


async def press(pilot: Pilot[int], *names: str) -> None:
    """Press keys that open no dialog, and wait for what they do."""
    await pilot.press(*names)
    await settle(pilot)


@on_both
async def test_check_in_is_one_key_and_so_is_every_step(
    open_app: OpenApp, database: Database, day: dict[str, int], clock: Clock
) -> None:
    async with open_app() as pilot:
        await open_today(pilot)
        assert listed(pilot) == [
            "Arrived 1",
            "◆ 09:40 ! Yılmaz, Özlem waits 30 min 1st f/up Dr Lee",
            "In the room 1",
            "▶ 09:20 Nguyễn, Thùy came 09:40 1st f/up Dr Lee",
            "Expected 2",
            "10:00 Garcia, Maria late 10 min 1st yes f/up Dr Lee",
            "10:20 Lind, Jonas f/up Dr Lee",
            "Unresolved 2 · did they come? c yes N no (today and 31 days back)",
            "09:20 Okoye, Sam Fri 20 Nov 1st f/up Dr Lee",
            "09:00 Okoye, Sam late 1 h 10 1st f/up Dr Lee",
        ]
        assert said(pilot, "#counts").split("  ") == [
            " 1 Arrived 1", "2 In room 1", "3 Expected 2", "4 Unresolved 2", "5 Done 0 ",
        ]  # fmt: skip
        assert under(pilot) == "Garcia"
        assert said(pilot, "#why") == (
            "Maria Garcia — late 10 min · first visit · will come · Follow-up with Dr Lee"
            " · 10:00–10:20"
        )
        for stands, line in (
            (Status.ARRIVED, "◆ 10:00 Garcia, Maria just came 1st yes f/up Dr Lee"),
            (Status.CHECKED_IN, "▶ 10:00 Garcia, Maria came 10:10 1st yes f/up Dr Lee"),
            (Status.FULFILLED, "✓ 10:00 Garcia, Maria came 10:10 1st yes f/up Dr Lee"),
        ):
            await press(pilot, "i")
            assert status(database, day["Garcia"]) is stands
            assert line in listed(pilot)
            assert under(pilot) == "Garcia"
        assert {"i", "I"}.isdisjoint(keys(pilot))
        await press(pilot, "u", "u")
        assert status(database, day["Garcia"]) is Status.ARRIVED
        clock.now += timedelta(minutes=2)
        await until(pilot, lambda: "waits 2 min" in "".join(listed(pilot)))


@on_both
async def test_several_are_marked_and_move_on_together(
    open_app: OpenApp, database: Database, day: dict[str, int]
) -> None:
    """Each by its own step; what another desk has done meanwhile is said, not done twice."""
    async with open_app() as pilot:
        await open_today(pilot)
        await press(pilot, "space", "space", "1", "space")
        assert said(pilot, "#counts").endswith("3 marked")
        assert [line for line in listed(pilot) if "•" in line] == [
            "•◆ 09:40 ! Yılmaz, Özlem waits 30 min 1st f/up Dr Lee",
            "• 10:00 Garcia, Maria late 10 min 1st yes f/up Dr Lee",
            "• 10:20 Lind, Jonas f/up Dr Lee",
        ]
        other = pilot.app.desk  # type: ignore[attr-defined]
        other.run_now(arrive, day["Lind"], at("10:10"), new_key())
        await press(pilot, "i")
        assert [status(database, day[name]) for name in ("Garcia", "Lind", "Yılmaz")] == [
            Status.ARRIVED, Status.ARRIVED, Status.CHECKED_IN,
        ]  # fmt: skip
        assert told(pilot) == [
            "Özlem Yılmaz is in the room. Maria Garcia has arrived.",
            "Jonas Lind: A visit that is arrived cannot take that step.",
        ]
        assert said(pilot, "#counts").endswith("1 marked")
        await press(pilot, "escape")
        assert not said(pilot, "#counts").endswith("marked")


async def test_what_nobody_resolved_is_asked_and_never_branded(
    open_app: OpenApp, database: Database, day: dict[str, int], clock: Clock
) -> None:
    """Yes or no, then the next is under the cursor; the clock alone changes no status."""
    async with open_app() as pilot:
        await open_today(pilot)
        clock.now = at("10:50")
        await until(pilot, lambda: any("Unresolved 4" in line for line in listed(pilot)))
        assert status(database, day["Garcia"]) is Status.BOOKED
        await press(pilot, "4")
        assert "i" not in keys(pilot)
        await press(pilot, "c")
        assert (told(pilot)[-1], under(pilot)) == ("Sam Okoye came.", "Okoye")
        assert {"i", "c", "N"} <= keys(pilot)
        await press(pilot, "N")
        assert status(database, day["Okoye"]) is Status.NOSHOW
        assert (told(pilot)[-1], under(pilot)) == ("Sam Okoye did not come.", "Garcia")
        await press(pilot, "space", "space", "c")
        assert told(pilot)[-1] == "2 came."
        assert "✗ 09:00 Okoye, Sam did not come f/up Dr Lee" in listed(pilot)


async def test_a_name_narrows_and_letters_act_again_after_enter(
    open_app: OpenApp, database: Database, day: dict[str, int]
) -> None:
    async with open_app() as pilot:
        await open_today(pilot)
        await pilot.press("slash", *"oko")
        assert [line for line in listed(pilot) if "Okoye" not in line] == [
            "Unresolved 2 · did they come? c yes N no (today and 31 days back)"
        ]
        assert {"slash", "space", "i"}.isdisjoint(keys(pilot))
        await press(pilot, "down", "enter", "i")
        assert status(database, day["Okoye"]) is Status.ARRIVED
        await pilot.press("escape")
        assert (under(pilot), len(listed(pilot))) == ("Okoye", 10)
        await pilot.press("slash", *"xyz")
        shown = "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())
        assert "Nobody of that name is on today's board: “xyz”." in shown
        await press(pilot, "enter", "space", "i", "down", "escape", "escape")
        assert len(listed(pilot)) == 10


async def test_a_walk_in_is_booked_with_whoever_is_free_first(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic, clock: Clock
) -> None:
    async with open_app() as pilot:
        await open_today(pilot)
        shown = "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())
        assert "Nobody is expected today." in shown
        assert "w books somebody who is here now" in shown
        assert {"i", "c", "N", "space", "m", "d", "P"}.isdisjoint(keys(pilot))
        await pilot.press("w")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await choose(pilot, "lind")
        await until(pilot, is_free(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, TodayScreen))
        await settle(pilot)
        assert listed(pilot)[-1] == "10:10 Lind, Jonas 1st f/up Dr Lee"
        assert under(pilot) == "Lind"
        await press(pilot, "i")
        assert listed(pilot)[-1] == "◆ 10:10 Lind, Jonas just came 1st f/up Dr Lee"
    desk.sign_in_as(clinic.doctor_park)
    async with open_app() as pilot:
        await open_today(pilot)
        assert listed(pilot) == []
        await pilot.press("w")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        dialog = pilot.app.screen
        assert isinstance(dialog, BookingDialog)
        await until(pilot, lambda: dialog.draft.doctor_id == clinic.park)
        await pilot.press("escape")
    desk.sign_in_as(clinic.admin)
    async with open_app() as pilot:
        before = pilot.app.screen
        await press(pilot, "f2")
        assert pilot.app.screen is before


async def test_a_doctor_takes_steps_back_and_the_mouse_works(
    open_app: OpenApp, desk: Desk, database: Database, clinic: SmallClinic, day: dict[str, int]
) -> None:
    desk.sign_in_as(clinic.doctor_lee)
    async with open_app() as pilot:
        await open_today(pilot)
        lines = board(pilot)
        await pilot.click(lines, offset=(20, 1))
        assert under(pilot) == "Yılmaz"
        await press(pilot, "I")
        assert status(database, day["Yılmaz"]) is Status.BOOKED
        assert told(pilot) == ["Özlem Yılmaz is booked."]
        await pilot.click(lines, offset=(20, 0))
        assert isinstance(lines.lines[0], Heading)
        await pilot.click(lines, offset=(1, 1))
        assert listed(pilot)[1].startswith("•▶")
        await pilot.click(lines, offset=(20, 1), times=2)
        await until(pilot, lambda: isinstance(pilot.app.screen, VisitDialog))
        await pilot.press("p")
        await until(pilot, lambda: isinstance(pilot.app.screen, PatientsScreen))


@on_both
async def test_what_others_do_shows_and_the_cursor_stays_on_its_visit(
    open_app: OpenApp, desk: Desk, database: Database, clinic: SmallClinic, day: dict[str, int]
) -> None:
    async with open_app() as pilot:
        await open_today(pilot)
        await pilot.press("down")
        other = Desk(database, now=desk.now)
        other.sign_in_as(clinic.receptionist)
        for name in ("Garcia", "Okoye"):
            other.run_now(mark_noshow, day[name], desk.now(), new_key())
        screen = pilot.app.screen
        assert isinstance(screen, TodayScreen)
        screen.load()
        await settle(pilot)
        assert "Done 2" in said(pilot, "#counts")
        assert under(pilot) == "Lind"


NAMES = ("山田 花子", "👩🏽‍⚕️ Ng", "W" * 60, "N̈ñg ﬃ", "\x1b[2J[red]x\u202e")


@pytest.mark.parametrize(("width", "doctor"), [(80, 67), (100, 82), (160, 122)])
async def test_columns_stand_under_each_other_whatever_people_are_called(
    open_app: OpenApp,
    database: Database,
    clinic: SmallClinic,
    day: dict[str, int],
    width: int,
    doctor: int,
) -> None:
    def rename(session: Session) -> None:
        people = (clinic.maria, clinic.jonas, clinic.ozlem, clinic.thuy, clinic.sam)
        for patient, name in zip(people, NAMES, strict=True):
            values = {"family_name": name}
            session.execute(update(PATIENTS).where(PATIENTS.c.id == patient).values(values))

    database.transact(rename)
    async with open_app(size=(width, 24)) as pilot:
        await open_today(pilot)
        found = board(pilot)
        for line in found.lines:
            drawn = "".join(part.text for part in found.segments(line, width, None))
            assert cell_len(drawn) == width
            if not isinstance(line, Heading):
                assert cell_len(drawn.partition("Dr Lee")[0]) == doctor


@pytest.mark.parametrize("size", [(80, 24), (160, 50)], ids=["small", "wide"])
def test_looks(
    snap_compare: Callable[..., bool], desk: Desk, day: dict[str, int], size: tuple[int, int]
) -> None:
    async def look(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await open_today(pilot)
        await press(pilot, "space")

    assert snap_compare(ClinicApp(lambda: desk), terminal_size=size, run_before=look)
