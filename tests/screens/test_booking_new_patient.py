"""Booking somebody new: registered with the visit, and not twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
from textual.pilot import Pilot

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.patients.history import patient_record
from clinic_tui.screens.widgets.lists.numbered import NumberedLines
from tests.screens.conftest import OpenApp, on_both
from tests.screens.driving import until
from tests.screens.stories import (
    at_openings,
    begin_booking,
    begin_in_picture,
    ended,
    fill,
    is_free,
    is_refused_with,
    lee_at_ten,
    openings,
    says,
    told,
    value,
)
from tests.small_clinic import NOW, SmallClinic


@on_both
async def test_somebody_new_is_booked_with_three_more_keys(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await fill(pilot, "patient", "ana souza 12mar84 03055501420")
        await pilot.press("enter")
        await until(pilot, lambda: value(pilot, "family") == "Souza")
        assert (value(pilot, "given"), value(pilot, "born")) == ("Ana", "12mar84")
        await pilot.press("enter")
        await until(pilot, lambda: at_openings(pilot))
        assert says(pilot, "says").startswith("Ana Souza, Tue 24 Nov 2026 10:00–10:20")
        await until(pilot, is_free(pilot))
        await pilot.press("enter")
        booked = await ended(pilot, story)
        details = desk.read_now(patient_record, booked.patient_id, NOW).details
        assert (details.family_name, details.given_name) == ("Souza", "Ana")
        assert details.birth_date == date(1984, 3, 12)
        assert details.phones == ("+493055501420",)
        assert (details.sms_consent, details.email_consent) == (False, False)


async def test_a_digit_where_the_name_begins_takes_an_opening(
    open_app: OpenApp, clinic: SmallClinic
) -> None:
    """The cursor is in the name then, and the openings have the numbers."""
    async with open_app() as pilot:
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await fill(pilot, "patient", "ana souza 12mar84 03055501420")
        await pilot.press("enter", "2")
        await until(pilot, lambda: openings(pilot)[1].startswith("▸2"))
        assert value(pilot, "family") == "Souza"
        await pilot.press("x", "2", "enter")
        await until(pilot, lambda: at_openings(pilot))
        await until(pilot, is_free(pilot))
        await pilot.press("enter")
        booked = await ended(pilot, story)
        assert booked.read_back("Europe/Berlin").startswith("Ana x2, Tue 24 Nov 2026, 10:20")


@on_both
async def test_every_field_of_somebody_new_is_kept(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await fill(pilot, "patient", "Penicillin")
        await pilot.press("ctrl+n")
        await until(pilot, lambda: value(pilot, "family") == "Penicillin")
        await pilot.press("ctrl+t")
        assert (value(pilot, "family"), value(pilot, "given")) == ("", "Penicillin")
        await fill(pilot, "family", "[allergy] [/]")
        await fill(pilot, "email", "ana@example.org")
        await pilot.press("tab", "y", "tab", "y")
        pilot.app.screen.query_one("#sex").focus()
        await pilot.press("f", "enter")
        pilot.app.screen.query_one("#email").focus()
        await pilot.press("enter")
        await until(pilot, lambda: at_openings(pilot))
        assert says(pilot, "says").startswith("Penicillin [allergy] [/], Tue 24 Nov")
        await until(pilot, is_free(pilot))
        await pilot.press("enter")
        booked = await ended(pilot, story)
        assert told(pilot)[-1].startswith("Penicillin [allergy] [/], ")
        details = desk.read_now(patient_record, booked.patient_id, NOW).details
        assert (details.sex, details.email) == ("female", "ana@example.org")
        assert details.sms_consent
        assert details.email_consent


@on_both
async def test_whom_a_new_patient_may_be_is_shown_before_anything_is_saved(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await fill(pilot, "patient", "maria garzia 9mar84")
        await pilot.press("enter")
        await until(pilot, lambda: "similar name, birth date" in doubles(pilot))
        assert "Garcia, Maria" in doubles(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen.focused is the_doubles(pilot))
        await pilot.press("1")
        await until(pilot, lambda: at_openings(pilot))
        await until(pilot, is_free(pilot))
        await pilot.press("enter")
        booked = await ended(pilot, story)
        assert booked.patient_id == clinic.maria


@on_both
async def test_enter_registers_somebody_else_of_that_name(
    open_app: OpenApp, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await fill(pilot, "patient", "maria garzia 9mar84")
        for _ in range(2):
            await pilot.press("enter")
            await pilot.pause()
        await until(pilot, lambda: pilot.app.screen.focused is the_doubles(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: at_openings(pilot))
        await until(pilot, is_free(pilot))
        await pilot.press("enter")
        booked = await ended(pilot, story)
        assert booked.patient_id != clinic.maria
        assert booked.patient == "Maria Garzia"


def the_doubles(pilot: Pilot[int]) -> NumberedLines:
    """The possible duplicates."""
    return pilot.app.screen.query_one("#doubles", NumberedLines)


def doubles(pilot: Pilot[int]) -> str:
    """What is shown of them."""
    return str(the_doubles(pilot).render())


async def test_esc_steps_out_of_the_new_patient_first_and_forgets_nothing(
    open_app: OpenApp, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await fill(pilot, "patient", "ana souza")
        await pilot.press("enter")
        await until(pilot, lambda: value(pilot, "family") == "Souza")
        await fill(pilot, "email", "ana@example.org")
        await pilot.press("escape")
        assert not story.is_finished
        await until(pilot, lambda: pilot.app.focused is pilot.app.screen.query_one("#patient"))
        await pilot.press("x", "backspace")
        assert value(pilot, "patient") == "ana souza", "the line is gone on with, not begun anew"
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen.query_one("#family").region.height > 0)
        assert value(pilot, "email") == "ana@example.org"


UNREADABLE_OF_SOMEBODY_NEW = (
    ("family", "Kim\x1b]52;c;eA==\x07", "Family name holds a character that cannot be shown"),
    ("born", "31feb84", "Birth date: “31feb84” is no date"),
    ("phone", "12", "Phone: “12” is no valid number"),
    ("email", "ana@", "E-mail: “ana@” is no address"),
)


async def test_a_new_patient_is_refused_at_the_field_that_is_wrong(
    open_app: OpenApp, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        await begin_booking(pilot, lee_at_ten(clinic))
        await fill(pilot, "patient", "kim")
        await pilot.press("enter")
        await until(pilot, lambda: value(pilot, "family") == "Kim")
        for field, text, sentence in UNREADABLE_OF_SOMEBODY_NEW:
            good = value(pilot, field)
            await fill(pilot, field, text)
            await pilot.press("enter")
            await until(pilot, partial(is_refused_with, pilot, sentence))
            assert value(pilot, field) == text
            assert pilot.app.focused is pilot.app.screen.query_one(f"#{field}")
            await fill(pilot, field, good)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_new_patient_looks(
    snap_compare: Callable[..., bool], desk: Desk, clinic: SmallClinic
) -> None:
    async def register(pilot: Pilot[int]) -> None:
        await begin_in_picture(pilot, desk, clinic, "maria garzia 9mar84 030901820")
        await until(pilot, lambda: "Nobody fits" in says(pilot, "who-hint"))
        await pilot.press("enter")
        await until(pilot, lambda: "similar name" in doubles(pilot))

    app = ClinicApp(lambda: desk)
    assert snap_compare(app, terminal_size=(80, 24), run_before=register)
