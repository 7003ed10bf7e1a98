"""Two doctors of one family name: nobody is booked with the wrong one."""

from __future__ import annotations

import pytest

from clinic_tui.desk import Desk
from clinic_tui.domain.errors import BadInput
from clinic_tui.domain.hours.hours import set_weekly_hours
from clinic_tui.domain.staff.doctors import DoctorDetails, add_doctor, find_doctors
from clinic_tui.domain.visits.appointments import appointment_details
from clinic_tui.screens.booking.draft import BookingDraft
from clinic_tui.screens.doctors.lines import doctor_lines
from clinic_tui.screens.waitlist.whom import Known
from tests.domain.given import at
from tests.screens.conftest import OpenApp
from tests.screens.driving import type_text, until
from tests.screens.stories import (
    at_openings,
    begin_booking,
    ended,
    fill,
    is_free,
    openings,
    says,
    told,
    value,
)
from tests.small_clinic import GP, NOW, WEEK, SmallClinic


@pytest.fixture
def brian(desk: Desk, clinic: SmallClinic) -> int:
    """Another Lee, who works as Hannah does, also a hygienist: not all H are hers."""
    desk.sign_in_as(clinic.admin)
    details = DoctorDetails("Lee", "Brian", specialties=(GP, "Hygiene"))
    number: int = desk.run_now(add_doctor, details, NOW)
    desk.run_now(set_weekly_hours, number, WEEK, NOW)
    desk.sign_in_as(clinic.receptionist)
    return number


async def test_which_of_two_is_asked(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic, brian: int
) -> None:
    """The one under the cursor is no answer, nor is Enter; a digit is, and any name of theirs.

    The length that was said stays, whoever it is.
    """
    async with open_app() as pilot:
        story = await begin_booking(pilot, BookingDraft(doctor_id=brian, starts_at=at("10:00", 1)))
        await type_text(pilot, "garcia 35m lee tue 3pm")
        await until(pilot, lambda: says(pilot, "state").startswith("With whom?"))
        assert value(pilot, "length") == "35"
        assert says(pilot, "who-hint") == "With whom? Dr Lee B, Dr Lee H"
        assert value(pilot, "doctor-text") == ""
        await pilot.press("enter")
        await until(pilot, lambda: at_openings(pilot))
        assert openings(pilot) == ["1  Dr Lee B  Brian Lee", "2  Dr Lee H  Hannah Lee"]
        assert says(pilot, "says") == "Maria Garcia, Tue 24 Nov 2026 15:00, Follow-up"
        for press in ("enter", "ctrl+s"):
            await pilot.press(press)
            await until(pilot, lambda: says(pilot, "refusal").startswith("Doctor: which one?"))
            assert not story.is_finished
        await fill(pilot, "doctor-text", "lee h")
        await until(pilot, is_free(pilot))
        assert "Dr Lee H" in says(pilot, "says")
        await fill(pilot, "doctor-text", "")
        await until(pilot, lambda: "any doctor" in says(pilot, "says"))
        await fill(pilot, "patient", "garcia lee tue 15:20 25m")
        await until(pilot, lambda: says(pilot, "state").startswith("With whom?"))
        await pilot.press("enter", "2")
        await until(pilot, is_free(pilot))
        assert value(pilot, "doctor-text") == "Dr Lee H"
        assert value(pilot, "length") == "25"
        await pilot.press("enter")
        booked = await ended(pilot, story)
        assert told(pilot) == ["Maria Garcia, Tue 24 Nov 2026, 15:20, Dr Lee H."]
        found = desk.read_now(appointment_details, booked.appointment_id)
    assert (found.doctor_id, found.doctor) == (clinic.lee, "Dr Lee H")


async def test_who_has_time_first_comes_first(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic, brian: int
) -> None:
    """Also of those who have no hours yet, who would be first by their names."""
    desk.sign_in_as(clinic.admin)
    for given in ("Ada", "Bo", "Cleo"):
        desk.run_now(add_doctor, DoctorDetails("Lee", given, specialties=(GP,)), NOW)
    desk.run_now(set_weekly_hours, brian, WEEK[-1:], NOW)
    desk.sign_in_as(clinic.receptionist)
    async with open_app((80, 25)) as pilot:
        await begin_booking(pilot, BookingDraft())
        await type_text(pilot, "garcia lee")
        await until(pilot, lambda: says(pilot, "state").startswith("With whom?"))
        shown = [line.split("  ")[-1].strip() for line in openings(pilot)]
        assert shown == ["Hannah Lee", "Brian Lee", "Ada Lee", "Bo Lee", "Cleo Lee"]


@pytest.mark.parametrize(("height", "shown"), [(24, 3), (25, 4)])
async def test_the_dialog_stays_where_it_is_however_many_are_meant(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic, brian: int, height: int, shown: int
) -> None:
    """As many as there are lines have a digit; that who has no hours has no opening is said."""
    desk.sign_in_as(clinic.admin)
    for name in ("Ada", "Cora"):
        desk.run_now(add_doctor, DoctorDetails("Lee", name, specialties=(GP,)), NOW)
    desk.sign_in_as(clinic.receptionist)
    async with open_app((80, height)) as pilot:
        await begin_booking(pilot, BookingDraft(doctor_id=brian))
        box = pilot.app.screen.query_one(".box")
        before = box.region
        await type_text(pilot, "garcia lee tue")
        await until(pilot, lambda: says(pilot, "state").startswith("With whom"))
        asked = "? Choose one" if shown == 4 else ": 4 fit, type more of the name"
        assert says(pilot, "state") == f"With whom{asked}"
        assert len(openings(pilot)) == shown
        assert box.region == before
        await pilot.press("enter", "4" if shown == 3 else "9")
        assert says(pilot, "state").startswith("With whom")
        await pilot.press(str(shown))
        await until(pilot, lambda: says(pilot, "state").startswith("✗ Nothing is free within"))
        assert value(pilot, "doctor-text") == ("Dr Lee A" if shown == 3 else "Dr Lee C")


async def test_either_is_meant_by_a_letter_or_a_name(open_app: OpenApp, brian: int) -> None:
    async with open_app() as pilot:
        await begin_booking(pilot, BookingDraft(doctor_id=brian))
        for line, doctor in (("lee h", "H"), ("brian lee", "B"), ("@hannah", "H"), ("lee @b", "B")):
            await fill(pilot, "patient", f"garcia {line} tue 3pm")
            await until(pilot, lambda said=f"Dr Lee {doctor}": said in says(pilot, "says"))  # type: ignore[misc]
            assert says(pilot, "state").startswith("✓ free")


def test_a_field_asks_which_and_takes_its_own_words_back(
    desk: Desk, clinic: SmallClinic, brian: int
) -> None:
    known = Known(desk.read_now(find_doctors), (), ())
    with pytest.raises(BadInput, match="With: “lee” may be Dr Lee B or Dr Lee H"):
        known.whom("lee")
    for number, words in ((brian, "brian"), (clinic.lee, "lee h"), (brian, known.doctor(brian))):
        assert known.whom(words).doctor_ids == (number,)


def test_a_list_tells_apart_who_have_every_name_in_common(
    desk: Desk, clinic: SmallClinic, brian: int
) -> None:
    desk.sign_in_as(clinic.admin)
    twin: int = desk.run_now(add_doctor, DoctorDetails("Lee", "Brian"), NOW)
    lines = doctor_lines(desk.read_now(find_doctors, "lee"), 30, {})
    shown = [str(line.prompt).removeprefix("■ ").strip() for line in lines]
    assert sorted(shown) == sorted([f"Lee, Brian ({brian})", f"Lee, Brian ({twin})", "Lee, Hannah"])
