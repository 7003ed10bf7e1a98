"""Nothing that matters is cut on any screen and in any dialog, however long people's names are."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from itertools import cycle
from pkgutil import walk_packages
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from textual.pilot import Pilot
from textual.screen import Screen

import clinic_tui.screens
from clinic_tui.database import Database
from clinic_tui.domain.access import Actor, Permission, Role
from clinic_tui.domain.codes import Status
from clinic_tui.domain.models import Clinic, Doctor, Patient, Room, Specialty, VisitType, table
from clinic_tui.domain.staff.accounts import AccountDetails, add_account
from clinic_tui.domain.staff.sign_ins import current_actor
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from clinic_tui.screens.booking.draft import BookingDraft
from clinic_tui.screens.opening import OpeningScreen
from clinic_tui.screens.patients.form import PatientForm
from clinic_tui.screens.patients.registering import DuplicatesDialog
from clinic_tui.screens.saving import Saving
from clinic_tui.screens.several.repeating import book_visits_that_repeat
from clinic_tui.screens.several.series_dialog import SeriesDialog
from clinic_tui.screens.sign_in import LockScreen, SignInScreen
from clinic_tui.screens.visits.undoing import RefusedUndo
from clinic_tui.screens.visits.visits import show_visit
from tests.domain.given import add_visit, at
from tests.screens.driving import until
from tests.screens.stories import begin, fill, screen_of
from tests.screens.test_messages import MARIA
from tests.small_clinic import NOW, SmallClinic

from .conftest import Opened
from .crawling import Crawl
from .test_keys import MET, managed, press_all, press_all_of_who_manages, usual
from .whole import hidden_parts

pytestmark = pytest.mark.proof

_LONG = (
    "Wolfeschlegelsteinhausenbergerdorff Maximiliana Anna-Katharina"[:60],
    "山田太郎" * 15,
    "Ana 👩‍👩‍👧‍👦 " * 6,
)
_IN_TWO_WEEKS = at("14:00", 15)
_SIZES = [(80, 24), (100, 30), (160, 50)]


def long_named(session: Session, clinic: SmallClinic) -> None:
    """Everything that has a name has one of sixty characters, wide ones and joined ones."""
    managed(session, clinic)
    for entity, column in (
        (Patient, "family_name"),
        (Doctor, "family_name"),
        (Doctor, "shown_name"),
        (Room, "name"),
        (VisitType, "name"),
        (VisitType, "short_name"),
        (Specialty, "name"),
        (Clinic, "name"),
    ):
        known = table(entity)
        for number, name in zip(session.scalars(select(known.c.id)).all(), cycle(_LONG)):
            renamed = update(known).where(known.c.id == number)
            session.execute(renamed.values({column: name[:60]}))


def who_may_all(session: Session, clinic: SmallClinic) -> Actor:
    """Manages the clinic, books in it, may do what needs a grant, and has such a name, too."""
    roles, grants = (
        frozenset({Role.ADMIN, Role.RECEPTIONIST}),
        (
            Permission.OVERBOOK,
            Permission.STEP_BACK,
        ),
    )
    details = AccountDetails("zoe", _LONG[0], roles, frozenset(grants))
    number = add_account(session, clinic.admin, details, "no hash", NOW)
    return current_actor(session, replace(clinic.admin, account_id=number, mark=""))


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize("size", _SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_nothing_that_matters_is_cut(
    opened: Opened, database: Database, clinic: SmallClinic, size: tuple[int, int]
) -> None:
    """On all there is: fields, buttons, labels, sentences and the line of keys."""
    database.transact(long_named, clinic)
    actor = database.transact(who_may_all, clinic)
    found: set[str] = set()

    def look(pilot: Pilot[int]) -> None:
        if any(hidden_parts(pilot)):
            # A text that came this moment has its room with the next layout, which is now.
            pilot.app.screen._refresh_layout()
            found.update(hidden_parts(pilot))

    async with opened(actor, size) as pilot:
        crawl = Crawl(pilot, look)
        await press_all_of_who_manages(crawl)
        await press_all(crawl, MET["receptionist", usual])
        await _where_no_key_leads(crawl, database, clinic, actor)
    assert found == set(), "\n".join(sorted(found))
    missed = _all_screens() - crawl.met
    assert not missed, missed


async def _where_no_key_leads(
    crawl: Crawl, database: Database, clinic: SmallClinic, actor: Actor
) -> None:
    """What is there only after something was typed, or for a moment, or before and after all."""
    pilot = crawl.pilot

    async def there(kind: type[Screen[Any]]) -> None:
        await until(pilot, lambda: isinstance(pilot.app.screen, kind))
        crawl.look()

    await pilot.press("f4", "ctrl+n")
    await until(pilot, lambda: isinstance(pilot.app.screen, PatientForm))
    await fill(pilot, "family", _LONG[0])
    await fill(pilot, "given", "Maria")
    await fill(pilot, "phones", MARIA)
    await pilot.press("ctrl+s")
    await there(DuplicatesDialog)
    await crawl.out()
    await pilot.press("f3")
    draft = BookingDraft(doctor_id=clinic.lee, patient_id=clinic.maria, starts_at=_IN_TWO_WEEKS)
    await begin(pilot, book_visits_that_repeat(screen_of(pilot), draft))
    await fill(pilot, "ends", "3")
    await pilot.press("ctrl+s")
    await there(SeriesDialog)
    await crawl.out()
    _overtake(database, clinic, actor)
    await pilot.press("u")
    await there(RefusedUndo)
    await pilot.press("escape")
    here_early: dict[str, Any] = {"status": Status.ARRIVED, "arrived_at": NOW}
    visit = database.transact(add_visit, clinic, _IN_TWO_WEEKS + timedelta(days=1), **here_early)
    await begin(pilot, show_visit(screen_of(pilot), visit))
    crawl.look()  # It offers most keys of all.
    await crawl.out()
    done = asyncio.Event()
    saving = Saving(asyncio.ensure_future(done.wait()))
    await pilot.app.push_screen(saving)
    saving.say_so()
    await there(Saving)
    done.set()
    await until(pilot, lambda: pilot.app.screen is not saving)
    await pilot.app.push_screen(OpeningScreen())
    await there(OpeningScreen)
    pilot.app.pop_screen()
    await pilot.press("f12")
    await there(LockScreen)
    await pilot.press("ctrl+o")
    await there(SignInScreen)


def _overtake(database: Database, clinic: SmallClinic, actor: Actor) -> None:
    """They have booked twice, and somebody else has moved the second visit since."""
    number = 0
    for minutes in (0, 60):
        starts_at = _IN_TWO_WEEKS + timedelta(minutes=minutes)
        request = BookingRequest(clinic.lee, clinic.follow_up, starts_at, patient_id=clinic.sam)
        number = database.transact(book_appointment, actor, request, NOW).appointment_id
    later = MoveRequest(number, clinic.lee, _IN_TWO_WEEKS + timedelta(hours=2), 20, None)
    database.transact(move_appointment, clinic.doctor_lee, later, NOW)


def _all_screens() -> set[str]:
    """What the program can have in front: every kind of screen that is no base of another."""
    for found in walk_packages(clinic_tui.screens.__path__, f"{clinic_tui.screens.__name__}."):
        import_module(found.name)
    return {
        kind.__name__
        for kind in _below(Screen)
        if kind.__module__.startswith("clinic_tui.") and not kind.__subclasses__()
    }


def _below(kind: type[Screen[Any]]) -> set[type[Screen[Any]]]:
    below = set(kind.__subclasses__())
    return below.union(*map(_below, below))
