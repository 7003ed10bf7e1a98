"""Is the book sound: asked of the tables themselves, by other means than the guards.

Everything here counts and names nobody, so that whoever looks after the machine may ask without
an account of the clinic.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause, func, select, text, update
from sqlalchemy.orm import Session

from ..models import Appointment, Clinic, table
from ..visits.guards import OCCUPYING

_APPOINTMENTS, _CLINIC = table(Appointment), table(Clinic)


@dataclass(frozen=True, slots=True)
class BookCounts:
    """How many appointments there are, and how many begin while another of the same is going on.

    ``overbooked`` are those that stand deliberately beside others of their doctor.
    """

    appointments: int
    overbooked: int
    overlaps_of_doctors: int
    overlaps_of_patients: int
    overlaps_of_rooms: int


def count_book(session: Session) -> BookCounts:
    """Count them. A sweep by start, owner by owner, that relies on no bound of any length.

    A doctor's time counts with its buffers; visits deliberately overbooked do not count there.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL statement_timeout = '10min'"))
    columns = _APPOINTMENTS.c
    return BookCounts(
        session.scalar(select(func.count()).select_from(_APPOINTMENTS)) or 0,
        session.scalar(
            select(func.count()).where(columns.status.in_(OCCUPYING), columns.overbooked)
        )
        or 0,
        _overlaps(
            session,
            columns.doctor_id,
            columns.blocked_from,
            columns.blocked_until,
            ~columns.overbooked,
        ),
        _overlaps(session, columns.patient_id, columns.starts_at, columns.ends_at),
        _overlaps(session, columns.room_id, columns.starts_at, columns.ends_at),
    )


def change_nothing(session: Session) -> None:
    """Write what stands there already and take it back: fails where nothing can be written."""
    session.execute(update(_CLINIC).values(name=_CLINIC.c.name))
    session.rollback()


def sqlite_faults(session: Session) -> tuple[str, ...]:
    """What SQLite's own look at its file finds wrong; nothing on a sound one."""
    whole = session.scalars(text("PRAGMA integrity_check(10)")).all()
    stray = session.execute(text("PRAGMA foreign_key_check")).all()
    faults = [fault for fault in whole if fault != "ok"]
    if stray:
        faults.append(f"{len(stray)} rows point at rows that are not there")
    return tuple(faults)


def _overlaps(
    session: Session,
    owner: ColumnElement[int],
    starts: ColumnElement[object],
    ends: ColumnElement[object],
    *which: ColumnElement[bool],
) -> int:
    """How many begin before the latest end of those of the same owner that began earlier."""
    latest_before = func.max(ends).over(
        partition_by=owner, order_by=(starts, _APPOINTMENTS.c.id), rows=(None, -1)
    )
    swept: FromClause = (
        select(starts.label("starts"), latest_before.label("latest_before"))
        .where(_APPOINTMENTS.c.status.in_(OCCUPYING), owner.is_not(None), *which)
        .subquery()
    )
    query = select(func.count()).where(swept.c.starts < swept.c.latest_before)
    return session.scalar(query) or 0
