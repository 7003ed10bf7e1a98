"""Every key on every page and dialog: none ends the program, and none leads where Esc does not lead
back from.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.booking import BookingRequest, book_appointment
from clinic_tui.domain.hours import add_time_off
from tests.small_clinic import NOW, SmallClinic

from .conftest import Opened
from .crawling import Crawl


def usual(session: Session, clinic: SmallClinic) -> None:
    """A visit now, one next, one that is asked for, and leave."""
    for minutes, patient_id, actor in (
        (0, clinic.ozlem, clinic.receptionist),
        (20, clinic.jonas, clinic.receptionist),
        (40, clinic.maria, clinic.patient),
    ):
        starts_at = NOW + timedelta(minutes=minutes)
        request = BookingRequest(clinic.lee, clinic.follow_up, starts_at, patient_id=patient_id)
        book_appointment(session, actor, request, NOW - timedelta(hours=3))
    away = NOW + timedelta(days=7)
    add_time_off(session, clinic.admin, clinic.lee, away, away + timedelta(days=1), NOW, "leave")


_DIALOGS = "Visit Move Cancel Booking Remove"
_FORMS = "Patient ExtraHours TimeOff"
MET = {
    "receptionist": {
        *(f"{name}Dialog" for name in _DIALOGS.split()),
        *(f"{name}Form" for name in _FORMS.split()),
        *("CalendarScreen", "CommandPalette", "DoctorsScreen", "GoToDate", "HelpScreen"),
        *("HoursEditor", "PatientsScreen", "SpecialtyChoice"),
    },
    "patient": {"CommandPalette", "DoctorsScreen", "HelpScreen", "PatientsScreen"},
}
"""Which screens and dialogs the keys of each of them lead to, at least."""
_CALENDAR = ("f3", "escape", "t")


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize("role", sorted(MET))
async def test_every_key(
    opened: Opened,
    database: Database,
    clinic: SmallClinic,
    role: str,
) -> None:
    """No key ends the program, and Esc leads back from wherever one leads."""
    database.transact(usual, clinic)
    async with opened(getattr(clinic, role), (80, 24)) as pilot:
        crawl = Crawl(pilot)
        await crawl.page(*_CALENDAR, "enter")
        await crawl.page(*_CALENDAR)
        await crawl.page("f3", "M")
        await crawl.page("f4", "escape", "ctrl+u", "a", "enter")
        await crawl.page("f5", "escape")
        assert crawl.met >= MET[role], MET[role] - crawl.met
