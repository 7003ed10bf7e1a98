"""One minute of a doctor explained, with the reasons that a search and a booking give."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from clinic_tui.database import Database
from clinic_tui.domain.clinic.visit_types import VisitTypeDetails, change_visit_type
from clinic_tui.domain.codes import Reason, Status
from clinic_tui.domain.errors import BadInput, NotFound
from clinic_tui.domain.hours.reserved import Reserved
from clinic_tui.domain.hours.reserving import set_reserved_hours
from clinic_tui.domain.hours.time_off import add_time_off
from clinic_tui.domain.openings.cells import Cell, explain_cell
from tests.small_clinic import NOW, SmallClinic

from .given import NOBODY, add_visit, at, refused


def cell(
    database: Database, clinic: SmallClinic, clock: str, day: int = 1, *, typed: bool = True
) -> Cell:
    """Lee's minute, for a follow-up or for nothing."""
    kind = clinic.follow_up if typed else None
    when = at(clock, day)
    return database.read(explain_cell, clinic.receptionist, clinic.lee, when, kind, NOW)


def test_free_taken_buffer_and_too_short(database: Database, clinic: SmallClinic) -> None:
    database.transact(add_visit, clinic, at("10:00", 1), after=10)
    assert cell(database, clinic, "09:00") == Cell(
        Reason.FREE, "Dr Lee 09:00 — free for 60 min. Follow-up (20 min) fits."
    )
    assert cell(database, clinic, "10:05").reason is Reason.TAKEN
    assert cell(database, clinic, "10:25").reason is Reason.BUFFER
    short = cell(database, clinic, "09:50")
    assert short.reason is Reason.NO_GAP_LONG_ENOUGH
    assert short.sentence == "Dr Lee 09:50 — free for 10 min, Follow-up needs 20."
    assert cell(database, clinic, "09:50", typed=False).reason is Reason.FREE
    assert cell(database, clinic, "11:50").reason is Reason.NO_GAP_LONG_ENOUGH


def test_buffers_have_to_fit_too(database: Database, clinic: SmallClinic) -> None:
    database.transact(add_visit, clinic, at("10:00", 1))
    arguments = (clinic.receptionist, clinic.lee, at("09:20", 1), clinic.new_patient, NOW)
    found = database.read(explain_cell, *arguments)
    assert found.reason is Reason.NO_GAP_LONG_ENOUGH
    assert found.sentence.endswith("needs 40 min, 5 before it and 10 after it.")


def test_a_hold_says_whose_it_is(database: Database, clinic: SmallClinic) -> None:
    until = NOW + timedelta(seconds=100)
    database.transact(
        add_visit, clinic, at("10:00", 1), patient_id=None, status=Status.HELD,
        held_by=clinic.receptionist.account_id, held_until=until, held_desk="one",
    )  # fmt: skip
    held = cell(database, clinic, "10:10")
    assert held == Cell(Reason.HELD, "Dr Lee 10:10 — held by ana, 1:40 left", "ana", until)
    later = database.read(
        explain_cell, clinic.receptionist, clinic.lee, at("10:10", 1), None, until
    )
    assert later.reason is Reason.FREE


def test_closed_away_and_holidays(database: Database, clinic: SmallClinic) -> None:
    assert cell(database, clinic, "12:30").sentence == "Dr Lee 12:30 — closed 12:00–13:00"
    assert cell(database, clinic, "12:30").reason is Reason.NO_HOURS
    assert cell(database, clinic, "10:00", 5).reason is Reason.NO_HOURS
    database.transact(add_time_off, clinic.admin, clinic.lee, at("10:00", 1), at("11:00", 1), NOW)
    away = cell(database, clinic, "10:30")
    assert away.reason is Reason.AWAY
    assert away.sentence == "Dr Lee is away to Tue 24 Nov 2026 10:59."


def test_too_soon_too_far_and_reserved(database: Database, clinic: SmallClinic) -> None:
    assert cell(database, clinic, "08:59", 0).reason is Reason.NO_HOURS
    assert cell(database, clinic, "16:00", -3).reason is Reason.TOO_SOON
    follow_up = VisitTypeDetails("Follow-up", "f/up", 20)
    bounded = replace(follow_up, notice_minutes=2880, horizon_days=7)
    database.transact(change_visit_type, clinic.admin, clinic.follow_up, bounded, NOW)
    soon = cell(database, clinic, "10:00", 1)
    assert soon.reason is Reason.TOO_SOON
    assert soon.sentence == (
        "That visit type is booked at least 2 days ahead: from Wed 25 Nov 2026 09:00 on."
    )
    assert cell(database, clinic, "16:00", 7).reason is Reason.FREE
    far = cell(database, clinic, "09:00", 8)
    assert far.reason is Reason.BEYOND_HORIZON
    assert far.sentence.endswith("at most 7 days ahead: up to Mon 30 Nov 2026.")
    kept = (Reserved(3, 600, 660, clinic.vaccination),)
    database.transact(set_reserved_hours, clinic.admin, clinic.lee, kept, NOW)
    assert cell(database, clinic, "10:30", 3).reason is Reason.RESERVED
    assert cell(database, clinic, "10:30", 3, typed=False).reason is Reason.RESERVED


@pytest.mark.parametrize("case", ["doctor", "type", "not done", "no zone"])
def test_what_cannot_be_explained(database: Database, clinic: SmallClinic, case: str) -> None:
    when = at("10:00", 1)
    kind, doctor, visit_type, moment = {
        "doctor": (NotFound, NOBODY, None, when),
        "type": (NotFound, clinic.lee, NOBODY, when),
        "not done": (NotFound, clinic.park, clinic.new_patient, when),
        "no zone": (BadInput, clinic.lee, None, when.replace(tzinfo=None)),
    }[case]
    refused(database, kind, explain_cell, clinic.receptionist, doctor, moment, visit_type, NOW)
