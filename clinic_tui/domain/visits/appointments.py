"""Appointments as they are read: one in full, or the answer to a change of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, Reach, may, owns, reach, require
from ..codes import CancelledBy, Status
from ..errors import NotFound, NotPermitted
from ..models import Appointment, Doctor, Patient, Room, VisitType, table
from ..text import full_name
from ..times.walltime import local, say_day, say_time
from ..waitlist.freed import FreedTime

_APPOINTMENTS, _DOCTORS, _PATIENTS = table(Appointment), table(Doctor), table(Patient)
_TYPES, _ROOMS = table(VisitType), table(Room)


@dataclass(frozen=True, slots=True)
class BookedAppointment:
    """What a change of an appointment answers: where it stands now. Times are aware UTC.

    ``sequence`` counts its changes; ``notices`` is how many messages the change queued; ``freed``
    is the time that it freed, where somebody on the waitlist would fit there.
    """

    appointment_id: int
    patient_id: int
    patient: str
    doctor_id: int
    doctor: str
    visit_type: str
    room: str | None
    starts_at: datetime
    ends_at: datetime
    status: Status
    sequence: int
    notices: int = 0
    freed: FreedTime | None = None

    def read_back(self, zone: str) -> str:
        """One sentence to read to the caller: who, when, with whom, where."""
        return read_back(self.patient, self.starts_at, self.doctor, self.room, zone)


def read_back(patient: str, starts_at: datetime, doctor: str, room: str | None, zone: str) -> str:
    """A visit in one sentence, as it is read to whoever is on the phone."""
    place = f", {room}" if room else ""
    day = say_day(local(starts_at, zone).date())
    return f"{patient}, {day}, {say_time(starts_at, zone)}, {doctor}{place}."


@dataclass(frozen=True, slots=True)
class AppointmentDetails:
    """One appointment in full; ``note`` and ``cancel_reason`` are None for whoever may not see.

    So is ``overbook_reason``, which is for the desk and the doctor.
    """

    appointment_id: int
    patient_id: int
    patient: str
    record_number: str
    doctor_id: int
    doctor: str
    visit_type_id: int
    visit_type: str
    room_id: int | None
    room: str | None
    starts_at: datetime
    ends_at: datetime
    blocked_from: datetime
    blocked_until: datetime
    status: Status
    overbooked: bool
    overbook_reason: str | None
    sequence: int
    arrived_at: datetime | None
    confirmed_at: datetime | None
    cancelled_by: CancelledBy | None
    cancel_reason: str | None
    note: str | None
    created_at: datetime


def appointment_details(session: Session, actor: Actor, appointment_id: int) -> AppointmentDetails:
    """One appointment in full.

    Refused with ``NotPermitted`` to whom it is not their own, with the same words whether it
    exists or not.
    """
    query = _with_names(_APPOINTMENTS, _PATIENTS.c.record_number)
    row = session.execute(query.where(_APPOINTMENTS.c.id == appointment_id)).one_or_none()
    found = existing(actor, Permission.SEE_CONTACT, row)
    may_see = reach(actor, Permission.SEE_REASONS) is Reach.ANY or owns(
        actor,
        Permission.SEE_REASONS,
        doctor_id=found.doctor_id,
        patient_id=found.patient_id,
    )
    runs_it = may(actor, Permission.RUN_VISITS, doctor_id=found.doctor_id)
    return AppointmentDetails(
        appointment_id=found.id,
        patient_id=found.patient_id,
        patient=full_name(found.given_name, found.family_name),
        record_number=found.record_number,
        doctor_id=found.doctor_id,
        doctor=found.shown_name,
        visit_type_id=found.visit_type_id,
        visit_type=found.visit_type,
        room_id=found.room_id,
        room=found.room,
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        blocked_from=found.blocked_from,
        blocked_until=found.blocked_until,
        status=found.status,
        overbooked=found.overbooked,
        overbook_reason=found.overbook_reason if runs_it else None,
        sequence=found.sequence,
        arrived_at=found.arrived_at,
        confirmed_at=found.confirmed_at,
        cancelled_by=found.cancelled_by,
        cancel_reason=found.cancel_reason if may_see else None,
        note=found.note if may_see else None,
        created_at=found.created_at,
    )


def existing(actor: Actor, permission: Permission, row: Row[Any] | None) -> Row[Any]:
    """The row of an appointment, permitted; the shared first step of whatever acts on one.

    Whoever reaches only their own gets the same refusal for another's and for none at all, so
    that numbers cannot be tried out.
    """
    if row is None:
        if reach(actor, permission) is Reach.ANY:
            raise NotFound("There is no such appointment.")
        raise NotPermitted(f"You may not {permission.value}.")
    require(actor, permission, doctor_id=row.doctor_id, patient_id=row.patient_id)
    return row


def locked(session: Session, actor: Actor, permission: Permission, appointment_id: int) -> Row[Any]:
    """The appointment's own columns, permitted, and kept from everybody else until the end."""
    row = session.execute(
        select(_APPOINTMENTS).where(_APPOINTMENTS.c.id == appointment_id).with_for_update()
    ).one_or_none()
    return existing(actor, permission, row)


def booked(session: Session, appointment_id: int, notices: int = 0) -> BookedAppointment:
    """Where an appointment stands now, as the answer to a change of it."""
    return replace(booked_all(session, [appointment_id])[appointment_id], notices=notices)


def booked_all(session: Session, appointment_ids: Sequence[int]) -> dict[int, BookedAppointment]:
    """Where appointments stand now, by number."""
    columns = _APPOINTMENTS.c
    query = _with_names(
        columns.id, columns.patient_id, columns.doctor_id, columns.starts_at, columns.ends_at,
        columns.status, columns.sequence,
    )  # fmt: skip
    rows = session.execute(query.where(columns.id.in_(appointment_ids)))
    return {
        row.id: BookedAppointment(
            appointment_id=row.id,
            patient_id=row.patient_id,
            patient=full_name(row.given_name, row.family_name),
            doctor_id=row.doctor_id,
            doctor=row.shown_name,
            visit_type=row.visit_type,
            room=row.room,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            status=row.status,
            sequence=row.sequence,
        )
        for row in rows
    }


def _with_names(*columns: Any) -> Select[Any]:
    """Appointments, and the names of all that belongs to each."""
    return (
        select(
            *columns,
            _PATIENTS.c.given_name,
            _PATIENTS.c.family_name,
            _DOCTORS.c.shown_name,
            _TYPES.c.name.label("visit_type"),
            _ROOMS.c.name.label("room"),
        )
        .select_from(_APPOINTMENTS)
        .join(_PATIENTS, _PATIENTS.c.id == _APPOINTMENTS.c.patient_id)
        .join(_DOCTORS, _DOCTORS.c.id == _APPOINTMENTS.c.doctor_id)
        .join(_TYPES, _TYPES.c.id == _APPOINTMENTS.c.visit_type_id)
        .outerjoin(_ROOMS, _ROOMS.c.id == _APPOINTMENTS.c.room_id)
    )
