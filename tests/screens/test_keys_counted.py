"""The budgets of a call, counted in command keys (not the data typed), at the calendar itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from textual.pilot import Pilot

from clinic_tui.database import Database
from clinic_tui.domain.codes import OfferStatus, Status, Urgency
from clinic_tui.screens.base import Dialog
from clinic_tui.screens.booking.booking import BookingDialog
from clinic_tui.screens.calendar.calendar import CalendarScreen
from clinic_tui.screens.place.openings import Openings
from clinic_tui.screens.visits.moving import MoveDialog
from clinic_tui.screens.waitlist.freed_panel import FreedPanel
from clinic_tui.screens.widgets.day.grid import DayGrid
from tests.domain.given import APPOINTMENTS, add_visit, at
from tests.domain.waiting import entry, offer_row, told_of, wait
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import type_text, until
from tests.screens.stories import fill, says
from tests.small_clinic import SmallClinic


class Call:
    """A caller on the line, and the command keys pressed for them so far."""

    def __init__(self, pilot: Pilot[int], database: Database) -> None:
        self.pilot = pilot
        self.database = database
        self.keys = 0

    async def press(self, *keys: str) -> None:
        """Press command keys, and count them."""
        self.keys += len(keys)
        await self.pilot.press(*keys)

    async def open(self, key: str, dialog: type[Dialog[Any]]) -> None:
        """Press a key of the calendar that opens a dialog, and wait for it to be ready."""
        await self.press(key)
        await until(self.pilot, lambda: isinstance(self.pilot.app.screen, dialog))

    async def ready(self) -> None:
        """Wait until one can read that it is free."""
        await until(self.pilot, lambda: isinstance(self.pilot.app.focused, Openings))
        await until(self.pilot, lambda: says(self.pilot, "state").startswith("✓ free"))

    async def over(self) -> Any:
        """The newest visit, once the calendar is back and settled."""
        await until(self.pilot, lambda: isinstance(self.pilot.app.screen, CalendarScreen))
        await settle(self.pilot)
        newest = select(APPOINTMENTS).order_by(APPOINTMENTS.c.id.desc()).limit(1)
        return self.database.read(lambda session: session.execute(newest).one())

    def visit_of(self, patient_id: int) -> Any:
        """The one visit of that patient, as it stands in the book."""
        theirs = select(APPOINTMENTS).where(APPOINTMENTS.c.patient_id == patient_id)
        return self.database.read(lambda session: session.execute(theirs).one())


@on_both
async def test_a_known_patient_next_available_takes_three_keys(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        call = Call(pilot, database)
        await call.open("b", BookingDialog)
        await fill(pilot, "patient", "garcia")
        await call.press("enter")
        await call.ready()
        await call.press("enter")
        visit = await call.over()
        assert (visit.patient_id, visit.starts_at) == (clinic.maria, at("09:00"))
        assert call.keys == 3


async def test_next_available_from_a_taken_cell_takes_three_keys(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    taken = at("09:00"), at("09:20")
    for starts_at in taken:
        database.transact(add_visit, clinic, starts_at, patient_id=clinic.jonas)
    async with open_app() as pilot:
        call = Call(pilot, database)
        cell = pilot.app.screen.query_one(DayGrid).cell
        assert cell is not None
        assert cell.visit is not None
        await call.open("b", BookingDialog)
        await fill(pilot, "patient", "garcia")
        await call.press("enter")
        await call.ready()
        await call.press("enter")
        visit = await call.over()
        assert (visit.doctor_id, visit.starts_at) == (clinic.lee, at("09:40"))
        assert call.keys == 3


@on_both
async def test_somebody_new_next_available_takes_four_keys(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        call = Call(pilot, database)
        await call.open("b", BookingDialog)
        await fill(pilot, "patient", "ana souza 12mar84 03055501420")
        await call.press("enter")
        await until(pilot, lambda: pilot.app.screen.query_one("#family").region.height > 0)
        await call.press("enter")
        await call.ready()
        await call.press("enter")
        assert (await call.over()).starts_at == at("09:00")
        assert call.keys == 4


@on_both
async def test_to_move_to_next_week_takes_five_keys(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    """One of them a digit, which chooses; until the last one it stands where it stood."""
    database.transact(add_visit, clinic, at("09:00"), patient_id=clinic.maria)
    database.transact(add_visit, clinic, at("09:00", 7), patient_id=clinic.jonas)
    async with open_app() as pilot:
        call = Call(pilot, database)
        await call.open("m", MoveDialog)
        await call.press("g")
        await type_text(pilot, "+1w")
        await call.press("enter")
        await until(pilot, lambda: "taken Mon 30 Nov 2026 09:00" in says(pilot, "state"))
        await call.press("2")
        assert call.visit_of(clinic.maria).starts_at == at("09:00")
        await call.press("enter")
        await call.over()
        assert call.visit_of(clinic.maria).starts_at == at("09:40", 7)
        assert call.keys == 5


async def test_the_rest_of_a_visits_life_takes_one_to_three_keys_a_step(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        call = Call(pilot, database)
        await call.open("b", BookingDialog)
        await fill(pilot, "patient", "garcia")
        await call.press("enter")
        await call.ready()
        await call.press("enter")
        await call.over()

        call.keys = 0
        await call.open("m", Dialog)
        await until(pilot, lambda: bool(says(pilot, "state")))
        await call.press("2", "enter")
        assert (await call.over()).starts_at == at("09:40")
        assert call.keys == 3

        call.keys = 0
        await call.press("i")
        assert (await call.over()).status is Status.ARRIVED
        assert call.keys == 1

        call.keys = 0
        await call.open("d", Dialog)
        await call.press("p", "enter")
        assert (await call.over()).status is Status.CANCELLED
        assert call.keys == 3


@on_both
async def test_to_cancel_and_give_the_slot_to_the_waitlist_takes_four_keys(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    """Whose wish, Enter, and the digit of who gets it: kept for them, and they are told."""
    database.transact(add_visit, clinic, at("09:20"), patient_id=clinic.maria)
    wait(clinic, database, patient_id=clinic.ozlem, urgency=Urgency.URGENT)
    number = wait(clinic, database, patient_id=clinic.jonas)
    async with open_app() as pilot:
        await pilot.press("tab")
        call = Call(pilot, database)
        await call.open("d", Dialog)
        await call.press("p", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, FreedPanel))
        await call.press("2")
        held = await call.over()
        assert (held.status, held.patient_id) == (Status.HELD, clinic.jonas)
        assert (held.starts_at, held.doctor_id) == (at("09:20"), clinic.lee)
        assert call.keys == 4
    assert database.read(entry, number).status == "offered"
    assert database.read(offer_row, 1).status is OfferStatus.OPEN
    assert database.read(told_of, 1) == ["sms queued"]
