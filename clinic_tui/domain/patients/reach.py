"""Which patients are within somebody's reach: all, a doctor's, one's own, or none."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Row, exists, false, or_, select, true
from sqlalchemy.orm import Session

from ..access import REACHES, Actor, Permission, Reach, Role, reach, require_some
from ..codes import Status
from ..errors import NotFound, NotPermitted
from ..models import Appointment, Patient, table
from .record_lock import merged_away

_PATIENTS, _APPOINTMENTS = table(Patient), table(Appointment)


def restrict_to_reach(
    actor: Actor, permission: Permission, patient_id: ColumnElement[int]
) -> ColumnElement[bool] | None:
    """The condition that narrows a query to the patients within reach; None where all are.

    A doctor's patients are those who have, or had, a visit with them.
    """
    if require_some(actor, permission) is Reach.ANY:
        return None
    return in_reach(actor, permission, patient_id)


def in_reach(
    actor: Actor, permission: Permission, patient_id: ColumnElement[int]
) -> ColumnElement[bool]:
    """Whether the permission reaches a patient, as a condition; false where it reaches nobody."""
    if reach(actor, permission) is Reach.ANY:
        return true()
    within: list[ColumnElement[bool]] = []
    if _reaches_own(actor, permission, Role.DOCTOR) and actor.doctor_id is not None:
        within.append(
            exists().where(
                _APPOINTMENTS.c.patient_id == patient_id,
                _APPOINTMENTS.c.doctor_id == actor.doctor_id,
                _APPOINTMENTS.c.status != Status.ENTERED_IN_ERROR,
            )
        )
    if _reaches_own(actor, permission, Role.PATIENT) and actor.patient_id is not None:
        within.append(patient_id == actor.patient_id)
    return or_(false(), *within)


def _reaches_own(actor: Actor, permission: Permission, role: Role) -> bool:
    return role in actor.roles and REACHES[permission][role] is not Reach.NONE


def reaches(session: Session, actor: Actor, permission: Permission, patient_id: int) -> bool:
    """Whether the permission reaches that patient."""
    far = reach(actor, permission)
    if far is not Reach.OWN:
        return far is Reach.ANY
    within = in_reach(actor, permission, _PATIENTS.c.id)
    query = select(_PATIENTS.c.id).where(_PATIENTS.c.id == patient_id, within)
    return session.scalar(query) is not None


def permitted_row(
    session: Session,
    actor: Actor,
    permission: Permission,
    patient_id: int,
    *,
    to_change: bool = False,
) -> Row[Any]:
    """The patient's row, permitted before it is read; kept from other editors ``to_change``.

    Refused: ``NotPermitted`` where the permission does not reach them; ``NotFound`` where there is
    no such patient, or the record was merged into another.
    """
    require_some(actor, permission)
    if not reaches(session, actor, permission, patient_id):
        raise NotPermitted(f"You may not {permission.value}.")
    query = select(_PATIENTS).where(_PATIENTS.c.id == patient_id)
    if to_change:
        query = query.with_for_update(key_share=True)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such patient.")
    if row.merged_into is not None:
        raise merged_away()
    return row
