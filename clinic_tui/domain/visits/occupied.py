"""Which appointments stand in the way at a given moment, and how holds that ran out leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, ColumnElement, and_, delete, literal_column, or_, select
from sqlalchemy.orm import Session

from ..codes import Status
from ..models import Appointment, table
from .guards import MAX_BLOCK_MINUTES, OCCUPYING

if TYPE_CHECKING:
    from .conflicts import Place

_APPOINTMENTS = table(Appointment)

_KEPT = timedelta(hours=1)
_LONGEST_BLOCK = timedelta(minutes=MAX_BLOCK_MINUTES)
IS_HELD: ColumnElement[bool] = _APPOINTMENTS.c.status == literal_column("'held'")
"""Of an appointment: whether it is a hold. Written out, so that the index of holds serves."""
_STANDS = or_(
    *(
        _APPOINTMENTS.c.status == literal_column(f"'{status}'")
        for status in dict.fromkeys((Status.BOOKED, *Status))
        if status in OCCUPYING and status is not Status.HELD
    )
)
"""Written out, so that no list of parameters is; and each apart, what most visits are first: both
databases compare so faster than with a list."""


def occupies(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Of an appointment: whether it takes up time, which a hold does only until it runs out."""
    return or_(_STANDS, and_(IS_HELD, _APPOINTMENTS.c.held_until > now))


def held_at(session: Session, account_id: int, desk: str) -> int | None:
    """The number of what an account holds at that desk, for reads that look past it."""
    columns = _APPOINTMENTS.c
    return session.scalar(
        select(columns.id)
        .where(IS_HELD, columns.held_desk == desk, columns.held_by == account_id)
        .limit(1)
    )


def let_go_of_expired(session: Session, *places: Place, keeping: Sequence[int] = ()) -> set[int]:
    """Delete the holds that ran out about those places; which of ``keeping`` still stand.

    The guards know no clock: to them a hold stands until its row is gone. Nothing refers to it.
    All of these rows, the holds ``keeping`` among them, are locked by number before any is
    deleted: two who want the same holds gone wait for each other in one direction only.
    """
    columns = _APPOINTMENTS.c
    ran_out = [_run_out_about(places)] if places else []
    found = session.scalars(
        select(columns.id)
        .where(IS_HELD, or_(columns.id.in_(keeping), *ran_out))
        .order_by(columns.id)
        .with_for_update()
    ).all()
    if gone := [one for one in found if one not in keeping]:
        session.execute(delete(_APPOINTMENTS).where(columns.id.in_(gone)))
    return {*found} & {*keeping}


def forget_run_out(session: Session, now: datetime) -> None:
    """Delete the holds that ran out an hour ago, wherever they are.

    They stand in nobody's way, but nobody would come by where they are. Until then a desk that
    slept may still renew its own. The last step of what calls it: it waits for nobody.
    """
    columns = _APPOINTMENTS.c
    gone = session.scalars(
        select(columns.id)
        .where(IS_HELD, columns.held_until <= now - _KEPT)
        .with_for_update(skip_locked=True)
    ).all()
    if gone:
        session.execute(delete(_APPOINTMENTS).where(columns.id.in_(gone)))


def _run_out_about(places: Sequence[Place]) -> ColumnElement[bool]:
    """Of an appointment: a hold that ran out, of the same doctors, patients or rooms, thereabouts.

    Not those alone that stand in a place's way: there are few, and a condition for each of a
    hundred visits would cost more than it spares.
    """
    columns = _APPOINTMENTS.c
    return and_(
        columns.held_until <= max(place.asked_at for place in places),
        columns.starts_at > min(place.blocked_from for place in places) - _LONGEST_BLOCK,
        columns.starts_at < max(place.blocked_until for place in places) + _LONGEST_BLOCK,
        or_(
            columns.doctor_id.in_({place.doctor_id for place in places}),
            columns.patient_id.in_({place.patient_id for place in places}),
            columns.room_id.in_({place.room_id for place in places} - {None}),
        ),
    )
