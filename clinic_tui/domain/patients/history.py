"""A patient in full, with their visits past and coming."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..access import Actor, Permission
from ..codes import Status
from ..models import Appointment, Doctor, VisitType, table
from ..text import full_name
from .details import PatientDetails, stored_details
from .reach import permitted_row, reaches

_APPOINTMENTS, _DOCTORS, _TYPES = table(Appointment), table(Doctor), table(VisitType)
_HISTORY = 100


@dataclass(frozen=True, slots=True)
class PastVisit:
    """One line of a patient's history. Times are aware UTC."""

    appointment_id: int
    starts_at: datetime
    ends_at: datetime
    doctor: str
    visit_type: str
    status: Status


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """A patient in full; ``alert`` in the details is empty for whoever may not see it.

    ``history`` is newest first and holds at most 100 visits, the coming ones included.
    """

    patient_id: int
    details: PatientDetails
    history: tuple[PastVisit, ...]
    next_visit: PastVisit | None
    no_shows: int

    @property
    def name(self) -> str:
        """As spoken: "Maria Garcia"."""
        return full_name(self.details.given_name, self.details.family_name)


def patient_record(session: Session, actor: Actor, patient_id: int, now: datetime) -> PatientRecord:
    """A patient in full, with visits past and coming.

    Refused with ``NotPermitted`` to whom it is not theirs (a doctor needs a visit with them), in
    the same words whether the patient exists or not.
    """
    details = stored_details(
        session, permitted_row(session, actor, Permission.SEE_CONTACT, patient_id)
    )
    if not reaches(session, actor, Permission.SEE_ALERTS, patient_id):
        details = replace(details, alert="")
    history = _history(session, patient_id)
    coming = [
        visit
        for visit in history
        if visit.starts_at > now and visit.status in (Status.BOOKED, Status.PENDING)
    ]
    return PatientRecord(
        patient_id,
        details,
        history,
        min(coming, key=lambda visit: visit.starts_at, default=None),
        sum(visit.status is Status.NOSHOW for visit in history),
    )


def _history(session: Session, patient_id: int) -> tuple[PastVisit, ...]:
    rows = session.execute(
        select(
            _APPOINTMENTS.c.id,
            _APPOINTMENTS.c.starts_at,
            _APPOINTMENTS.c.ends_at,
            _DOCTORS.c.shown_name,
            _TYPES.c.name,
            _APPOINTMENTS.c.status,
        )
        .join(_DOCTORS, _DOCTORS.c.id == _APPOINTMENTS.c.doctor_id)
        .join(_TYPES, _TYPES.c.id == _APPOINTMENTS.c.visit_type_id)
        .where(
            _APPOINTMENTS.c.patient_id == patient_id,
            _APPOINTMENTS.c.status != Status.ENTERED_IN_ERROR,
        )
        .order_by(_APPOINTMENTS.c.starts_at.desc())
        .limit(_HISTORY)
    )
    return tuple(PastVisit(*row) for row in rows)
