"""A patient's telephone numbers, in their order: the first is the one that gets messages."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, ScalarSelect, delete, insert, select
from sqlalchemy.orm import Session

from ..models import PatientPhone, table
from .contact import reversed_digits

_PHONES = table(PatientPhone)


def first_phone(patient_id: ColumnElement[int]) -> ScalarSelect[str]:
    """The number that gets messages, in E.164, as a column of a query; NULL where there is none."""
    query = select(_PHONES.c.number).where(_PHONES.c.patient_id == patient_id)
    return query.order_by(_PHONES.c.position).limit(1).scalar_subquery()


def phones_of(session: Session, patient_id: int) -> list[str]:
    """All of a patient's numbers, in E.164."""
    query = select(_PHONES.c.number).where(_PHONES.c.patient_id == patient_id)
    return list(session.scalars(query.order_by(_PHONES.c.position)))


def write_phones(session: Session, patient_id: int, numbers: Sequence[str]) -> None:
    """Replace a patient's numbers: a shared step."""
    session.execute(delete(_PHONES).where(_PHONES.c.patient_id == patient_id))
    insert_phones(session, patient_id, numbers)


def insert_phones(session: Session, patient_id: int, numbers: Sequence[str]) -> None:
    """Add the numbers of somebody who has none."""
    if not numbers:
        return
    session.execute(
        insert(_PHONES),
        [
            {
                "patient_id": patient_id,
                "position": position,
                "number": number,
                "reversed_digits": reversed_digits(number),
            }
            for position, number in enumerate(numbers)
        ],
    )
