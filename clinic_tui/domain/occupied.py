"""Which appointments stand in the way at a given moment, and how holds that ran out leave."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, ColumnElement, and_, delete, or_
from sqlalchemy.orm import Session

from .codes import Status
from .guards import MAX_BLOCK_MINUTES, OCCUPYING
from .models import Appointment, table

if TYPE_CHECKING:
    from .conflicts import Place

_APPOINTMENTS = table(Appointment)
_LONGEST_BLOCK = timedelta(minutes=MAX_BLOCK_MINUTES)


def occupies(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Of an appointment: whether it takes up time, which a hold does only until it runs out."""
    columns = _APPOINTMENTS.c
    return and_(
        columns.status.in_(OCCUPYING),
        or_(columns.status != Status.HELD, columns.held_until > now),
    )


def let_go_of_expired(session: Session, place: Place) -> bool:
    """Delete the holds that ran out and still stand in that place; whether there were any.

    The guards know no clock: to them a hold stands until its row is gone. Nothing refers to it.
    """
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
    gone = session.execute(
        delete(_APPOINTMENTS)
        .where(
            columns.status == Status.HELD,
            columns.held_until <= place.asked_at,
            columns.starts_at > place.blocked_from - _LONGEST_BLOCK,
            columns.starts_at < place.blocked_until + _LONGEST_BLOCK,
            or_(*whose),
        )
        .returning(columns.id)
    )
    return bool(gone.all())
