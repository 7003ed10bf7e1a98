"""Every key on every page and dialog: none ends the program, and none leads where Esc does not lead
back from.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session
from textual.pilot import Pilot

from clinic_tui.database import Database
from clinic_tui.domain.codes import Channel, ReplyMeaning, ReplyStatus
from clinic_tui.domain.hours.time_off import add_time_off
from clinic_tui.domain.messages.replies import Received, take_reply
from clinic_tui.domain.models import Account, Base, PatientPhone, Reply, Series, SeriesVisit, table
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment, overbook_appointment
from clinic_tui.domain.waitlist.waitlist import Wish, add_to_waitlist
from tests.domain.given import add_visit
from tests.screens.test_messages import MARIA
from tests.screens.test_rooms_out import manager
from tests.small_clinic import NOW, SmallClinic

from .conftest import Opened
from .crawling import Crawl
from .hidden import lines_of, personal_in
from .poison import call_the_clinic, poison
from .strings import AWKWARD, HARMFUL

pytestmark = pytest.mark.proof


def usual(session: Session, clinic: SmallClinic) -> None:
    """A visit squeezed in now, one next, one asked for, two who wait, leave, somebody twice."""
    for minutes, patient_id, actor in (
        (0, clinic.ozlem, clinic.receptionist),
        (20, clinic.jonas, clinic.receptionist),
        (40, clinic.maria, clinic.patient),
    ):
        starts_at = NOW + timedelta(minutes=minutes)
        request = BookingRequest(
            clinic.lee,
            clinic.follow_up,
            starts_at,
            patient_id=patient_id,
            note="a swollen ankle, limping since the day before yesterday, and sleeps badly",
        )
        if minutes:
            book_appointment(session, actor, request, NOW - timedelta(hours=3))
        else:
            why = "squeezed in, she is wheezing"
            overbook_appointment(session, clinic.doctor_lee, request, why, NOW - timedelta(hours=3))
    for patient_id in (clinic.sam, clinic.thuy):
        wish = Wish(patient_id, clinic.follow_up, note="mornings, and is limping")
        add_to_waitlist(session, clinic.receptionist, wish, NOW)
    _leave(session, clinic)
    _reply(session, clinic)
    twice = PatientDetails(
        "Lind", "Jonas", date(1951, 12, 31), address="Elmstraße 12, Ludwigsfelde"
    )
    register_patient(session, clinic.admin, twice, NOW)


def _reply(session: Session, clinic: SmallClinic) -> None:
    before = NOW - timedelta(hours=3)
    values = {
        "sid": "SM1",
        "channel": Channel.SMS,
        "number": "+4915123456789",
        "body": "cannot come, limping and wheezing",
        "meaning": ReplyMeaning.OTHER,
        "status": ReplyStatus.OPEN,
        "patient_id": clinic.maria,
        "received_at": before,
        "taken_at": before,
    }
    session.execute(insert(table(Reply)).values(values))


def _leave(session: Session, clinic: SmallClinic) -> None:
    away = NOW + timedelta(days=7)
    add_time_off(session, clinic.admin, clinic.lee, away, away + timedelta(days=1), NOW, "leave")


def managed(session: Session, clinic: SmallClinic) -> None:
    """What is usual, a series of three visits, and replies from a number that two have.

    Two of them, because one is put away before it is asked whose it is.
    """
    usual(session, clinic)
    number = {"number": MARIA, "reversed_digits": MARIA[:0:-1]}
    session.execute(insert(table(PatientPhone)).values(patient_id=clinic.sam, position=0, **number))
    for sid, body in (("SM2", "May my son come too?"), ("SM3", "And my daughter?")):
        take_reply(session, Received(sid, MARIA, body, NOW), NOW)
    rule = {"rule": "FREQ=WEEKLY;COUNT=3", "first_day": NOW.date(), "minute": 560}
    series_id = session.execute(
        insert(table(Series))
        .values(patient_id=clinic.jonas, created_at=NOW, **rule)
        .returning(table(Series).c.id)
    ).scalar_one()
    for week in range(3):
        starts_at = NOW + timedelta(weeks=week, hours=1)
        visit = add_visit(session, clinic, starts_at, room_id=clinic.room_one)
        one = {"appointment_id": visit, "series_id": series_id, "day": starts_at.date()}
        session.execute(insert(table(SeriesVisit)).values(one))


def empty(session: Session, _clinic: SmallClinic) -> None:
    """Nothing but the clinic and its accounts, as on the day it is founded."""
    session.execute(update(table(Account)).values(doctor_id=None, patient_id=None))
    for known in reversed(Base.metadata.sorted_tables):
        if known.name not in ("clinic", "accounts", "audit"):
            session.execute(delete(known))


def hostile(session: Session, clinic: SmallClinic) -> None:
    """Everything is called what nobody is called."""
    _leave(session, clinic)
    poison(session, clinic, (HARMFUL["clipboard"], HARMFUL["override"], AWKWARD["action"]))
    call_the_clinic(session, HARMFUL["title"])


_DIALOGS = "Visit Move Cancel Booking Remove"
_FORMS = "Patient ExtraHours TimeOff"
_PAGES = {"CalendarScreen", "Palette", "DoctorsScreen", "GoToDate", "HelpScreen"}
_PAGES |= {"PatientsScreen", "SpecialtyChoice", "MessagesScreen"}
_WAITING = {"WaitlistScreen", "WhoDialog", "WishForm"}
MET: dict[tuple[str, Callable[[Session, SmallClinic], None]], set[str]] = {
    ("receptionist", usual): {
        *(f"{name}Dialog" for name in _DIALOGS.split()),
        *(f"{name}Form" for name in _FORMS.split()),
        *_PAGES,
        *_WAITING,
        *("HoursEditor", "TodayScreen", "AwayDialog", "PlanDialog"),
        *("PairsDialog", "MergeDialog"),
        *("SeriesForm", "TogetherForm", "WaysDialog"),
        *("RequestsDialog", "CallList", "CallerDialog"),
    },
    ("patient", usual): {
        *("Palette", "DoctorsScreen", "HelpScreen", "PatientsScreen"),
        *("WaitlistScreen", "WishForm"),
    },
    ("doctor_lee", hostile): {
        *(f"{name}Dialog" for name in _DIALOGS.split()),
        *_PAGES,
        *_WAITING,
        *("FreedPanel", "TodayScreen"),
    },
    ("admin", empty): _PAGES | {"PatientForm", "DoctorForm"},
}
"""Which screens and dialogs the keys of each of them lead to there, at least."""
MANAGED = {"ScopeDialog", "SeriesMoveForm", "AwayDialog", "RoomForm", "ClosedForm", "WhoseReply"}
"""Which of them the keys of a receptionist lead to who manages the clinic, too."""
ELSEWHERE = {
    "DuplicatesDialog": "it asks about a name that was typed: test_possible_duplicates",
    "RefusedUndo": "a step must have been overtaken by another: tests/screens/test_undo.py",
    "SeriesDialog": "it shows what was typed into the form: tests/screens/test_series.py",
    "LockScreen": "its key leads away: test_names_of_the_clinic",
    "SignInScreen": "it stands before everything: tests/screens/test_app.py",
    "OpeningScreen": "it is gone once the database is open: tests/terminal",
    "Saving": "it is there while something is saved: tests/screens/test_booking_refused.py",
}
"""Where no key that is pressed by itself leads, why, and where it is tried."""
_CALENDAR = ("f3", "escape", "t")


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize(("role", "there"), MET, ids=lambda one: getattr(one, "__name__", one))
async def test_every_key(
    opened: Opened,
    database: Database,
    clinic: SmallClinic,
    role: str,
    there: Callable[[Session, SmallClinic], None],
) -> None:
    """No key ends the program, and Esc leads back from wherever one leads."""
    database.transact(there, clinic)
    async with opened(getattr(clinic, role), (80, 24)) as pilot:
        crawl = Crawl(pilot)
        await press_all(crawl, MET[role, there])
        missed = MET[role, there] - crawl.met
        assert not missed, missed


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_every_key_of_who_manages(
    opened: Opened, database: Database, clinic: SmallClinic
) -> None:
    """On a visit of a series, on a doctor's day, and on a reply of whoever it may be."""
    database.transact(managed, clinic)
    async with opened(database.transact(manager, clinic), (80, 24)) as pilot:
        crawl = Crawl(pilot)
        await press_all_of_who_manages(crawl)
        missed = MANAGED - crawl.met
        assert not missed, missed


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_no_key_leads_to_a_name_that_is_hidden(
    opened: Opened, database: Database, clinic: SmallClinic
) -> None:
    """With names hidden, no screen and no dialog that a key leads to names a patient."""
    database.transact(usual, clinic)
    async with opened(clinic.receptionist, (80, 24)) as pilot:
        await pilot.press("asterisk")
        crawl = Crawl(pilot, _name_nobody)
        await press_all(crawl, MET["receptionist", usual])
        missed = MET["receptionist", usual] - crawl.met
        assert not missed, missed


async def press_all_of_who_manages(crawl: Crawl) -> None:
    """On a visit of a series, on a doctor's day, on what came in."""
    of_a_series = (*_CALENDAR, "tab", "tab", "tab")
    await crawl.page(*of_a_series, "m", "3")
    await crawl.page(*of_a_series, "d")
    await crawl.page(*_CALENDAR, "D")
    await crawl.page("f7", "escape")


async def press_all(crawl: Crawl, there: set[str]) -> None:
    """On every page that is there, and on a visit."""
    await crawl.page(*_CALENDAR, "enter")
    await crawl.page(*_CALENDAR)
    await crawl.page("f3", "M")
    if "TodayScreen" in there:
        await crawl.page("f2")
    await crawl.page("f4", "escape", "ctrl+u", "m", "tab")
    for place in ("f5", "f6", "f7"):
        await crawl.page(place, "escape")


def _name_nobody(pilot: Pilot[int]) -> None:
    named = personal_in(lines_of(pilot))
    assert named == set(), (pilot.app.screen, named)
