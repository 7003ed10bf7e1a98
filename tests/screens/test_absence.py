"""The sick-doctor planner: planned, decided by single keys, accepted or refused as a whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from textual.pilot import Pilot
from textual.widgets import Input

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.absence.openings import other_openings
from clinic_tui.domain.clinic.closures import closures
from clinic_tui.domain.codes import Status
from clinic_tui.domain.hours.hours import doctor_hours
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.domain.visits.flow import arrive, check_in
from clinic_tui.screens.absence.away_dialog import AwayDialog
from clinic_tui.screens.absence.call_list import CallList, WhomToCall
from clinic_tui.screens.absence.closed_days import ClosedForm
from clinic_tui.screens.absence.plan_dialog import PlanDialog
from clinic_tui.screens.calendar.calendar import CalendarScreen
from clinic_tui.screens.visits.moving import MoveDialog
from clinic_tui.screens.widgets.key_line import KeyLine
from clinic_tui.screens.widgets.lists.plan_list import PlanList, PlanRow
from tests.domain.given import APPOINTMENTS, add_visit, at
from tests.hostile.seen import text_in
from tests.races.racing import NO_OVERLAPS, overlaps
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import keys, said, type_text, until
from tests.screens.late_desk import LateDesk
from tests.screens.stories import told
from tests.screens.test_typing_ahead import burst
from tests.small_clinic import NOW, SmallClinic

LONG = "Wolfeschlegelsteinhausenbergerdorff-Bartholomäus von und zu Ω"
FOURTEEN = [
    f"{hour}:{minute:02}" for hour in (10, 11, 14, 15) for minute in (0, 20, 40)
] + ["16:00", "16:20"]  # fmt: skip


def a_days_visits(session: Session, clinic: SmallClinic) -> list[int]:
    """Fourteen visits of Lee's today, of fourteen people."""
    names = [LONG, "[red]Kim[/]", "山田 太郎", *(f"Zander{number:02}" for number in range(11))]
    people = [
        register_patient(
            session, clinic.admin, PatientDetails(name, "Vi", phones=("030 901820",)), NOW
        )
        for name in names
    ]
    return [
        add_visit(session, clinic, at(start), patient_id=patient)
        for start, patient in zip(FOURTEEN, people, strict=True)
    ]


def full_weeks(session: Session, clinic: SmallClinic) -> None:
    """Lee and Okafor are booked from morning to evening for the next fourteen days."""
    for doctor, patient in ((clinic.lee, clinic.sam), (clinic.okafor, clinic.ozlem)):
        for day in range(15):
            for hour in (9, 10, 11, 13, 14, 15, 16):
                if day % 7 < 5 and (day or doctor == clinic.okafor):
                    add_visit(
                        session, clinic, at(f"{hour:02}:00", day), minutes=60, doctor_id=doctor,
                        patient_id=patient,
                    )  # fmt: skip


class Desks:
    """The keys pressed for a doctor who is ill, counted."""

    def __init__(self, pilot: Pilot[int]) -> None:
        self.pilot = pilot
        self.keys = 0

    async def press(self, *keys: str) -> None:
        """Press command keys, and count them."""
        self.keys += len(keys)
        await self.pilot.press(*keys)

    async def opens(self, key: str, dialog: type) -> None:
        """A key after which that dialog is in front."""
        await self.press(key)
        await until(self.pilot, lambda: isinstance(self.pilot.app.screen, dialog))

    async def over(self) -> None:
        """The calendar is back, and nothing is under way."""
        await until(self.pilot, lambda: isinstance(self.pilot.app.screen, CalendarScreen))
        await settle(self.pilot)


def rows(pilot: Pilot[int]) -> tuple[PlanRow, ...]:
    """The lines of the plan in front."""
    return pilot.app.screen.query_one(PlanList).lines


def places_are_there(pilot: Pilot[int]) -> Callable[[], bool]:
    """Whether the digits of other places are shown."""
    return lambda: "1 " in said(pilot, "#places")


def stands(database: Database, visits: list[int]) -> list[tuple[int, datetime, Status]]:
    """With whom, when and how those visits stand, in their order."""
    query = select(APPOINTMENTS.c.doctor_id, APPOINTMENTS.c.starts_at, APPOINTMENTS.c.status).where(
        APPOINTMENTS.c.id.in_(visits)
    )
    found = database.read(lambda session: session.execute(query.order_by(APPOINTMENTS.c.id)).all())
    return [(row.doctor_id, row.starts_at, row.status) for row in found]


@on_both
async def test_a_doctor_is_ill_today_takes_three_keys(
    open_app: OpenApp, database: Database, desk: Desk, clinic: SmallClinic
) -> None:
    """Fourteen visits: D, s, a. The budget is five; nothing is written before the last of them."""
    visits = database.transact(a_days_visits, clinic)
    before = stands(database, visits)
    async with open_app() as pilot:
        desks = Desks(pilot)
        await desks.opens("D", AwayDialog)
        assert "09:00–24:00    14 visits" in said(pilot, "#choices")
        await desks.opens("s", PlanDialog)
        assert said(pilot, "#summary").startswith("14 visits: 14 same doctor")
        assert stands(database, visits) == before
        assert not desk.read_now(doctor_hours, clinic.lee).time_off
        await desks.press("a")
        await desks.over()
        assert desks.keys == 3
        assert "14 moved" in told(pilot)[-1]
        await pilot.press("u")
        await settle(pilot)
        assert stands(database, visits) == before
        assert not desk.read_now(doctor_hours, clinic.lee).time_off


@on_both
async def test_each_visit_decided_by_hand_takes_one_key_more(
    open_app: OpenApp, database: Database, desk: Desk, clinic: SmallClinic
) -> None:
    """The cursor is where somebody has to look: moved, cancelled, written to, left to call."""
    visits = database.transact(a_days_visits, clinic)
    database.transact(full_weeks, clinic)
    async with open_app() as pilot:
        desks = Desks(pilot)
        await desks.opens("D", AwayDialog)
        await desks.opens("s", PlanDialog)
        assert said(pilot, "#summary").startswith("14 visits: 14 to call")
        # In one burst: the digits wait for their places, and the keys behind them for those.
        burst(pilot, "1dkc4")
        desks.keys += 5
        await until(pilot, lambda: sum(row.by_hand for row in rows(pilot)) == 5)
        await desks.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, CallList))
        assert desks.keys == 3 + 5
        assert "2 moved, 1 cancelled, 1 kept, 10 to call." in told(pilot)[-1]
        # Those who are left stay on a list with their numbers, worked off from here.
        whom = pilot.app.screen.query_one(WhomToCall)
        assert len(whom.lines) == 11
        await pilot.press("end", "d")
        await until(pilot, lambda: not isinstance(pilot.app.screen, CallList))
        await pilot.press("p", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, CallList))
        assert len(pilot.app.screen.query_one(WhomToCall).lines) == 10
        await pilot.press("m")
        await until(pilot, lambda: isinstance(pilot.app.screen, MoveDialog))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, CallList))
        await pilot.press("escape")
        await desks.over()
        # And is found again.
        await desks.opens("D", AwayDialog)
        assert "10 visits outside the hours" in said(pilot, "#choices")
        await desks.opens("l", CallList)
    found = stands(database, visits)
    assert [status for _, _, status in found].count(Status.CANCELLED) == 2
    assert found[0][1] > at("17:00", 14)
    assert found[1] == (clinic.lee, at("10:20"), Status.CANCELLED)
    assert found[4][0] == clinic.okafor
    assert database.read(overlaps) == NO_OVERLAPS


async def test_a_digit_that_waits_for_places_is_for_the_visit_at_which_it_was_pressed(
    database: Database, clinic: SmallClinic
) -> None:
    database.transact(a_days_visits, clinic)
    desk = LateDesk(database, clinic.receptionist)
    async with ClinicApp(lambda: desk).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        desk.asked = other_openings
        await Desks(pilot).opens("D", AwayDialog)
        await Desks(pilot).opens("s", PlanDialog)
        await until(pilot, lambda: desk.asked is None)
        await pilot.press("1")
        await pilot.click(PlanList, offset=(5, 1))
        desk.gate.set()
        await until(pilot, places_are_there(pilot))
        assert pilot.app.screen.query_one(PlanList).at == 1
        assert not any(row.by_hand for row in rows(pilot))


@on_both
async def test_a_refused_plan_comes_back_with_only_the_lost_line_marked(
    open_app: OpenApp, database: Database, desk: Desk, clinic: SmallClinic
) -> None:
    visits = database.transact(a_days_visits, clinic)
    before = stands(database, visits)
    async with open_app() as pilot:
        # In one burst: no key is for the calendar between two dialogs, where d cancels.
        burst(pilot, "Dsd")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlanDialog))
        await until(pilot, lambda: rows(pilot)[0].by_hand)
        await pilot.press("down", "c")
        await until(pilot, lambda: rows(pilot)[1].by_hand)
        planned = [row.line.to for row in rows(pilot)]
        assert planned[5] is not None
        database.transact(add_visit, clinic, planned[5].starts_at, patient_id=clinic.maria)
        await pilot.press("a")
        await until(pilot, lambda: any(row.anew for row in rows(pilot)))
        assert [row.anew for row in rows(pilot)] == [at == 5 for at in range(14)]
        assert rows(pilot)[1].by_hand
        kept = [row.line.to for row in rows(pilot)]
        assert kept[:5] + kept[6:] == planned[:5] + planned[6:]
        assert kept[5] not in (None, planned[5])
        screen = pilot.app.screen
        assert screen.query_one(PlanList).at == 5
        assert "1 without the place decided" in said(pilot, "#says")
        assert "≠ marks 1 visit" in said(pilot, "#says")
        assert stands(database, visits) == before
        assert not desk.read_now(doctor_hours, clinic.lee).time_off
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, CallList))
        assert "12 moved, 1 cancelled, 1 to call." in told(pilot)[-1]
        await pilot.press("escape")
    assert database.read(overlaps) == NO_OVERLAPS


async def test_halves_ranges_and_other_ways_to_plan(
    open_app: OpenApp, database: Database, desk: Desk, clinic: SmallClinic
) -> None:
    """Esc is one step back and keeps what was decided; p plans another way around it."""
    database.transact(a_days_visits, clinic)
    async with open_app() as pilot:
        await pilot.press("D")
        await until(pilot, lambda: isinstance(pilot.app.screen, AwayDialog))
        choices = said(pilot, "#choices").splitlines()
        assert choices[1].split()[-3:] == ["09:00–12:00", "6", "visits"]
        assert choices[2].split()[-3:] == ["12:00–24:00", "8", "visits"]
        await pilot.press("n")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlanDialog))
        assert len(rows(pilot)) == 8
        await pilot.press("d")
        await until(pilot, lambda: rows(pilot)[0].by_hand)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, AwayDialog))
        await pilot.press("n")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlanDialog))
        assert [row.by_hand for row in rows(pilot)] == [True] + [False] * 7
        await pilot.press("p")
        await until(pilot, lambda: "7 colleague" in said(pilot, "#summary"))
        assert "7 colleague · 1 cancelled" in said(pilot, "#summary")
        await until(pilot, places_are_there(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, AwayDialog))
        await pilot.press("r")
        await until(pilot, lambda: bool(pilot.app.screen.query("#from")))
        await type_text(pilot, "tomorrow")
        pilot.app.screen.query_one("#until", Input).value = "fri"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, CalendarScreen))
        await settle(pilot)
        (off,) = desk.read_now(doctor_hours, clinic.lee).time_off
        assert (off.starts_at, off.ends_at) == (at("00:00", 1), at("00:00", 5))


@on_both
async def test_the_clinic_is_closed_found_by_what_it_is_for(
    open_app: OpenApp, database: Database, desk: Desk, clinic: SmallClinic
) -> None:
    """By an admin, from the palette: everybody's visits are in the way."""
    for number, doctor in enumerate((clinic.lee, clinic.park)):
        start = at("10:00", 1) + timedelta(minutes=30 * number)
        database.transact(add_visit, clinic, start, doctor_id=doctor)
    desk.sign_in_as(clinic.admin)
    async with open_app() as pilot:
        await pilot.press("ctrl+p", *"ill")
        await settle(pilot)
        assert "Doctorilloraway" in text_in(pilot.app.screen)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, AwayDialog))
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, ClosedForm))
        form = pilot.app.screen
        assert form.query_one("#from", Input).value == "Mon 23 Nov 2026"
        await pilot.press("ctrl+s")
        assert said(pilot, "#refusal") == "Why is the clinic closed? A word or two."
        form.query_one("#from", Input).value = "tomorrow"
        form.query_one("#name", Input).value = "Outing"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlanDialog))
        assert {row.line.doctor for row in rows(pilot)} == {"Dr Lee", "Dr Park"}
        # Who may book nothing leaves all of them to be called, and can only look at them.
        assert said(pilot, "#summary") == "2 visits: 2 to call"
        assert not keys(pilot) & {"1", "c", "d", "k", "w"}
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, CallList))
        assert "2 visits outside the hours of Dr Lee, Dr Park" in said(pilot, "#summary")
        assert not keys(pilot) & {"m", "d"}
        assert [(one.first_day, one.name) for one in desk.read_now(closures)] == [
            (NOW.date() + timedelta(days=1), "Outing")
        ]


_OF_ONE_S_OWN = {"b", "m", "d", "i", "c", "e", "S", "T", "D"}


@pytest.mark.parametrize(("who", "offered"), [("doctor_lee", True), ("doctor_park", False)])
async def test_only_whose_hours_they_may_set(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic, who: str, offered: bool
) -> None:
    desk.sign_in_as(getattr(clinic, who))
    async with open_app() as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, CalendarScreen)
        screen.show_day(NOW.date(), clinic.lee)
        await settle(pilot)
        assert ("D" in keys(pilot)) is offered
        assert keys(pilot) & _OF_ONE_S_OWN == (_OF_ONE_S_OWN if offered else set())
        line = pilot.app.screen.query_one(KeyLine)
        await until(pilot, lambda: ("Book" in str(line.render())) is offered)
        # The next column is a colleague's to both: what is in it is not theirs.
        await pilot.press("right")
        await until(pilot, lambda: "Book" not in str(line.render()))
        assert not keys(pilot) & _OF_ONE_S_OWN


SIZES = {"small": (80, 24), "wide": (160, 50)}


@pytest.mark.parametrize("size", SIZES)
def test_looks_of_a_plan(
    snap_compare: Callable[..., bool], desk: Desk, database: Database, clinic: SmallClinic,
    size: str,
) -> None:  # fmt: skip
    visits = database.transact(a_days_visits, clinic)
    for step, at_row in ((arrive, 1), (arrive, 4), (check_in, 5)):
        database.transact(step, clinic.receptionist, visits[at_row], NOW, f"here {at_row}")

    async def plan(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await pilot.press("D")
        await until(pilot, lambda: isinstance(pilot.app.screen, AwayDialog))
        await pilot.press("s")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlanDialog))
        await pilot.press("down", "c", "down", "d")
        await until(pilot, places_are_there(pilot))

    assert snap_compare(ClinicApp(lambda: desk), terminal_size=SIZES[size], run_before=plan)


def test_looks_of_what_it_is(
    snap_compare: Callable[..., bool], desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    database.transact(a_days_visits, clinic)
    database.transact(add_visit, clinic, at("08:00", 5), patient_id=clinic.maria)

    async def ask(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await pilot.press("D")
        await until(pilot, lambda: isinstance(pilot.app.screen, AwayDialog))

    assert snap_compare(ClinicApp(lambda: desk), terminal_size=(80, 24), run_before=ask)


def test_looks_of_whom_to_call(
    snap_compare: Callable[..., bool], desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    saturday = [at("08:00", 5) + timedelta(minutes=20 * number) for number in range(3)]
    for start, patient in zip(saturday, (clinic.maria, clinic.sam, clinic.ozlem), strict=True):
        database.transact(add_visit, clinic, start, patient_id=patient)

    async def whom(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await pilot.press("D")
        await until(pilot, lambda: isinstance(pilot.app.screen, AwayDialog))
        await pilot.press("l")
        await until(pilot, lambda: isinstance(pilot.app.screen, CallList))

    assert snap_compare(ClinicApp(lambda: desk), terminal_size=(80, 24), run_before=whom)
