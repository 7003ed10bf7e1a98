"""When doctors and rooms are taken, fetched as plain numbers for many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, or_, select
from sqlalchemy.orm import Session

from ..models import Appointment, UtcDateTime, epoch_seconds, table
from ..models.many import ids, merged_spans, one_of
from ..times.spans import Span
from ..visits.guards import MAX_BLOCK_MINUTES
from ..visits.occupied import occupies

_APPOINTMENTS = table(Appointment)
_C = _APPOINTMENTS.c
_LONGEST_BLOCK = timedelta(minutes=MAX_BLOCK_MINUTES)
_MANY = 200
"""More doctors than this are not listed in a query but left to be everybody."""


def everybodys(doctors: Iterable[int]) -> bool:
    """Whether so many are asked for that a query does better without naming them."""
    return len(list(doctors)) > _MANY


def busy_doctors(
    session: Session,
    doctors: Iterable[int],
    within: tuple[datetime, datetime],
    asked_at: datetime,
    leaving_out: int | None = None,
) -> dict[int, list[Span]]:
    """What blocks each doctor meanwhile, buffers included, in order and merged.

    What ended not long before is among it: to leave it out would cost more than it spares.
    ``asked_at`` is now, when some holds have run out; ``leaving_out`` is an appointment whose
    own time counts as free.
    """
    asked = list(doctors)
    parameters: dict[str, Any] = _around(within, asked_at)
    if everybodys(asked):
        query = _BUSY
    else:
        query, parameters["doctors"] = _BUSY_OF_SOME, asked
    if leaving_out is not None:
        query = query.where(_APPOINTMENTS.c.id != leaving_out)
    return _by_owner(session, query, parameters)


def busy_rooms(
    session: Session,
    rooms: Iterable[int],
    within: tuple[datetime, datetime],
    asked_at: datetime,
    leaving_out: int | None = None,
) -> dict[int, list[Span]]:
    """When each room is taken meanwhile, by the visits themselves, in order and merged likewise."""
    query = _BUSY_ROOMS
    if leaving_out is not None:
        query = query.where(_APPOINTMENTS.c.id != leaving_out)
    return _by_owner(session, query, {**_around(within, asked_at), "rooms": list(rooms)})


def busy_besides(
    session: Session,
    patient_id: int | None,
    room_id: int | None,
    within: tuple[datetime, datetime],
    asked_at: datetime,
    leaving_out: int | None = None,
) -> tuple[Span, ...]:
    """When the patient or the room is taken by visits that one starting meanwhile could meet."""
    since, until = within
    whose = []
    if patient_id is not None:
        whose.append(_C.patient_id == patient_id)
    if room_id is not None:
        whose.append(_C.room_id == room_id)
    rows = session.execute(
        select(epoch_seconds(_C.starts_at), epoch_seconds(_C.ends_at)).where(
            _C.starts_at > since - _LONGEST_BLOCK,
            _C.starts_at < until + _LONGEST_BLOCK,
            _C.ends_at > since,
            occupies(asked_at),
            _C.id != (leaving_out or 0),
            or_(*whose),
        )
    )
    return tuple((start, end) for start, end in rows)


def _around(within: tuple[datetime, datetime], asked_at: datetime) -> dict[str, Any]:
    since, until = within
    return {
        "from": since - _LONGEST_BLOCK,
        "until": until,
        "starts_until": until + _LONGEST_BLOCK,
        "now": asked_at,
    }


def _by_owner(
    session: Session, query: Select[Any], parameters: dict[str, Any]
) -> dict[int, list[Span]]:
    rows: Sequence[Any] = session.execute(query, parameters).all()
    return dict(rows)


def _gathered(
    owner: ColumnElement[Any], starts: ColumnElement[Any], ends: ColumnElement[Any]
) -> Select[Any]:
    return (
        select(owner, merged_spans(starts, ends))
        .where(
            starts > bindparam("from", type_=UtcDateTime),
            starts < bindparam("until", type_=UtcDateTime),
            occupies(bindparam("now", type_=UtcDateTime)),
        )
        .group_by(owner)
    )


_BLOCKS = _gathered(_C.doctor_id, _C.blocked_from, _C.blocked_until)
# Without a list of doctors the index on the start serves; a block begins before its start.
_BUSY = _BLOCKS.where(
    _C.starts_at > bindparam("from", type_=UtcDateTime),
    _C.starts_at < bindparam("starts_until", type_=UtcDateTime),
)
_BUSY_OF_SOME = _BLOCKS.where(one_of(_C.doctor_id, ids("doctors")))
_BUSY_ROOMS = _gathered(_C.room_id, _C.starts_at, _C.ends_at).where(
    one_of(_C.room_id, ids("rooms"))
)
