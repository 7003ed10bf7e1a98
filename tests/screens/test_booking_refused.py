"""A booking that is refused, or of which nobody knows: nothing is lost, nothing done twice."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from textual.pilot import Pilot

from clinic_tui import engine
from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.errors import ClinicUnavailable
from clinic_tui.domain.visits.appointments import appointment_details
from clinic_tui.screens.booking.booking import BookingDialog
from clinic_tui.screens.saving import Saving
from clinic_tui.screens.sign_in import LockScreen
from tests.domain.given import add_visit, at
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import until
from tests.screens.stillness import OnPurpose
from tests.screens.stories import (
    at_openings,
    begin_booking,
    choose,
    ended,
    fill,
    found,
    is_free,
    is_refused_with,
    lee_at_ten,
    openings,
    says,
    told,
    value,
    visits,
)
from tests.small_clinic import NOW, SmallClinic


@on_both
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
        await until(pilot, lambda: says(pilot, "state").startswith("✗ not free: "))
        assert openings(pilot)[0].startswith("1  Tue 24 Nov 2026 10:20  Dr Lee")
        await pilot.press("1", "enter")
        booked = await ended(pilot, story)
        assert booked.starts_at == at("10:20", 1)
    details = database.read(appointment_details, clinic.receptionist, booked.appointment_id)
    assert details.note == "Rash [left] arm"


def refused(pilot: Pilot[int]) -> bool:
    """Whether the dialog is back with a refusal."""
    return isinstance(pilot.app.screen, BookingDialog) and bool(says(pilot, "refusal"))


@on_both
async def test_a_busy_database_loses_nothing_that_was_typed(
    open_app: OpenApp,
    database: Database,
    clinic: SmallClinic,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 1)
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

    def transact(self, operation: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Do it, or not."""
        if self.away:
            raise ClinicUnavailable("The clinic's database is not answering.")
        return super().transact(operation, *args, **kwargs)


async def test_whoever_was_chosen_is_chosen_still_when_the_database_comes_back(
    database: Database, clinic: SmallClinic
) -> None:
    """Chosen by name or, from a record, by number: Enter is all that is needed then."""
    comes_and_goes = ComesAndGoes(database.url.render_as_string(hide_password=False))
    desk = Desk(comes_and_goes, lambda: NOW)
    desk.sign_in_as(clinic.receptionist)
    async with ClinicApp(lambda: desk).run_test(notifications=True) as pilot:
        await settle(pilot)
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await choose(pilot, "garcia")
        comes_and_goes.away = True
        await pilot.press("enter")
        await until(pilot, partial(is_refused_with, pilot, "is not answering"))
        comes_and_goes.away = False
        await pilot.press("enter")
        assert (await ended(pilot, story)).patient_id == clinic.maria
        comes_and_goes.away = True
        draft = lee_at_ten(clinic, starts_at=at("11:00", 1), patient_id=clinic.jonas)
        story = await begin_booking(pilot, draft)
        await until(pilot, partial(is_refused_with, pilot, "is not answering"))
        comes_and_goes.away = False
        await pilot.press("enter")
        await until(pilot, lambda: value(pilot, "patient") == "Jonas Lind")
        await until(pilot, is_free(pilot))
        await pilot.press("enter")
        assert (await ended(pilot, story)).patient_id == clinic.jonas
        comes_and_goes.away = True
        story = await begin_booking(pilot, lee_at_ten(clinic, starts_at=at("11:20", 1)))
        assert "is not answering" in says(pilot, "state")
        comes_and_goes.away = False
        await fill(pilot, "patient", "garcia")
        await until(pilot, is_free(pilot))
        await pilot.press("escape")
        await ended(pilot, story)


@on_both
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
        pilot.app.screen.query_one("#patient").focus()
        for key in ("i", "a", "enter"):
            # Neither is she said to be unknown, nor do the letters typed on act at the openings.
            await pilot.press(key)
            await until(pilot, lambda: says(pilot, "who-hint").startswith("Nobody could be looked"))
            await pilot.pause()
            assert pilot.app.focused is pilot.app.screen.query_one("#patient")
        assert value(pilot, "patient") == "garciaia"
        await pilot.press("backspace", "backspace", "escape")
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
        self.let = OnPurpose()

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
@on_both
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
