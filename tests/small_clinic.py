"""A small made-up clinic in Berlin, built by the domain's own operations.

Lee and Okafor are general practitioners, Park is a dermatologist. All work Monday to Friday
09:00–12:00 and 13:00–17:00. Follow-ups and vaccinations are done by everybody, new patients are
seen by the general practitioners alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from clinic_tui.domain.access import Actor, Role
from clinic_tui.domain.clinic.rooms import add_room
from clinic_tui.domain.clinic.settings import ClinicSettings, found_clinic
from clinic_tui.domain.clinic.visit_types import VisitTypeDetails, add_visit_type
from clinic_tui.domain.codes import Sex
from clinic_tui.domain.hours.hours import set_weekly_hours
from clinic_tui.domain.hours.schedule import Hours
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.domain.staff.accounts import AccountDetails, add_account, add_first_admin
from clinic_tui.domain.staff.doctors import DoctorDetails, add_doctor
from clinic_tui.domain.staff.sign_ins import current_actor
from clinic_tui.domain.undo.steps import forget_old_steps

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""A Monday, 09:00 in Berlin: the clinic has just opened."""
FOUNDED = NOW - timedelta(days=30)
ZONE = "Europe/Berlin"
PASSWORD = "six calm herons wade"
"""Of every account."""
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""Cheaper than the program's own, so that tests may sign in often."""
GP, DERMATOLOGY = "General practice", "Dermatology"
WEEK = tuple(
    Hours(weekday, starts, ends)
    for weekday in range(5)
    for starts, ends in ((9 * 60, 12 * 60), (13 * 60, 17 * 60))
)
SETTINGS = ClinicSettings(
    name="Riverside Clinic",
    zone=ZONE,
    region="DE",
    phone="+49 30 901820",
    address="Uferweg 4, 10115 Berlin",
)


@dataclass(frozen=True, slots=True)
class SmallClinic:
    """Who and what there is: ids, and the actors who act. ``maria`` is the patient's account."""

    lee: int
    okafor: int
    park: int
    follow_up: int
    new_patient: int
    vaccination: int
    room_one: int
    room_two: int
    maria: int
    jonas: int
    ozlem: int
    thuy: int
    sam: int
    receptionist: Actor
    doctor_lee: Actor
    doctor_park: Actor
    admin: Actor
    patient: Actor


def build(session: Session) -> SmallClinic:
    """Fill an empty database."""
    found_clinic(session, SETTINGS)
    admin = add_first_admin(session, "ada", "Ada Quist", _HASH, FOUNDED)
    lee, okafor, park = (
        _doctor(session, admin, details)
        for details in (
            DoctorDetails("Lee", "Hannah", specialties=(GP,), email="lee@example.org"),
            DoctorDetails("Okafor", "Chidi", specialties=(GP,), colour="green"),
            DoctorDetails("Park", "Jin", specialties=(DERMATOLOGY,), email="park@example.org"),
        )
    )
    follow_up, new_patient, vaccination = (
        add_visit_type(session, admin, details, FOUNDED)
        for details in (
            VisitTypeDetails("Follow-up", "f/up", 20),
            VisitTypeDetails("New patient", "new", 40, 5, 10, "green", (GP,)),
            VisitTypeDetails("Vaccination", "vacc", 10, colour="cyan"),
        )
    )
    rooms = [add_room(session, admin, name, FOUNDED) for name in ("Room 1", "Room 2")]
    maria, jonas, ozlem, thuy, sam = (
        register_patient(session, admin, details, FOUNDED) for details in _PATIENTS
    )
    receptionist, doctor_lee, doctor_park, patient = (
        _actor(session, admin, details)
        for details in (
            AccountDetails("ana", "Ana Brandt", frozenset({Role.RECEPTIONIST})),
            AccountDetails("lee", "Hannah Lee", frozenset({Role.DOCTOR}), doctor_id=lee),
            AccountDetails("park", "Jin Park", frozenset({Role.DOCTOR}), doctor_id=park),
            AccountDetails("maria", "Maria Garcia", frozenset({Role.PATIENT}), patient_id=maria),
        )
    )
    forget_old_steps(session, admin.account_id, NOW)
    return SmallClinic(
        lee=lee,
        okafor=okafor,
        park=park,
        follow_up=follow_up,
        new_patient=new_patient,
        vaccination=vaccination,
        room_one=rooms[0],
        room_two=rooms[1],
        maria=maria,
        jonas=jonas,
        ozlem=ozlem,
        thuy=thuy,
        sam=sam,
        receptionist=receptionist,
        doctor_lee=doctor_lee,
        doctor_park=doctor_park,
        admin=admin,
        patient=patient,
    )


_PATIENTS = (
    PatientDetails(
        "Garcia",
        "Maria",
        date(1984, 3, 9),
        Sex.FEMALE,
        phones=("+4915123456789",),
        email="maria@example.org",
        email_consent=True,
        sms_consent=True,
    ),
    PatientDetails(
        "Lind", "Jonas", date(1951, 12, 31), Sex.MALE, phones=("+4930901820",), sms_consent=True
    ),
    PatientDetails(
        "Yılmaz",
        "Özlem",
        date(1990, 6, 1),
        Sex.FEMALE,
        email="oezlem@example.org",
        email_consent=True,
        alert="Penicillin [allergy]",
    ),
    PatientDetails("Nguyễn", "Thùy", date(2019, 2, 28), Sex.FEMALE, phones=("030 9018210",)),
    PatientDetails("Okoye", "Sam", None, Sex.UNKNOWN),
)


def _doctor(session: Session, admin: Actor, details: DoctorDetails) -> int:
    doctor_id = add_doctor(session, admin, details, FOUNDED)
    set_weekly_hours(session, admin, doctor_id, WEEK, FOUNDED)
    return doctor_id


def _actor(session: Session, admin: Actor, details: AccountDetails) -> Actor:
    account_id = add_account(session, admin, details, _HASH, FOUNDED)
    return current_actor(session, replace(admin, account_id=account_id))
