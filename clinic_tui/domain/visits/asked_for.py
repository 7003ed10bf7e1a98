"""Visits that were asked for: they keep their time until somebody says yes or no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, Reach, may, require_some
from ..codes import Status
from ..models import Appointment, Doctor, Patient, Room, VisitType, table
from ..text import full_name

_APPOINTMENTS, _PATIENTS, _DOCTORS = table(Appointment), table(Patient), table(Doctor)
_TYPES, _ROOMS = table(VisitType), table(Room)
MOST = 200
"""Requests that are listed at once: the earliest visits."""


@dataclass(frozen=True, slots=True)
class AskedFor:
    """A visit ahead that awaits the clinic's yes. Times are aware UTC.

    ``asked_at`` is when it was asked for; ``note`` is empty for whoever may not see reasons.
    """

    appointment_id: int
    patient_id: int
    patient: str
    visit_type: str
    doctor_id: int
    doctor: str
    room: str
    starts_at: datetime
    ends_at: datetime
    asked_at: datetime
    note: str


def visits_asked_for(session: Session, actor: Actor, now: datetime) -> tuple[AskedFor, ...]:
    """The requests that the actor may answer, of visits still ahead, the earliest first.

    A doctor's are the own ones. Refused: ``NotPermitted`` for whoever may answer none.
    """
    far = require_some(actor, Permission.CONFIRM)
    columns = _APPOINTMENTS.c
    query = (
        select(
            columns.id, columns.patient_id, _PATIENTS.c.given_name, _PATIENTS.c.family_name,
            _TYPES.c.name.label("visit_type"), columns.doctor_id, _DOCTORS.c.shown_name,
            _ROOMS.c.name.label("room"),
            columns.starts_at, columns.ends_at, columns.created_at, columns.note,
        )
        .join(_PATIENTS, _PATIENTS.c.id == columns.patient_id)
        .join(_DOCTORS, _DOCTORS.c.id == columns.doctor_id)
        .join(_TYPES, _TYPES.c.id == columns.visit_type_id)
        .outerjoin(_ROOMS, _ROOMS.c.id == columns.room_id)
        .where(columns.status == Status.PENDING, columns.starts_at > now)
        .order_by(columns.starts_at, columns.id)
        .limit(MOST)
    )  # fmt: skip
    if far is not Reach.ANY:
        query = query.where(columns.doctor_id == (actor.doctor_id or 0))
    return tuple(
        AskedFor(
            row.id, row.patient_id, full_name(row.given_name, row.family_name), row.visit_type,
            row.doctor_id, row.shown_name,
            row.room or "", row.starts_at, row.ends_at, row.created_at,
            row.note if _sees_reasons(actor, row.doctor_id, row.patient_id) else "",
        )
        for row in session.execute(query)
    )  # fmt: skip


def _sees_reasons(actor: Actor, doctor_id: int, patient_id: int) -> bool:
    return may(actor, Permission.SEE_REASONS, doctor_id=doctor_id, patient_id=patient_id)
