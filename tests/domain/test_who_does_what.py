"""Which doctors do a visit type: those of a specialty that this very type asks for."""

from __future__ import annotations

from clinic_tui.database import Database
from clinic_tui.domain.clinic.visit_types import VisitTypeDetails, add_visit_type
from clinic_tui.domain.errors import BadInput
from clinic_tui.domain.staff.who_does import doctors_for
from clinic_tui.domain.visits.booking import book_appointment
from tests.domain.given import booking, refused
from tests.small_clinic import DERMATOLOGY, NOW, SmallClinic


def test_what_other_types_ask_for_does_not_count(clinic: SmallClinic, database: Database) -> None:
    """New patients are seen by the general practitioners; skin checks by dermatologists alone."""
    skin_check = VisitTypeDetails("Skin check", "skin", 20, specialties=(DERMATOLOGY,))
    type_id = database.transact(add_visit_type, clinic.admin, skin_check, NOW)
    assert set(database.read(doctors_for, type_id)) == {clinic.park}
    assert set(database.read(doctors_for, clinic.new_patient)) == {clinic.lee, clinic.okafor}
    for doctor, visit_type in ((clinic.lee, type_id), (clinic.park, clinic.new_patient)):
        request = booking(clinic, doctor_id=doctor, visit_type_id=visit_type)
        refused(database, BadInput, book_appointment, clinic.receptionist, request, NOW)
    request = booking(clinic, doctor_id=clinic.park, visit_type_id=type_id)
    assert database.transact(book_appointment, clinic.receptionist, request, NOW).appointment_id
