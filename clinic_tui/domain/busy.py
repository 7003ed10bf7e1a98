"""When doctors and rooms are taken, fetched as plain numbers for many at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, literal_column, or_, select
from sqlalchemy.orm import Session

from .guards import MAX_BLOCK_MINUTES
from .models import Appointment, UtcDateTime, epoch_seconds, gathered, table
from .occupied import occupies
from .schedule import Span

_APPOINTMENTS = table(Appointment)
_C = _APPOINTMENTS.c
_LONGEST_BLOCK = timedelta(minutes=MAX_BLOCK_MINUTES)
_START = 1 << 16
"""A span as one number: its start times this, plus its length. Longer than any block in seconds."""
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

    ``asked_at`` is now, when some holds have run out; ``leaving_out`` is an appointment whose
    own time counts as free.
    """
    ids = list(doctors)
    parameters: dict[str, Any] = _around(within, asked_at)
    if everybodys(ids):
        query = _BUSY
    else:
        query, parameters["doctors"] = _BUSY_OF_SOME, ids
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
    """When each room is taken meanwhile, by the visits themselves, in order and merged."""
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
        "since": since,
        "until": until,
        "starts_until": until + _LONGEST_BLOCK,
        "now": asked_at,
    }


def _by_owner(
    session: Session, query: Select[Any], parameters: dict[str, Any]
) -> dict[int, list[Span]]:
    return {owner: _merged(codes) for owner, codes in session.execute(query, parameters).all()}


def _merged(codes: list[int]) -> list[Span]:
    """As few spans in order: in a full book a whole morning is one."""
    codes.sort()
    merged: list[Span] = []
    since = until = codes[0] // _START
    for code in codes:
        start, length = divmod(code, _START)
        end = start + length
        if start > until:
            merged.append((since, until))
            since, until = start, end
        elif end > until:
            until = end
    merged.append((since, until))
    return merged


def _gathered(
    owner: ColumnElement[Any], starts: ColumnElement[Any], ends: ColumnElement[Any]
) -> Select[Any]:
    """A row an owner and a number a visit: a row costs what a dozen numbers cost."""
    since, until = epoch_seconds(starts), epoch_seconds(ends)
    return (
        select(owner, gathered(since * literal_column(f"{_START}") + until - since))
        .where(
            starts > bindparam("from", type_=UtcDateTime),
            starts < bindparam("until", type_=UtcDateTime),
            ends > bindparam("since", type_=UtcDateTime),
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
_BUSY_OF_SOME = _BLOCKS.where(_C.doctor_id.in_(bindparam("doctors", expanding=True)))
_BUSY_ROOMS = _gathered(_C.room_id, _C.starts_at, _C.ends_at).where(
    _C.room_id.in_(bindparam("rooms", expanding=True))
)
