"""Every table, and the names of all constraints.

The database has the last word on double-booking: see ``guards``, attached to ``appointments``.
Instants are aware UTC; wall times (weekly hours) are minutes since midnight. Annotations are not
postponed in these modules: SQLAlchemy would evaluate the text of each, before the first day.
"""

from ..change_log import attach_change_log
from .base import Base, PersonalDate, UtcDateTime, epoch_seconds, table
from .book import Appointment
from .clinic import (
    Clinic,
    Closure,
    ExtraHours,
    ReservedHours,
    Room,
    TimeOff,
    VisitType,
    VisitTypeSpecialty,
    WeeklyHours,
)
from .messages import ChannelState, Notice, Reply, Template, VisitTypeReminder
from .people import (
    Doctor,
    DoctorSpecialty,
    Patient,
    PatientMerge,
    PatientPhone,
    PatientWord,
    Specialty,
)
from .staff import Account, AuditEntry, Carried, ResetCode, SignIn, UndoStep
from .waiting import Offer, Series, SeriesVisit, WaitlistDoctor, WaitlistEntry

attach_change_log(Base.metadata)

__all__ = [
    "Account",
    "Appointment",
    "AuditEntry",
    "Base",
    "Carried",
    "ChannelState",
    "Clinic",
    "Closure",
    "Doctor",
    "DoctorSpecialty",
    "ExtraHours",
    "Notice",
    "Offer",
    "Patient",
    "PatientMerge",
    "PatientPhone",
    "PatientWord",
    "PersonalDate",
    "Reply",
    "ReservedHours",
    "ResetCode",
    "Room",
    "Series",
    "SeriesVisit",
    "SignIn",
    "Specialty",
    "Template",
    "TimeOff",
    "UndoStep",
    "UtcDateTime",
    "VisitType",
    "VisitTypeReminder",
    "VisitTypeSpecialty",
    "WaitlistDoctor",
    "WaitlistEntry",
    "WeeklyHours",
    "epoch_seconds",
    "table",
]
