"""Time that becomes free is offered to whoever waits for it, at once and from wherever it was."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from textual.pilot import Pilot

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.codes import Status, Urgency
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.screens.base import Dialog
from clinic_tui.screens.several.series_move_form import SeriesMoveForm
from clinic_tui.screens.today.today import TodayScreen
from clinic_tui.screens.visits.cancelling import CancelDialog
from clinic_tui.screens.visits.visits import cancel_visit, move_visit
from clinic_tui.screens.waitlist.freed_panel import Fitters, FreedPanel
from tests.domain.given import add_visit, at, booking, visit
from tests.domain.waiting import OFFERS, entry, moved_by_text, wait
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import keys, said, until
from tests.screens.stories import begin, ended, fill, on_nothing, screen_of, told
from tests.screens.test_booking_refused import LosesTheAnswer
from tests.screens.test_series import five_tuesdays
from tests.small_clinic import NOW, SmallClinic


def offered_to(pilot: Pilot[int]) -> list[str]:
    """The numbered lines of the panel, their columns parted by one space."""
    lines = str(pilot.app.screen.query_one(Fitters).render()).splitlines()
    return [" ".join(line.replace("▸", "").split()) for line in lines]


async def to_the_panel(pilot: Pilot[int]) -> None:
    """Wait for it."""
    await until(pilot, lambda: isinstance(pilot.app.screen, FreedPanel))
    await until(pilot, lambda: bool(offered_to(pilot)))


@on_both
async def test_who_says_yes_at_once_leaves_a_time_that_is_offered_on(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    """On the board: the one who has a later visit moves there; their old time is next."""
    cancelled = database.transact(add_visit, clinic, at("10:00"), patient_id=clinic.maria)
    later = database.transact(add_visit, clinic, at("11:00"), patient_id=clinic.jonas)
    only = wait(clinic, database, patient_id=clinic.ozlem, urgency=Urgency.URGENT)
    earlier = wait(clinic, database, patient_id=None, visit_type_id=None, appointment_id=later)
    async with open_app() as pilot:
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(pilot.app.screen, TodayScreen))
        await settle(pilot)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(pilot.app.screen, Dialog))
        await pilot.press("p", "enter")
        await to_the_panel(pilot)
        assert said(pilot, "#done") == "Cancelled: Maria Garcia, Mon 23 Nov 2026, 10:00, Dr Lee."
        assert offered_to(pilot) == [
            "1 Özlem Yılmaz no phone 10:00 urgent, waits since today",
            "2 Jonas Lind 030 901820 10:00 waits since today, has a v…",
        ]
        await pilot.press("down", "down")
        assert "has a visit on Mon 23 Nov 2026 11:00" in said(pilot, "#who")
        await pilot.press("b")
        await until(pilot, lambda: said(pilot, "#done").startswith("Booked: Jonas Lind, Mon 23"))
        await to_the_panel(pilot)
        assert offered_to(pilot) == ["1 Özlem Yılmaz no phone 11:00 urgent, waits since today"]
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, TodayScreen))
        assert told(pilot)[-1] == (
            "Mon 23 Nov 2026 11:00, Dr Lee, is kept for Özlem Yılmaz until 11:00."
            " A message tells them."
        )
    moved = database.read(visit, later)
    assert (moved.starts_at, moved.status) == (at("10:00"), Status.BOOKED)
    assert database.read(visit, cancelled).status is Status.CANCELLED
    assert database.read(entry, earlier).status == "booked"
    assert database.read(entry, only).status == "offered"


@on_both
async def test_what_a_move_by_text_leaves_is_offered_on_from_the_messages(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    """It needs somebody until then; nobody is offered it whom nobody at the desk chose."""
    sam = wait(clinic, database, first_day=at("15:00", 2).date())
    moved_by_text(clinic, database)
    assert database.read(entry, sam).status == "waiting"
    async with open_app() as pilot:
        await pilot.press("f7")
        await until(pilot, lambda: "Reply from Maria Garcia" in said(pilot, "#about"))
        assert "Free again: Wed 25 Nov 2026 15:00–15:20, Dr Lee" in said(pilot, "#about")
        assert "f" in keys(pilot)
        await pilot.press("f")
        await to_the_panel(pilot)
        assert said(pilot, "#done") == "Maria Garcia has left it by a text."
        assert offered_to(pilot) == ["1 Sam Okoye no phone 15:00 waits since today"]
        await pilot.press("escape")
        await until(pilot, lambda: "Free again" in said(pilot, "#about"))
        await pilot.press("f")
        await to_the_panel(pilot)
        await pilot.press("1")
        await until(pilot, lambda: said(pilot, "#about").startswith("Nothing needs you"))
        assert "is kept for Sam Okoye" in told(pilot)[-1]
    assert database.read(entry, sam).status == "offered"


async def test_a_time_that_is_gone_again_is_said_and_esc_leaves_it_free(
    open_app: OpenApp, database: Database, clinic: SmallClinic, desk: Desk
) -> None:
    """Another desk may be quicker; whoever fits beside that is offered what is left."""
    cancelled = database.transact(
        add_visit, clinic, at("10:00"), patient_id=clinic.maria, minutes=40
    )
    wait(clinic, database)
    async with open_app() as pilot:
        story = await begin(pilot, cancel_visit(screen_of(pilot), cancelled))
        await pilot.press("p", "enter")
        await to_the_panel(pilot)
        assert {"1", "enter", "b", "escape", "f1"} <= keys(pilot)
        assert offered_to(pilot)[0].startswith("1 Sam Okoye no phone 10:00")
        other = booking(clinic, patient_id=clinic.jonas, starts_at=at("10:00"))
        desk.run_now(book_appointment, other, desk.now())
        await pilot.press("1")
        await to_the_panel(pilot)
        await until(pilot, lambda: "10:00" in said(pilot, "#refusal"))
        assert offered_to(pilot)[0].startswith("1 Sam Okoye no phone 10:20")
        await pilot.press("7", "escape")
        assert (await ended(pilot, story)).status is Status.CANCELLED
    assert database.read(lambda session: session.execute(select(OFFERS)).all()) == []


async def test_an_offer_whose_answer_was_lost_is_not_made_twice(
    database: Database, clinic: SmallClinic
) -> None:
    cancelled = database.transact(add_visit, clinic, at("10:00"), patient_id=clinic.maria)
    wait(clinic, database)
    losing = LosesTheAnswer(database.url.render_as_string(hide_password=False))
    losing.broken = True
    desk = Desk(losing, lambda: NOW)
    desk.sign_in_as(clinic.receptionist)
    async with ClinicApp(lambda: desk).run_test(notifications=True) as pilot:
        await settle(pilot)
        story = await begin(pilot, cancel_visit(screen_of(pilot), cancelled))
        await pilot.press("p", "enter")
        await to_the_panel(pilot)
        losing.broken = False
        await pilot.press("1")
        await until(pilot, lambda: "Enter again asks" in said(pilot, "#refusal"))
        await pilot.press("enter")
        await ended(pilot, story)
        assert told(pilot)[-1].endswith("is kept for Sam Okoye until 10:00. Nobody tells them.")
    assert len(database.read(lambda session: session.execute(select(OFFERS)).all())) == 1


def test_looks(
    snap_compare: Callable[..., bool], desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    later = database.transact(add_visit, clinic, at("11:00"), patient_id=clinic.jonas)
    cancelled = database.transact(add_visit, clinic, at("10:00"), patient_id=clinic.maria)
    wait(clinic, database, patient_id=clinic.ozlem, urgency=Urgency.URGENT, note="in pain")
    wait(clinic, database, patient_id=None, visit_type_id=None, appointment_id=later)

    async def look(pilot: Pilot[int]) -> None:
        await on_nothing(pilot, desk)
        await begin(pilot, cancel_visit(screen_of(pilot), cancelled))
        await pilot.press("p", "enter")
        await to_the_panel(pilot)

    assert snap_compare(ClinicApp(lambda: desk), terminal_size=(80, 24), run_before=look)


@pytest.mark.parametrize("does", ["Cancelled", "Moved"])
async def test_what_a_series_leaves_is_offered_time_by_time_the_soonest_first(
    open_app: OpenApp, database: Database, clinic: SmallClinic, does: str
) -> None:
    """n goes on to the next time; who was offered one is not asked again; Esc leaves the rest."""
    series = database.transact(five_tuesdays, clinic)
    for patient_id in (clinic.jonas, clinic.ozlem, clinic.maria):
        wait(clinic, database, patient_id=patient_id)
    async with open_app() as pilot:
        if does == "Cancelled":
            story = await begin(pilot, cancel_visit(screen_of(pilot), series[1]))
            await pilot.press("2")
            await until(pilot, lambda: isinstance(pilot.app.screen, CancelDialog))
            await pilot.press("p", "enter")
        else:
            story = await begin(pilot, move_visit(screen_of(pilot), series[1]))
            await pilot.press("2")
            await until(pilot, lambda: isinstance(pilot.app.screen, SeriesMoveForm))
            await fill(pilot, "time", "15:30")
            await pilot.press("ctrl+s")
        await to_the_panel(pilot)
        assert said(pilot, "#done").startswith(f"{does}: 4 visits {does.lower()}. ")
        assert "Tue 1 Dec 2026 10:00–10:20" in said(pilot, "#freed")
        assert "up to 3 more after this" in str(pilot.app.screen.query_one(".box").border_title)
        assert [line.split()[1] for line in offered_to(pilot)] == ["Jonas", "Özlem"]
        await pilot.press("n")
        await until(pilot, lambda: "Tue 8 Dec 2026 10:00" in said(pilot, "#freed"))
        await until(pilot, lambda: bool(offered_to(pilot)))
        await pilot.press("1")
        await until(pilot, lambda: "Tue 15 Dec 2026 10:00" in said(pilot, "#freed"))
        await until(pilot, lambda: bool(offered_to(pilot)))
        assert [line.split()[1] for line in offered_to(pilot)] == ["Özlem"]
        await pilot.press("escape")
        gone = await ended(pilot, story)
        assert (gone.status is Status.CANCELLED) is (does == "Cancelled")
        held = database.read(lambda s: s.execute(select(OFFERS.c.starts_at)).scalars().all())
        assert held == [at("10:00", 15)]
