"""A request and its key: sent twice it acts once, and a key belongs to one request."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from clinic_tui.database import Database
from clinic_tui.domain.codes import CancelledBy
from clinic_tui.domain.errors import BadInput, Refusal
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.domain.staff.doctors import change_doctor, doctor_details
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.cancelling import (
    CancelRequest,
    cancel_appointment,
    reinstate_appointment,
)
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from clinic_tui.domain.visits.requests import new_key
from tests.small_clinic import NOW, SmallClinic

from .given import add_visit, at, at_once, booking, everything, refused

_LATER = NOW + timedelta(days=400)


def test_keys_are_never_the_same() -> None:
    assert len({new_key() for _ in range(1000)}) == 1000


def test_a_repeated_booking_is_answered_again(clinic: SmallClinic, database: Database) -> None:
    """Even when the visit is long over, and its doctor has retired."""
    request = booking(clinic, new_patient=None)
    first = database.transact(book_appointment, clinic.receptionist, request, NOW)
    details = database.read(doctor_details, clinic.admin, clinic.lee)
    gone = replace(details, active=False)
    database.transact(change_doctor, clinic.admin, clinic.lee, gone, NOW)
    before = database.read(everything)
    again = database.transact(book_appointment, clinic.receptionist, request, _LATER)
    assert replace(again, notices=first.notices) == first
    assert database.read(everything) == before


def test_somebody_new_is_registered_once(clinic: SmallClinic, database: Database) -> None:
    request = booking(clinic, patient_id=None, new_patient=PatientDetails("Weiß", "Bo"))
    first = database.transact(book_appointment, clinic.receptionist, request, NOW)
    before = database.read(everything)
    again = database.transact(book_appointment, clinic.receptionist, request, NOW)
    assert replace(again, notices=first.notices) == first
    assert database.read(everything) == before


def test_a_patient_is_registered_once(clinic: SmallClinic, database: Database) -> None:
    """Also sent twice at once, and after somebody has changed them; another key is another."""
    lead, details = clinic.receptionist, PatientDetails("Weiß", "Bo")

    def register(key: str) -> int:
        return database.transact(register_patient, lead, details, NOW, key)

    first, *others = at_once(database, *[(register_patient, lead, details, NOW, "key")] * 3)
    before = database.read(everything)
    assert others == [first, first]
    assert register("key") == first
    assert database.read(everything) == before
    refused(database, BadInput, register_patient, clinic.admin, details, NOW, "key")
    database.transact(book_appointment, lead, booking(clinic, key="visit"), NOW)
    refused(database, BadInput, register_patient, lead, details, NOW, "visit")
    assert register("another") != first


def test_a_key_belongs_to_one_request(clinic: SmallClinic, database: Database) -> None:
    """Not to somebody else's, not to another act, not to another visit."""
    lead = clinic.receptionist
    other = database.transact(add_visit, clinic, at("15:00"))
    request = booking(clinic, key="key")
    visit_id = database.transact(book_appointment, lead, request, NOW).appointment_id

    refused(database, BadInput, book_appointment, clinic.doctor_lee, request, NOW)
    move = MoveRequest(visit_id, clinic.lee, at("14:00"), 20, None, key="key")
    refused(database, BadInput, move_appointment, lead, move, NOW)
    cancel = CancelRequest(visit_id, CancelledBy.PATIENT, key="key")
    refused(database, BadInput, cancel_appointment, lead, cancel, NOW)

    move = replace(move, key="move")
    database.transact(move_appointment, lead, move, NOW)
    cancelled = replace(cancel, key="cancel")
    database.transact(cancel_appointment, lead, cancelled, NOW)
    refused(database, BadInput, book_appointment, lead, replace(request, key="cancel"), NOW)
    refused(database, BadInput, reinstate_appointment, lead, visit_id, NOW, "move")
    astray = replace(cancelled, appointment_id=other)
    refused(database, BadInput, cancel_appointment, lead, astray, NOW)
    refused(database, BadInput, move_appointment, lead, replace(move, appointment_id=other), NOW)


def _count(database: Database) -> tuple[int, int]:
    """How many appointments and patients there are."""
    after = database.read(everything)
    return len(after["appointments"]), len(after["patients"])


@pytest.mark.parametrize("new", [False, True])
def test_sent_twice_at_once_it_books_once(
    clinic: SmallClinic, database: Database, new: bool
) -> None:
    visits, patients = _count(database)
    for day in range(1, 5):
        request = booking(clinic, starts_at=at("10:00", day))
        if new:
            somebody = PatientDetails(f"Weiß {'I' * day}", "Bo")
            request = replace(request, patient_id=None, new_patient=somebody)
        call = (book_appointment, clinic.receptionist, request, NOW)
        answers = at_once(database, call, call, call)
        assert len({answer.appointment_id for answer in answers}) == 1
    assert _count(database) == (visits + 4, patients + 4 * new)


def test_two_requests_under_one_keyat_once(clinic: SmallClinic, database: Database) -> None:
    """They do not meet at any guard, and still only one of them may use the key."""
    for day in range(1, 5):
        one = booking(clinic, starts_at=at("10:00", day), key=f"key {day}")
        other = booking(
            clinic,
            doctor_id=clinic.park,
            patient_id=clinic.jonas,
            starts_at=at("14:00", day),
            key=f"key {day}",
        )
        answers = at_once(
            database,
            (book_appointment, clinic.receptionist, one, NOW),
            (book_appointment, clinic.receptionist, other, NOW),
        )
        ids = {answer.appointment_id for answer in answers if not isinstance(answer, Refusal)}
        assert len(ids) == 1
    assert _count(database)[0] == 4
