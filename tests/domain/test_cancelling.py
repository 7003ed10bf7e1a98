"""Cancelling and bringing back: time given away, what was said, and what stands in the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.codes import CancelledBy, NoticeStatus, Status
from clinic_tui.domain.errors import (
    BadInput,
    NotFound,
    NotPermitted,
    OutsideHours,
    SlotTaken,
    WrongStatus,
)
from clinic_tui.domain.hours.time_off import add_time_off
from clinic_tui.domain.models import AuditEntry, table
from clinic_tui.domain.staff.doctors import change_doctor, doctor_details
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.cancelling import (
    CancelRequest,
    cancel_appointment,
    reinstate_appointment,
)
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from tests.small_clinic import NOW, SmallClinic

from .given import NOBODY, OUTBOX, add_visit, at, booking, everything, refused, told, visit
from .undoing import untrue

_AUDIT = table(AuditEntry)
_LATER = NOW + timedelta(hours=1)


def _cancel(appointment_id: int, reason: str = "") -> CancelRequest:
    return CancelRequest(appointment_id, CancelledBy.PATIENT, reason)


def _book(clinic: SmallClinic, database: Database) -> int:
    """Maria's follow-up with Lee on Tuesday at 10:00."""
    request = booking(clinic, starts_at=at("10:00", 1), room_id=clinic.room_one)
    return database.transact(book_appointment, clinic.receptionist, request, NOW).appointment_id


def _sent(database: Database) -> None:
    """Everything queued so far has left."""
    queued = OUTBOX.c.status == NoticeStatus.QUEUED
    database.transact(
        lambda session: session.execute(
            update(OUTBOX).where(queued).values(status=NoticeStatus.SENT)
        )
    )


def test_a_cancelled_visit_gives_its_time_back(clinic: SmallClinic, database: Database) -> None:
    visit_id = _book(clinic, database)
    request = CancelRequest(visit_id, CancelledBy.CLINIC, "Dr Lee is ill")
    answer = database.transact(cancel_appointment, clinic.receptionist, request, _LATER)
    assert (answer.appointment_id, answer.status) == (visit_id, Status.CANCELLED)
    assert (answer.starts_at, answer.sequence) == (at("10:00", 1), 1)
    row = database.read(visit, visit_id)
    assert (row.status, row.cancelled_by) == (Status.CANCELLED, CancelledBy.CLINIC)
    assert (row.cancel_reason, row.sequence) == ("Dr Lee is ill", 1)
    assert row.starts_at == at("10:00", 1)
    entry = database.read(
        lambda session: session.execute(
            select(_AUDIT).where(_AUDIT.c.request_key == request.key)
        ).one()
    )
    assert (entry.operation, entry.appointment_id, entry.at) == ("cancel", visit_id, _LATER)
    assert _book(clinic, database) != visit_id


@pytest.mark.parametrize("status", [Status.PENDING, Status.BOOKED, Status.ARRIVED])
def test_who_was_expected_can_be_cancelled(
    clinic: SmallClinic, database: Database, status: Status
) -> None:
    visit_id = database.transact(add_visit, clinic, at("10:00"), status=status)
    database.transact(cancel_appointment, clinic.receptionist, _cancel(visit_id), NOW)


@pytest.mark.parametrize(
    "status",
    [
        Status.CHECKED_IN,
        Status.FULFILLED,
        Status.CANCELLED,
        Status.NOSHOW,
        Status.ENTERED_IN_ERROR,
        Status.HELD,
    ],
)
def test_nothing_else_is_cancelled(clinic: SmallClinic, database: Database, status: Status) -> None:
    visit_id = database.transact(add_visit, clinic, at("10:00"), status=status)
    refused(database, WrongStatus, cancel_appointment, clinic.receptionist, _cancel(visit_id), NOW)


def test_refused_cancellations(clinic: SmallClinic, database: Database) -> None:
    visit_id = _book(clinic, database)
    for kind, actor, request in (
        (NotFound, clinic.receptionist, _cancel(NOBODY)),
        (NotPermitted, clinic.doctor_park, _cancel(visit_id)),
        (NotPermitted, clinic.doctor_park, _cancel(NOBODY)),
        (NotPermitted, clinic.admin, _cancel(visit_id)),
        (BadInput, clinic.receptionist, _cancel(visit_id, "x" * 201)),
        (BadInput, clinic.receptionist, _cancel(visit_id, "two\nlines")),
    ):
        refused(database, kind, cancel_appointment, actor, request, NOW)


def test_whose_wish_it_was_is_not_for_a_patient_to_say(
    clinic: SmallClinic, database: Database
) -> None:
    visit_id = _book(clinic, database)
    request = CancelRequest(visit_id, CancelledBy.CLINIC)
    database.transact(cancel_appointment, clinic.patient, request, NOW)
    assert database.read(visit, visit_id).cancelled_by is CancelledBy.PATIENT


def test_a_visit_with_a_retired_doctor_can_be_cancelled(
    clinic: SmallClinic, database: Database
) -> None:
    visit_id = _book(clinic, database)
    details = database.read(doctor_details, clinic.admin, clinic.lee)
    gone = replace(details, active=False)
    database.transact(change_doctor, clinic.admin, clinic.lee, gone, NOW)
    database.transact(cancel_appointment, clinic.receptionist, _cancel(visit_id), NOW)
    refused(database, BadInput, reinstate_appointment, clinic.receptionist, visit_id, NOW, "back")


def test_the_same_request_cancels_once(clinic: SmallClinic, database: Database) -> None:
    visit_id = _book(clinic, database)
    request = _cancel(visit_id)
    first = database.transact(cancel_appointment, clinic.receptionist, request, NOW)
    after = database.read(everything)
    again = database.transact(cancel_appointment, clinic.receptionist, request, _LATER)
    assert replace(again, notices=first.notices) == first
    assert database.read(everything) == after
    fresh = _cancel(visit_id)
    refused(database, WrongStatus, cancel_appointment, clinic.receptionist, fresh, NOW)


def test_a_visit_comes_back_where_it_stood(clinic: SmallClinic, database: Database) -> None:
    visit_id = _book(clinic, database)
    before = database.read(visit, visit_id)
    database.transact(cancel_appointment, clinic.receptionist, _cancel(visit_id, "flu"), NOW)
    answer = database.transact(reinstate_appointment, clinic.receptionist, visit_id, NOW, "back")
    assert (answer.appointment_id, answer.status, answer.sequence) == (visit_id, Status.BOOKED, 2)
    after = database.read(visit, visit_id)
    assert dict(after._mapping) == {**before._mapping, "sequence": 2}
    taken = booking(clinic, patient_id=clinic.jonas, starts_at=at("10:00", 1))
    refused(database, SlotTaken, book_appointment, clinic.receptionist, taken, NOW)
    again = database.transact(reinstate_appointment, clinic.receptionist, visit_id, _LATER, "back")
    assert replace(again, notices=answer.notices) == answer
    refused(
        database, WrongStatus, reinstate_appointment, clinic.receptionist, visit_id, NOW, "more"
    )


def test_who_had_arrived_is_expected_again(clinic: SmallClinic, database: Database) -> None:
    visit_id = database.transact(
        add_visit, clinic, at("10:00"), status=Status.ARRIVED, arrived_at=NOW
    )
    database.transact(cancel_appointment, clinic.receptionist, _cancel(visit_id), NOW)
    database.transact(reinstate_appointment, clinic.receptionist, visit_id, NOW, "back")
    row = database.read(visit, visit_id)
    assert (row.status, row.arrived_at) == (Status.BOOKED, None)


@pytest.mark.parametrize("whose", ["doctor", "patient", "room"])
def test_time_given_away_does_not_come_back(
    clinic: SmallClinic, database: Database, whose: str
) -> None:
    visit_id = _book(clinic, database)
    database.transact(cancel_appointment, clinic.receptionist, _cancel(visit_id), NOW)
    other = {
        "doctor": {"patient_id": clinic.sam},
        "patient": {"doctor_id": clinic.park, "patient_id": clinic.maria},
        "room": {"doctor_id": clinic.park, "room_id": clinic.room_one},
    }[whose]
    database.transact(add_visit, clinic, at("10:10", 1), **other)
    refusal = refused(
        database, SlotTaken, reinstate_appointment, clinic.receptionist, visit_id, NOW, "back"
    )
    assert [obstacle.kind for obstacle in refusal.obstacles] == [whose]
    assert refusal.alternatives


def test_a_visit_does_not_come_back_into_time_off(clinic: SmallClinic, database: Database) -> None:
    visit_id = _book(clinic, database)

    def leave(session: Session) -> None:
        cancel_appointment(session, clinic.receptionist, _cancel(visit_id), NOW)
        add_time_off(session, clinic.admin, clinic.lee, at("00:00", 1), at("00:00", 2), NOW)

    database.transact(leave)
    refused(
        database, OutsideHours, reinstate_appointment, clinic.receptionist, visit_id, NOW, "back"
    )


def test_what_is_over_does_not_come_back(clinic: SmallClinic, database: Database) -> None:
    visit_id = _book(clinic, database)
    database.transact(cancel_appointment, clinic.receptionist, _cancel(visit_id), NOW)
    late = at("10:20", 1)
    refused(database, BadInput, reinstate_appointment, clinic.receptionist, visit_id, late, "back")


def test_a_patient_asks_for_it_back(clinic: SmallClinic, database: Database) -> None:
    visit_id = _book(clinic, database)
    database.transact(cancel_appointment, clinic.patient, _cancel(visit_id), NOW)
    answer = database.transact(reinstate_appointment, clinic.patient, visit_id, NOW, "back")
    assert (answer.status, answer.notices) == (Status.PENDING, 0)


def test_cancelled_before_anybody_heard(clinic: SmallClinic, database: Database) -> None:
    """Whoever never heard of the visit does not hear of its end either."""
    visit_id = _book(clinic, database)
    answer = database.transact(cancel_appointment, clinic.receptionist, _cancel(visit_id), NOW)
    assert answer.notices == 0
    assert database.read(told, visit_id) == []
    back = database.transact(reinstate_appointment, clinic.receptionist, visit_id, NOW, "back")
    assert back.notices == 5


def test_a_slip_of_cancelling_is_never_told(clinic: SmallClinic, database: Database) -> None:
    """Undone within the grace: nothing is said but the reminder, in its time."""
    visit_id = _book(clinic, database)
    _sent(database)
    answer = database.transact(cancel_appointment, clinic.receptionist, _cancel(visit_id), NOW)
    cancellations = [
        "cancelled email",
        f"cancelled email doctor {clinic.lee}",
        "cancelled sms",
    ]
    assert database.read(told, visit_id) == cancellations
    assert answer.notices == 3
    database.transact(reinstate_appointment, clinic.receptionist, visit_id, NOW, "back")
    assert database.read(told, visit_id) == ["reminder email", "reminder sms"]

    database.transact(cancel_appointment, clinic.receptionist, _cancel(visit_id), NOW)
    assert database.read(told, visit_id) == cancellations
    _sent(database)
    database.transact(reinstate_appointment, clinic.receptionist, visit_id, NOW, "back again")
    assert "confirmation sms" in database.read(told, visit_id)


def test_brought_back_where_nobody_knows_it(clinic: SmallClinic, database: Database) -> None:
    """Moved, cancelled and brought back before any of that was told: they know the old start."""
    visit_id = _book(clinic, database)
    _sent(database)
    moved = MoveRequest(visit_id, clinic.lee, at("11:00", 1), 20, clinic.room_one)
    database.transact(move_appointment, clinic.receptionist, moved, NOW)
    changes = database.read(told, visit_id)
    assert "changed sms" in changes
    database.transact(cancel_appointment, clinic.receptionist, _cancel(visit_id), NOW)
    back = database.transact(reinstate_appointment, clinic.receptionist, visit_id, NOW, "back")
    assert database.read(told, visit_id) == changes
    assert back.notices == len(changes)
    assert database.read(untrue, NOW) == []
