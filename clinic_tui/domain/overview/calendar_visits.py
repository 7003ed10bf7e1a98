"""The visits that the calendar shows as blocks: read as plain rows, made when looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, overload

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    false,
    func,
    literal_column,
    select,
    text,
    type_coerce,
)
from sqlalchemy.orm import Session

from ..access import Actor, Permission, Reach, owns, reach
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
from ..models.many import ids, one_of
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
_ID, _DOCTOR, _STATUS, _PATIENT = 0, 1, 6, 10
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

    A day of many doctors holds a thousand visits, and a screen shows a tenth of them. Equal to
    a tuple of the same visits.
    """

    def __init__(self, rows: Sequence[Sequence[Any]]) -> None:
        self._rows = rows

    @cached_property
    def _made(self) -> tuple[CalendarVisit, ...]:
        return tuple(map(_visit, self._rows))

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> CalendarVisit: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[CalendarVisit, ...]: ...
    def __getitem__(self, index: int | slice) -> CalendarVisit | tuple[CalendarVisit, ...]:
        return self._made[index]

    def __eq__(self, other: object) -> bool:
        return self._rows == other._rows if isinstance(other, Visits) else self._made == other

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
    everything = reach(actor, Permission.SEE_CONTACT) is Reach.ANY
    found: dict[int, list[Sequence[Any]]] = {}
    rows: Sequence[Sequence[Any]] = session.execute(query, parameters).all()
    held = [row[_ID] for row in rows if row[_STATUS] == Status.HELD]
    holders = _holders(session, held, now)
    unsent = _unsent(session, max(starts_at, now), ends_at)
    for row in rows:
        shown = (*row, "", None, True) if row[_ID] in unsent else row
        if not everything and not owns(
            actor, Permission.SEE_CONTACT, doctor_id=row[_DOCTOR], patient_id=row[_PATIENT]
        ):
            shown = _busy(row)
        if row[_STATUS] == Status.HELD:
            if row[_ID] not in holders:
                continue
            shown = (*shown, *holders[row[_ID]])
        found.setdefault(row[_DOCTOR], []).append(shown)
    first = min((until for _, until in holders.values()), default=None)
    return {doctor: Visits(theirs) for doctor, theirs in found.items()}, first


def _busy(row: Sequence[Any]) -> Sequence[Any]:
    """What a colleague sees of a visit: the time, and not how far it is or who will come."""
    status = row[_STATUS] if row[_STATUS] == Status.HELD else Status.BOOKED.value
    nothing = ("",) * len(row[_PATIENT + 1 :])
    return (*row[:_STATUS], status, row[_STATUS + 1], False, True, None, *nothing)


def _unsent(session: Session, starts_at: datetime, ends_at: datetime) -> set[int]:
    """Of which visits between two instants a message failed."""
    if ends_at <= starts_at:
        return set()
    columns = _OUTBOX.c
    query = select(columns.appointment_id).where(
        _FAILED, columns.starts_at >= starts_at, columns.starts_at < ends_at
    )
    return {number for number in session.scalars(query) if number is not None}


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


def _visit(row: Sequence[Any]) -> CalendarVisit:
    """From a row of ``_visits_query``, where everything has the place it has in a visit."""
    number, doctor_id, starts_at, ends_at, blocked_from, blocked_until = row[:_STATUS]
    status, overbooked, confirmed, busy, *rest = row[_STATUS:]
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
        *rest,
    )


def _visits_query(*, everybody: bool) -> Select[Any]:
    """Plain numbers and words, which cost a third of what typed ones do: a day has a thousand."""
    columns = _APPOINTMENTS.c
    query = (
        select(
            columns.id,
            columns.doctor_id,
            epoch_seconds(columns.starts_at),
            epoch_seconds(columns.ends_at),
            epoch_seconds(columns.blocked_from),
            epoch_seconds(columns.blocked_until),
            type_coerce(columns.status, Text),
            type_coerce(columns.overbooked, Integer),
            type_coerce(columns.confirmed_at.is_not(None), Integer),
            type_coerce(false(), Integer),
            columns.patient_id,
            func.coalesce(_PATIENTS.c.family_name, ""),
            func.coalesce(_PATIENTS.c.given_name, ""),
            _TYPES.c.name,
            _TYPES.c.short_name,
            _TYPES.c.colour,
            func.coalesce(_ROOMS.c.name, ""),
        )
        .join(_TYPES, _TYPES.c.id == columns.visit_type_id)
        .outerjoin(_PATIENTS, _PATIENTS.c.id == columns.patient_id)
        .outerjoin(_ROOMS, _ROOMS.c.id == columns.room_id)
        .where(
            columns.starts_at > bindparam("from", type_=UtcDateTime),
            columns.starts_at < bindparam("until", type_=UtcDateTime),
            columns.ends_at > bindparam("starts", type_=UtcDateTime),
            columns.status.not_in(_UNSEEN),
        )
        .order_by(columns.starts_at, columns.id)
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
