"""A doctor's day by e-mail: queued once for each day, told as it is when it leaves.

The clinic says when. Before noon it is the day that has begun, from noon on the next one. A doctor
who sees nobody on that day is told nothing. What it says is when and where; whom they see is shown
to who signs in.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, insert, or_, select, text, update
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..audit import record
from ..codes import Channel, NoticeKind, NoticeStatus, Status
from ..errors import NotFound
from ..models import Appointment, ChannelState, Clinic, Doctor, Notice, Room, table
from ..times.walltime import MINUTES_PER_DAY, day_bounds, instant, local_day
from ..undo.row_changes import found_rows, left_rows
from ..undo.ways_back import WayBack

_OUTBOX, _CHANNELS, _CLINIC = table(Notice), table(ChannelState), table(Clinic)
_APPOINTMENTS, _DOCTORS, _ROOMS = table(Appointment), table(Doctor), table(Room)
_COME = (Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED)
_NOON = MINUTES_PER_DAY // 2
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AgendaVisit:
    """One visit of the day: when (aware UTC), and in which room if in any."""

    starts_at: datetime
    ends_at: datetime
    room: str


def agendas_due(session: Session, now: datetime) -> bool:
    """Whether doctors are to be told of a day and nobody has queued that yet; a read."""
    day = _day_to_tell(session, now)
    if day is None:
        return False
    told = select(_CHANNELS.c.agendas_on).where(_CHANNELS.c.channel == Channel.EMAIL)
    return session.scalar(told) != day


def queue_agendas(session: Session, now: datetime) -> int:
    """Queue the day for each doctor who sees anybody on it and wants that; returns how many.

    Of several terminals that do so at once one does: they wait for the channel's row.
    """
    day = _day_to_tell(session, now)
    if day is None or not _is_first(session, day):
        return 0
    rows = session.execute(_last_visits(session, day, now)).all()
    if rows:
        session.execute(insert(_OUTBOX), [_agenda(row, day, now) for row in rows])
    return len(rows)


def set_agenda_wanted(
    session: Session, actor: Actor, doctor_id: int, wanted: bool, now: datetime
) -> None:
    """Let a doctor be told of their day by e-mail, or not any more; also of what is queued."""
    require(actor, Permission.MESSAGES, doctor_id=doctor_id)
    found = found_rows(session, _DOCTORS, id=doctor_id)
    changed = update(_DOCTORS).where(_DOCTORS.c.id == doctor_id).values(wants_agenda=wanted)
    if session.execute(changed.returning(_DOCTORS.c.id)).one_or_none() is None:
        raise NotFound("There is no such doctor.")
    way_back = WayBack(rows=(left_rows(session, _DOCTORS, found),))
    record(
        session, actor, "set_agenda_wanted", now, doctor_id=doctor_id, way_back=way_back,
        wanted=wanted,
    )  # fmt: skip


def agenda_visits(session: Session, doctor_id: int, day: date) -> tuple[AgendaVisit, ...]:
    """The visits of that doctor on that day of the clinic's clock, in their order."""
    rows = session.execute(
        select(_APPOINTMENTS.c.starts_at, _APPOINTMENTS.c.ends_at, _ROOMS.c.name)
        .outerjoin(_ROOMS, _ROOMS.c.id == _APPOINTMENTS.c.room_id)
        .where(_APPOINTMENTS.c.doctor_id == doctor_id, _of_day(session, day))
        .order_by(_APPOINTMENTS.c.starts_at, _APPOINTMENTS.c.id)
    )
    return tuple(AgendaVisit(row.starts_at, row.ends_at, row.name or "") for row in rows)


def why_no_agenda(session: Session, notice: Row[Any], now: datetime) -> str:
    """Why a day is not told any more, as a sentence; empty where it is."""
    if not notice.wants_agenda or not notice.doctor_active:
        return "The doctor does not want it any more."
    visits = agenda_visits(session, notice.doctor_id, notice.about_day)
    if not visits:
        return "There is no visit on that day any more."
    return "" if visits[-1].starts_at > now else "Too late to be of use: the day is over."


def _day_to_tell(session: Session, now: datetime) -> date | None:
    """The latest day of which it is time to tell; None where the clinic tells of none."""
    clinic = session.execute(select(_CLINIC.c.agenda_minute, _CLINIC.c.zone)).one()
    minute, zone = clinic.agenda_minute, clinic.zone
    if minute is None:
        return None
    today = local_day(now, zone)
    ahead = _DAY if minute >= _NOON else timedelta()
    # Before its minute has come it is still the turn of the day before.
    last = today if instant(today, minute, zone) <= now else today - _DAY
    day: date = last + ahead
    return day if day >= today else None


def _is_first(session: Session, day: date) -> bool:
    """Whether that day was not told yet; from here on it is. Others wait until the commit."""
    session.execute(
        text(
            "INSERT INTO channels (channel, failures, reason) VALUES (:channel, 0, '')"
            " ON CONFLICT (channel) DO NOTHING"
        ),
        {"channel": Channel.EMAIL.value},
    )
    other_day = or_(_CHANNELS.c.agendas_on.is_(None), _CHANNELS.c.agendas_on != day)
    taken = session.execute(
        update(_CHANNELS)
        .where(_CHANNELS.c.channel == Channel.EMAIL, other_day)
        .values(agendas_on=day)
        .returning(_CHANNELS.c.channel)
    )
    return taken.one_or_none() is not None


def _last_visits(session: Session, day: date, now: datetime) -> Any:
    """Who is to be told: the doctors with a visit ahead on that day, and when the last one is.

    Nobody twice, should clocks that differ ask for two days in turn.
    """
    told = select(_OUTBOX.c.doctor_id).where(
        _OUTBOX.c.about_day == day, _OUTBOX.c.doctor_id.is_not(None)
    )
    return (
        select(_DOCTORS.c.id, func.max(_APPOINTMENTS.c.starts_at).label("last"))
        .join(_APPOINTMENTS, _APPOINTMENTS.c.doctor_id == _DOCTORS.c.id)
        .where(
            _DOCTORS.c.active,
            _DOCTORS.c.wants_agenda,
            _DOCTORS.c.email != "",
            _DOCTORS.c.id.not_in(told),
            _of_day(session, day),
        )
        .group_by(_DOCTORS.c.id)
        .having(func.max(_APPOINTMENTS.c.starts_at) > now)
        .order_by(_DOCTORS.c.id)
    )


def _of_day(session: Session, day: date) -> ColumnElement[bool]:
    """Of a visit: that it begins on that day and takes place."""
    midnight, next_midnight = day_bounds(day, session.scalars(select(_CLINIC.c.zone)).one())
    return and_(
        _APPOINTMENTS.c.starts_at >= midnight,
        _APPOINTMENTS.c.starts_at < next_midnight,
        _APPOINTMENTS.c.status.in_(_COME),
    )


def _agenda(row: Row[Any], day: date, now: datetime) -> dict[str, Any]:
    return {
        "about_day": day,
        "kind": NoticeKind.AGENDA,
        "channel": Channel.EMAIL,
        "doctor_id": row.id,
        "starts_at": row.last,
        "due_at": now,
        "status": NoticeStatus.QUEUED,
        "message_id": f"{uuid.uuid4().hex}@clinic",
        "created_at": now,
    }
