"""The waitlist, driven by keys: who waits, what fits, offers and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from rich.cells import cell_len
from sqlalchemy import update
from sqlalchemy.orm import Session
from textual.pilot import Pilot
from textual.widgets import Input

from clinic_tui.app import ClinicApp
from clinic_tui.changes import News
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.codes import OfferStatus, Urgency
from clinic_tui.domain.models import Patient, table
from clinic_tui.domain.staff.doctors import DoctorDetails, add_doctor
from clinic_tui.domain.waitlist.who_waits import Waiting, list_waitlist
from clinic_tui.screens.base import Dialog
from clinic_tui.screens.patients.patients import PatientsScreen
from clinic_tui.screens.visits.appointment import VisitDialog
from clinic_tui.screens.waitlist.waitlist import WaitlistScreen
from clinic_tui.screens.waitlist.wish_form import WishForm
from clinic_tui.screens.who.dialog import WhoDialog
from clinic_tui.screens.widgets.choice import Choice
from clinic_tui.screens.widgets.lists.parted_list import Heading
from clinic_tui.screens.widgets.lists.waiting_list import WaitingList
from tests.domain.given import add_visit, at, visit
from tests.domain.waiting import entry, offer, offer_row, told_of, wait
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import keys, said, type_text, until
from tests.screens.stories import fill, told
from tests.small_clinic import NOW, SmallClinic


class Clock:
    """The desk's clock, put on by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(desk: Desk) -> Clock:
    """Nine o'clock on the Monday."""
    clock = Clock()
    desk.now = clock
    return clock


def program(desk: Desk) -> ClinicApp:
    """The program at that desk."""
    return ClinicApp(lambda: desk)


def waiting_list(pilot: Pilot[int]) -> WaitingList:
    """The list of the screen under every dialog."""
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, WaitlistScreen)
    return screen.query_one(WaitingList)


def listed(pilot: Pilot[int], width: int = 80) -> list[str]:
    """The lines as drawn, their columns parted by one space."""
    found = waiting_list(pilot)
    return [
        " ".join("".join(part.text for part in found.segments(line, width, None)).split())
        for line in found.lines
    ]


async def open_waitlist(pilot: Pilot[int]) -> None:
    """Go there and wait for who waits."""
    await pilot.press("f6")
    await until(pilot, lambda: isinstance(pilot.app.screen, WaitlistScreen))
    await settle(pilot)


async def press(pilot: Pilot[int], *names: str) -> None:
    """Press keys that open no dialog, and wait for what they do."""
    await pilot.press(*names)
    await settle(pilot)


async def into(pilot: Pilot[int], key: str, dialog: type[Dialog[Any]]) -> None:
    """Press a key that opens a dialog, and wait for that."""
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, dialog))


async def back(pilot: Pilot[int]) -> None:
    """Wait until the page is there again and read."""
    await until(pilot, lambda: isinstance(pilot.app.screen, WaitlistScreen))
    await settle(pilot)


def waits(database: Database, clinic: SmallClinic) -> tuple[Waiting, ...]:
    """Who waits, as the database has it."""
    return database.read(list_waitlist, clinic.receptionist, NOW)


@on_both
async def test_somebody_is_added_offered_a_time_and_says_yes(
    open_app: OpenApp, database: Database, clinic: SmallClinic, clock: Clock
) -> None:
    """Three command keys to be on the list, one to be offered what fits, one to be booked."""
    async with open_app() as pilot:
        await open_waitlist(pilot)
        assert "Nobody waits." in screen_text(pilot)
        assert "a puts somebody on the list" in screen_text(pilot)
        assert {"1", "n", "c", "N", "e", "d", "p"}.isdisjoint(keys(pilot))
        await into(pilot, "a", WhoDialog)
        await type_text(pilot, "lind vacc okafor")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, WishForm))
        form = pilot.app.screen
        assert form.query_one("#type", Choice).value == str(clinic.vaccination)
        assert form.query_one("#whom", Input).value == "Dr Okafor"
        await pilot.press("ctrl+s")
        await back(pilot)
        assert told(pilot) == ["Jonas Lind is on the waitlist."]
        assert listed(pilot) == [
            "Routine 1 next that fits",
            "Jonas Lind today Vaccination Dr Okafor Mon 23 Nov 09:10",
        ]
        assert said(pilot, "#about").splitlines()[:2] == [
            "Jonas Lind — waits since today · 030 901820",
            "Vaccination, 10 min, with Dr Okafor · at any time",
        ]
        assert said(pilot, "#fits").splitlines() == [
            "1 Mon 23 Nov 2026 09:10–09:20  Dr Okafor",
            "2 Mon 23 Nov 2026 09:20–09:30  Dr Okafor",
            "3 Mon 23 Nov 2026 09:30–09:40  Dr Okafor",
        ]
        await press(pilot, "n")
        assert said(pilot, "#fits").startswith("1 Mon 23 Nov 2026 09:40–09:50")
        page = pilot.app.screen
        assert isinstance(page, WaitlistScreen)
        page.hear(News(everything=True))
        await settle(pilot)
        assert said(pilot, "#fits").startswith("1 Mon 23 Nov 2026 09:40–09:50")
        await press(pilot, "2")
        assert database.read(offer_row, 1).starts_at == at("09:50")
        assert told(pilot)[-1] == (
            "Mon 23 Nov 2026 09:50, Dr Okafor, is kept for Jonas Lind until 09:50."
            " A message tells them."
        )
        assert database.read(told_of, 1) == ["sms queued"]
        assert listed(pilot)[1] == "Jonas Lind today Vaccination Dr Okafor 50 min left"
        assert {"c", "N"} <= keys(pilot)
        assert {"1", "e", "n"}.isdisjoint(keys(pilot))
        clock.now = at("09:42")
        await until(pilot, lambda: listed(pilot)[1].endswith("8:00 left"))
        await press(pilot, "c")
        assert told(pilot)[-1] == "Jonas Lind, Mon 23 Nov 2026, 09:50, Dr Okafor."
        assert listed(pilot) == []
        assert database.read(offer_row, 1).status is OfferStatus.ACCEPTED
        await press(pilot, "u")
        assert listed(pilot)[1].startswith("Jonas Lind today Vaccination Dr Okafor Mon 23 Nov")


def screen_text(pilot: Pilot[int]) -> str:
    """Everything that stands on the screen."""
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())


async def test_no_and_nothing_and_off_the_list(
    open_app: OpenApp, database: Database, clinic: SmallClinic, clock: Clock
) -> None:
    """Who says no waits on; an offer that ran out is over by itself; d and u; / and Esc."""
    first = wait(clinic, database, urgency=Urgency.URGENT, note="hip")
    wait(clinic, database, patient_id=clinic.thuy, weekdays=frozenset({2}), from_minute=840)
    made = offer(clinic, database, first)
    async with open_app() as pilot:
        await open_waitlist(pilot)
        assert listed(pilot) == [
            "Being offered 1 kept for them",
            "!! Sam Okoye today Follow-up anybody 1 h 00 left",
            "Routine 1 next that fits",
            "Thùy Nguyễn today Follow-up anybody Wed 25 Nov 14:00",
        ]
        assert said(pilot, "#counts").split("  ") == [
            " 2 wait", "1 being offered", "0 urgent", "0 soon", "1 routine",
        ]  # fmt: skip
        assert said(pilot, "#fits") == (
            "◌ Mon 23 Nov 2026 10:00–10:20 with Dr Lee is kept for them, 1 h 00 left."
        )
        await press(pilot, "N")
        assert database.read(offer_row, made.offer_id).status is OfferStatus.DECLINED
        assert told(pilot)[-1] == "Sam Okoye waits on."
        assert listed(pilot)[:2] == [
            "Urgent 1 next that fits",
            "!! Sam Okoye today Follow-up anybody Mon 23 Nov 09:10",
        ]
        await press(pilot, "1")
        assert listed(pilot)[0] == "Being offered 1 kept for them"
        clock.now = database.read(offer_row, made.offer_id + 1).expires_at
        await until(pilot, lambda: listed(pilot)[0] == "Urgent 1 next that fits")
        await press(pilot, "end", "d")
        assert told(pilot)[-1] == "Thùy Nguyễn is off the waitlist. u takes it back."
        assert "Thùy" not in " ".join(listed(pilot))
        await press(pilot, "u")
        assert "Thùy" in " ".join(listed(pilot))
        await pilot.press("slash", *"thuy")
        await settle(pilot)
        assert len(listed(pilot)) == 2
        assert {"slash", "a", "d"}.isdisjoint(keys(pilot))
        await press(pilot, "enter", "p")
        await until(pilot, lambda: isinstance(pilot.app.screen, PatientsScreen))
        await pilot.press("f6")
        await press(pilot, "escape")
        assert len(listed(pilot)) == 4


async def test_what_is_waited_for_is_changed_and_kept_as_typed(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    """Each field echoes what it means; what cannot be read is refused at its field."""
    number = wait(clinic, database, doctor_ids=(clinic.lee,), note="hip")
    async with open_app() as pilot:
        await open_waitlist(pilot)
        await into(pilot, "e", WishForm)
        form = pilot.app.screen
        for field, text, means in (
            ("whom", "okafor or park", "With Dr Okafor or Dr Park."),
            ("whom", "derm", "With Dermatology."),
            ("first", "tue", "From Tue 24 Nov 2026 on."),
            ("last", "+2w", "Until Mon 7 Dec 2026, that day included."),
            ("days", "mon, wed-fri", "On Mon, Wed, Thu, Fri."),
            ("times", "pm", "Between 12:00 and 24:00."),
        ):
            await fill(pilot, field, text)
            assert said(pilot, "#hint") == means
        await fill(pilot, "times", "9-12, 13-15")
        await pilot.press("ctrl+s")
        assert said(pilot, "#refusal") == "Times: one range, as 9-12 or 13:30-17; am or pm."
        await pilot.press("escape")
        await back(pilot)
        await into(pilot, "e", WishForm)
        form = pilot.app.screen
        assert form.query_one("#times", Input).value == "9-12, 13-15"
        await fill(pilot, "times", "9-12")
        form.query_one("#urgency", Choice).focus()
        await pilot.press("s", "ctrl+s")
        await back(pilot)
        row = database.read(entry, number)
        assert (row.first_day, row.last_day) == (date(2026, 11, 24), date(2026, 12, 7))
        assert (row.weekdays, row.from_minute, row.until_minute) == (29, 540, 720)
        assert (row.urgency, row.note) == (Urgency.SOON, "hip")
        (one,) = waits(database, clinic)
        assert (one.specialty, one.doctors) == ("Dermatology", {})
        await into(pilot, "e", WishForm)
        await pilot.press("ctrl+s")
        await back(pilot)
        assert waits(database, clinic) == (one,)


@on_both
async def test_an_earlier_time_is_wanted_from_wherever_the_visit_is(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    """From the calendar, the details and the board; a second time it is changed, not doubled."""
    number = database.transact(add_visit, clinic, at("16:00"), patient_id=clinic.jonas)
    async with open_app() as pilot:
        await pilot.press("tab")
        await into(pilot, "e", WishForm)
        assert said(pilot, ".title") == "Jonas Lind: earlier than Mon 23 Nov 2026 16:00"
        assert not pilot.app.screen.query("#type")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Dialog))
        (one,) = waits(database, clinic)
        assert (one.appointment_id, set(one.doctors)) == (number, {clinic.lee})
        await settle(pilot)
        await into(pilot, "enter", VisitDialog)
        await into(pilot, "e", WishForm)
        await fill(pilot, "whom", "")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, VisitDialog))
        assert waits(database, clinic)[0].doctors == {}
        await pilot.press("escape", "f2")
        await settle(pilot)
        await into(pilot, "e", WishForm)
        assert said(pilot, ".title") == "On the waitlist: Jonas Lind"
        await pilot.press("escape")
        await open_waitlist(pilot)
        assert listed(pilot, 160)[1].startswith("Jonas Lind today Follow-up anybody before Mon 23")
        await press(pilot, "1")
        await press(pilot, "c")
        assert database.read(visit, number).starts_at == at("09:10")
        await press(pilot, "u")
        assert database.read(visit, number).starts_at == at("16:00")
        await into(pilot, "enter", VisitDialog)


async def test_a_role_sees_its_own_and_its_keys(database: Database, clinic: SmallClinic) -> None:
    """A doctor offers own openings to own patients; a patient only waits; an admin has none."""
    database.transact(add_visit, clinic, at("16:00"), patient_id=clinic.maria)
    wait(clinic, database, patient_id=clinic.maria)
    wait(clinic, database, patient_id=clinic.jonas, doctor_ids=(clinic.park,))
    for actor, seen, able, unable in (
        (clinic.doctor_lee, ["Maria Garcia"], {"1", "n", "a", "e", "d"}, set()),
        (clinic.patient, ["Maria Garcia"], {"a", "e", "d"}, {"1", "n"}),
        (clinic.admin, None, set(), {"1", "a", "d"}),
    ):
        desk = Desk(database, now=lambda: NOW)
        desk.sign_in_as(actor)
        async with program(desk).run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            await pilot.press("f6")
            await settle(pilot)
            assert isinstance(pilot.app.screen, WaitlistScreen) is (seen is not None)
            if seen is None:
                continue
            places = waiting_list(pilot).lines
            assert [one.patient for one in places if not isinstance(one, Heading)] == seen
            assert able <= keys(pilot)
            assert unable.isdisjoint(keys(pilot))
            if actor is clinic.patient:
                await into(pilot, "a", WishForm)
                assert not pilot.app.screen.query("#urgency")
            else:
                assert said(pilot, "#fits").count("Dr Lee") == 3


def test_keys_are_asked_for_without_the_list(desk: Desk) -> None:
    """While the program ends, a screen's children go before its line of keys."""
    assert WaitlistScreen(desk).check_action("offer", (1,)) is False


NAMES = (
    ("Featherstonehaugh-Wolfeschlegelsteinhausenbergerdorff-Castell", "Maximiliana"),
    ("山田", "花子"),
    ("👩‍👩‍👧‍👦", "e\u0301\u0323\u0308"),
    ("الحداد", "ليلى"),
    ("[bold]", "[@click=app.quit]x[/]"),
)


@pytest.fixture
def awkward(database: Database, clinic: SmallClinic) -> None:
    """Five who wait and are called what columns do not like."""

    def name(session: Session) -> None:
        columns = table(Patient).c
        ids = (clinic.maria, clinic.jonas, clinic.ozlem, clinic.thuy, clinic.sam)
        for patient_id, (family, given) in zip(ids, NAMES, strict=True):
            session.execute(
                update(table(Patient))
                .where(columns.id == patient_id)
                .values(family_name=family, given_name=given)
            )

    database.transact(name)
    for number, patient_id in enumerate((clinic.maria, clinic.jonas, clinic.ozlem, clinic.thuy)):
        wait(
            clinic, database, patient_id=patient_id, urgency=list(Urgency)[number % 3],
            note=NAMES[number][0], doctor_ids=(clinic.lee, clinic.okafor)[: number % 3],
        )  # fmt: skip
    offer(clinic, database, wait(clinic, database, note="her daughter drives her"))


@pytest.mark.parametrize("size", [(80, 24), (160, 50)], ids=["small", "wide"])
def test_looks(
    snap_compare: Callable[..., bool], desk: Desk, awkward: None, size: tuple[int, int]
) -> None:
    async def look(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await open_waitlist(pilot)
        for width in (80, 100, 160):
            found = waiting_list(pilot)
            for line in found.lines:
                drawn = "".join(part.text for part in found.segments(line, width, None))
                assert cell_len(drawn) == width, drawn
        await press(pilot, "down")

    assert snap_compare(ClinicApp(lambda: desk), terminal_size=size, run_before=look)


async def test_of_two_doctors_of_one_name_it_is_asked_which(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    """Two who were named are both meant; one name that two share is neither's, nor anybody's."""
    database.transact(add_doctor, clinic.admin, DoctorDetails("Lee", "Brian"), NOW)
    async with open_app() as pilot:
        await open_waitlist(pilot)
        await into(pilot, "a", WhoDialog)
        await type_text(pilot, "lind lee")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, WishForm))
        assert pilot.app.screen.query_one("#whom", Input).value == "Lee"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "may be Dr Lee B or Dr Lee H" in said(pilot, "#refusal"))
        await fill(pilot, "whom", "lee h")
        await pilot.press("ctrl+s")
        await back(pilot)
        await into(pilot, "a", WhoDialog)
        await type_text(pilot, "garcia okafor park")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, WishForm))
        assert pilot.app.screen.query_one("#whom", Input).value == "Dr Okafor, Dr Park"
        await pilot.press("ctrl+s")
        await back(pilot)
    assert [set(one.doctors) for one in waits(database, clinic)] == [
        {clinic.lee},
        {clinic.okafor, clinic.park},
    ]
