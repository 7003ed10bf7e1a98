"""Overbooking: beside what the doctor has, by whoever may, with a reason; and never by accident."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from clinic_tui.database import Database
from clinic_tui.domain.access import Permission
from clinic_tui.domain.clinic.integrity import count_book
from clinic_tui.domain.codes import CancelledBy
from clinic_tui.domain.errors import BadInput, NotFound, NotPermitted, OutsideHours, SlotTaken
from clinic_tui.domain.overview.calendar import calendar_day
from clinic_tui.domain.visits.appointments import appointment_details
from clinic_tui.domain.visits.booking import book_appointment, overbook_appointment
from clinic_tui.domain.visits.cancelling import (
    CancelRequest,
    cancel_appointment,
    reinstate_appointment,
)
from clinic_tui.domain.visits.holds import HoldRequest, hold_opening
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from clinic_tui.domain.visits.requests import new_key
from tests.small_clinic import NOW, SmallClinic

from .given import NOBODY, add_visit, at, booking, refused, visit

_REASON = "In pain since the night"


def _overbook(clinic: SmallClinic, database: Database, **given: Any) -> int:
    """Maria beside Jonas, with Lee at 10:00."""
    request = booking(clinic, **given)
    answer = database.transact(overbook_appointment, clinic.doctor_lee, request, _REASON, NOW)
    return answer.appointment_id


def test_beside_another_visit(clinic: SmallClinic, database: Database) -> None:
    """Marked as such wherever it is seen, and counted."""
    database.transact(add_visit, clinic, at("10:00"))
    refused(database, SlotTaken, book_appointment, clinic.doctor_lee, booking(clinic), NOW)
    visit_id = _overbook(clinic, database)
    for actor, reason in (
        (clinic.receptionist, _REASON),
        (clinic.doctor_lee, _REASON),
        (clinic.admin, None),
        (clinic.patient, None),
    ):
        details = database.read(appointment_details, actor, visit_id)
        assert (details.overbooked, details.overbook_reason) == (True, reason)
    counts = database.read(count_book)
    assert (counts.appointments, counts.overbooked, counts.overlaps_of_doctors) == (2, 1, 0)
    (column,) = (
        column
        for column in database.read(calendar_day, clinic.receptionist, NOW.date(), NOW).columns
        if column.doctor_id == clinic.lee
    )
    assert [one.overbooked for one in column.visits] == [False, True]


def test_outside_hours_and_over_a_hold(clinic: SmallClinic, database: Database) -> None:
    _overbook(clinic, database, starts_at=at("19:00"))
    hold = HoldRequest(clinic.lee, clinic.follow_up, at("10:00"), "desk")
    database.transact(hold_opening, clinic.receptionist, hold, NOW)
    _overbook(clinic, database)


def test_patient_and_room_are_guarded(clinic: SmallClinic, database: Database) -> None:
    """And the refusal speaks of them, not of the doctor."""
    database.transact(
        add_visit, clinic, at("10:00"), patient_id=clinic.maria, room_id=clinic.room_one
    )
    request = booking(clinic, starts_at=at("10:10"))
    refusal = refused(
        database, SlotTaken, overbook_appointment, clinic.doctor_lee, request, _REASON, NOW
    )
    assert str(refusal).startswith("Maria Garcia has a visit with Dr Lee")
    request = replace(request, patient_id=clinic.sam, room_id=clinic.room_one)
    refusal = refused(
        database, SlotTaken, overbook_appointment, clinic.doctor_lee, request, _REASON, NOW
    )
    assert str(refusal).startswith("Room 1 is taken")


def test_who_may(clinic: SmallClinic, database: Database) -> None:
    """A doctor with own patients; a receptionist if it was granted."""
    request = booking(clinic)
    for actor in (clinic.receptionist, clinic.admin, clinic.patient, clinic.doctor_park):
        refused(database, NotPermitted, overbook_appointment, actor, request, _REASON, NOW)
    granted = replace(clinic.receptionist, grants=frozenset({Permission.OVERBOOK}))
    database.transact(overbook_appointment, granted, request, _REASON, NOW)


@pytest.mark.parametrize("reason", ["", "  ", "a\x1b[2J", "x" * 201])
def test_a_reason_is_needed(clinic: SmallClinic, database: Database, reason: str) -> None:
    wish = booking(clinic)
    refusal = refused(
        database, BadInput, overbook_appointment, clinic.doctor_lee, wish, reason, NOW
    )
    assert refusal.field == "Reason"


def test_bad_input(clinic: SmallClinic, database: Database) -> None:
    lee = clinic.doctor_lee
    for given in ({"minutes": 0}, {"minutes": 780}, {"starts_at": at("08:00")}):
        wish = booking(clinic, **given)
        refused(database, BadInput, overbook_appointment, lee, wish, _REASON, NOW)
    for given in ({"patient_id": NOBODY}, {"visit_type_id": NOBODY}, {"room_id": NOBODY}):
        wish = booking(clinic, **given)
        refused(database, NotFound, overbook_appointment, lee, wish, _REASON, NOW)


def test_moved_it_is_an_ordinary_visit(clinic: SmallClinic, database: Database) -> None:
    """Also to where it stands, once there is room."""
    first = database.transact(add_visit, clinic, at("10:00"))
    visit_id = _overbook(clinic, database)
    here = MoveRequest(visit_id, clinic.lee, at("10:00"), 20, None)
    refused(database, SlotTaken, move_appointment, clinic.doctor_lee, here, NOW)
    away = MoveRequest(first, clinic.lee, at("11:00"), 20, None)
    database.transact(move_appointment, clinic.doctor_lee, away, NOW)
    database.transact(move_appointment, clinic.doctor_lee, here, NOW)
    row = database.read(visit, visit_id)
    assert (row.overbooked, row.overbook_reason, row.sequence) == (False, "", 1)
    refused(
        database, BadInput, move_appointment, clinic.doctor_lee, replace(here, key=new_key()), NOW
    )


def test_reinstated_it_is_an_ordinary_visit(clinic: SmallClinic, database: Database) -> None:
    database.transact(add_visit, clinic, at("10:00"))
    visit_id, late = _overbook(clinic, database), _overbook(clinic, database, starts_at=at("19:00"))
    for number, kind in ((visit_id, SlotTaken), (late, OutsideHours)):
        wish = CancelRequest(number, CancelledBy.PATIENT)
        database.transact(cancel_appointment, clinic.doctor_lee, wish, NOW)
        refused(database, kind, reinstate_appointment, clinic.doctor_lee, number, NOW, new_key())


def test_it_stands_in_no_ordinary_visits_way(clinic: SmallClinic, database: Database) -> None:
    """As the database has it: whoever may overbook has decided that the doctor can do both."""
    _overbook(clinic, database)
    other = database.transact(add_visit, clinic, at("14:00"))
    wish = MoveRequest(other, clinic.lee, at("10:10"), 20, None)
    database.transact(move_appointment, clinic.receptionist, wish, NOW)
