"""What is chosen while one talks is kept from others, and never kept longer than that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.codes import Status
from clinic_tui.domain.errors import ClinicUnavailable
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.screens.booking.booking import BookingDialog
from clinic_tui.screens.place import form as place_form
from clinic_tui.screens.sign_in import LockScreen
from tests.domain.given import APPOINTMENTS, at, booking
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import until
from tests.screens.stories import (
    begin_booking,
    choose,
    ended,
    fill,
    is_free,
    lee_at_ten,
    openings,
    says,
    value,
)
from tests.small_clinic import NOW, SmallClinic

_FREE, _HELD = "✓ free", "✓ free · held for you"


def rows(database: Database) -> list[Any]:
    """What stands in the book."""
    query = select(APPOINTMENTS).order_by(APPOINTMENTS.c.id)
    return list(database.read(lambda session: session.execute(query).all()))


def held(database: Database) -> list[tuple[datetime, int | None]]:
    """When something is held, and for whom."""
    return [(one.starts_at, one.patient_id) for one in rows(database) if one.status is Status.HELD]


@on_both
async def test_a_digit_keeps_an_opening_until_it_is_booked_or_left(
    open_app: OpenApp, desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await choose(pilot, "maria")
        await until(pilot, is_free(pilot))
        assert (says(pilot, "state"), held(database)) == (_FREE, [])
        await pilot.press("2")
        await until(pilot, lambda: says(pilot, "state") == _HELD)
        (first,) = rows(database)
        assert (first.starts_at, first.patient_id) == (at("10:20", 1), clinic.maria)
        assert (first.held_by, first.held_desk) == (clinic.receptionist.account_id, desk.name)
        await pilot.press("3")
        await until(pilot, lambda: held(database) == [(at("10:40", 1), clinic.maria)])
        await fill(pilot, "length", "30")
        await until(pilot, lambda: says(pilot, "state") == _HELD and rows(database) != [first])
        await until(pilot, lambda: rows(database)[0].ends_at == at("11:10", 1))
        await fill(pilot, "time", "14")
        await until(pilot, lambda: says(pilot, "state") == _FREE and not rows(database))
        await fill(pilot, "time", "10:40")
        await until(pilot, lambda: "Tue 24 Nov 2026 10:40" in says(pilot, "says"))
        pilot.app.screen.query_one("#openings").focus()
        await pilot.press("1")
        await until(pilot, lambda: len(held(database)) == 1)
        await pilot.press("escape")
        assert await ended(pilot, story) is None
        await until(pilot, lambda: not rows(database))

        story = await begin_booking(pilot, lee_at_ten(clinic, starts_at=at("14:00", 1)))
        await choose(pilot, "sam")
        await until(pilot, is_free(pilot))
        await pilot.press("2", "enter")
        booked = await ended(pilot, story)
        await settle(pilot)
        (visit,) = rows(database)
        assert (visit.id, visit.status) == (booked.appointment_id, Status.BOOKED)
        assert (visit.starts_at, visit.patient_id) == (at("14:20", 1), clinic.sam)


class Clock:
    """A desk's clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Ten in the morning, until somebody says otherwise."""
    return Clock()


async def test_a_hold_that_ran_out_is_taken_anew_or_others_are_offered(
    database: Database, clinic: SmallClinic, clock: Clock
) -> None:
    """Whoever comes back from help, or from under a lock, reads what is true by then."""
    desk = Desk(database, clock)
    desk.sign_in_as(clinic.receptionist)
    async with ClinicApp(lambda: desk).run_test(notifications=True) as pilot:
        await settle(pilot)
        story = await begin_booking(pilot, lee_at_ten(clinic))
        await fill(pilot, "note", "knee")
        await choose(pilot, "maria")
        await until(pilot, is_free(pilot))
        await pilot.press("2")
        await until(pilot, lambda: says(pilot, "state") == _HELD)
        clock.now += timedelta(minutes=4)
        await pilot.press("f1", "escape")
        await until(pilot, lambda: rows(database)[0].held_until == clock.now + timedelta(minutes=3))
        assert says(pilot, "state") == _HELD

        clock.now += timedelta(minutes=4)
        wish = booking(clinic, starts_at=at("10:20", 1), patient_id=clinic.sam)
        database.transact(book_appointment, clinic.doctor_lee, wish, clock.now)
        await pilot.press("f1", "escape")
        taken = "Dr Lee is taken Tue 24 Nov 2026 10:20–10:40."
        await until(pilot, lambda: says(pilot, "state") == f"✗ {taken}")
        assert says(pilot, "refusal") == "What you held ran out meanwhile."
        assert [value(pilot, field) for field in ("note", "patient")] == ["knee", "Maria Garcia"]
        assert openings(pilot)[0].startswith("1  Tue 24 Nov 2026 10:40  Dr Lee")

        wish = booking(clinic, starts_at=at("10:40", 1), patient_id=clinic.sam)
        database.transact(book_appointment, clinic.doctor_lee, wish, clock.now)
        await pilot.press("1")
        await until(pilot, lambda: "taken Tue 24 Nov 2026 10:40–11:00" in says(pilot, "state"))
        assert says(pilot, "refusal") == "Somebody was faster."
        await pilot.press("enter")
        await until(pilot, lambda: says(pilot, "state") == _HELD)
        await pilot.press("enter")
        assert (await ended(pilot, story)).starts_at == at("11:00", 1)
        assert [one.status for one in rows(database)] == [Status.BOOKED] * 3


class Away(Database):
    """Does not write while it is away; loses an answer when it is told to."""

    away = loses = False

    def transact(self, operation: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Write, or not; say so, or not."""
        if self.away:
            raise ClinicUnavailable("The clinic's database is not answering.")
        result = super().transact(operation, *args, **kwargs)
        if self.loses:
            self.loses = False
            raise ClinicUnavailable("It is not known whether it was saved.", outcome_known=False)
        return result


async def test_what_could_not_be_kept_is_kept_as_soon_as_it_can_be(
    database: Database, clinic: SmallClinic
) -> None:
    """A hold of which nobody heard does not stand in the way of the next one."""
    away = Away(database.url.render_as_string(hide_password=False))
    desk = Desk(away, lambda: NOW)
    desk.sign_in_as(clinic.receptionist)
    async with ClinicApp(lambda: desk).run_test(notifications=True) as pilot:
        await settle(pilot)
        await begin_booking(pilot, lee_at_ten(clinic))
        await choose(pilot, "maria")
        await until(pilot, is_free(pilot))
        away.away = True
        await pilot.press("2")
        await until(pilot, lambda: "is not answering" in says(pilot, "state"))
        away.away = False
        await pilot.press("f1", "escape")
        await until(pilot, lambda: says(pilot, "state") == _HELD)
        away.loses = True
        await pilot.press("3")
        await until(pilot, lambda: "not known whether" in says(pilot, "state"))
        await fill(pilot, "time", "10:20")
        await until(pilot, lambda: not rows(database))
        away.loses = True
        pilot.app.screen.query_one("#openings").focus()
        await until(pilot, is_free(pilot))
        await pilot.press("1")
        await until(pilot, lambda: "not known whether" in says(pilot, "state"))
        assert isinstance(pilot.app.screen, BookingDialog)
        desk.sign_out()
        assert not rows(database)


async def test_it_is_renewed_while_one_talks_and_not_while_the_desk_is_locked(
    database: Database, clinic: SmallClinic, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place_form, "_RENEWED_EVERY", 0.3)
    desk = Desk(database, clock)
    desk.sign_in_as(clinic.receptionist)
    three, one = timedelta(minutes=3), timedelta(minutes=1)
    async with ClinicApp(lambda: desk).run_test(notifications=True) as pilot:
        await settle(pilot)
        await begin_booking(pilot, lee_at_ten(clinic, patient_id=clinic.maria))
        await until(pilot, is_free(pilot))
        await pilot.press("2")
        await until(pilot, lambda: says(pilot, "state") == _HELD)
        clock.now += one
        await until(pilot, lambda: rows(database)[0].held_until == clock.now + three)
        await pilot.press("f12")
        await until(pilot, lambda: isinstance(pilot.app.screen, LockScreen))
        clock.now += one
        pilot.app.screen_stack[-2].query_one(place_form.PlaceForm).renew()
        await pilot.pause()
        assert rows(database)[0].held_until == clock.now - one + three
        pilot.app.screen.dismiss(True)
        await until(pilot, lambda: rows(database)[0].held_until == clock.now + three)
