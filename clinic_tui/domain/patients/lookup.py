"""Doctors and patients by an exact identifier: our own number, or the one of another system."""

from __future__ import annotations

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require_some
from ..models import Doctor, Patient, table
from ..text import may_be_stored, search_key
from .reach import restrict_to_reach

_DOCTORS, _PATIENTS = table(Doctor), table(Patient)
_LONGEST_NUMBER = 9


def doctor_known_as(session: Session, actor: Actor, identifier: str) -> int | None:
    """The doctor with that number or outside identifier, or called so: "Dr Lee Anna (12)".

    None if there is none. What a retired doctor is called may be somebody else's name by now.
    """
    require_some(actor, Permission.SEE_DOCTORS)
    if not may_be_stored(identifier):
        return None
    is_number = identifier.isdecimal() and len(identifier) <= _LONGEST_NUMBER
    number = int(identifier) if is_number else 0
    query = (
        select(_DOCTORS.c.id)
        .where(or_(_DOCTORS.c.outside_id == identifier, _DOCTORS.c.id == number))
        .order_by(case((_DOCTORS.c.outside_id == identifier, 0), else_=1))
    )
    return session.scalars(query).first() or _called(session, identifier)


def _called(session: Session, name: str) -> int | None:
    """Whom the desk calls so, whatever the case and the accents."""
    columns, key = _DOCTORS.c, search_key(name)
    query = select(columns.id, columns.shown_name).order_by(columns.active.desc(), columns.id)
    return next(
        (one.id for one in session.execute(query) if search_key(one.shown_name) == key), None
    )


def patient_known_as(session: Session, actor: Actor, identifier: str) -> int | None:
    """The patient, within the actor's reach, with that record number or outside identifier.

    The number of a record that was merged leads to the one that was kept.
    """
    within = restrict_to_reach(actor, Permission.SEE_CONTACT, _PATIENTS.c.id)
    if not may_be_stored(identifier):
        return None
    query = select(func.coalesce(_PATIENTS.c.merged_into, _PATIENTS.c.id)).where(
        or_(_PATIENTS.c.record_number == identifier, _PATIENTS.c.outside_id == identifier)
    )
    if within is not None:
        query = query.where(within)
    return session.scalars(query.order_by(_PATIENTS.c.record_number != identifier)).first()
