"""The visits that the calendar shows as blocks: read as plain text, made when looked at."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, overload

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.orm import Session

from ..access import Actor, Permission, Reach, may, reach
from ..codes import Status
from ..models import (
    Account,
    Appointment,
    Notice,
    Patient,
    Room,
    UtcDateTime,
    VisitType,
    epoch_seconds,
    table,
)
from ..models.many import ids, one_of, rows_of, words_of
from ..patients.personal import remember
from ..times.walltime import from_seconds
from ..visits.guards import MAX_BLOCK_MINUTES
from ..visits.occupied import IS_HELD

_APPOINTMENTS, _PATIENTS, _ACCOUNTS = table(Appointment), table(Patient), table(Account)
_TYPES, _ROOMS = table(VisitType), table(Room)
_OUTBOX = table(Notice)
_LONGEST_BLOCK = timedelta(minutes=MAX_BLOCK_MINUTES)
_FAILED = text("outbox.status = 'failed'")
"""Written out, because only then do both databases use the index that knows of no others."""
_UNSEEN: list[ColumnElement[Any]] = [
    literal_column(f"'{status}'") for status in (Status.CANCELLED, Status.ENTERED_IN_ERROR)
]
"""Written out: a list of parameters would be written into the statement anew each time."""
_Holder = tuple[str, datetime | None]
_NOBODY: _Holder = ("", None)
"""Who holds an opening, and until when."""
_Row = list[Any]
_ID, _DOCTOR, _CONFIRMED, _PATIENT, _WORDS = 1, 2, 7, 9, 10
"""Where they stand in a row."""


@dataclass(frozen=True, slots=True)
class CalendarVisit:
    """A visit as a block. Times are aware UTC; blocked times include the buffers.

    A colleague's visit is ``busy``: its names, type, colour and room are empty, it counts as
    booked, and ``patient_id`` is None, as it may be for a held opening. Who holds that (the
    account's user name) and until when everybody sees. ``unsent``: a message about it failed and
    is still of use.
    """

    appointment_id: int
    doctor_id: int
    starts_at: datetime
    ends_at: datetime
    blocked_from: datetime
    blocked_until: datetime
    status: Status
    overbooked: bool
    confirmed: bool
    busy: bool
    patient_id: int | None
    family_name: str
    given_name: str
    visit_type: str
    short_name: str
    colour: str
    room: str
    held_by: str = ""
    held_until: datetime | None = None
    unsent: bool = False


class Visits(Sequence[CalendarVisit]):
    """One doctor's visits in order of their starts, made when the first of them is looked at.

    A day of many doctors holds a thousand visits, and a screen shows a tenth of them; the others
    stay the text in which they were read. Equal to a tuple of the same visits.
    """

    def __init__(self, read: str | list[_Row]) -> None:
        self._read = read

    @cached_property
    def _made(self) -> tuple[CalendarVisit, ...]:
        rows = _rows(self._read) if isinstance(self._read, str) else self._read
        return tuple(map(_visit, rows))

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, index: int) -> CalendarVisit: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[CalendarVisit, ...]: ...
    def __getitem__(self, index: int | slice) -> CalendarVisit | tuple[CalendarVisit, ...]:
        return self._made[index]

    def __iter__(self) -> Iterator[CalendarVisit]:
        return iter(self._made)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Visits):
            return self._read == other._read or self._made == other._made
        return self._made == other

    def __hash__(self) -> int:
        return hash(self._made)

    def __repr__(self) -> str:
        return repr(self._made)


def load_visits(
    session: Session,
    actor: Actor,
    starts_at: datetime,
    ends_at: datetime,
    doctor_ids: list[int] | None,
    now: datetime,
) -> tuple[dict[int, Visits], datetime | None]:
    """The visits between two instants by doctor, and when the first hold among them runs out."""
    parameters: dict[str, Any] = {
        "from": starts_at - _LONGEST_BLOCK,
        "starts": starts_at,
        "until": ends_at,
    }
    query = _VISITS
    if doctor_ids is not None:
        query, parameters["doctors"] = _VISITS_OF_SOME, doctor_ids
    found = session.execute(query, parameters).all()
    unsent = _unsent(session, max(starts_at, now), ends_at)
    told_apart = set(unsent.values())
    everything = reach(actor, Permission.SEE_CONTACT) is Reach.ANY
    plain = {
        doctor: read
        for doctor, read, holds in found
        if everything and not holds and doctor not in told_apart
    }
    others = {doctor: _rows(read) for doctor, read, _ in found if doctor not in plain}
    held = [row[_ID] for rows in others.values() for row in rows if _is_held(row)]
    holders = _holders(session, held, now)
    shown = {doctor: Visits(read) for doctor, read in plain.items()}
    for doctor, rows in others.items():
        if theirs := list(_as_seen(rows, actor, holders, unsent)):
            shown[doctor] = Visits(theirs)
    return shown, min((until for _, until in holders.values()), default=None)


def _as_seen(
    rows: list[_Row], actor: Actor, holders: Mapping[int, _Holder], unsent: Container[int]
) -> Iterator[_Row]:
    """The rows as this actor sees them, with who holds them and whether a message failed."""
    for row in rows:
        number, held = row[_ID], _is_held(row)
        if held and number not in holders:
            continue
        seen = may(
            actor, Permission.SEE_CONTACT, doctor_id=row[_DOCTOR], patient_id=row[_PATIENT] or None
        )
        known = row if seen else _busy(row)
        yield [*known, *holders.get(number, _NOBODY), seen and number in unsent]


def _rows(read: str) -> list[_Row]:
    """The rows of a text: each begins with its start and its number, by which they are sorted."""
    rows: list[_Row] = json.loads(read)
    rows.sort()
    return rows


def _is_held(row: _Row) -> bool:
    return bool(row[_WORDS][0] == Status.HELD)


def _busy(row: _Row) -> _Row:
    """What a colleague sees of a visit: the time, and not how far it is or who will come."""
    status = Status.HELD if _is_held(row) else Status.BOOKED
    words = [status, *[""] * (len(row[_WORDS]) - 1)]
    return [*row[:_CONFIRMED], False, True, 0, words]


def _unsent(session: Session, starts_at: datetime, ends_at: datetime) -> dict[int, int]:
    """Of which visits between two instants a message failed, each with its doctor."""
    if ends_at <= starts_at:
        return {}
    return dict(iter(session.execute(_UNSENT, {"from": starts_at, "until": ends_at})))


def _holders(
    session: Session, hold_ids: list[int], now: datetime
) -> dict[int, tuple[str, datetime]]:
    """Who holds each of these openings, and until when; those that have run out are left out.

    What is offered to somebody who waits is held by no account.
    """
    if not hold_ids:
        return {}
    columns = _APPOINTMENTS.c
    rows = session.execute(
        select(columns.id, _ACCOUNTS.c.username, columns.held_until)
        .outerjoin(_ACCOUNTS, _ACCOUNTS.c.id == columns.held_by)
        .where(columns.id.in_(hold_ids), IS_HELD, columns.held_until > now)
    )
    return {number: (username or "the waitlist", until) for number, username, until in rows}


def _visit(row: _Row) -> CalendarVisit:
    """From a row of ``_visits_query``, and what ``load_visits`` knows of it besides."""
    starts_at, number, doctor_id, ends_at, blocked_from, blocked_until, *rest = row
    overbooked, confirmed, busy, patient_id, (status, *words), *more = rest
    for name in words[:2]:
        if name:  # In a text it did not pass through the type that would have done so.
            remember(name)
    return CalendarVisit(
        number,
        doctor_id,
        from_seconds(starts_at),
        from_seconds(ends_at),
        from_seconds(blocked_from),
        from_seconds(blocked_until),
        Status(status),
        bool(overbooked),
        bool(confirmed),
        bool(busy),
        patient_id or None,
        *words,
        *more,
    )


def _visits_query(*, everybody: bool) -> Select[Any]:
    """Each doctor's visits as one text, and how many of them are holds."""
    columns = _APPOINTMENTS.c
    words = words_of(
        columns.status,
        func.coalesce(_PATIENTS.c.family_name, ""),
        func.coalesce(_PATIENTS.c.given_name, ""),
        _TYPES.c.name,
        _TYPES.c.short_name,
        _TYPES.c.colour,
        func.coalesce(_ROOMS.c.name, ""),
    )
    row = rows_of(
        epoch_seconds(columns.starts_at),
        columns.id,
        columns.doctor_id,
        epoch_seconds(columns.ends_at),
        epoch_seconds(columns.blocked_from),
        epoch_seconds(columns.blocked_until),
        cast(columns.overbooked, Integer),
        cast(columns.confirmed_at.is_not(None), Integer),
        literal_column("0"),
        func.coalesce(columns.patient_id, 0),
        words,
    )
    query = (
        select(columns.doctor_id, row, func.count().filter(IS_HELD))
        .join(_TYPES, _TYPES.c.id == columns.visit_type_id)
        .outerjoin(_PATIENTS, _PATIENTS.c.id == columns.patient_id)
        .outerjoin(_ROOMS, _ROOMS.c.id == columns.room_id)
        .where(
            columns.starts_at > bindparam("from", type_=UtcDateTime),
            columns.starts_at < bindparam("until", type_=UtcDateTime),
            columns.ends_at > bindparam("starts", type_=UtcDateTime),
            columns.status.not_in(_UNSEEN),
        )
        .group_by(columns.doctor_id)
    )
    if everybody:
        return query
    return query.where(
        # The bounds on the block let the doctor's own index serve, whichever is the narrower.
        one_of(columns.doctor_id, ids("doctors")),
        columns.blocked_from > bindparam("from", type_=UtcDateTime),
        columns.blocked_from < bindparam("until", type_=UtcDateTime),
    )


_VISITS = _visits_query(everybody=True)
_VISITS_OF_SOME = _visits_query(everybody=False)
_UNSENT = (
    select(_OUTBOX.c.appointment_id, _APPOINTMENTS.c.doctor_id)
    .join(_APPOINTMENTS, _APPOINTMENTS.c.id == _OUTBOX.c.appointment_id)
    .where(
        _FAILED,
        _OUTBOX.c.starts_at >= bindparam("from", type_=UtcDateTime),
        _OUTBOX.c.starts_at < bindparam("until", type_=UtcDateTime),
    )
)
