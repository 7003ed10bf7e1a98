"""Which doctors do a visit type."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from ..models import Doctor, DoctorSpecialty, VisitTypeSpecialty, table
from ..models.many import ids, one_of

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
    asked = {"doctors": list(doctor_ids) or None, "specialty": specialty_id, "like": like}
    asked = {name: value for name, value in asked.items() if value is not None}
    rows = session.execute(_doctors_query(*asked), {**asked, "type": visit_type_id})
    return dict(rows.all())


@cache
def _doctors_query(*asked: str) -> Select[Any]:
    """Put together once for what is asked: that costs more than to send it."""
    doctor, of_doctor = _DOCTORS.c.id, _OF_DOCTOR.c
    query = select(doctor, _DOCTORS.c.shown_name).where(
        _DOCTORS.c.active, does_type(doctor, bindparam("type", type_=Integer))
    )
    if "doctors" in asked:
        query = query.where(one_of(doctor, ids("doctors")))
    if "specialty" in asked:
        specialty = bindparam("specialty", type_=Integer)
        has_it = exists().where(of_doctor.doctor_id == doctor, of_doctor.specialty_id == specialty)
        query = query.where(has_it)
    if "like" in asked:
        like = bindparam("like", type_=Integer)
        theirs = select(of_doctor.specialty_id).where(of_doctor.doctor_id == like)
        shares = exists().where(of_doctor.doctor_id == doctor, of_doctor.specialty_id.in_(theirs))
        query = query.where(doctor != like, shares)
    return query


def does_type(doctor: ColumnElement[int], visit_type: ColumnElement[int]) -> ColumnElement[bool]:
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
