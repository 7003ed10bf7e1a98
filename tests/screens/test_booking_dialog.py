"""Booking somebody who phones in, key by key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.clinic.visit_types import change_visit_type, list_visit_types
from clinic_tui.domain.codes import Status
from clinic_tui.domain.hours.hours import add_extra_hours
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.domain.visits.appointments import appointment_details
from clinic_tui.screens.booking.booking import BookingDialog
from clinic_tui.screens.booking.draft import BookingDraft
from clinic_tui.screens.place.openings import Openings
from clinic_tui.screens.widgets.lists.patient_list import PatientList
from tests.domain.given import add_visit, at
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import answer_late, keys, type_text, until
from tests.screens.stories import (
    at_openings,
    begin_booking,
    begin_in_picture,
    choose,
    ended,
    fill,
    found,
    is_free,
    lee_at_ten,
    openings,
    says,
    told,
    value,
)
from tests.screens.test_typing_ahead import burst
from tests.small_clinic import NOW, SmallClinic


@on_both
async def test_a_known_patient_is_booked_with_two_more_keys(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await type_text(pilot, "gar")
        await pilot.press("enter")
        await until(pilot, lambda: says(pilot, "says").startswith("Maria Garcia"))
        assert says(pilot, "says") == (
            "Maria Garcia, Tue 24 Nov 2026 10:00–10:20, Dr Lee, Follow-up"
        )
        await until(pilot, is_free(pilot))
        await pilot.press("enter")
        booked = await ended(pilot, story)
        assert booked.starts_at == at("10:00", 1)
        assert told(pilot) == ["Maria Garcia, Tue 24 Nov 2026, 10:00, Dr Lee."]
        assert desk.read_now(appointment_details, booked.appointment_id).patient_id == clinic.maria


async def test_without_a_visit_type_it_says_where_one_comes_from(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    desk.sign_in_as(clinic.admin)
    for one in desk.read_now(list_visit_types):
        retired = replace(one.details, active=False)
        desk.run_now(change_visit_type, one.visit_type_id, retired, NOW)
    desk.sign_in_as(clinic.receptionist)
    async with open_app() as pilot:
        await begin_booking(pilot, lee_at_ten(clinic))
        assert says(pilot, "state").startswith("✗ There is no visit type yet")
        await choose(pilot, "garcia")
        assert says(pilot, "state").startswith("✗ There is no visit type yet")


@on_both
async def test_the_next_available_opening_is_proposed(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    database.transact(add_visit, clinic, at("09:00"))
    async with open_app() as pilot:
        story = await begin_booking(pilot, BookingDraft(doctor_id=clinic.lee))
        assert value(pilot, "time") == "09:20"
        await choose(pilot, "maria")
        await until(pilot, is_free(pilot))
        await pilot.press("enter")
        booked = await ended(pilot, story)
        assert booked.starts_at == at("09:20")


async def test_a_proposal_gives_way_to_the_patients_other_visits(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    database.transact(
        add_visit, clinic, at("09:00"), doctor_id=clinic.park, patient_id=clinic.maria
    )
    async with open_app() as pilot:
        await begin_booking(pilot, BookingDraft(doctor_id=clinic.lee))
        assert value(pilot, "time") == "09:00"
        await choose(pilot, "maria")
        await until(pilot, lambda: value(pilot, "time") == "09:20")


async def test_any_doctor_is_proposed_where_none_is_named(
    open_app: OpenApp, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        story = await begin_booking(pilot, BookingDraft(patient_id=clinic.maria))
        assert at_openings(pilot)
        await until(pilot, lambda: says(pilot, "says").startswith("Maria Garcia"))
        await until(pilot, is_free(pilot))
        await pilot.press("escape")
        await ended(pilot, story)
        story = await begin_booking(pilot, BookingDraft(patient_id=clinic.maria))
        assert at_openings(pilot), "a digit chooses, and is not typed behind her name"
        await until(pilot, lambda: len(openings(pilot)) == 3)
        assert says(pilot, "state") == "Choose an opening", "nobody named the doctor"
        await pilot.press("1", "enter")
        booked = await ended(pilot, story)
        assert (booked.starts_at, booked.patient) == (at("09:00"), "Maria Garcia")


@on_both
async def test_what_is_taken_is_booked_only_after_an_alternative_was_taken(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    database.transact(add_visit, clinic, at("10:00", 1))
    async with open_app() as pilot:
        story = await begin_booking(pilot, lee_at_ten(clinic))
        assert says(pilot, "state") == "✗ Dr Lee is taken Tue 24 Nov 2026 10:00–10:20."
        await choose(pilot, "maria")
        await until(pilot, lambda: "Maria" in says(pilot, "says"))
        await pilot.press("enter")
        assert (value(pilot, "time"), is_free(pilot)()) == ("10:20", True)
        assert not story.is_finished
        await pilot.press("2")
        assert value(pilot, "time") == "10:40"
        await pilot.press("enter")
        booked = await ended(pilot, story)
        assert booked.starts_at == at("10:40", 1)


@on_both
async def test_a_patient_is_found_by_whatever_the_caller_says(
    open_app: OpenApp, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        await begin_booking(pilot, lee_at_ten(clinic))
        for text in ("mar gar", "6789", "9mar84", "000001", "GARCÍA"):
            await fill(pilot, "patient", "nobody at all")
            await until(pilot, lambda: found(pilot) == "")
            await fill(pilot, "patient", text)
            await until(pilot, lambda: found(pilot) == "Maria Garcia")


async def test_enter_waits_for_the_search_and_no_letter_is_lost(
    open_app: OpenApp, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        await begin_booking(pilot, lee_at_ten(clinic))
        line = pilot.app.screen.query_one("#patient", Input)
        await pilot.press("enter")
        await until(pilot, lambda: "type who it is for" in says(pilot, "refusal"))
        await pilot.press("y")
        await until(pilot, lambda: says(pilot, "refusal") == "")
        for key in (*"ilmaz", "enter"):
            pilot.app.simulate_key(key)
        await until(pilot, lambda: at_openings(pilot))
        assert line.value == "Özlem Yılmaz"


async def test_of_several_none_is_taken_that_nobody_pointed_at(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    """Enter asks, a digit answers; a digit that is typed to narrow is one of the line again."""
    second = desk.run_now(register_patient, PatientDetails("Garcia", "Zoe", date(1991, 5, 7)), NOW)
    async with open_app() as pilot:
        await begin_booking(pilot, lee_at_ten(clinic))
        await type_text(pilot, "garcia")
        await until(pilot, lambda: says(pilot, "who-hint").startswith("2 fit: Enter"))
        await pilot.press("enter", "enter", "9")
        await until(pilot, lambda: says(pilot, "who-hint").startswith("Which one? A digit"))
        assert not at_openings(pilot)
        shown = pilot.app.screen.query_one(PatientList)
        assert [shown.render_line(y).text[:12] for y in (0, 1)] == ["1   Garcia, ", "2   Garcia, "]
        await type_text(pilot, " 7may91")
        assert value(pilot, "patient") == "garcia 7may91"
        await until(pilot, lambda: says(pilot, "who-hint").startswith("Enter takes them"))
        for _ in range(6):
            await pilot.press("backspace")
        await until(pilot, lambda: says(pilot, "who-hint").startswith("2 fit: Enter"))
        await pilot.press("enter", "2")
        await until(pilot, lambda: at_openings(pilot))
        dialog = pilot.app.screen
        assert isinstance(dialog, BookingDialog)
        assert (dialog.draft.patient_id, value(pilot, "patient")) == (second, "Zoe Garcia")


async def test_arrows_choose_among_several(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    second = desk.run_now(register_patient, PatientDetails("Garcia", "Zoe"), NOW)
    async with open_app() as pilot:
        await begin_booking(pilot, lee_at_ten(clinic))
        await type_text(pilot, "garcia")
        await until(pilot, lambda: found(pilot) == "Maria Garcia")
        await pilot.press("down")
        assert found(pilot) == "Zoe Garcia"
        await pilot.press("down", "up", "up", "down", "enter")
        await until(pilot, lambda: at_openings(pilot))
        dialog = pilot.app.screen
        assert isinstance(dialog, BookingDialog)
        assert dialog.draft.patient_id == second


async def test_what_to_know_of_a_patient_comes_before_the_time_is_chosen(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    long_ago = NOW - timedelta(days=20)
    database.transact(add_visit, clinic, long_ago, patient_id=clinic.ozlem, status=Status.NOSHOW)
    database.transact(add_visit, clinic, at("16:00", 2), patient_id=clinic.ozlem)
    async with open_app() as pilot:
        await begin_booking(pilot, lee_at_ten(clinic))
        await choose(pilot, "yilmaz")
        await until(pilot, lambda: "did not come once" in says(pilot, "summary"))
        summary = says(pilot, "summary")
        assert "! Penicillin [allergy]" in summary
        assert "1 Jun 1990, 36 years · female · 000003" in summary
        assert "Next  Wed 25 Nov 2026 16:00  Dr Lee  Follow-up" in summary


async def test_esc_keeps_what_was_typed_and_the_same_key_brings_it_back(
    open_app: OpenApp, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await choose(pilot, "maria")
        await fill(pilot, "note", "[/] knee")
        await fill(pilot, "time", "quarter past")
        await pilot.press("escape")
        assert await ended(pilot, story) is None
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await until(pilot, lambda: "1984" in says(pilot, "summary"))
        assert value(pilot, "note") == "[/] knee"
        assert value(pilot, "time") == "quarter past"
        assert says(pilot, "refusal") == "As you left it. Ctrl+R starts anew."
        await pilot.press("ctrl+r")
        await until(pilot, lambda: value(pilot, "note") == "")
        assert value(pilot, "patient") == ""
        await pilot.press("ctrl+r")
        await until(pilot, lambda: value(pilot, "note") == "[/] knee")


async def test_what_is_typed_over_a_draft_begins_anew_and_an_arrow_keeps_it(
    open_app: OpenApp, clinic: SmallClinic
) -> None:
    """The line comes back selected; nothing of the old draft is left for whoever is typed next."""
    async with open_app() as pilot:
        await pilot.press("b")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await choose(pilot, "maria")
        await fill(pilot, "note", "knee")
        await pilot.press("escape")
        await on_page(pilot)
        await pilot.press("b")
        await until(pilot, lambda: value(pilot, "note") == "knee")
        burst(pilot, "jonas")
        await until(pilot, lambda: value(pilot, "patient") == "jonas")
        assert value(pilot, "note") == ""
        await until(pilot, lambda: found(pilot) == "Jonas Lind")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: value(pilot, "note") == "knee")
        assert value(pilot, "patient") == "Maria Garcia"
        # A line that was left before anybody was chosen; End keeps it.
        await pilot.press("escape")
        await on_page(pilot)
        await pilot.press("b", "backspace")
        await until(pilot, lambda: value(pilot, "patient") == value(pilot, "note") == "")
        await type_text(pilot, "lin")
        await pilot.press("escape")
        await on_page(pilot)
        await pilot.press("b")
        await until(pilot, lambda: value(pilot, "patient") == "lin")
        await pilot.press("end", "d", "enter")
        await until(pilot, lambda: at_openings(pilot))
        assert value(pilot, "patient") == "Jonas Lind"


async def on_page(pilot: Pilot[int]) -> None:
    """Back from the dialog."""
    await until(pilot, lambda: not isinstance(pilot.app.screen, BookingDialog))


async def test_a_digit_behind_enter_waits_for_the_openings_of_the_line(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one go, the clinic slow: it chooses of what the line says; nothing unread is booked."""
    answer_late(desk, monkeypatch, 0.1)
    async with open_app() as pilot:
        burst(pilot, "bmaria lee wed f/up", "enter")
        burst(pilot, "2", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await until(pilot, lambda: says(pilot, "state").startswith("✓ free · held"))
        assert value(pilot, "patient") == "Maria Garcia"
        assert (value(pilot, "day"), value(pilot, "time")) == ("Wed 25 Nov 2026", "09:20")
        assert at_openings(pilot)
        await pilot.press("enter")
        await on_page(pilot)
        await settle(pilot)
        assert "Wed 25 Nov 2026, 09:20" in told(pilot)[-1]
        # Several fit: it is asked, and the digit takes nobody who has not been seen.
        desk.run_now(register_patient, PatientDetails("Garcia", "Zoe", date(1991, 5, 7)), NOW)
        burst(pilot, "bgarcia lee wed f/up", "enter")
        burst(pilot, "2", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await until(pilot, lambda: says(pilot, "who-hint").startswith("Which one?"))
        assert not at_openings(pilot)
        await pilot.press("2")
        await until(pilot, lambda: value(pilot, "patient") == "Zoe Garcia")
        await pilot.press("escape")
        await on_page(pilot)
        # Before Enter a digit is of the line.
        await pilot.press("b", "backspace")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await until(pilot, lambda: value(pilot, "patient") == "")
        await type_text(pilot, "maria tue 3")
        assert value(pilot, "patient") == "maria tue 3"
        await until(pilot, lambda: value(pilot, "time") in ("03:00", "15:00"))


async def test_begun_elsewhere_the_draft_is_offered_but_not_mixed_in(
    open_app: OpenApp, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await choose(pilot, "maria")
        await pilot.press("escape")
        await ended(pilot, story)
        await begin_booking(pilot, lee_at_ten(clinic, starts_at=at("11:00", 1)))
        assert value(pilot, "patient") == ""
        assert says(pilot, "refusal") == "Ctrl+R brings back what you had typed for Maria Garcia."
        await pilot.press("ctrl+r")
        await until(pilot, lambda: value(pilot, "patient") == "Maria Garcia")
        assert value(pilot, "time") == "10:00"


async def test_a_start_is_read_as_people_type_it_and_echoed_with_its_weekday(
    open_app: OpenApp, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        await begin_booking(pilot, lee_at_ten(clinic))
        await fill(pilot, "day", "thu")
        await pilot.press("tab")
        await fill(pilot, "time", "2pm")
        await fill(pilot, "length", "1h")
        await pilot.press("enter")
        await until(pilot, lambda: "Thu 26 Nov 2026 14:00–15:00" in says(pilot, "says"))
        assert (value(pilot, "day"), value(pilot, "time")) == ("Thu 26 Nov 2026", "14:00")
        assert at_openings(pilot)


async def test_a_time_that_the_clocks_skip_says_so(open_app: OpenApp, clinic: SmallClinic) -> None:
    async with open_app() as pilot:
        await begin_booking(pilot, lee_at_ten(clinic))
        await fill(pilot, "day", "28mar2027")
        await fill(pilot, "time", "2:30")
        await until(pilot, lambda: "The clocks skip 02:30" in says(pilot, "state"))
        assert "03:30" in says(pilot, "says")


async def test_of_a_time_that_comes_twice_both_are_offered(
    open_app: OpenApp, desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    """The second is told apart wherever it stands, and is the one that is booked."""
    desk.run_now(add_extra_hours, clinic.lee, date(2027, 10, 31), 0, 300, NOW)
    async with open_app() as pilot:
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await choose(pilot, "maria")
        await fill(pilot, "day", "31oct2027")
        await fill(pilot, "time", "2:30")
        await until(pilot, lambda: "02:30 comes twice" in says(pilot, "state"))
        await until(pilot, lambda: openings(pilot)[0].endswith("02:30  Dr Lee"))
        assert openings(pilot)[1] == "2  Sun 31 Oct 2027 02:30²  Dr Lee"
        pilot.app.screen.query_one("#openings").focus()
        await pilot.press("2")
        assert value(pilot, "time") == "02:30²"
        assert "Sun 31 Oct 2027 02:30²–02:50²" in says(pilot, "says")
        await fill(pilot, "length", "30")
        await until(pilot, lambda: "02:30²–03:00," in says(pilot, "says"))
        assert is_free(pilot)()
        await pilot.press("ctrl+s")
        booked = await ended(pilot, story)
        assert booked.starts_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


async def test_a_visit_type_brings_its_length_and_a_doctor_the_types_they_do(
    open_app: OpenApp, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        await begin_booking(pilot, lee_at_ten(clinic))
        pilot.app.screen.query_one("#type-text").focus()
        await type_text(pilot, "new")
        await pilot.press("enter")
        await until(pilot, lambda: "New patient" in says(pilot, "says"))
        assert value(pilot, "length") == "40"
        assert value(pilot, "type-text") == "New patient"
        await fill(pilot, "doctor-text", "derm")
        await pilot.press("enter")
        await until(pilot, lambda: value(pilot, "doctor-text") == "Dr Park")
        await until(pilot, lambda: "does not do this visit type" in says(pilot, "state"))


async def test_letters_act_at_the_openings(open_app: OpenApp, clinic: SmallClinic) -> None:
    async with open_app() as pilot:
        await begin_booking(pilot, lee_at_ten(clinic))
        await choose(pilot, "maria")
        await until(pilot, lambda: is_free(pilot)() and len(openings(pilot)) == 3)
        before = openings(pilot)
        await pilot.press("n")
        await until(pilot, lambda: openings(pilot) != before)
        assert openings(pilot)[0].startswith("1  Tue 24 Nov 2026 11:00")
        lines = pilot.app.screen.query_one(Openings)
        lines.post_message(Openings.Taken(lines, 3))  # One that was there a moment ago.
        assert is_free(pilot)()
        assert value(pilot, "time") == "10:00"
        await pilot.press("g", "t", "h", "u", "enter")
        await until(pilot, lambda: "Thu 26 Nov 2026 10:00" in says(pilot, "says"))


async def test_enter_in_the_note_books(open_app: OpenApp, clinic: SmallClinic) -> None:
    async with open_app() as pilot:
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await choose(pilot, "maria")
        await until(pilot, is_free(pilot))
        await fill(pilot, "note", "knee")
        await pilot.press("enter")
        assert (await ended(pilot, story)).patient == "Maria Garcia"


async def test_a_click_chooses_patient_and_opening(open_app: OpenApp, clinic: SmallClinic) -> None:
    async with open_app() as pilot:
        await begin_booking(pilot, lee_at_ten(clinic))
        await type_text(pilot, "gar")
        await until(pilot, lambda: found(pilot) == "Maria Garcia")
        await pilot.click("#found", offset=(5, 0))
        await until(pilot, lambda: at_openings(pilot))
        await until(pilot, lambda: is_free(pilot)() and len(openings(pilot)) == 3)
        await pilot.click("#openings", offset=(5, 2))
        await until(pilot, lambda: value(pilot, "time") == "10:40")


async def test_a_doctor_books_only_for_themselves_and_registers_nobody(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    desk.sign_in_as(clinic.doctor_lee)
    async with open_app() as pilot:
        await begin_booking(pilot, BookingDraft())
        assert value(pilot, "doctor-text") == "Dr Lee"
        assert "ctrl+n" not in keys(pilot)
        await fill(pilot, "patient", "souza")
        await until(pilot, lambda: says(pilot, "who-hint") == "Nobody fits “souza”.")
        await pilot.press("enter")
        await until(pilot, lambda: says(pilot, "refusal") == "Patient: nobody fits that.")
        await fill(pilot, "doctor-text", "okafor")
        await pilot.press("enter")
        await until(pilot, lambda: "nothing is called “okafor”" in says(pilot, "state"))


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize("size", [(80, 24), (160, 50)], ids=["small", "wide"])
def test_looks(
    snap_compare: Callable[..., bool],
    desk: Desk,
    database: Database,
    clinic: SmallClinic,
    size: tuple[int, int],
) -> None:
    database.transact(add_visit, clinic, at("10:00", 1))
    missed = NOW - timedelta(days=20)
    database.transact(add_visit, clinic, missed, patient_id=clinic.ozlem, status=Status.NOSHOW)

    async def choose_her(pilot: Pilot[int]) -> None:
        await begin_in_picture(pilot, desk, clinic, "yilmaz")
        await pilot.press("enter")
        await until(pilot, lambda: "did not come" in says(pilot, "summary"))

    app = ClinicApp(lambda: desk)
    assert snap_compare(app, terminal_size=size, run_before=choose_her)
