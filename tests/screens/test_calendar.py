"""The calendar, driven by keys: pages, the line under the cursor, visits, who may do what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from clinic_tui.app import ClinicApp
from clinic_tui.changes import News
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.codes import Status
from clinic_tui.domain.hours.hours import set_weekly_hours
from clinic_tui.domain.hours.time_off import add_time_off
from clinic_tui.domain.overview.calendar import calendar_month
from clinic_tui.domain.overview.calendar_visits import CalendarVisit
from clinic_tui.domain.staff.accounts import disable_account
from clinic_tui.domain.staff.doctors import DoctorDetails, add_doctor
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.domain.visits.holds import HoldRequest, hold_opening
from clinic_tui.screens.booking.booking import BookingDialog
from clinic_tui.screens.calendar.calendar import CalendarScreen
from clinic_tui.screens.calendar.go_to_date import GoToDate
from clinic_tui.screens.calendar.pages import Span
from clinic_tui.screens.calendar.specialty_choice import SpecialtyChoice
from clinic_tui.screens.themes import HIGH_CONTRAST
from clinic_tui.screens.visits.appointment import VisitDialog
from clinic_tui.screens.visits.cancelling import CancelDialog
from clinic_tui.screens.visits.moving import MoveDialog
from clinic_tui.screens.widgets.day.cell import Cell
from clinic_tui.screens.widgets.day.grid import DayGrid
from tests.domain.given import add_visit, at
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import keys, said, type_text, until
from tests.screens.late_desk import LateDesk
from tests.screens.stories import says, told, value
from tests.small_clinic import GP, NOW, WEEK, SmallClinic


def calendar(pilot: Pilot[int]) -> CalendarScreen:
    """The screen under every dialog."""
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, CalendarScreen)
    return screen


def cell(pilot: Pilot[int]) -> Cell:
    """What is under the cursor."""
    found = calendar(pilot).query_one(DayGrid).cell
    assert found is not None
    return found


def under(pilot: Pilot[int]) -> CalendarVisit:
    """The visit under the cursor."""
    visit = cell(pilot).visit
    assert visit is not None
    return visit


def title(pilot: Pilot[int]) -> str:
    """What the title says, without the gap in the middle."""
    return " ".join(said(pilot, "#calendar-title").split())


def picture(pilot: Pilot[int]) -> list[str]:
    """The lines of the screen."""
    return [strip.text for strip in pilot.app.screen._compositor.render_strips()]


def in_front(pilot: Pilot[int], kind: type) -> Callable[[], bool]:
    """Whether such a dialog is in front."""
    return lambda: isinstance(pilot.app.screen, kind)


async def press(pilot: Pilot[int], *names: str) -> None:
    """Press keys that open no dialog, and wait for what they load."""
    await pilot.press(*names)
    await settle(pilot)


@pytest.fixture
def booked(desk: Desk, clinic: SmallClinic) -> int:
    """Maria's follow-up with Lee on Monday at 10:00."""
    request = BookingRequest(clinic.lee, clinic.follow_up, at("10:00"), clinic.maria)
    return desk.run_now(book_appointment, request, NOW).appointment_id


async def test_it_opens_today_at_now(open_app: OpenApp, clinic: SmallClinic) -> None:
    async with open_app() as pilot:
        assert title(pilot) == "Mon 23 Nov 2026 · week 48 · today"
        assert (cell(pilot).column.doctor_id, cell(pilot).at) == (clinic.lee, NOW)
        assert said(pilot, "#why") == "Dr Lee 09:00 — free for 3 h. Follow-up (20 min) fits."
        heads = picture(pilot)[2]
        assert [name for name in ("Dr Lee", "Dr Okafor", "Dr Park") if name in heads] == [
            "Dr Lee", "Dr Okafor", "Dr Park",
        ]  # fmt: skip
        assert picture(pilot)[3].startswith("09:00 ━━━━")
        assert picture(pilot)[4].startswith("09:00▸·")


async def test_the_line_speaks_of_what_is_under_the_cursor(open_app: OpenApp, booked: int) -> None:
    async with open_app() as pilot:
        await pilot.press("down", "down", "down")
        assert under(pilot).appointment_id == booked
        assert said(pilot, "#why") == (
            "Dr Lee 10:00 — Maria Garcia, Follow-up, 10:00–10:20, booked"
        )
        await pilot.press("up")
        assert said(pilot, "#why") == "Dr Lee 09:40 — free for 20 min. Follow-up (20 min) fits."
        await pilot.press("home", "tab")
        assert under(pilot).appointment_id == booked
        await pilot.press("end", "down")
        assert said(pilot, "#why") == "Dr Lee 17:00 — closed since 17:00"


async def test_days_are_turned_and_the_doctor_and_the_hour_stay(
    open_app: OpenApp, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        await press(pilot, "right", "down", "down", "right_square_bracket")
        assert title(pilot) == "Tue 24 Nov 2026 · week 48 · tomorrow"
        assert (cell(pilot).column.doctor_id, cell(pilot).at) == (clinic.okafor, at("09:40", 1))
        await press(pilot, "left_square_bracket", "left_square_bracket", "left_square_bracket")
        assert title(pilot) == "Sat 21 Nov 2026 · week 47 · 2 days ago"
        await press(pilot, "t")
        assert (cell(pilot).column.doctor_id, cell(pilot).at) == (clinic.okafor, NOW)


async def test_a_day_on_which_nobody_works_says_so_and_can_be_left(
    open_app: OpenApp, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        calendar(pilot).show_day(date(2026, 11, 28))
        await settle(pilot)
        shown = "\n".join(picture(pilot))
        assert "Nobody works on Sat 28 Nov 2026." in shown
        assert "[ ] day back and on · t today · g go to date" in shown
        assert said(pilot, "#why") == ""
        await press(pilot, "down", "tab", "enter", "plus", "i")
        assert told(pilot)[-1] == "There is no visit under the cursor."
        await press(pilot, "w")
        assert title(pilot).startswith("Mon 23 Nov – Sun 29 Nov 2026 · week 48 · Dr Lee")
        await press(pilot, "escape", "right_square_bracket")
        assert cell(pilot).column.doctor_id == clinic.lee


async def test_the_sentence_of_an_empty_day_names_the_holiday(
    database: Database, clinic: SmallClinic
) -> None:
    desk = Desk(database, now=lambda: NOW)
    desk.sign_in_as(clinic.admin)
    for doctor in (clinic.lee, clinic.okafor, clinic.park):
        desk.run_now(add_time_off, doctor, at("00:00", 1), at("00:00", 2), NOW, "flu")
    async with ClinicApp(lambda: desk).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "right_square_bracket")
        assert "Nobody works on Tue 24 Nov 2026." in "\n".join(picture(pilot))


async def test_go_to_date_echoes_and_refuses_to_guess(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await pilot.press("g")
        await until(pilot, in_front(pilot, GoToDate))
        await type_text(pilot, "we")
        assert said(pilot, "#understood") == "→ Wed 25 Nov 2026 · in 2 days"
        await type_text(pilot, "x")
        assert said(pilot, "#understood") == "…"
        await pilot.press("enter")
        assert said(pilot, "#understood").startswith("“wex” is no day: write 24, 24nov")
        assert pilot.app.screen.query_one(Input).value == "wex"
        await pilot.press("backspace", "enter")
        await settle(pilot)
        assert title(pilot) == "Wed 25 Nov 2026 · week 48 · in 2 days"


async def test_a_specialty_narrows_the_day(open_app: OpenApp, clinic: SmallClinic) -> None:
    async with open_app() as pilot:
        await pilot.press("s")
        await until(pilot, in_front(pilot, SpecialtyChoice))
        await press(pilot, "2")
        assert title(pilot).endswith(GP)
        assert "Dr Park" not in picture(pilot)[2]
        calendar(pilot).show_day(NOW.date() + timedelta(days=1), clinic.park)
        await settle(pilot)
        assert cell(pilot).column.doctor_id == clinic.park


async def test_a_week_shows_the_days_of_one_doctor(open_app: OpenApp, booked: int) -> None:
    async with open_app() as pilot:
        await press(pilot, "down", "down", "down", "w")
        assert title(pilot) == "Mon 23 Nov – Sun 29 Nov 2026 · week 48 · Dr Lee"
        assert "Mon 23" in picture(pilot)[2]
        assert "Sun 29" in picture(pilot)[2]
        assert under(pilot).appointment_id == booked
        assert said(pilot, "#why").startswith("Mon 23 10:00 — Maria Garcia")
        await press(pilot, "right", "right")
        assert cell(pilot).at == at("10:00", 2)
        await press(pilot, "right_square_bracket")
        assert cell(pilot).at == at("10:00", 9)
        await press(pilot, "escape")
        assert title(pilot).startswith("Wed 2 Dec 2026")
        assert cell(pilot).at == at("10:00", 9)


@on_both
async def test_a_month_shows_how_full_each_day_is(
    open_app: OpenApp, clinic: SmallClinic, booked: int
) -> None:
    async with open_app() as pilot:
        await press(pilot, "M")
        assert title(pilot) == "November 2026 · all doctors"
        assert said(pilot, "#why") == "Mon 23 Nov 2026 — 1 visit, 20 min of 21 h taken"
        assert {"b", "m", "d", "i", "w", "M"}.isdisjoint(keys(pilot))
        await press(pilot, "down")
        assert said(pilot, "#why") == "Mon 30 Nov 2026 — no visits, 0 min of 21 h taken"
        await press(pilot, "right")
        assert title(pilot) == "December 2026 · all doctors"
        await press(pilot, "left_square_bracket", "left")
        assert title(pilot) == "October 2026 · all doctors"
        await press(pilot, "enter")
        assert title(pilot).startswith("Sat 31 Oct 2026")
        assert calendar(pilot).page.span is Span.DAY


async def test_in_a_month_the_cursor_stays_where_it_went_while_the_month_was_read(
    database: Database, clinic: SmallClinic
) -> None:
    """Whether the same month was read again, or another one that was turned to."""
    desk = LateDesk(database, clinic.receptionist)
    async with ClinicApp(lambda: desk).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "M")
        desk.asked = calendar_month
        calendar(pilot).hear(News(everything=True))
        await until(pilot, lambda: desk.asked is None)
        await pilot.press("right")
        desk.gate.set()
        await settle(pilot)
        assert said(pilot, "#why").startswith("Tue 24 Nov 2026")
        desk.asked = calendar_month
        desk.gate.clear()
        await pilot.press("right_square_bracket", "right")
        desk.gate.set()
        await settle(pilot)
        assert title(pilot) == "December 2026 · all doctors"
        assert said(pilot, "#why").startswith("Fri 25 Dec 2026")


async def test_book_begins_where_the_cursor_is_and_ends_on_the_visit(
    open_app: OpenApp, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        await pilot.press("right", "down", "b")
        await until(pilot, in_front(pilot, BookingDialog))
        dialog = pilot.app.screen
        assert isinstance(dialog, BookingDialog)
        draft = dialog.draft
        assert (draft.doctor_id, draft.starts_at) == (clinic.okafor, at("09:20"))
        await type_text(pilot, "lind")
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: said(pilot, "#state").startswith("✓ free"))
        await pilot.press("enter")
        await until(pilot, in_front(pilot, CalendarScreen))
        await settle(pilot)
        assert (under(pilot).family_name, under(pilot).starts_at) == ("Lind", at("09:20"))


async def test_where_a_visit_is_too_long_the_next_start_that_fits_is_proposed(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    """And why it is not where the cursor is; a shorter one begins there after all."""
    database.transact(add_visit, clinic, at("09:10"))
    async with open_app() as pilot:
        await pilot.press("b")
        await until(pilot, lambda: value(pilot, "time") == "09:30")
        not_there = "Not 09:00: Dr Lee is taken Mon 23 Nov 2026 09:10–09:30."
        assert says(pilot, "state") == f"✓ free  {not_there}"
        await type_text(pilot, "garcia vacc")
        await until(pilot, lambda: value(pilot, "time") == "09:00")


async def test_enter_opens_the_visit_or_books_on_free_time(open_app: OpenApp, booked: int) -> None:
    async with open_app() as pilot:
        await pilot.press("enter")
        await until(pilot, in_front(pilot, BookingDialog))
        await pilot.press("escape")
        await until(pilot, in_front(pilot, CalendarScreen))
        await pilot.press("tab", "enter")
        await until(pilot, in_front(pilot, VisitDialog))


async def test_move_and_cancel_ask_about_the_visit(open_app: OpenApp, booked: int) -> None:
    async with open_app() as pilot:
        for number, (key, dialog) in enumerate((("m", MoveDialog), ("d", CancelDialog)), 1):
            await press(pilot, "home", key)
            assert told(pilot) == ["There is no visit under the cursor."] * number
            await pilot.press("tab", key)
            await until(pilot, in_front(pilot, dialog))
            await pilot.press("escape")
            await until(pilot, in_front(pilot, CalendarScreen))
            await settle(pilot)
            assert under(pilot).appointment_id == booked


async def test_one_key_a_step(open_app: OpenApp, booked: int) -> None:
    async with open_app() as pilot:
        await press(pilot, "tab")
        steps = []
        for _ in range(3):
            await press(pilot, "i")
            steps.append(under(pilot).status)
        assert steps == [Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED]
        assert "I" not in keys(pilot)


async def test_a_doctor_lands_on_the_own_column_and_sees_others_as_busy(
    database: Database, clinic: SmallClinic, booked: int
) -> None:
    desk = Desk(database, now=lambda: NOW)
    desk.sign_in_as(clinic.doctor_park)
    async with ClinicApp(lambda: desk).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert cell(pilot).column.doctor_id == clinic.park
        assert "I" in keys(pilot)
        shown = "\n".join(picture(pilot))
        assert "busy" in shown
        assert "Garcia" not in shown
        await press(pilot, "left", "left", "tab")
        assert said(pilot, "#why") == "Dr Lee 10:00 — busy 10:00–10:20"


async def test_an_admin_is_offered_nothing_that_is_not_permitted(
    database: Database, clinic: SmallClinic
) -> None:
    desk = Desk(database, now=lambda: NOW)
    desk.sign_in_as(clinic.admin)
    async with ClinicApp(lambda: desk).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert {"b", "m", "d", "i", "I", "c"}.isdisjoint(keys(pilot))
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, CalendarScreen)


@on_both
async def test_a_request_is_confirmed(
    database: Database, open_app: OpenApp, clinic: SmallClinic
) -> None:
    patient = Desk(database, now=lambda: NOW)
    patient.sign_in_as(clinic.patient)
    request = BookingRequest(clinic.lee, clinic.follow_up, at("10:00"), clinic.maria)
    patient.run_now(book_appointment, request, NOW)
    async with open_app() as pilot:
        await press(pilot, "tab")
        assert under(pilot).status is Status.PENDING
        await press(pilot, "c")
        assert under(pilot).status is Status.BOOKED


@on_both
async def test_what_others_do_arrives_and_the_cursor_stays(
    database: Database, open_app: OpenApp, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        await press(pilot, "right", "down", "down")
        before = cell(pilot)
        other = Desk(database, now=lambda: NOW)
        other.sign_in_as(clinic.receptionist)
        request = BookingRequest(clinic.okafor, clinic.follow_up, at("09:40"), clinic.jonas)
        other.run_now(book_appointment, request, NOW)
        calendar(pilot).load()
        await settle(pilot)
        assert (cell(pilot).column.doctor_id, cell(pilot).at) == (clinic.okafor, before.at)
        assert under(pilot).family_name == "Lind"


@on_both
async def test_an_account_that_is_disabled_keeps_its_picture_and_is_told(
    database: Database, open_app: OpenApp, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        admin = Desk(database, now=lambda: NOW)
        admin.sign_in_as(clinic.admin)
        admin.run_now(disable_account, clinic.receptionist.username, NOW)
        await press(pilot, "right_square_bracket")
        assert title(pilot).startswith("Mon 23 Nov 2026 · week 48 · today")
        assert "disabled" in title(pilot) or "may not" in title(pilot)
        assert "Dr Lee" in picture(pilot)[2]


async def test_many_doctors_scroll_sideways_by_whole_columns(
    database: Database, open_app: OpenApp, clinic: SmallClinic
) -> None:
    admin = Desk(database, now=lambda: NOW)
    admin.sign_in_as(clinic.admin)
    for number in range(9):
        doctor = admin.run_now(add_doctor, DoctorDetails(f"Zed{number}"), NOW)
        admin.run_now(set_weekly_hours, doctor, WEEK, NOW)
    async with open_app() as pilot:
        assert title(pilot).endswith("doctors 1–4 of 12")
        assert picture(pilot)[2].rstrip().endswith("›")
        await pilot.press(*["right"] * 5)
        assert title(pilot).endswith("doctors 3–6 of 12")
        assert picture(pilot)[2].startswith("    ‹ ▌Dr Park")
        await pilot.press(*["right"] * 20)
        assert title(pilot).endswith("doctors 9–12 of 12")
        assert "›" not in picture(pilot)[2]
        await pilot.resize_terminal(160, 50)
        await settle(pilot)
        assert title(pilot).endswith("doctors 5–12 of 12")
        assert cell(pilot).column.doctor == "Dr Zed8"


async def test_zoom_is_remembered_and_keeps_the_place(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await press(pilot, "down", "down", "plus", "plus")
        assert cell(pilot).at == at("09:40")
        assert any(line.startswith("09:50 ") for line in picture(pilot))
        await press(pilot, "right_square_bracket")
        assert any(line.startswith("09:50 ") for line in picture(pilot))
        await press(pilot, *["plus"] * 9)
        assert any(line.startswith("09:45 ") for line in picture(pilot))
        await press(pilot, *["minus"] * 9)
        assert cell(pilot).at == at("09:00", 1)


async def test_the_mouse_works_too(open_app: OpenApp, clinic: SmallClinic, booked: int) -> None:
    async with open_app() as pilot:
        row = next(n for n, line in enumerate(picture(pilot)) if line.startswith("10:00"))
        await pilot.click(offset=(40, row + 1))
        assert (cell(pilot).column.doctor_id, cell(pilot).at) == (clinic.okafor, at("10:20"))
        await pilot.click(offset=(70, 2))
        assert cell(pilot).column.doctor_id == clinic.park
        await pilot.click(offset=(12, row), times=2)
        await until(pilot, in_front(pilot, VisitDialog))


async def test_overlapping_visits_are_reached_one_by_one(
    database: Database, open_app: OpenApp, clinic: SmallClinic, booked: int
) -> None:
    add = {"patient_id": clinic.sam, "overbooked": True}
    second = database.transact(add_visit, clinic, at("10:05"), **add)
    async with open_app() as pilot:
        await pilot.press("tab")
        assert under(pilot).appointment_id == booked
        await pilot.press("right")
        assert under(pilot).appointment_id == second
        assert said(pilot, "#why").startswith("Dr Lee 10:05 — Sam Okoye")
        await pilot.press("right")
        assert cell(pilot).column.doctor_id == clinic.okafor


async def test_another_theme_colours_the_picture_anew(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = pilot.app
        assert isinstance(app, ClinicApp)
        app.use_theme(HIGH_CONTRAST.name)
        await settle(pilot)
        strip = app.screen._compositor.render_strips()[4]
        cursor = next(part for part in strip if part.text.startswith("·"))
        assert cursor.style is not None
        assert cursor.style.bgcolor is not None
        assert cursor.style.bgcolor.get_truecolor().hex == "#ffff00"


@pytest.mark.parametrize("size", [(20, 10), (10, 4), (200, 60)])
async def test_any_terminal_will_do(open_app: OpenApp, booked: int, size: tuple[int, int]) -> None:
    async with open_app(size) as pilot:
        for key in ("tab", "down", "right", "w", "end", "escape", "M", "right", "enter", "minus"):
            await press(pilot, key)
        assert cell(pilot).column.doctor_id


async def test_what_is_held_counts_down_and_is_gone(
    open_app: OpenApp, desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    """By the second, without a key, and without the cursor or the page moving."""
    request = HoldRequest(clinic.lee, clinic.follow_up, at("09:00"), "another desk")
    database.transact(hold_opening, clinic.receptionist, request, NOW)
    async with open_app() as pilot:
        assert said(pilot, "#why") == "Dr Lee 09:00 — held by ana, 3:00 left"
        desk.now = lambda: NOW + timedelta(seconds=80)
        await until(pilot, lambda: said(pilot, "#why").endswith("held by ana, 1:40 left"))
        drawn = app_text(pilot)
        assert "◌held · ana · 1:40" in drawn
        desk.now = lambda: NOW + timedelta(minutes=3)
        await until(pilot, lambda: "free for" in said(pilot, "#why"))
        assert "held" not in app_text(pilot)


def app_text(pilot: Pilot[int]) -> str:
    """The text that is on the screen."""
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())


def filled(desk: Desk, clinic: SmallClinic, database: Database) -> ClinicApp:
    """A day in which something of everything happens."""
    desk.now = lambda: at("10:12")
    held = {
        "held_by": clinic.receptionist.account_id,
        "held_until": at("10:12") + timedelta(seconds=100),
    }
    of_lee: tuple[tuple[str, dict[str, Any]], ...] = (
        ("09:00", {"patient_id": clinic.maria, "status": Status.FULFILLED}),
        ("09:20", {"patient_id": clinic.jonas, "status": Status.NOSHOW}),
        ("09:20", {"patient_id": clinic.ozlem, "status": Status.CHECKED_IN}),
        (
            "10:00",
            {"patient_id": clinic.thuy, "status": Status.ARRIVED, "room_id": clinic.room_one},
        ),
        ("10:45", {"patient_id": clinic.sam, "visit_type_id": clinic.vaccination, "minutes": 10}),
        ("11:20", {"patient_id": None, "status": Status.HELD, **held}),
        ("13:00", {"patient_id": clinic.sam, "status": Status.PENDING}),
        ("14:00", {"patient_id": clinic.maria}),
        ("14:00", {"patient_id": clinic.jonas, "overbooked": True}),
        ("14:40", {"patient_id": clinic.ozlem, "confirmed_at": NOW}),
    )
    for clock, more in of_lee:
        database.transact(add_visit, clinic, at(clock), **more)
    for clock, patient in (("09:20", clinic.maria), ("11:00", clinic.jonas)):
        more = dict[str, Any](doctor_id=clinic.okafor, patient_id=patient, minutes=40, after=10)
        database.transact(add_visit, clinic, at(clock), **more)
    return ClinicApp(lambda: desk)


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize(
    ("size", "pressed"),
    [
        ((80, 24), ["down", "down"]),
        ((100, 30), ["w"]),
        ((80, 24), ["M"]),
        ((160, 50), ["right"]),
    ],
    ids=["day", "week", "month", "wide"],
)
def test_looks(
    snap_compare: Callable[..., bool],
    desk: Desk,
    database: Database,
    clinic: SmallClinic,
    size: tuple[int, int],
    pressed: list[str],
) -> None:
    async def look(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await press(pilot, *pressed)

    app = filled(desk, clinic, database)
    assert snap_compare(app, terminal_size=size, run_before=look)


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize(
    ("key", "typed", "dialog"),
    [("g", "24/12", GoToDate), ("s", "", SpecialtyChoice)],
    ids=["go_to_date", "specialty"],
)
def test_a_dialog_looks(
    snap_compare: Callable[..., bool],
    desk: Desk,
    database: Database,
    clinic: SmallClinic,
    key: str,
    typed: str,
    dialog: type,
) -> None:
    async def look(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await pilot.press(key)
        await until(pilot, in_front(pilot, dialog))
        await type_text(pilot, typed)
        await pilot.pause()

    app = filled(desk, clinic, database)
    assert snap_compare(app, terminal_size=(80, 24), run_before=look)
