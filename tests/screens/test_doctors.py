"""The doctors screen: found by name or specialty, hours read at a glance and changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from clinic_tui.app import ClinicApp
from clinic_tui.changes import News
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.hours.hours import add_extra_hours, doctor_hours, set_weekly_hours
from clinic_tui.domain.hours.schedule import Hours
from clinic_tui.domain.hours.time_off import add_time_off
from clinic_tui.domain.staff.doctors import DoctorDetails, add_doctor, change_doctor, find_doctors
from clinic_tui.domain.times.walltime import instant
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.screens.absence.away_dialog import AwayDialog
from clinic_tui.screens.absence.plan_dialog import PlanDialog
from clinic_tui.screens.booking.booking import BookingDialog
from clinic_tui.screens.doctors.card import DoctorCard
from clinic_tui.screens.doctors.doctors import DoctorsScreen
from clinic_tui.screens.doctors.form import DoctorForm
from clinic_tui.screens.doctors.hours_editor import HoursEditor
from clinic_tui.screens.doctors.time_off import ExtraHoursForm, RemoveDialog, TimeOffForm
from clinic_tui.screens.patients.form import PatientForm
from clinic_tui.screens.patients.patients import PatientsScreen
from clinic_tui.screens.widgets.choice import Choice
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import keys, said, type_text, until
from tests.screens.late_desk import LateDesk
from tests.small_clinic import NOW, WEEK, ZONE, SmallClinic

HOSTILE = "[/] [red]Kim[/]"


async def open_doctors(pilot: Pilot[int]) -> None:
    """Go to the screen and wait for everybody."""
    await pilot.press("f5")
    await until(pilot, lambda: isinstance(pilot.app.screen, DoctorsScreen))
    await settle(pilot)


def in_front(pilot: Pilot[int], dialog: type) -> Callable[[], bool]:
    """Whether that dialog is what one sees."""
    return lambda: isinstance(pilot.app.screen, dialog)


def listed(pilot: Pilot[int]) -> list[str]:
    """The lines of the list of doctors, without their colour."""
    options = pilot.app.screen.query_one("#doctors", OptionList).options
    return [str(option.prompt).removeprefix("■ ").rstrip() for option in options]


def different(pilot: Pilot[int]) -> list[str]:
    """The lines of extra hours and time off, their headings among them."""
    options = pilot.app.screen.query_one(DoctorCard).different.options
    return [str(option.prompt).strip() for option in options]


@on_both
async def test_shows_everybody_and_the_first(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await open_doctors(pilot)
        assert listed(pilot) == ["Lee, Hannah", "Okafor, Chidi", "Park, Jin"]
        facts = said(pilot, "#facts").splitlines()
        assert facts[0].split() == ["■", "Dr", "Hannah", "Lee", "blue"]
        assert "General practice" in facts
        assert "Every week · 35 h" in facts
        assert "Mon–Fri  09:00–12:00  13:00–17:00" in facts
        assert "Sat–Sun  closed" in facts
        assert different(pilot) == [
            "Extra hours: none ahead · x adds some",
            "Time off: none ahead · a adds some",
        ]


@on_both
async def test_finds_by_name_or_specialty_or_says_that_nobody_is(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await open_doctors(pilot)
        for text, names in (("derm", ["Park"]), ("gen chi", ["Okafor"])):
            await pilot.press("slash", "ctrl+u")
            await type_text(pilot, text)
            await settle(pilot)
            assert [line.partition(",")[0] for line in listed(pilot)] == names
            assert names[0] in said(pilot, "#facts")
        await pilot.press("slash", "ctrl+u", *"xyz")
        await settle(pilot)
        assert said(pilot, "#facts") == "No doctor is found for “xyz”."
        await pilot.press("enter")
        assert not keys(pilot) & {"h", "x", "a", "e", "enter"}


async def test_specialties_stand_beside_where_there_is_room(open_app: OpenApp) -> None:
    async with open_app(size=(160, 50)) as pilot:
        await open_doctors(pilot)
        specialties = pilot.app.screen.query_one("#specialties", OptionList)
        assert [str(option.prompt).split() for option in specialties.options] == [
            ["Every", "specialty"],
            ["Dermatology", "1"],
            ["General", "practice", "2"],
        ]
        specialties.focus()
        await pilot.press("down")
        await settle(pilot)
        assert [line.split()[0] for line in listed(pilot)] == ["Park,"]


@on_both
async def test_many_are_counted_as_many(open_app: OpenApp, desk: Desk, clinic: SmallClinic) -> None:
    desk.sign_in_as(clinic.admin)
    for number in range(99):
        desk.run_now(add_doctor, DoctorDetails(f"Zander{number:02}"), NOW)
    async with open_app() as pilot:
        await open_doctors(pilot)
        assert said(pilot, "#count") == "the first 100: type on to narrow"
        screen = pilot.app.screen
        assert isinstance(screen, DoctorsScreen)
        last = desk.run_now(add_doctor, DoctorDetails("Zzz", "Far"), NOW)
        screen.show_doctor(last)
        await settle(pilot)
        assert said(pilot, "#facts").startswith("■ Dr Far Zzz")
        assert screen.query_one("#find", Input).value == "Far Zzz"


async def test_whoever_is_named_elsewhere_is_shown_whatever_is_heard_meanwhile(
    database: Database, clinic: SmallClinic
) -> None:
    desk = LateDesk(database, clinic.receptionist)
    async with ClinicApp(lambda: desk).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await open_doctors(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, DoctorsScreen)
        desk.asked = find_doctors
        screen.show_doctor(clinic.park)
        await until(pilot, lambda: desk.asked is None)
        screen.hear(News(everything=True))
        desk.gate.set()
        await settle(pilot)
        assert said(pilot, "#facts").startswith("■ Dr Jin Park")


async def test_keys_are_for_the_doctor_under_the_cursor_also_before_the_card_is(
    database: Database, clinic: SmallClinic
) -> None:
    desk = LateDesk(database, clinic.receptionist)
    async with ClinicApp(lambda: desk).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        desk.asked = doctor_hours
        await pilot.press("f5")
        await until(pilot, lambda: desk.asked is None)
        await pilot.press("h")
        await until(pilot, in_front(pilot, HoursEditor))
        assert "Lee" in said(pilot, ".title")
        await pilot.press("escape")
        desk.gate.set()
        await settle(pilot)
        assert said(pilot, "#facts").startswith("■ Dr Hannah Lee")
        desk.asked = doctor_hours
        desk.gate.clear()
        await pilot.press("down", "h")
        await until(pilot, in_front(pilot, HoursEditor))
        assert "Lee" in str(pilot.app.screen_stack[0].query_one("#facts", Static).render())
        assert "Okafor" in said(pilot, ".title")
        await pilot.press("escape", "b")
        await until(pilot, in_front(pilot, BookingDialog))
        dialog = pilot.app.screen
        assert isinstance(dialog, BookingDialog)
        assert dialog.draft.doctor_id == clinic.okafor
        await pilot.press("escape")
        desk.gate.set()


async def test_retired_doctors_are_shown_on_request(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    desk.sign_in_as(clinic.admin)
    desk.run_now(change_doctor, clinic.okafor, DoctorDetails("Okafor", active=False), NOW)
    async with open_app() as pilot:
        await open_doctors(pilot)
        assert listed(pilot) == ["Lee, Hannah", "Park, Jin"]
        await pilot.press("r")
        await settle(pilot)
        assert [line.split()[-1] for line in listed(pilot)] == ["Hannah", "retired", "Jin"]
        await pilot.press("down")
        await settle(pilot)
        assert "retired: sees nobody any more" in said(pilot, "#facts")


async def test_the_days_that_are_different_are_listed(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    every_other = Hours(5, 540, 720, date(2026, 11, 2), None, 2)
    over = Hours(6, 540, 720, None, date(2026, 11, 1))
    desk.run_now(set_weekly_hours, clinic.lee, (*WEEK, every_other, over), NOW)
    desk.run_now(add_extra_hours, clinic.lee, date(2026, 12, 5), 540, 720, NOW, HOSTILE)
    monday, saturday = (instant(day, 0, ZONE) for day in (date(2026, 11, 30), date(2026, 12, 5)))
    desk.run_now(add_time_off, clinic.lee, monday, saturday, NOW, "leave")
    desk.run_now(add_time_off, clinic.lee, NOW, NOW + timedelta(hours=2), NOW)
    async with open_app() as pilot:
        await open_doctors(pilot)
        facts = said(pilot, "#facts").splitlines()
        assert "Every 2nd week, from Mon 2 Nov 2026 · 3 h" in facts
        assert "Sat      09:00–12:00" in facts
        assert not any("until" in line for line in facts)
        assert different(pilot) == [
            "Extra hours",
            f"Sat 5 Dec 2026  09:00–12:00  {HOSTILE}",
            "Time off",
            "Mon 23 Nov 2026 09:00–11:00",
            "Mon 30 Nov 2026 – Fri 4 Dec 2026  leave",
            "Tab goes here; − takes a line back",
        ]


async def test_enter_opens_the_doctors_day_and_d_asks_what_it_is(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await open_doctors(pilot)
        await pilot.press("D")
        await until(pilot, in_front(pilot, AwayDialog))
        await pilot.press("escape")
        await until(pilot, in_front(pilot, DoctorsScreen))
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.current_mode == "calendar")


@on_both
async def test_time_off_plans_the_visits_in_the_way_before_it_is_written(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    for hour in (9, 10):
        start = instant(date(2026, 11, 24), hour * 60, ZONE)
        request = BookingRequest(clinic.lee, clinic.follow_up, start, clinic.maria)
        desk.run_now(book_appointment, request, NOW)
    async with open_app() as pilot:
        await open_doctors(pilot)
        await pilot.press("a")
        await until(pilot, in_front(pilot, TimeOffForm))
        await type_text(pilot, "tomorrow")
        await pilot.press("enter", *"fri")
        assert said(pilot, "#hint") == "Away Tue 24 Nov 2026 – Fri 27 Nov 2026"
        await pilot.press("ctrl+s")
        await until(pilot, in_front(pilot, PlanDialog))
        assert said(pilot, "#summary").startswith("2 visits: 2 same doctor")
        assert "Maria Garcia — Follow-up · Tue 24 Nov 2026 09:00–09:20" in said(pilot, "#about")
        await pilot.press("escape")
        await until(pilot, in_front(pilot, TimeOffForm))
        assert pilot.app.screen.query_one("#from", Input).value == "tomorrow"
        assert not desk.read_now(doctor_hours, clinic.lee).time_off
        await pilot.press("ctrl+s")
        await until(pilot, in_front(pilot, PlanDialog))
        await pilot.press("enter")
        await until(pilot, in_front(pilot, DoctorsScreen))
        await settle(pilot)
        assert different(pilot)[-2] == "Tue 24 Nov 2026 – Fri 27 Nov 2026"
        assert len(desk.read_now(doctor_hours, clinic.lee).time_off) == 1


UNREADABLE = (
    ("soon", "", "from", "“soon” is no day"),
    ("", "", "from", "“” is no day"),
    ("fri", "later", "until", "“later” is no day"),
    ("fri", "2026-11-24", "until", "Time off must end after it starts."),
    ("fri 14:00", "", "until", "Until when?"),
    ("1.11.2026", "", "until", "That time off has already passed."),
)


async def test_time_off_that_cannot_be_read_is_refused_at_its_field(open_app: OpenApp) -> None:
    """And hours of a day off, once they can be, are named by the clock."""
    async with open_app() as pilot:
        await open_doctors(pilot)
        await pilot.press("a")
        await until(pilot, in_front(pilot, TimeOffForm))
        screen = pilot.app.screen
        for start, end, field, sentence in UNREADABLE:
            screen.query_one("#from", Input).value = start
            screen.query_one("#until", Input).value = end
            screen.query_one("#reason", Input).focus()
            await pilot.press("ctrl+s")
            await pilot.pause()
            assert sentence in said(pilot, "#refusal")
            assert screen.focused is screen.query_one(f"#{field}")
            assert screen.query_one("#from", Input).value == start
        screen.query_one("#from", Input).value = "fri 14:00"
        screen.query_one("#until", Input).value = "27nov 5pm"
        await pilot.press("ctrl+s")
        await until(pilot, in_front(pilot, DoctorsScreen))
        await settle(pilot)
        assert different(pilot)[-2] == "Fri 27 Nov 2026 14:00–17:00"


@on_both
async def test_extra_hours_are_added_and_taken_back_once_confirmed(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        await open_doctors(pilot)
        await pilot.press("x")
        await until(pilot, in_front(pilot, ExtraHoursForm))
        await pilot.press(*"sat", "enter", *"9")
        await type_text(pilot, "-12 13-15")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "One range at a time" in said(pilot, "#refusal")
        await pilot.press("x")
        assert said(pilot, "#refusal") == ""
        assert said(pilot, "#hint").startswith("Hours: “13-15x” is no range")
        await pilot.press("backspace")
        await pilot.press(*["backspace"] * 6, "ctrl+s")
        await until(pilot, in_front(pilot, DoctorsScreen))
        await settle(pilot)
        assert different(pilot)[:2] == ["Extra hours", "Sat 28 Nov 2026  09:00–12:00"]
        await pilot.press("minus")
        assert isinstance(pilot.app.screen, DoctorsScreen)
        await pilot.press("tab", "minus")
        await until(pilot, in_front(pilot, RemoveDialog))
        await pilot.press("escape")
        await until(pilot, in_front(pilot, DoctorsScreen))
        assert len(desk.read_now(doctor_hours, clinic.lee).extra) == 1
        await pilot.press("delete")
        await until(pilot, in_front(pilot, RemoveDialog))
        await pilot.press("enter")
        await until(pilot, in_front(pilot, DoctorsScreen))
        await settle(pilot)
        assert not desk.read_now(doctor_hours, clinic.lee).extra
        await pilot.press("u")
        await until(pilot, lambda: different(pilot)[0] == "Extra hours")
        assert len(desk.read_now(doctor_hours, clinic.lee).extra) == 1


@on_both
async def test_an_admin_adds_and_changes_doctors(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    desk.sign_in_as(clinic.admin)
    async with open_app() as pilot:
        await open_doctors(pilot)
        await pilot.press("n")
        await until(pilot, in_front(pilot, DoctorForm))
        screen = pilot.app.screen
        screen.query_one("#family", Input).value = "山田"
        screen.query_one("#specialties", Input).value = f"Dermatology, {HOSTILE}"
        screen.query_one("#email", Input).value = "nowhere"
        screen.query_one("#colour", Choice).focus()
        await pilot.press("r", "ctrl+s")
        await pilot.pause()
        assert "“nowhere” is no address" in said(pilot, "#refusal")
        assert screen.focused is screen.query_one("#email")
        await pilot.press("ctrl+u", "ctrl+s")
        await until(pilot, in_front(pilot, DoctorsScreen))
        await settle(pilot)
        assert said(pilot, "#facts").splitlines()[:2] == [
            "■ Dr 山田  red",
            f"Dermatology · {HOSTILE}",
        ]
        await pilot.press("e")
        await until(pilot, in_front(pilot, DoctorForm))
        pilot.app.screen.query_one("#active", Choice).focus()
        await pilot.press("n", "ctrl+s")
        await until(pilot, in_front(pilot, DoctorsScreen))
        await settle(pilot)
        assert "retired" in said(pilot, "#facts")


@pytest.mark.parametrize(
    ("role", "own", "others"),
    [
        ("receptionist", "hxa", "hxa"),
        ("doctor_lee", "hxa", ""),
        ("admin", "hxaen", "hxaen"),
        ("patient", "", ""),
    ],
)
async def test_keys_are_offered_to_those_who_may(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic, role: str, own: str, others: str
) -> None:
    desk.sign_in_as(getattr(clinic, role))
    async with open_app() as pilot:
        await open_doctors(pilot)
        assert said(pilot, "#facts").startswith("■ Dr Hannah Lee")
        assert keys(pilot) & set("hxaen") == set(own)
        await pilot.press("down")
        await settle(pilot)
        assert said(pilot, "#facts").startswith("■ Dr Chidi Okafor")
        assert keys(pilot) & set("hxaen") == set(others)


async def test_a_doctor_begins_at_herself(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    desk.sign_in_as(clinic.doctor_park)
    async with open_app() as pilot:
        await open_doctors(pilot)
        assert said(pilot, "#facts").startswith("■ Dr Jin Park")


def filled(desk: Desk, clinic: SmallClinic) -> ClinicApp:
    """Doctors with long and foreign names, and one with all kinds of hours."""
    desk.sign_in_as(clinic.admin)
    desk.run_now(
        add_doctor,
        DoctorDetails(
            "山田",
            "太郎",
            "Prof",
            ("Dermatology", "Allergology [x]"),
            colour="red",
            profile="Speaks Japanese, [/] German and English",
        ),
        NOW,
    )
    long = "Wolfeschlegelsteinhausenbergerdorff-Maximiliana-Anna-Kathari"
    desk.run_now(add_doctor, DoctorDetails(long, colour="orange"), NOW)
    every_other = Hours(5, 540, 720, date(2026, 11, 2), None, 2)
    desk.run_now(set_weekly_hours, clinic.lee, (*WEEK, every_other), NOW)
    desk.run_now(add_extra_hours, clinic.lee, date(2026, 12, 5), 540, 720, NOW, "flu day")
    monday, saturday = (instant(day, 0, ZONE) for day in (date(2026, 11, 30), date(2026, 12, 5)))
    desk.run_now(add_time_off, clinic.lee, monday, saturday, NOW, "leave")
    return ClinicApp(lambda: desk)


async def test_the_look_of_one_screen_leaves_the_others_as_they_are(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    """All looks are one sheet once their screens were seen: lists beside cards, fields as wide."""
    async with open_app() as pilot:
        await pilot.press("b")
        await until(pilot, in_front(pilot, BookingDialog))
        await pilot.press("escape", "f4")
        await until(pilot, in_front(pilot, PatientsScreen))
        await pilot.press("ctrl+n")
        await until(pilot, in_front(pilot, PatientForm))
        fields = [pilot.app.screen.query_one(f"#{key}") for key in ("given", "born", "sex")]
        assert len({one.size.width for one in fields}) == 1
        await pilot.press("escape")
        await open_doctors(pilot)
        screen = pilot.app.screen
        doctors, card = screen.query_one("#doctors").region, screen.query_one(DoctorCard).region
        assert card.y == doctors.y
        assert card.x >= doctors.right


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize("size", [(80, 24), (160, 50)], ids=["small", "wide"])
def test_looks(
    snap_compare: Callable[..., bool], desk: Desk, clinic: SmallClinic, size: tuple[int, int]
) -> None:
    async def look(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await open_doctors(pilot)

    assert snap_compare(filled(desk, clinic), terminal_size=size, run_before=look)


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize(
    ("key", "form"), [("e", DoctorForm), ("a", TimeOffForm)], ids=["profile", "time_off"]
)
def test_a_form_looks(
    snap_compare: Callable[..., bool], desk: Desk, clinic: SmallClinic, key: str, form: type
) -> None:
    async def look(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await open_doctors(pilot)
        await pilot.press(key)
        await until(pilot, in_front(pilot, form))

    assert snap_compare(filled(desk, clinic), terminal_size=(80, 24), run_before=look)
