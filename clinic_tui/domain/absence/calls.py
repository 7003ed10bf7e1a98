"""Whom to call: visits that stand where their doctor does not work, with what a call needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..codes import HERE
from ..models import Appointment, Doctor, Patient, VisitType, table
from ..models.many import ids, one_of
from ..patients.phones import first_phone
from ..text import full_name
from ..visits.requests import MOVABLE
from .stranded import stranded_ids

_APPOINTMENTS, _PATIENTS, _TYPES = table(Appointment), table(Patient), table(VisitType)
_DOCTORS = table(Doctor)


@dataclass(frozen=True, slots=True)
class VisitToCall:
    """A coming visit that cannot be as it was booked; the phone is empty where none is on record.

    ``here``: the patient has come already. Times are aware UTC.
    """

    appointment_id: int
    patient_id: int
    patient: str
    phone: str
    visit_type: str
    doctor_id: int
    doctor: str
    starts_at: datetime
    ends_at: datetime
    here: bool


def visits_to_call(
    session: Session, actor: Actor, doctor_ids: tuple[int, ...], now: datetime
) -> tuple[VisitToCall, ...]:
    """Those doctors' coming visits outside their hours, the earliest first: what a plan left to
    call about, and what was stranded in any other way.

    For whoever may set those hours; who is in the room stays out of it.
    """
    for doctor_id in doctor_ids:
        require(actor, Permission.SET_HOURS, doctor_id=doctor_id)
    found = [
        visit
        for doctor_id in sorted(set(doctor_ids))
        for visit in stranded_ids(session, doctor_id, now)
    ]
    if not found:
        return ()
    columns = _APPOINTMENTS.c
    phone = first_phone(_PATIENTS.c.id)
    query = (
        select(
            columns.id, _PATIENTS.c.id.label("patient_id"), _PATIENTS.c.given_name,
            _PATIENTS.c.family_name, phone.label("phone"), _TYPES.c.name.label("visit_type"),
            columns.doctor_id, _DOCTORS.c.shown_name, columns.starts_at, columns.ends_at,
            columns.status,
        )
        .join(_PATIENTS, _PATIENTS.c.id == columns.patient_id)
        .join(_DOCTORS, _DOCTORS.c.id == columns.doctor_id)
        .join(_TYPES, _TYPES.c.id == columns.visit_type_id)
        .where(one_of(columns.id, ids("visits")), columns.status.in_(MOVABLE))
        .order_by(columns.starts_at, columns.id)
    )  # fmt: skip
    return tuple(
        VisitToCall(
            row.id, row.patient_id, full_name(row.given_name, row.family_name), row.phone or "",
            row.visit_type, row.doctor_id,
            row.shown_name, row.starts_at, row.ends_at, row.status in HERE,
        )
        for row in session.execute(query, {"visits": found})
    )  # fmt: skip
