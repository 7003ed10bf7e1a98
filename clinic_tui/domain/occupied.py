"""Which appointments stand in the way at a given moment, and how holds that ran out leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, ColumnElement, and_, delete, literal_column, or_, select
from sqlalchemy.orm import Session

from .codes import Status
from .guards import OCCUPYING
from .models import Appointment, table

if TYPE_CHECKING:
    from .conflicts import Place

_APPOINTMENTS = table(Appointment)

IS_HELD: ColumnElement[bool] = _APPOINTMENTS.c.status == literal_column("'held'")
"""Of an appointment: whether it is a hold. Written out, so that the index of holds serves."""


def occupies(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Of an appointment: whether it takes up time, which a hold does only until it runs out."""
    columns = _APPOINTMENTS.c
    return and_(
        columns.status.in_(OCCUPYING),
        or_(columns.status != Status.HELD, columns.held_until > now),
    )


def let_go_of_expired(session: Session, *places: Place, keeping: Sequence[int] = ()) -> set[int]:
    """Delete the holds that ran out and stand in those places; which of ``keeping`` still stand.

    The guards know no clock: to them a hold stands until its row is gone. Nothing refers to it.
    All of these rows, the holds ``keeping`` among them, are locked by number before any is
    deleted: two who want the same holds gone wait for each other in one direction only.
    """
    columns = _APPOINTMENTS.c
    meeting = [and_(columns.held_until <= place.asked_at, _meets(place)) for place in places]
    found = session.scalars(
        select(columns.id)
        .where(IS_HELD, or_(columns.id.in_(keeping), *meeting))
        .order_by(columns.id)
        .with_for_update()
    ).all()
    if gone := [one for one in found if one not in keeping]:
        session.execute(delete(_APPOINTMENTS).where(columns.id.in_(gone)))
    return {*found} & {*keeping}


def _meets(place: Place) -> ColumnElement[bool]:
    """Of an appointment: whether it stands in that place's way."""
    columns = _APPOINTMENTS.c
    visits_meet = and_(columns.starts_at < place.ends_at, columns.ends_at > place.starts_at)
    whose = [
        and_(
            columns.doctor_id == place.doctor_id,
            columns.blocked_from < place.blocked_until,
            columns.blocked_until > place.blocked_from,
        ),
        and_(columns.patient_id == place.patient_id, visits_meet),
    ]
    if place.room_id is not None:
        whose.append(and_(columns.room_id == place.room_id, visits_meet))
    return or_(*whose)
