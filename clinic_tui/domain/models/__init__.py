"""Every table, and the names of all constraints.

The database has the last word on double-booking: see ``guards``, attached to ``appointments``.
Instants are aware UTC; wall times (weekly hours) are minutes since midnight.
"""

from .base import Base, UtcDateTime, epoch_seconds, table
from .book import Appointment, Notice
from .clinic import (
    Clinic,
    Closure,
    ExtraHours,
    Room,
    TimeOff,
    VisitType,
    VisitTypeSpecialty,
    WeeklyHours,
)
from .people import Doctor, DoctorSpecialty, Patient, PatientPhone, PatientWord, Specialty
from .staff import Account, AuditEntry, SignIn

__all__ = [
    "Account",
    "Appointment",
    "AuditEntry",
    "Base",
    "Clinic",
    "Closure",
    "Doctor",
    "DoctorSpecialty",
    "ExtraHours",
    "Notice",
    "Patient",
    "PatientPhone",
    "PatientWord",
    "Room",
    "SignIn",
    "Specialty",
    "TimeOff",
    "UtcDateTime",
    "VisitType",
    "VisitTypeSpecialty",
    "WeeklyHours",
    "epoch_seconds",
    "table",
]
