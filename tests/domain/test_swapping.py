"""Swapping: two visits change places, or neither moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from clinic_tui.database import Database
from clinic_tui.domain.codes import Status
from clinic_tui.domain.errors import (
    BadInput,
    ChangedMeanwhile,
    NotFound,
    NotPermitted,
    OutsideHours,
    Refusal,
    SlotTaken,
    WrongStatus,
)
from clinic_tui.domain.models import AuditEntry, UndoStep, table
from clinic_tui.domain.visits.swapping import SwapRequest, swap_appointments
from tests.small_clinic import NOW, SmallClinic

from .given import NOBODY, add_visit, at, refused, told, visit

_AUDIT, _STEPS = table(AuditEntry), table(UndoStep)


def _add(clinic: SmallClinic, database: Database, clock: str, **given: Any) -> int:
    return database.transact(add_visit, clinic, at(clock, 1), **given)


def test_two_visits_change_places(clinic: SmallClinic, database: Database) -> None:
    """Doctor, start and room; the patients, lengths and buffers are each visit's own."""
    one = _add(
        clinic, database, "10:00", patient_id=clinic.maria, minutes=40, before=5, after=10,
        room_id=clinic.room_one, confirmed_at=NOW,
    )  # fmt: skip
    other = _add(clinic, database, "14:00", doctor_id=clinic.okafor, room_id=clinic.room_two)
    wish = SwapRequest(one, other, 0, 0)
    answers = database.transact(swap_appointments, clinic.receptionist, wish, NOW)
    assert [(a.appointment_id, a.doctor, a.room, a.starts_at, a.sequence) for a in answers] == [
        (one, "Dr Okafor", "Room 2", at("14:00", 1), 1),
        (other, "Dr Lee", "Room 1", at("10:00", 1), 1),
    ]
    first, second = database.read(visit, one), database.read(visit, other)
    assert (first.patient_id, first.status, first.confirmed_at) == (
        clinic.maria, Status.BOOKED, None,
    )  # fmt: skip
    assert (first.blocked_from, first.blocked_until) == (at("13:55", 1), at("14:50", 1))
    assert second.ends_at - second.starts_at == timedelta(minutes=20)
    for number in (one, other):
        assert database.read(told, number)
    again = database.transact(swap_appointments, clinic.receptionist, wish, NOW)
    assert [a.sequence for a in again] == [1, 1]
    steps = database.read(lambda s: s.execute(select(_STEPS)).all())
    (step,) = steps
    assert (step.operation, len(step.way_back["visits"])) == ("swap", 2)
    entry = database.read(
        lambda s: s.execute(select(_AUDIT).where(_AUDIT.c.request_key == wish.key)).one()
    )
    assert (entry.operation, entry.appointment_id, entry.details) == (
        "swap", one, {"other": other},
    )  # fmt: skip


def test_of_one_doctor_side_by_side(clinic: SmallClinic, database: Database) -> None:
    """Of the same length they fit; a longer one does not, and says what it meets."""
    one, other = _add(clinic, database, "10:00"), _add(clinic, database, "10:20", minutes=20)
    wish = SwapRequest(one, other)
    database.transact(swap_appointments, clinic.receptionist, wish, NOW)
    assert database.read(visit, one).starts_at == at("10:20", 1)
    longer = _add(clinic, database, "11:00", patient_id=clinic.sam, minutes=60)
    refusal = refused(
        database, SlotTaken, swap_appointments, clinic.receptionist, SwapRequest(longer, other), NOW
    )
    assert str(refusal) == (
        "They cannot change places: Dr Lee is taken Tue 24 Nov 2026 10:20–10:40."
    )
    assert refusal.alternatives == ()


def test_outside_hours(clinic: SmallClinic, database: Database) -> None:
    long, short = _add(clinic, database, "10:00", minutes=60), _add(clinic, database, "11:40")
    refusal = refused(
        database, OutsideHours, swap_appointments, clinic.receptionist,
        SwapRequest(long, short), NOW,
    )  # fmt: skip
    assert "They cannot change places: Dr Lee works 09:00–12:00" in str(refusal)


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.CHECKED_IN, Status.NOSHOW])
def test_only_what_can_be_moved(clinic: SmallClinic, database: Database, status: Status) -> None:
    one, other = _add(clinic, database, "10:00"), _add(clinic, database, "11:00", status=status)
    for wish in (SwapRequest(one, other), SwapRequest(other, one)):
        refused(database, WrongStatus, swap_appointments, clinic.receptionist, wish, NOW)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (NotFound, {"other_id": NOBODY}),
        (BadInput, {"other_id": 1}),
        (ChangedMeanwhile, {"seen_sequence": 3}),
        (ChangedMeanwhile, {"other_seen": 3}),
    ],
)
def test_bad_input(
    clinic: SmallClinic, database: Database, kind: type[Refusal], given: dict[str, Any]
) -> None:
    one, other = _add(clinic, database, "10:00"), _add(clinic, database, "11:00")
    assert one == 1
    wish = replace(SwapRequest(one, other), **given)
    refused(database, kind, swap_appointments, clinic.receptionist, wish, NOW)


def test_a_visit_that_is_over_stays(clinic: SmallClinic, database: Database) -> None:
    one, other = _add(clinic, database, "10:00"), _add(clinic, database, "11:00")
    wish = SwapRequest(one, other)
    refused(database, BadInput, swap_appointments, clinic.receptionist, wish, at("10:30", 1))


def test_a_doctor_swaps_own_visits_alone(clinic: SmallClinic, database: Database) -> None:
    mine = _add(clinic, database, "10:00")
    theirs = _add(clinic, database, "14:00", doctor_id=clinic.park)
    wish = SwapRequest(mine, theirs)
    refused(database, NotPermitted, swap_appointments, clinic.doctor_lee, wish, NOW)
