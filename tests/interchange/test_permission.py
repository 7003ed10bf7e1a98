"""Who may take in files, and whom an exact identifier finds: asked of the operations themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from clinic_tui.database import Database
from clinic_tui.domain.errors import NotPermitted
from clinic_tui.domain.intake.doctors import take_doctors
from clinic_tui.domain.intake.intake import Incoming
from clinic_tui.domain.intake.patients import take_patients
from clinic_tui.domain.intake.visits import IncomingVisit, take_appointments
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.lookup import doctor_known_as, patient_known_as
from clinic_tui.domain.staff.doctors import DoctorDetails

from ..small_clinic import NOW, SmallClinic

_ROLES = ("receptionist", "doctor_lee", "admin", "patient")
_INTAKES: tuple[tuple[Callable[..., Any], Any], ...] = (
    (take_patients, PatientDetails("Ito", "Ken", outside_id="p")),
    (take_doctors, DoctorDetails("Ito", outside_id="d")),
    (take_appointments, IncomingVisit("000001", "lee", "Follow-up", NOW, outside_id="v")),
)


@pytest.mark.parametrize("role", _ROLES)
@pytest.mark.parametrize(("take", "row"), _INTAKES, ids=["patients", "doctors", "appointments"])
def test_only_an_admin_takes_in(
    database: Database, clinic: SmallClinic, role: str, take: Callable[..., Any], row: Any
) -> None:
    rows = [Incoming(2, row)]
    if role == "admin":
        assert database.transact(take, clinic.admin, rows, NOW).added == 1
        return
    with pytest.raises(NotPermitted):
        database.transact(take, getattr(clinic, role), rows, NOW)


def test_an_identifier_finds_only_whom_one_may_see(database: Database, clinic: SmallClinic) -> None:
    rows = [Incoming(2, PatientDetails("Ito", "Ken", outside_id="p"))]
    database.transact(take_patients, clinic.admin, rows, NOW)
    database.transact(
        take_doctors, clinic.admin, [Incoming(2, DoctorDetails("Ito", outside_id="1"))], NOW
    )
    for actor, found in (
        (clinic.receptionist, (6, clinic.maria)),
        (clinic.admin, (6, clinic.maria)),
        (clinic.doctor_lee, (None, None)),
        (clinic.patient, (None, clinic.maria)),
    ):
        known = tuple(database.read(patient_known_as, actor, who) for who in ("p", "000001"))
        assert known == found
        assert database.read(patient_known_as, actor, "nobody") is None
        # An outside identifier goes before our own number of the same digits.
        assert database.read(doctor_known_as, actor, "1") == 4
        assert database.read(doctor_known_as, actor, "2") == clinic.okafor
        assert database.read(doctor_known_as, actor, "99999999999999999999") is None
