"""Booking somebody who phones in, key by key."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from textual.pilot import Pilot
from textual.widgets import Input

from clinic_tui import engine
from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.appointments import appointment_details
from clinic_tui.domain.codes import Status
from clinic_tui.domain.errors import ClinicUnavailable
from clinic_tui.domain.patients import PatientDetails, patient_record, register_patient
from clinic_tui.screens.booking import BookingDialog, BookingDraft
from clinic_tui.screens.place_form import Openings
from clinic_tui.screens.saving import Saving
from clinic_tui.screens.sign_in import LockScreen
from clinic_tui.screens.widgets.numbered import NumberedLines
from clinic_tui.screens.widgets.patient_list import PatientList
from tests.domain.given import APPOINTMENTS, add_visit, at
from tests.screens.conftest import OpenApp, settle
from tests.screens.driving import keys, type_text, until
from tests.screens.stories import (
    begin_booking,
    ended,
    fill,
    on_nothing,
    openings,
    says,
    told,
    value,
)
from tests.small_clinic import NOW, SmallClinic


def lee_at_ten(clinic: SmallClinic, **given: Any) -> BookingDraft:
    """What the calendar knows with the cursor on Tuesday 10:00 at Dr Lee."""
    return replace(BookingDraft(doctor_id=clinic.lee, starts_at=at("10:00", 1)), **given)


def visits(database: Database) -> int:
    """How many visits there are."""
    return len(database.read(lambda session: session.execute(select(APPOINTMENTS.c.id)).all()))


def found(pilot: Pilot[int]) -> str:
    """Whom Enter would take."""
    patient = pilot.app.screen.query_one(PatientList).highlighted
    return patient.name if patient else ""


def at_openings(pilot: Pilot[int]) -> bool:
    """Whether the openings are in focus."""
    return isinstance(pilot.app.focused, Openings)


def is_free(pilot: Pilot[int]) -> Callable[[], bool]:
    """Whether what the line says is free."""
    return lambda: says(pilot, "state").startswith("✓ free")


async def choose(pilot: Pilot[int], text: str) -> None:
    """Type somebody's name and take the first who fits."""
    await fill(pilot, "patient", text)
    await pilot.press("enter")
    await until(pilot, lambda: at_openings(pilot))


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
        await pilot.press("enter")
        booked = await ended(pilot, story)
        assert (booked.starts_at, booked.patient) == (at("09:00"), "Maria Garcia")


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
        for key in (*"yilmaz", "enter"):
            pilot.app.simulate_key(key)
        await until(pilot, lambda: at_openings(pilot))
        assert line.value == "Özlem Yılmaz"


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


async def test_a_race_lost_brings_everything_back_with_the_reason(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await fill(pilot, "note", "Rash [left] arm")
        await choose(pilot, "maria")
        await until(pilot, lambda: "Maria" in says(pilot, "says") and is_free(pilot)())
        database.transact(add_visit, clinic, at("10:00", 1))
        await pilot.press("enter")
        await until(pilot, lambda: refused(pilot))
        taken = "Dr Lee is taken Tue 24 Nov 2026 10:00–10:20."
        assert says(pilot, "refusal") == taken
        assert value(pilot, "note") == "Rash [left] arm"
        assert value(pilot, "patient") == "Maria Garcia"
        await until(pilot, lambda: says(pilot, "state") == f"✗ {taken}")
        assert openings(pilot)[0].startswith("1  Tue 24 Nov 2026 10:20  Dr Lee")
        await pilot.press("1", "enter")
        booked = await ended(pilot, story)
        assert booked.starts_at == at("10:20", 1)
    details = database.read(appointment_details, clinic.receptionist, booked.appointment_id)
    assert details.note == "Rash [left] arm"


def refused(pilot: Pilot[int]) -> bool:
    """Whether the dialog is back with a refusal."""
    return isinstance(pilot.app.screen, BookingDialog) and bool(says(pilot, "refusal"))


async def test_a_busy_database_loses_nothing_that_was_typed(
    open_app: OpenApp,
    database: Database,
    clinic: SmallClinic,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "_BUSY_SECONDS", 1)
    async with open_app() as pilot:
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await choose(pilot, "maria")
        await until(pilot, is_free(pilot))
        with database.engine.begin() as other:
            if not database.is_sqlite:
                other.exec_driver_sql("LOCK TABLE doctors IN EXCLUSIVE MODE")
            await pilot.press("enter")
            await until(pilot, lambda: refused(pilot))
        assert says(pilot, "refusal").startswith("The clinic's database is busy")
        assert value(pilot, "patient") == "Maria Garcia"
        await pilot.press("ctrl+s")
        assert (await ended(pilot, story)).starts_at == at("10:00", 1)
    assert visits(database) == 1


class ComesAndGoes(Database):
    """Does not answer while it is away."""

    away = False

    def read(self, operation: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Answer, or not."""
        if self.away:
            raise ClinicUnavailable("The clinic's database is not answering.")
        return super().read(operation, *args, **kwargs)


async def test_a_database_that_comes_back_finds_everything_as_it_was_typed(
    database: Database, clinic: SmallClinic
) -> None:
    comes_and_goes = ComesAndGoes(database.url.render_as_string(hide_password=False))
    desk = Desk(comes_and_goes, lambda: NOW)
    desk.sign_in_as(clinic.receptionist)
    async with ClinicApp(lambda: desk).run_test(notifications=True) as pilot:
        await settle(pilot)
        comes_and_goes.away = True
        story = await begin_booking(pilot, lee_at_ten(clinic))
        assert "is not answering" in says(pilot, "state")
        await fill(pilot, "note", "knee")
        await fill(pilot, "patient", "garcia")
        await until(pilot, partial(is_refused_with, pilot, "is not answering"))
        await pilot.press("escape")
        await ended(pilot, story)
        comes_and_goes.away = False
        story = await begin_booking(pilot, lee_at_ten(clinic))
        assert (value(pilot, "note"), value(pilot, "time")) == ("knee", "10:00")
        await until(pilot, lambda: found(pilot) == "Maria Garcia")
        comes_and_goes.away = True
        await fill(pilot, "time", "11")
        await until(pilot, lambda: "is not answering" in says(pilot, "state"))
        comes_and_goes.away = False
        pilot.app.screen.query_one("#patient").focus()
        await pilot.press("enter")
        await until(pilot, lambda: at_openings(pilot))
        await until(pilot, is_free(pilot))
        await pilot.press("enter")
        assert (await ended(pilot, story)).starts_at == at("11:00", 1)


class Waits(Database):
    """Writes only once it is let."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.let = threading.Event()

    def transact(self, operation: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Wait for leave."""
        assert self.let.wait(timeout=60)
        return super().transact(operation, *args, **kwargs)


async def test_keys_go_nowhere_while_it_is_being_saved(
    database: Database, clinic: SmallClinic
) -> None:
    waits = Waits(database.url.render_as_string(hide_password=False))
    desk = Desk(waits, lambda: NOW)
    desk.sign_in_as(clinic.receptionist)
    async with ClinicApp(lambda: desk).run_test(notifications=True) as pilot:
        await settle(pilot)
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await choose(pilot, "maria")
        await until(pilot, is_free(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: is_saving(pilot))
        await pilot.press("escape", "b", "enter")
        assert is_saving(pilot)
        await pilot.press("f12")
        await until(pilot, lambda: isinstance(pilot.app.screen, LockScreen))
        waits.let.set()
        await pilot.pause()
        assert isinstance(pilot.app.screen, LockScreen)
        pilot.app.screen.dismiss(True)
        assert (await ended(pilot, story)).patient == "Maria Garcia"
        assert len(pilot.app.screen_stack) == 1


def is_saving(pilot: Pilot[int]) -> bool:
    """Whether it is said that it takes long."""
    screen = pilot.app.screen
    return isinstance(screen, Saving) and screen.query_one("Static").display


class LosesTheAnswer(Database):
    """The connection breaks once, after the commit went out and before the answer came back."""

    broken = False

    def transact(self, operation: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Commit; the first time, nobody hears of it."""
        result = super().transact(operation, *args, **kwargs)
        if not self.broken:
            self.broken = True
            raise ClinicUnavailable("It is not known whether it was saved.", outcome_known=False)
        return result


@pytest.mark.parametrize("then", [[], ["2"]], ids=["as it was", "for another time"])
async def test_a_request_whose_answer_was_lost_is_not_booked_twice(
    database: Database, clinic: SmallClinic, then: list[str]
) -> None:
    desk = Desk(LosesTheAnswer(database.url.render_as_string(hide_password=False)), lambda: NOW)
    desk.sign_in_as(clinic.receptionist)
    async with ClinicApp(lambda: desk).run_test(notifications=True) as pilot:
        await settle(pilot)
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await choose(pilot, "maria")
        await until(pilot, is_free(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: refused(pilot))
        assert "Enter again" in says(pilot, "refusal")
        await until(pilot, lambda: bool(openings(pilot)))
        await pilot.press(*then, "enter")
        booked = await ended(pilot, story)
        assert booked.starts_at == at("10:00", 1)
        first = "The first try had been saved: " if then else ""
        assert told(pilot)[-1] == f"{first}Maria Garcia, Tue 24 Nov 2026, 10:00, Dr Lee."
    assert visits(database) == 1


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
        assert value(pilot, "patient") == "ana souza"
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen.query_one("#family").region.height > 0)
        assert value(pilot, "email") == "ana@example.org"


UNREADABLE = (
    ("note", "knee\x1b[2J", "Note holds a character that cannot be shown"),
    ("day", "noday", "“noday” is no day"),
    ("time", "25:00", "Time: “25:00” is none"),
    ("length", "3", "A visit lasts 5 minutes to 12 hours."),
    ("length", "long", "Length: “long” is none"),
    ("doctor-text", "zzz", "Doctor: nothing is called “zzz”."),
    ("room-text", "[/]", "Room: nothing is called “[/]”."),
    ("type-text", "zzz", "Visit type: nothing is called “zzz”."),
)
UNREADABLE_OF_SOMEBODY_NEW = (
    ("family", "Kim\x1b]52;c;eA==\x07", "Family name holds a character that cannot be shown"),
    ("born", "31feb84", "Birth date: “31feb84” is no date"),
    ("phone", "12", "Phone: “12” is no valid number"),
    ("email", "ana@", "E-mail: “ana@” is no address"),
)


def is_refused_with(pilot: Pilot[int], sentence: str) -> bool:
    """Whether the dialog says so."""
    return any(sentence in says(pilot, part) for part in ("refusal", "state"))


async def test_what_cannot_be_read_is_said_by_name_and_kept(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await fill(pilot, "patient", "garcia")
        await pilot.press("enter")
        await until(pilot, lambda: at_openings(pilot))
        await until(pilot, is_free(pilot))
        for field, text, sentence in UNREADABLE:
            good = value(pilot, field)
            await fill(pilot, field, text)
            await pilot.press("ctrl+s")
            await until(pilot, partial(is_refused_with, pilot, sentence))
            assert value(pilot, field) == text
            assert value(pilot, "patient") == "Maria Garcia"
            assert pilot.app.focused is pilot.app.screen.query_one(f"#{field}")
            await fill(pilot, field, good)
            await until(pilot, is_free(pilot))
        assert not story.is_finished
    assert visits(database) == 0


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
        await until(pilot, lambda: says(pilot, "who-hint") == "Nobody fits.")
        await pilot.press("enter")
        await until(pilot, lambda: says(pilot, "refusal") == "Patient: nobody fits that.")
        await fill(pilot, "doctor-text", "okafor")
        await pilot.press("enter")
        await until(pilot, lambda: "nothing is called “okafor”" in says(pilot, "state"))


async def begin_in_picture(
    pilot: Pilot[int], desk: Desk, clinic: SmallClinic, patient: str
) -> None:
    """Begin to book for somebody."""
    await on_nothing(pilot, desk)
    await begin_booking(pilot, lee_at_ten(clinic))
    await fill(pilot, "patient", patient)


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
