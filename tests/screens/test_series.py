"""Visits that repeat: typed, looked at date by date, booked all or none, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from textual.pilot import Pilot
from textual.widgets import Input

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.clinic.closures import close_clinic
from clinic_tui.domain.codes import Status
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.domain.series.series import SeriesRequest, book_series
from clinic_tui.domain.times.walltime import local
from clinic_tui.screens.calendar.calendar import CalendarScreen
from clinic_tui.screens.several.scope_dialog import ScopeDialog
from clinic_tui.screens.several.series_dialog import SeriesDialog
from clinic_tui.screens.several.series_draft import Fate
from clinic_tui.screens.several.series_form import SeriesForm
from clinic_tui.screens.several.series_move_form import SeriesMoveForm
from clinic_tui.screens.visits.appointment import VisitDialog
from clinic_tui.screens.visits.cancelling import CancelDialog
from clinic_tui.screens.visits.visits import cancel_visit, move_visit, show_visit
from clinic_tui.screens.who.dialog import WhoDialog
from clinic_tui.screens.widgets.lists.date_list import DateList
from clinic_tui.screens.widgets.lists.numbered import NumberedLines
from tests.domain.given import APPOINTMENTS, add_visit, at, visit
from tests.hostile.seen import text_in
from tests.races.racing import NO_OVERLAPS, overlaps
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import keys, said, until
from tests.screens.stories import begin, ended, fill, screen_of, told, value
from tests.small_clinic import NOW, ZONE, SmallClinic

LONG = "Wolfeschlegelsteinhausenbergerdorff-Bartholomäus von und zu Ω"


def in_the_way(session: Session, clinic: SmallClinic) -> None:
    """Lee is booked on the second Tuesday at ten, and the clinic is closed on the third."""
    add_visit(session, clinic, at("10:00", 8))
    close_clinic(session, clinic.admin, date(2026, 12, 8), date(2026, 12, 8), "Outing", NOW)


async def begin_series(pilot: Pilot[int], who: str) -> None:
    """S, somebody, and the form."""
    await pilot.press("S")
    await until(pilot, lambda: isinstance(pilot.app.screen, WhoDialog))
    await pilot.press(*who)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, SeriesForm))


async def look(pilot: Pilot[int], **typed: str) -> None:
    """Type into the form, and look at the dates."""
    for field, text in typed.items():
        await fill(pilot, field, text)
    await pilot.press("ctrl+s")
    await until(pilot, lambda: isinstance(pilot.app.screen, SeriesDialog))


async def look_refused(pilot: Pilot[int], sentence: str) -> None:
    """Ask for the dates, and read why not."""
    await fill(pilot, "ends", "2")
    await pilot.press("ctrl+s")
    assert said(pilot, "#refusal").startswith(sentence)


def fates(pilot: Pilot[int]) -> list[Fate]:
    """What becomes of each date."""
    return [row.fate for row in pilot.app.screen.query_one(DateList).lines]


def booked(database: Database) -> int:
    """How many visits stand."""
    query = select(APPOINTMENTS.c.id).where(APPOINTMENTS.c.status == Status.BOOKED)
    return len(database.read(lambda session: session.execute(query).all()))


async def over(pilot: Pilot[int]) -> None:
    """The calendar is back, and nothing is under way."""
    await until(pilot, lambda: isinstance(pilot.app.screen, CalendarScreen))
    await settle(pilot)


STANDS, NEAREST, OUT, SKIPPED, OPEN = Fate.STANDS, Fate.NEAREST, Fate.OUT, Fate.SKIPPED, Fate.OPEN


@on_both
async def test_each_date_is_decided_and_all_are_booked_in_one_go(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    """What is taken meanwhile comes back alone; everything else stays as it was decided."""
    database.transact(in_the_way, clinic)
    async with open_app() as pilot:
        await begin_series(pilot, "garcia")
        assert value(pilot, "whom") == "Dr Lee"
        await look(pilot, first="tomorrow", time="10", ends="5")
        assert fates(pilot) == [STANDS, OPEN, SKIPPED, STANDS, STANDS]
        assert said(pilot, "#summary") == "5 dates: 1 to decide · 3 fit · 1 on holidays"
        assert "Dr Lee is taken Tue 1 Dec" in said(pilot, "#about")
        assert "1 nearest: 09:40–10:00" in said(pilot, "#about")
        await pilot.press("enter")
        assert "1 date does not fit" in said(pilot, "#says")
        assert booked(database) == 1
        await pilot.press("1")
        assert fates(pilot)[1] is NEAREST
        database.transact(add_visit, clinic, at("10:10", 29))
        await pilot.press("enter")
        await until(pilot, lambda: fates(pilot)[4] is OPEN)
        assert fates(pilot) == [STANDS, NEAREST, SKIPPED, STANDS, OPEN]
        assert "nothing of the series was booked" in said(pilot, "#says")
        assert booked(database) == 2
        await pilot.press("space")
        assert "Enter books 3 visits" in said(pilot, "#says")
        await pilot.press("enter")
        await over(pilot)
        assert "Maria Garcia, 3 visits from Tue 24 Nov 2026 to Tue 15 Dec 2026" in told(pilot)[-1]
        assert booked(database) == 5
        assert database.read(overlaps) == NO_OVERLAPS
        await pilot.press("u")
        await settle(pilot)
        assert booked(database) == 2


async def test_what_is_left_is_there_again_and_what_is_wrong_is_said(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    """Esc is one step back; decisions and texts are kept; h takes holidays the other way."""
    database.transact(in_the_way, clinic)
    async with open_app() as pilot:
        await begin_series(pilot, "garcia tue 10:00 vacc")
        assert [value(pilot, field) for field in ("first", "time", "every")] == [
            "Tue 24 Nov 2026", "10:00", "week",
        ]  # fmt: skip
        await pilot.press("ctrl+s")
        assert said(pilot, "#refusal").startswith("Ends: how often, or until when?")
        await fill(pilot, "ends", "until 8dec")
        assert "3 dates, Tue 24 Nov 2026 to Tue 8 Dec 2026" in said(pilot, "#hint")
        await fill(pilot, "whom", "nobody")
        await pilot.press("ctrl+s")
        assert "nobody is called “nobody”" in said(pilot, "#refusal")
        await fill(pilot, "room", "room")
        await look(pilot, whom="lee", room="room 2")
        assert fates(pilot) == [STANDS, OPEN, SKIPPED]
        assert keys(pilot) >= {"1", "a", "f", "h", "space", "enter"}
        await pilot.press("f", "up", "space")
        assert fates(pilot) == [OUT, OUT, SKIPPED]
        await pilot.press("enter")
        assert said(pilot, "#says").startswith("No date is left to be booked")
        await pilot.press("down", "space", "a")
        assert fates(pilot) == [OUT, NEAREST, SKIPPED]
        assert "a" not in keys(pilot)
        await pilot.press("h")
        await until(pilot, lambda: fates(pilot)[2] is STANDS)
        assert fates(pilot) == [OUT, NEAREST, STANDS]
        row = pilot.app.screen.query_one(DateList).lines[2]
        assert "Outing; moved to Wed 9 Dec 2026" in row.date.note
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, SeriesForm))
        assert value(pilot, "ends") == "until 8dec"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, SeriesDialog))
        assert fates(pilot) == [OUT, NEAREST, SKIPPED]
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, SeriesForm))
        await pilot.press("escape")
        await over(pilot)
        assert booked(database) == 1
        await begin_series(pilot, "garcia")
        assert pilot.app.screen.query_one("#ends", Input).value == "until 8dec"


def five_tuesdays(session: Session, clinic: SmallClinic) -> list[int]:
    """Maria's follow-ups with Lee, the first of them tomorrow at ten."""
    request = SeriesRequest(
        clinic.maria, clinic.lee, clinic.follow_up, date(2026, 11, 24), 600, "FREQ=WEEKLY;COUNT=5"
    )
    done = book_series(session, clinic.receptionist, request, NOW)
    return [one.visit.appointment_id for one in done.visits]


def stands(database: Database, series: list[int]) -> list[str]:
    """When each of them stands, or that it is cancelled."""
    rows = [database.read(visit, number) for number in series]
    return [
        f"{local(row.starts_at, ZONE):%-d %b %H:%M}" if row.status is Status.BOOKED else "–"
        for row in rows
    ]


@on_both
async def test_this_one_the_following_or_all_are_moved_and_cancelled(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    """m and d on a visit of a series ask by digits; all that are meant go, or none."""
    series = database.transact(five_tuesdays, clinic)
    alone = database.transact(add_visit, clinic, at("11:00", 1))
    database.transact(add_visit, clinic, at("15:00", 23))
    async with open_app() as pilot:
        screen = screen_of(pilot)
        story = await begin(pilot, move_visit(screen, series[1]))
        lines = str(pilot.app.screen.query_one(NumberedLines).render()).splitlines()
        assert [line[3:].strip() for line in lines] == [
            "only this one, Tue 1 Dec 2026 10:00",
            "this one and the 3 that follow, to Tue 22 Dec 2026",
            "all 5 visits still ahead, Tue 24 Nov 2026 to Tue 22 Dec 2026",
        ]
        await pilot.press("2")
        await until(pilot, lambda: isinstance(pilot.app.screen, SeriesMoveForm))
        await pilot.press("ctrl+s")
        assert said(pilot, "#refusal").startswith("Nothing is changed yet")
        await fill(pilot, "day", "wed")
        assert said(pilot, "#hint") == "Each of them 1 day later."
        await fill(pilot, "time", "15")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "nothing of the series was moved" in said(pilot, "#refusal"))
        assert stands(database, series)[1] == "1 Dec 10:00"
        await fill(pilot, "time", "15:30")
        await pilot.press("ctrl+s")
        moved = await ended(pilot, story)
        assert moved.starts_at == at("15:30", 9)
        assert "4 visits moved. Maria Garcia, Wed 2 Dec 2026, 15:30" in told(pilot)[-1]
        assert stands(database, series) == [
            "24 Nov 10:00", "2 Dec 15:30", "9 Dec 15:30", "16 Dec 15:30", "23 Dec 15:30",
        ]  # fmt: skip
        # Esc leads back to the question, and this one alone is an ordinary move.
        story = await begin(pilot, cancel_visit(screen, series[2]))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, CancelDialog))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, ScopeDialog))
        await pilot.press("3")
        await until(pilot, lambda: isinstance(pilot.app.screen, CancelDialog))
        await pilot.press("p")
        assert said(pilot, "#does") == "Enter cancels all 5: their time is free at once."
        await pilot.press(*"gone", "enter")
        await ended(pilot, story)
        assert stands(database, series) == ["–"] * 5
        assert "5 visits cancelled." in told(pilot)[-1]
        await pilot.press("u")
        await settle(pilot)
        assert stands(database, series)[2] == "9 Dec 15:30"
        # What is in no series is not asked about.
        await begin(pilot, cancel_visit(screen, alone))
        assert type(pilot.app.screen) is CancelDialog


async def test_a_patient_repeats_an_own_visit_and_asks_for_all_of_it(
    open_app: OpenApp, database: Database, desk: Desk, clinic: SmallClinic
) -> None:
    """S on a visit begins with what it is; a patient is not asked who, and asks for the dates."""
    last_week = database.transact(add_visit, clinic, at("10:00", -6), patient_id=clinic.maria)
    desk.sign_in_as(clinic.patient)
    async with open_app() as pilot:
        story = await begin(pilot, show_visit(screen_of(pilot), last_week))
        await pilot.press("S")
        await until(pilot, lambda: isinstance(pilot.app.screen, SeriesForm))
        assert [value(pilot, field) for field in ("whom", "first", "time")] == [
            "Dr Lee", "Tue 24 Nov 2026", "10:00",
        ]  # fmt: skip
        await fill(pilot, "note", "n" * 9_000)
        await look_refused(pilot, "Note")
        await look(pilot, ends="2", note="")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, VisitDialog))
        assert "2 visits from Tue 24 Nov 2026 to Tue 1 Dec 2026" in told(pilot)[-1]
        query = select(APPOINTMENTS.c.id).where(APPOINTMENTS.c.status == Status.PENDING)
        asked = database.read(lambda session: session.scalars(query).all())
        assert len(asked) == 2
        await pilot.press("escape")
        await ended(pilot, story)
        await begin(pilot, show_visit(screen_of(pilot), asked[1]))
        assert "2of2,everyweek,2times" in text_in(pilot.app.screen)


SIZES = {"small": (80, 24), "wide": (160, 50)}


def crowded(session: Session, clinic: SmallClinic) -> None:
    """Somebody with a long name, who has visits on some of the Tuesdays."""
    in_the_way(session, clinic)
    patient = register_patient(session, clinic.admin, PatientDetails(LONG, "山田 [b]"), NOW)
    for week in (0, 3, 5):
        start = at("10:00", 7 * week + 1)
        add_visit(session, clinic, start, patient_id=patient, doctor_id=clinic.okafor)


@pytest.mark.parametrize("size", SIZES)
def test_looks_of_a_series(
    snap_compare: Callable[..., bool], desk: Desk, database: Database, clinic: SmallClinic,
    size: str,
) -> None:  # fmt: skip
    database.transact(crowded, clinic)

    async def dates(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await begin_series(pilot, "wolfe")
        await look(pilot, first="tue", time="10", every="week on tue, thu", ends="19")
        await pilot.press("1", "space")

    assert snap_compare(ClinicApp(lambda: desk), terminal_size=SIZES[size], run_before=dates)


def test_looks_of_which_are_meant(
    snap_compare: Callable[..., bool], desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    series = database.transact(five_tuesdays, clinic)

    async def which(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await begin(pilot, move_visit(screen_of(pilot), series[1]))

    assert snap_compare(ClinicApp(lambda: desk), terminal_size=(80, 24), run_before=which)


def test_looks_of_moving_several(
    snap_compare: Callable[..., bool], desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    series = database.transact(five_tuesdays, clinic)

    async def which(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await begin(pilot, move_visit(screen_of(pilot), series[1]))
        await pilot.press("3")
        await until(pilot, lambda: isinstance(pilot.app.screen, SeriesMoveForm))
        await fill(pilot, "day", "wed")

    assert snap_compare(ClinicApp(lambda: desk), terminal_size=(80, 24), run_before=which)


def test_looks_of_a_refused_form(
    snap_compare: Callable[..., bool], desk: Desk, clinic: SmallClinic
) -> None:
    async def form(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await begin_series(pilot, "garcia")
        await fill(pilot, "ends", "now and then")
        await pilot.press("ctrl+s")

    assert snap_compare(ClinicApp(lambda: desk), terminal_size=(80, 24), run_before=form)
