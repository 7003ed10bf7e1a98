"""What other terminals change shows here by itself, and the cursor stays where it was."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session
from textual.pilot import Pilot
from textual.widgets import OptionList

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.clinic.settings import change_settings
from clinic_tui.domain.codes import CancelledBy, NoticeStatus, Urgency
from clinic_tui.domain.hours.time_off import add_time_off
from clinic_tui.domain.models import Appointment, table
from clinic_tui.domain.overview.calendar_visits import CalendarVisit
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.domain.visits.cancelling import CancelRequest, cancel_appointment
from clinic_tui.domain.visits.holds import HoldRequest, hold_opening, release_desk
from clinic_tui.domain.waitlist.waitlist import Wish, add_to_waitlist
from clinic_tui.screens.booking.booking import BookingDialog
from clinic_tui.screens.calendar.pages import CalendarPages
from clinic_tui.screens.header import ClinicHeader
from clinic_tui.screens.today.today import TodayScreen
from clinic_tui.screens.widgets.day.grid import DayGrid
from clinic_tui.screens.widgets.lists.board_list import BoardList
from clinic_tui.screens.widgets.lists.visit_list import VisitList
from tests.dispatch.queued import add_notice
from tests.domain.given import at
from tests.hostile.hidden import lines_of
from tests.patience import Stopwatch, here
from tests.screens.conftest import on_both, settle
from tests.screens.driving import said, until
from tests.small_clinic import NOW, SETTINGS, SmallClinic

_A_SECOND = 1.0
_VISITS = table(Appointment)


def visits(pilot: Pilot[int]) -> list[CalendarVisit]:
    """What the day shows, also under a dialog."""
    view = pilot.app.screen_stack[0].query_one(DayGrid)._picture
    assert view is not None
    return [block.visit for column in view.layouts for block in column.blocks]


def shown(pilot: Pilot[int]) -> list[str]:
    """Whose visits the day shows."""
    return sorted(visit.family_name for visit in visits(pilot))


def marked(pilot: Pilot[int]) -> list[str]:
    """Whose visits say that a message was not sent."""
    return sorted(visit.family_name for visit in visits(pilot) if visit.unsent)


def header(pilot: Pilot[int]) -> str:
    return str(pilot.app.screen_stack[0].query_one(ClinicHeader).render())


def fail(session: Session, visit_id: int) -> None:
    """A message about that visit has failed."""
    starts_at = session.scalars(select(_VISITS.c.starts_at).where(_VISITS.c.id == visit_id)).one()
    add_notice(session, visit_id, starts_at, status=NoticeStatus.FAILED, sequence=9)


@on_both
async def test_another_terminal_s_change_shows_within_a_second(
    desk: Desk, database: Database, clinic: SmallClinic, stopwatch: Stopwatch
) -> None:
    """On the calendar, also under a dialog, on the board and the waitlist; nobody listens after."""
    other = Desk(database, now=lambda: NOW)
    other.sign_in_as(clinic.receptionist)

    def book(clock: str, patient: int) -> int:
        request = BookingRequest(clinic.okafor, clinic.follow_up, at(clock), patient)
        return other.run_now(book_appointment, request, NOW).appointment_id

    async with ClinicApp(lambda: desk, follows=True).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await until(pilot, lambda: "clinic follower" in _threads())
        await pilot.press("right", "down", "down")
        before = pilot.app.screen.query_one(DayGrid).cell
        assert before is not None
        first = book("09:20", clinic.jonas)
        began = time.monotonic()
        await until(pilot, lambda: shown(pilot) == ["Lind"])
        assert stopwatch.since(began) <= here(_A_SECOND)
        cell = pilot.app.screen.query_one(DayGrid).cell
        assert cell is not None
        assert (cell.column.doctor_id, cell.at) == (before.column.doctor_id, before.at)
        database.transact(fail, first)
        began = time.monotonic()
        await until(pilot, lambda: "F7: 1 to see" in header(pilot))
        await until(pilot, lambda: marked(pilot) == ["Lind"])
        assert stopwatch.since(began) <= here(_A_SECOND)
        hold = HoldRequest(clinic.okafor, clinic.follow_up, at("11:00"), other.name)
        other.run_now(hold_opening, hold, NOW)
        began = time.monotonic()
        await until(pilot, lambda: shown(pilot) == ["", "Lind"])
        assert stopwatch.since(began) <= here(_A_SECOND)
        other.run_now(release_desk, other.name, NOW)
        await until(pilot, lambda: shown(pilot) == ["Lind"])
        await pilot.press("b")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        second = book("10:00", clinic.sam)
        await until(pilot, lambda: shown(pilot) == ["Lind", "Okoye"])
        database.transact(fail, second)
        await until(pilot, lambda: marked(pilot) == ["Lind", "Okoye"])
        assert "F7: 2 to see" in header(pilot)
        assert isinstance(pilot.app.screen, BookingDialog)
        await pilot.press("escape", "f2")
        await until(pilot, lambda: isinstance(pilot.app.screen, TodayScreen))
        await until(pilot, lambda: "Expected 2" in said(pilot, "#counts"))
        await pilot.press("end")
        other.run_now(cancel_appointment, CancelRequest(first, CancelledBy.PATIENT), NOW)
        await until(pilot, lambda: "Expected 1" in said(pilot, "#counts"))
        visit = pilot.app.screen.query_one(BoardList).visit
        assert visit is not None
        assert visit.family_name == "Okoye"
        await pilot.press("f6")
        await until(pilot, lambda: "0 wait" in said(pilot, "#counts"))
        for patient in (clinic.thuy, clinic.maria):
            other.run_now(add_to_waitlist, Wish(patient, clinic.follow_up), NOW)
        await until(pilot, lambda: said(pilot, "#about").startswith("Thùy Nguyễn"))
        await until(pilot, lambda: "2 wait" in said(pilot, "#counts"))
        urgent = Wish(clinic.ozlem, clinic.follow_up, urgency=Urgency.URGENT)
        other.run_now(add_to_waitlist, urgent, NOW)
        began = time.monotonic()
        await until(pilot, lambda: "1 urgent" in said(pilot, "#counts"))
        assert stopwatch.since(began) <= here(_A_SECOND)
        assert said(pilot, "#about").startswith("Thùy Nguyễn")
        await pilot.press("f4", *"lind", "enter")
        history = pilot.app.screen.query_one(VisitList)
        await until(pilot, lambda: [visit.status for visit in history.lines] == ["cancelled"])
        book("11:00", clinic.jonas)
        book("11:20", clinic.sam)
        await until(pilot, lambda: len(history.lines) == 2)
        assert history.highlighted is not None
        assert history.highlighted.appointment_id == first, "the cursor stays"
        await pilot.press("f5")
        await until(pilot, lambda: "Dr Hannah Lee" in said(pilot, "#facts"))
        ahead = pilot.app.screen.query_one("#different", OptionList)
        other.run_now(add_time_off, clinic.lee, at("08:00", 8), at("18:00", 8), NOW, "congress")
        await until(pilot, lambda: any("congress" in str(line.prompt) for line in ahead.options))
    assert "clinic follower" not in _threads()


@on_both
async def test_settings_of_another_terminal_are_taken_up_within_a_second(
    desk: Desk, database: Database, clinic: SmallClinic, stopwatch: Stopwatch
) -> None:
    """On what is seen and on what is gone to next; what is on the screen stays open."""
    settings = SETTINGS
    async with ClinicApp(lambda: desk, follows=True).run_test(size=(80, 24)) as pilot:

        def seen(*words: str) -> bool:
            return all(any(one in line for line in lines_of(pilot)) for one in words)

        await settle(pilot)
        await until(pilot, lambda: "clinic follower" in _threads())
        await pilot.press("f5")
        await until(pilot, lambda: seen("09:00–12:00"))
        await pilot.press("f3", "w")
        await until(pilot, lambda: seen("Riverside Clinic", "Mon 23 Nov – Sun 29 Nov 2026"))
        settings = replace(settings, name="Hillside", clock_hours=12, date_order="mdy")
        database.transact(change_settings, clinic.admin, replace(settings, first_weekday=6), NOW)
        began = time.monotonic()
        await until(
            pilot,
            lambda: seen("Hillside │ Mon Nov 23, 2026", "Sun Nov 22 – Sat Nov 28, 2026", "1:00pm"),
        )
        assert stopwatch.since(began) <= here(_A_SECOND)
        await pilot.press("f5")
        await until(pilot, lambda: seen("9:00am–12:00pm"))
        await pilot.press("f2")
        await until(pilot, lambda: seen("Hillside"))
        assert (desk.settings.name, desk.settings.first_weekday) == ("Hillside", 6)


def _threads() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


async def test_a_page_is_read_again_for_the_visits_that_may_be_on_it(desk: Desk) -> None:
    """Those of the evening before may reach into it."""
    async with ClinicApp(lambda: desk).run_test(size=(80, 24)) as pilot:
        for key, first, last in (("t", 0, 1), ("w", 0, 7), ("M", -22, 8)):
            await pilot.press(key)
            await settle(pilot)
            calendar = pilot.app.screen
            assert isinstance(calendar, CalendarPages)
            assert calendar._bounds() == (at("12:00", first - 1), at("00:00", last))
