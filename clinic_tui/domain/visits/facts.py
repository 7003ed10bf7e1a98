"""What a booking or a move has to know, read in one query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, String, and_, bindparam, cast, exists, func, select
from sqlalchemy.orm import Session

from ..clinic.settings import ClinicSettings
from ..clinic.terms import Fit
from ..codes import Status
from ..errors import BadInput, NotFound
from ..hours.lock import hours_kept
from ..messages.reachable import Reachable, reachable
from ..models import (
    AuditEntry,
    Clinic,
    Doctor,
    Patient,
    PatientPhone,
    Room,
    VisitType,
    VisitTypeReminder,
    table,
)
from ..staff.who_does import does_type
from ..text import full_name
from .appointments import BookedAppointment
from .conflicts import Place
from .parties import Parties

_CLINIC, _DOCTORS, _PATIENTS = table(Clinic), table(Doctor), table(Patient)
_TYPES, _ROOMS, _PHONES, _AUDIT = (
    table(VisitType),
    table(Room),
    table(PatientPhone),
    table(AuditEntry),
)
_REMINDERS = table(VisitTypeReminder)
_SETTINGS = tuple(ClinicSettings.__dataclass_fields__)


class Purpose(StrEnum):
    """What the facts are read for, which decides who may be retired in them."""

    BOOK = "book"
    HOLD = "hold"
    MOVE = "move"
    END = "end"


@dataclass(frozen=True, slots=True)
class Facts:
    """The clinic, the doctor, the patient, the visit type and the room of one visit.

    ``reminded`` are the visit type's own reminders, in hours before; ``answered_with`` is the
    entry of the trail that has this request key already, whatever was done with it, if any.
    """

    settings: ClinicSettings
    doctor: str
    patient: str
    visit_type: str
    room: str | None
    usual: Fit
    who: Reachable
    reminded: tuple[int, ...]
    answered_with: int | None

    @property
    def grace(self) -> timedelta:
        """How long notices wait."""
        return timedelta(seconds=self.settings.grace_seconds)

    @property
    def reminders(self) -> tuple[timedelta, ...]:
        """How long before the visit its reminders leave: the type's own, else the clinic's."""
        hours = self.reminded or (self.settings.reminder_hours,)
        return tuple(timedelta(hours=one) for one in hours)

    def answer(
        self,
        place: Place | Row[Any],
        appointment_id: int,
        status: Status,
        sequence: int,
        notices: int,
    ) -> BookedAppointment:
        """The answer to a change that put the visit at that place, or left it where it was."""
        return BookedAppointment(
            appointment_id=appointment_id,
            patient_id=place.patient_id,
            patient=self.patient,
            doctor_id=place.doctor_id,
            doctor=self.doctor,
            visit_type=self.visit_type,
            room=self.room,
            starts_at=place.starts_at,
            ends_at=place.ends_at,
            status=status,
            sequence=sequence,
            notices=notices,
        )


def facts_of(session: Session, parties: Parties, key: str, purpose: Purpose) -> Facts:
    """Read them, in one round trip, and keep the doctor's hours as they are until the commit.

    A change of hours waits for us from here on (``hours_lock``): no visit can slip in under hours
    that are just being taken away. Refused with ``NotFound`` or ``BadInput`` naming what does not
    exist, is retired, or does not go together; a visit may keep a retired type when it moves, and
    end whoever has retired. A request that was answered before is only answered again, whoever
    has retired or been merged into another since.
    """
    row = session.execute(
        _FACTS,
        {
            "doctor": parties.doctor_id,
            "patient": parties.patient_id,
            "visit_type": parties.visit_type_id,
            "room": parties.room_id or 0,
            "key": key,
        },
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such doctor.")
    if row.answered_with is None:
        _check_known(row, parties, purpose)
    if purpose is not Purpose.END and row.answered_with is None:
        _check_active(row, parties, row.shown_name, new=purpose in (Purpose.BOOK, Purpose.HOLD))
    return _facts_in(row, parties)


def facts_by_parties(
    session: Session, parties: Iterable[Parties], key: str, purpose: Purpose
) -> dict[Parties, Facts]:
    """The facts for each sort of visit, read once; by doctor, because hours are locked so."""
    wanted = sorted(set(parties), key=lambda one: (one.doctor_id, one.room_id or 0))
    return {one: facts_of(session, one, key, purpose) for one in wanted}


def _facts_in(row: Row[Any], parties: Parties) -> Facts:
    return Facts(
        settings=ClinicSettings(*row[: len(_SETTINGS)]),
        doctor=row.shown_name,
        patient=full_name(row.given_name or "", row.family_name or ""),
        visit_type=row.type_name,
        room=row.room_name,
        usual=Fit(
            row.minutes,
            row.buffer_before,
            row.buffer_after,
            row.notice_minutes,
            row.horizon_days,
        ),
        who=reachable(
            row.prefers,
            email=bool(row.email) and row.email_consent_at is not None,
            sms=bool(row.has_phone) and row.sms_consent_at is not None,
            doctor_id=parties.doctor_id if row.doctor_email else None,
        ),
        reminded=tuple(int(hours) for hours in (row.reminded or "").split(",") if hours),
        answered_with=row.answered_with,
    )


def _check_known(row: Row[Any], parties: Parties, purpose: Purpose) -> None:
    if row.given_name is None and (parties.patient_id or purpose is not Purpose.HOLD):
        raise NotFound("There is no such patient.")
    if row.type_name is None:
        raise NotFound("There is no such visit type.")
    if parties.room_id is not None and row.room_name is None:
        raise NotFound("There is no such room.")


def _check_active(row: Row[Any], parties: Parties, doctor: str, *, new: bool) -> None:
    if not row.doctor_active:
        raise BadInput("Doctor", f"{doctor} sees nobody any more.")
    if new and not row.type_active:
        raise BadInput("Visit type", f"“{row.type_name}” is not booked any more.")
    if parties.room_id is not None and not row.room_active:
        raise BadInput("Room", f"{row.room_name} is not used any more.")
    if not row.fits_doctor:
        raise BadInput("Visit type", f"{doctor} does not do “{row.type_name}”.")


def _facts_query() -> Select[Any]:
    has_phone = exists().where(_PHONES.c.patient_id == _PATIENTS.c.id)
    reminded = select(func.aggregate_strings(cast(_REMINDERS.c.hours, String), ",")).where(
        _REMINDERS.c.visit_type_id == _TYPES.c.id
    )
    answered_with = select(_AUDIT.c.id).where(_AUDIT.c.request_key == bindparam("key"))
    return (
        select(
            *(_CLINIC.c[name] for name in _SETTINGS),
            _DOCTORS.c.shown_name,
            _DOCTORS.c.email.label("doctor_email"),
            _DOCTORS.c.active.label("doctor_active"),
            _PATIENTS.c.given_name,
            _PATIENTS.c.family_name,
            _PATIENTS.c.email,
            _PATIENTS.c.prefers,
            _PATIENTS.c.email_consent_at,
            _PATIENTS.c.sms_consent_at,
            has_phone.label("has_phone"),
            _TYPES.c.name.label("type_name"),
            _TYPES.c.active.label("type_active"),
            _TYPES.c.minutes,
            _TYPES.c.buffer_before,
            _TYPES.c.buffer_after,
            _TYPES.c.notice_minutes,
            _TYPES.c.horizon_days,
            does_type(_DOCTORS.c.id, _TYPES.c.id).label("fits_doctor"),
            _ROOMS.c.name.label("room_name"),
            _ROOMS.c.active.label("room_active"),
            reminded.scalar_subquery().label("reminded"),
            answered_with.scalar_subquery().label("answered_with"),
            hours_kept(_DOCTORS.c.id),
        )
        .select_from(_CLINIC)
        .join(_DOCTORS, _DOCTORS.c.id == bindparam("doctor"))
        .outerjoin(
            _PATIENTS,
            and_(_PATIENTS.c.id == bindparam("patient"), _PATIENTS.c.merged_into.is_(None)),
        )
        .outerjoin(_TYPES, _TYPES.c.id == bindparam("visit_type"))
        .outerjoin(_ROOMS, _ROOMS.c.id == bindparam("room"))
    )


_FACTS = _facts_query()
