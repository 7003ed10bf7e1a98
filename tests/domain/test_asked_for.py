"""Requests that await a yes: whose, in which order, and who sees why they come."""

from __future__ import annotations

from clinic_tui.database import Database
from clinic_tui.domain.codes import Status
from clinic_tui.domain.visits.asked_for import visits_asked_for
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.flow import confirm_request
from tests.small_clinic import NOW, SmallClinic

from .given import add_visit, at, booking


def test_requests_ahead_are_listed_for_whoever_may_answer_them(
    database: Database, clinic: SmallClinic
) -> None:
    """A doctor's are the own ones; what was answered, is over or is booked is no request."""
    asked = database.transact(
        book_appointment,
        clinic.patient,
        booking(clinic, starts_at=at("11:00", 2), room_id=clinic.room_two, note="[rash]"),
        NOW,
    ).appointment_id
    sooner, over = (
        database.transact(
            add_visit, clinic, start, status=Status.PENDING, doctor_id=clinic.park, note="knee"
        )
        for start in (at("09:00", 1), at("08:00"))
    )
    database.transact(add_visit, clinic, at("12:00", 1), patient_id=clinic.sam)
    found = database.read(visits_asked_for, clinic.receptionist, NOW)
    assert [one.appointment_id for one in found] == [sooner, asked]
    assert over not in {one.appointment_id for one in found}
    one = found[1]
    assert (one.patient, one.visit_type, one.doctor, one.room, one.note) == (
        "Maria Garcia", "Follow-up", "Dr Lee", "Room 2", "[rash]",
    )  # fmt: skip
    assert (one.starts_at, one.asked_at) == (at("11:00", 2), NOW)
    (own,) = database.read(visits_asked_for, clinic.doctor_park, NOW)
    assert (own.appointment_id, own.note) == (sooner, "knee")
    database.transact(confirm_request, clinic.doctor_park, sooner, NOW, "yes")
    assert not database.read(visits_asked_for, clinic.doctor_park, NOW)
