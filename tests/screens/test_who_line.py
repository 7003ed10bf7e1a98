"""One line that says it all: what it says goes into the fields while it is typed."""

from __future__ import annotations

import pytest
from rich.text import Text

from clinic_tui.database import Database
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.screens.booking.booking import BookingDialog
from clinic_tui.screens.booking.draft import BookingDraft
from clinic_tui.screens.widgets.who_line import WhoLine
from tests.domain.given import at
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import type_text, until
from tests.screens.stories import (
    begin_booking,
    ended,
    fill,
    found,
    is_free,
    lee_at_ten,
    says,
    told,
    value,
)
from tests.small_clinic import NOW, SmallClinic


@on_both
async def test_a_line_and_two_keys(open_app: OpenApp, clinic: SmallClinic) -> None:
    """Who, when, with whom and how long; Enter takes the patient, Enter books."""
    async with open_app() as pilot:
        story = await begin_booking(pilot, BookingDraft())
        await type_text(pilot, "okafor tue 3pm garcia 30m")
        await until(pilot, lambda: "Dr Okafor" in says(pilot, "says"))
        await pilot.press("enter")
        await until(pilot, is_free(pilot))
        assert says(pilot, "says").startswith("Maria Garcia, Tue 24 Nov 2026 15:00–15:30")
        await pilot.press("enter")
        booked = await ended(pilot, story)
        assert (booked.starts_at, booked.ends_at) == (at("15:00", 1), at("15:30", 1))
        assert told(pilot) == ["Maria Garcia, Tue 24 Nov 2026, 15:00, Dr Okafor."]


async def test_what_is_taken_back_is_as_it_was(open_app: OpenApp, clinic: SmallClinic) -> None:
    """The cell under the cursor counts again; what the line never spoke of stays throughout."""
    async with open_app() as pilot:
        await begin_booking(pilot, lee_at_ten(clinic))
        await type_text(pilot, "garcia wed 15:20 okafor")
        await until(pilot, lambda: value(pilot, "time") == "15:20")
        assert value(pilot, "day") == "Wed 25 Nov 2026"
        await until(pilot, lambda: "Dr Okafor" in says(pilot, "says"))
        await pilot.press(*["backspace"] * len(" wed 15:20 okafor"))
        await until(pilot, lambda: value(pilot, "time") == "10:00")
        assert value(pilot, "day") == "Tue 24 Nov 2026"
        await until(pilot, lambda: "Dr Lee" in says(pilot, "says"))


async def test_a_day_alone_is_searched_from(open_app: OpenApp, clinic: SmallClinic) -> None:
    async with open_app() as pilot:
        await begin_booking(pilot, BookingDraft(doctor_id=clinic.lee))
        await type_text(pilot, "garcia thu")
        await until(pilot, lambda: value(pilot, "day") == "Thu 26 Nov 2026")
        await until(pilot, lambda: value(pilot, "time") == "09:00")
        await until(pilot, is_free(pilot))


async def test_what_cannot_be_read_is_underlined_and_the_rest_counts(
    open_app: OpenApp, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        await begin_booking(pilot, lee_at_ten(clinic))
        await type_text(pilot, "garcia 30 feb 15:20")
        await until(pilot, lambda: "“30 feb” cannot be read" in says(pilot, "who-hint"))
        assert value(pilot, "time") == "15:20"
        assert found(pilot) == "Maria Garcia"
        line = pilot.app.screen.query_one(WhoLine)
        assert line.highlighter is not None
        shown = Text(line.value)
        line.highlighter.highlight(shown)
        assert {(line.value[one.start : one.end], one.style) for one in shown.spans} == {
            ("30 feb", "underline"),
            ("15:20", "bold"),
        }


async def test_a_patient_who_is_called_like_a_doctor(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    """The name is the patient's as long as that finds somebody; @ makes it the doctor's."""
    lee = PatientDetails("Lee", "Garcia")
    database.transact(register_patient, clinic.receptionist, lee, NOW)
    async with open_app() as pilot:
        await begin_booking(pilot, BookingDraft(doctor_id=clinic.park))
        await type_text(pilot, "garcia lee")
        await until(pilot, lambda: sorted(found(pilot).split()) == ["Garcia", "Lee"])
        assert "Dr Park" in says(pilot, "says")
        await pilot.press(*["backspace"] * 3)
        await type_text(pilot, "@lee")
        await until(pilot, lambda: "Dr Lee" in says(pilot, "says"))


async def test_of_several_doctors_it_asks(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        await begin_booking(pilot, BookingDraft())
        await type_text(pilot, "garcia @lee @park")
        await until(pilot, lambda: says(pilot, "who-hint").startswith("With whom?"))


async def test_what_was_changed_by_hand_comes_back_as_it_was(
    open_app: OpenApp, clinic: SmallClinic
) -> None:
    """A line that was left is read again, but not over what was typed after it."""
    async with open_app() as pilot:
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await type_text(pilot, "garcia 15:20")
        await until(pilot, lambda: value(pilot, "time") == "15:20")
        await fill(pilot, "time", "16:00")
        await pilot.press("escape")
        await until(pilot, lambda: story.is_finished)
        await begin_booking(pilot, lee_at_ten(clinic))
        await until(pilot, lambda: found(pilot) == "Maria Garcia")
        assert value(pilot, "time") == "16:00"
        assert value(pilot, "patient") == "garcia 15:20"


@pytest.mark.parametrize(("place", "doctor"), [("f5", "Dr Lee"), ("f7", "")])
async def test_b_books_wherever_one_is(open_app: OpenApp, place: str, doctor: str) -> None:
    """With what the screen is about; there is nothing to go back to first."""
    async with open_app() as pilot:
        await pilot.press(place)
        await settle(pilot)
        await pilot.press("b")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        await type_text(pilot, "garcia tue 3pm")
        await until(pilot, lambda: value(pilot, "time") == "15:00")
        assert not doctor or doctor in says(pilot, "says")
