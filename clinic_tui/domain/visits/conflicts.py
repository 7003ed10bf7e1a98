"""Where a visit is to stand, and where else it could stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, may
from ..clinic.settings import ClinicSettings
from ..clinic.terms import Fit
from ..codes import Status
from ..errors import Opening
from ..models import Appointment, table
from ..openings.busy import busy_besides
from ..openings.sought import Wanted
from ..openings.sweeping import first_openings
from ..staff.who_does import doctors_for
from ..times.spans import Span
from .occupied import occupies

_APPOINTMENTS = table(Appointment)
_ALTERNATIVES = 3
_LOOK_AHEAD = timedelta(days=30)
_LAST_DAYS = timedelta(days=7)
"""Before the horizon, where what was asked for lies past it."""
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a visit is to stand: with whom, when, in which room, with which buffers.

    ``asked_by`` and ``asked_at`` say who wants it there and when they ask: a refusal tells them
    no more than they may see and offers nothing that they may not book or that has begun.
    ``appointment_id`` is the visit itself when it already stands somewhere: its own time never
    stands in its own way. One that is ``overbooked`` stands beside whatever the doctor has then.
    """

    doctor_id: int
    patient_id: int
    room_id: int | None
    visit_type_id: int
    starts_at: datetime
    fit: Fit
    asked_by: Actor
    asked_at: datetime
    appointment_id: int | None = None
    overbooked: bool = False

    @property
    def ends_at(self) -> datetime:
        """The end of the visit itself."""
        return self.starts_at + timedelta(minutes=self.fit.minutes)

    @property
    def blocked_from(self) -> datetime:
        """From when the doctor is taken."""
        return self.starts_at - timedelta(minutes=self.fit.before)

    @property
    def blocked_until(self) -> datetime:
        """Until when the doctor is taken."""
        return self.ends_at + timedelta(minutes=self.fit.after)


def alternatives(
    session: Session, settings: ClinicSettings, place: Place, doctor: str
) -> tuple[Opening, ...]:
    """At most three other places: the same doctor soonest after, and a colleague at that time.

    All of them keep clear of the patient's other visits and of the room's. Where a visit about to
    move stands already is no other place.
    """
    earliest = _first_alternative(place, settings.zone)
    latest = earliest + _LOOK_AHEAD
    same_doctor = Wanted(
        {place.doctor_id: doctor},
        place.visit_type_id,
        place.fit,
        earliest,
        latest,
        place.asked_at,
        place.fit.minutes,
        _ALTERNATIVES + 1,
        taken_besides(session, place, earliest, latest),
        place.appointment_id,
    )
    colleagues = {
        colleague: name
        for colleague, name in doctors_for(
            session, place.visit_type_id, like=place.doctor_id
        ).items()
        if may(place.asked_by, Permission.BOOK, doctor_id=colleague, patient_id=place.patient_id)
    }
    at_that_time = replace(
        same_doctor, doctors=colleagues, latest=place.starts_at + _MINUTE, limit=1
    )
    stands = _where_it_stands(session, place)
    others, soonest = (
        [one for one in first_openings(session, settings, sought) if not _is_at(one, stands)]
        for sought in (at_that_time, same_doctor)
    )
    return (*soonest[: _ALTERNATIVES - len(others)], *others)


def _first_alternative(place: Place, zone: str) -> datetime:
    """From when on others are sought: the start wanted, or the nearest at which it is booked."""
    earliest = max(place.starts_at, place.fit.earliest(place.asked_at))
    horizon = place.fit.latest(place.asked_at, zone)
    if horizon is None or earliest < horizon:
        return earliest
    return max(place.fit.earliest(place.asked_at), horizon - _LAST_DAYS)


def _is_at(opening: Opening, stands: Row[Any] | None) -> bool:
    return stands is not None and tuple(stands) == (
        opening.doctor_id,
        opening.starts_at,
        opening.ends_at,
    )


def _where_it_stands(session: Session, place: Place) -> Any:
    """With whom and when a visit stands in that room before it moves."""
    if place.appointment_id is None:
        return None
    columns = _APPOINTMENTS.c
    return session.execute(
        select(columns.doctor_id, columns.starts_at, columns.ends_at).where(
            columns.id == place.appointment_id,
            columns.room_id.is_not_distinct_from(place.room_id),
            # What is only held is still to be had.
            columns.status != Status.HELD,
            occupies(place.asked_at),
        )
    ).one_or_none()


def taken_besides(
    session: Session, place: Place, earliest: datetime, latest: datetime
) -> tuple[Span, ...]:
    """When the patient or the room is taken, by visits that an opening before ``latest`` meets."""
    return busy_besides(
        session,
        place.patient_id,
        place.room_id,
        (earliest, latest),
        place.asked_at,
        place.appointment_id,
    )
