"""The front desk's board: who is expected today, is here, is through, and what nobody resolved.

Reads only; of each visit one line, in one query. What part of the board it belongs to depends on
the time, so that the board follows the clock without being read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Integer, Text, and_, exists, or_, select, type_coerce
from sqlalchemy.orm import Session

from ..access import Actor, Permission, Reach, require_some
from ..clinic.settings import load_settings
from ..codes import Status
from ..models import Appointment, Doctor, Patient, Room, VisitType, epoch_seconds, table
from ..times.walltime import day_bounds, from_seconds, local_day
from ..visits.guards import MAX_BLOCK_MINUTES

_APPOINTMENTS, _PATIENTS, _DOCTORS = table(Appointment), table(Patient), table(Doctor)
_TYPES, _ROOMS = table(VisitType), table(Room)
_EARLIER = _APPOINTMENTS.alias("earlier")
_CAME = (Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED)
_OUTCOMES = (Status.FULFILLED, Status.NOSHOW)
_NO_OUTCOME = (Status.PENDING, Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN)
LOOKED_BACK = 31
"""Days of which visits without an outcome still wait on the board."""
MOST = 2000
"""So many visits at once, today's first; in the largest clinic a day has a thousand."""
_BLOCK = timedelta(minutes=MAX_BLOCK_MINUTES)


class Part(StrEnum):
    """The parts of the board, in the order in which they need somebody."""

    ARRIVED = "arrived"
    IN_ROOM = "in the room"
    EXPECTED = "expected"
    UNRESOLVED = "unresolved"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class BoardVisit:
    """One visit on the board. Times are aware UTC.

    ``arrived_at`` is from when on the patient has waited, None where nobody wrote it down.
    ``first_visit``: the book knows of no earlier one to which the patient came.
    """

    appointment_id: int
    patient_id: int
    doctor_id: int
    starts_at: datetime
    ends_at: datetime
    status: Status
    arrived_at: datetime | None
    confirmed: bool
    overbooked: bool
    first_visit: bool
    alert: str
    family_name: str
    given_name: str
    doctor: str
    visit_type: str
    short_name: str
    room: str


@dataclass(frozen=True, slots=True)
class Board:
    """The visits of ``day`` (from ``midnight`` on) and those before it without an outcome.

    By their starts. ``more``: there were so many that the oldest were left out.
    """

    day: date
    midnight: datetime
    visits: tuple[BoardVisit, ...]
    more: bool = False

    def part_of(self, visit: BoardVisit, now: datetime) -> Part:
        """Where that visit stands at that time.

        One whose time is over without the patient having arrived is unresolved, not missed: who
        came and who did not is for a person to say.
        """
        if visit.status in _OUTCOMES:
            return Part.DONE
        if self.is_of_an_earlier_day(visit):
            return Part.UNRESOLVED
        if visit.status is Status.ARRIVED:
            return Part.ARRIVED
        if visit.status is Status.CHECKED_IN:
            return Part.IN_ROOM
        return Part.UNRESOLVED if visit.ends_at <= now else Part.EXPECTED

    def is_of_an_earlier_day(self, visit: BoardVisit) -> bool:
        """Whether it was over before today began."""
        return visit.ends_at <= self.midnight

    def parts(self, visits: Sequence[BoardVisit], now: datetime) -> dict[Part, list[BoardVisit]]:
        """These visits by part, each part in its own order.

        Who has waited longest comes first, and of what is done what was last; everything else
        goes by its start.
        """
        found: dict[Part, list[BoardVisit]] = {part: [] for part in Part}
        for visit in visits:
            found[self.part_of(visit, now)].append(visit)
        found[Part.ARRIVED].sort(key=lambda visit: visit.arrived_at or visit.starts_at)
        found[Part.DONE].reverse()
        return found


def board_of_today(session: Session, actor: Actor, now: datetime) -> Board:
    """The board at that time, by the clinic's clock: everybody's visits, or the doctor's own.

    Held openings, cancelled visits and those entered in error are not on it.
    """
    far = require_some(actor, Permission.RUN_VISITS)
    zone = load_settings(session).zone
    day = local_day(now, zone)
    midnight, next_midnight = day_bounds(day, zone)
    since = day_bounds(day - timedelta(days=LOOKED_BACK), zone)[0]
    columns = _APPOINTMENTS.c
    today = and_(columns.ends_at > midnight, columns.status.in_((*_NO_OUTCOME, *_OUTCOMES)))
    query = (
        _LINES.where(
            columns.starts_at >= since,
            columns.starts_at < next_midnight,
            or_(today, columns.status.in_(_NO_OUTCOME)),
        )
        .order_by(columns.starts_at.desc(), columns.id.desc())
        .limit(MOST + 1)
    )
    if far is not Reach.ANY:
        # The bounds on the block let the doctor's own index serve.
        query = query.where(
            columns.doctor_id == (actor.doctor_id or 0),
            columns.blocked_from > since - _BLOCK,
            columns.blocked_from < next_midnight,
        )
    rows = session.execute(query).all()
    visits = tuple(_visit(row) for row in reversed(rows[:MOST]))
    return Board(day, midnight, visits, more=len(rows) > MOST)


def _came_before() -> ColumnElement[bool]:
    """Whether the patient of a visit came to an earlier one."""
    return exists().where(
        _EARLIER.c.patient_id == _APPOINTMENTS.c.patient_id,
        _EARLIER.c.starts_at < _APPOINTMENTS.c.starts_at,
        _EARLIER.c.status.in_(_CAME),
    )


_LINES = (
    select(
        _APPOINTMENTS.c.id,
        _APPOINTMENTS.c.patient_id,
        _APPOINTMENTS.c.doctor_id,
        epoch_seconds(_APPOINTMENTS.c.starts_at),
        epoch_seconds(_APPOINTMENTS.c.ends_at),
        type_coerce(_APPOINTMENTS.c.status, Text),
        epoch_seconds(_APPOINTMENTS.c.arrived_at),
        type_coerce(_APPOINTMENTS.c.confirmed_at.is_not(None), Integer),
        type_coerce(_APPOINTMENTS.c.overbooked, Integer),
        type_coerce(_came_before(), Integer),
        _PATIENTS.c.alert,
        _PATIENTS.c.family_name,
        _PATIENTS.c.given_name,
        _DOCTORS.c.shown_name,
        _TYPES.c.name,
        _TYPES.c.short_name,
        _ROOMS.c.name,
    )
    .join(_PATIENTS, _PATIENTS.c.id == _APPOINTMENTS.c.patient_id)
    .join(_DOCTORS, _DOCTORS.c.id == _APPOINTMENTS.c.doctor_id)
    .join(_TYPES, _TYPES.c.id == _APPOINTMENTS.c.visit_type_id)
    .outerjoin(_ROOMS, _ROOMS.c.id == _APPOINTMENTS.c.room_id)
)


def _visit(row: Sequence[Any]) -> BoardVisit:
    """From a row of ``_LINES``: plain numbers and words, which cost a third of typed ones."""
    number, patient_id, doctor_id, starts_at, ends_at, status, arrived_at, *rest = row
    confirmed, overbooked, came_before, alert, family_name, given_name, *others = rest
    doctor, visit_type, short_name, room = others
    return BoardVisit(
        appointment_id=number,
        patient_id=patient_id,
        doctor_id=doctor_id,
        starts_at=from_seconds(starts_at),
        ends_at=from_seconds(ends_at),
        status=Status(status),
        arrived_at=None if arrived_at is None else from_seconds(arrived_at),
        confirmed=bool(confirmed),
        overbooked=bool(overbooked),
        first_visit=not came_before,
        alert=alert,
        family_name=family_name,
        given_name=given_name,
        doctor=doctor,
        visit_type=visit_type,
        short_name=short_name,
        room=room or "",
    )
