"""Which doctors do a visit type."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from .models import Doctor, DoctorSpecialty, VisitTypeSpecialty, table
from .text import doctor_name

_DOCTORS = table(Doctor)
_OF_DOCTOR, _OF_TYPE = table(DoctorSpecialty), table(VisitTypeSpecialty)


def doctors_for(
    session: Session,
    visit_type_id: int,
    specialty_id: int | None = None,
    doctor_ids: tuple[int, ...] = (),
    like: int | None = None,
) -> dict[int, str]:
    """Active doctors, id → name, who do the visit type; of a specialty or among some.

    ``like`` asks for the colleagues of a doctor: somebody else who shares a specialty.
    """
    query = select(
        _DOCTORS.c.id, _DOCTORS.c.title, _DOCTORS.c.given_name, _DOCTORS.c.family_name
    ).where(_DOCTORS.c.active, does_type(_DOCTORS.c.id, visit_type_id))
    if doctor_ids:
        query = query.where(_DOCTORS.c.id.in_(doctor_ids))
    if specialty_id is not None:
        query = query.where(
            exists().where(
                _OF_DOCTOR.c.doctor_id == _DOCTORS.c.id, _OF_DOCTOR.c.specialty_id == specialty_id
            )
        )
    if like is not None:
        theirs = select(_OF_DOCTOR.c.specialty_id).where(_OF_DOCTOR.c.doctor_id == like)
        query = query.where(
            _DOCTORS.c.id != like,
            exists().where(
                _OF_DOCTOR.c.doctor_id == _DOCTORS.c.id, _OF_DOCTOR.c.specialty_id.in_(theirs)
            ),
        )
    return {
        row.id: doctor_name(row.title, row.given_name, row.family_name)
        for row in session.execute(query)
    }


def does_type(
    doctor: ColumnElement[int], visit_type: ColumnElement[int] | int
) -> ColumnElement[bool]:
    """Whether a doctor has one of the specialties a visit type asks for, if it asks for any."""
    # Without this a visit type of the outermost query would be every visit type in here.
    asks = (
        select(_OF_TYPE.c.specialty_id)
        .where(_OF_TYPE.c.visit_type_id == visit_type)
        .correlate_except(_OF_TYPE)
    )
    return or_(
        ~asks.exists(),
        exists().where(_OF_DOCTOR.c.doctor_id == doctor, _OF_DOCTOR.c.specialty_id.in_(asks)),
    )
