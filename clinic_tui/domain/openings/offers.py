"""What can be offered while a booking is put together: is it free, and if not, what is.

One read answers both, so that a dialog never shows an opening beside a stale "free".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..clinic.settings import ClinicSettings, load_settings
from ..clinic.terms import Fit, fit_of
from ..errors import BadInput, NotFound, Opening
from ..hours.bounds import out_of_bounds
from ..hours.roster import load_schedules
from ..models import Appointment, table
from ..staff.who_does import doctors_for
from ..times.dates import check_day
from ..visits.appointments import existing
from ..visits.conflicts import Place, alternatives, taken_besides
from ..visits.obstacles import obstacles
from ..visits.occupied import held_at
from .sought import Wanted
from .sweeping import first_openings

_APPOINTMENTS = table(Appointment)
_MINUTE = timedelta(minutes=1)
_LOOK_AHEAD = timedelta(days=60)
_FEW = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for so far. ``from_at`` is an aware instant.

    It is the very start wanted when ``exactly``, which needs a doctor; otherwise openings are
    sought from there on, of any doctor, or any of ``specialty_id``, where none is named.
    ``after`` asks for openings later than those already offered. ``minutes`` None takes the
    type's length. ``appointment_id`` is the visit that is to move there: its own time counts as
    free and its buffers stay. What the actor holds at ``desk`` counts as free, too.
    """

    visit_type_id: int
    from_at: datetime
    exactly: bool = False
    doctor_id: int | None = None
    patient_id: int | None = None
    room_id: int | None = None
    minutes: int | None = None
    appointment_id: int | None = None
    after: datetime | None = None
    specialty_id: int | None = None
    desk: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be had: ``minutes`` long. ``why_not`` is empty where the start asked for is free.

    ``openings`` (at most three) are the alternatives where it is not, else the next ones.
    """

    minutes: int
    why_not: str
    openings: tuple[Opening, ...]


def offer_openings(session: Session, actor: Actor, asked: Asked, now: datetime) -> Offer:
    """Whether the visit could stand there, and up to three openings beside it.

    They keep clear of the patient's other visits and of the room's. Refused: ``NotPermitted`` to
    whoever may not book that; ``NotFound`` where no doctor is left who does that visit type;
    ``BadInput`` for a length outside 5 minutes to 12 hours, or a start that no calendar holds.
    """
    require(actor, Permission.BOOK, doctor_id=asked.doctor_id, patient_id=asked.patient_id)
    for at in (asked.from_at, asked.after or now):
        if at.tzinfo is None:
            raise BadInput("Start", "A time without its zone cannot be placed.")
        check_day(at, "Start")
    settings = load_settings(session)
    fit = _fit(session, actor, asked)
    named = () if asked.doctor_id is None else (asked.doctor_id,)
    specialty_id = None if named else asked.specialty_id
    doctors = doctors_for(session, asked.visit_type_id, specialty_id, named)
    if not doctors:
        whose = "That doctor does not do" if named else "No such doctor does"
        raise NotFound(f"{whose} this visit type.")
    place = Place(
        asked.doctor_id or 0,
        asked.patient_id or 0,
        asked.room_id,
        asked.visit_type_id,
        asked.from_at.astimezone(UTC),
        fit,
        actor,
        now,
        _own(session, actor, asked),
    )
    why_not = ""
    if asked.exactly and named:
        before = _standing(session, asked.appointment_id) if asked.appointment_id else None
        why_not = _why_not(session, settings, place, doctors[place.doctor_id], before)
    if why_not and asked.after is None:
        sought = replace(place, starts_at=max(place.starts_at, now))
        others = alternatives(session, settings, sought, doctors[place.doctor_id])
        return Offer(fit.minutes, why_not, others)
    earliest = asked.after or (place.ends_at if asked.exactly else place.starts_at)
    return Offer(fit.minutes, why_not, _next(session, settings, place, doctors, earliest))


def _fit(session: Session, actor: Actor, asked: Asked) -> Fit:
    """The type's measure; of a visit that moves, the buffers it was booked with."""
    if asked.appointment_id is None:
        return fit_of(session, asked.visit_type_id, asked.minutes)
    visit = existing(actor, Permission.BOOK, _standing(session, asked.appointment_id))
    stood = (visit.ends_at - visit.starts_at) // _MINUTE
    minutes = stood if asked.minutes is None else asked.minutes
    return replace(
        fit_of(session, visit.visit_type_id, minutes, retired=True),
        before=(visit.starts_at - visit.blocked_from) // _MINUTE,
        after=(visit.blocked_until - visit.ends_at) // _MINUTE,
    )


def _standing(session: Session, appointment_id: int) -> Row[Any] | None:
    query = select(_APPOINTMENTS).where(_APPOINTMENTS.c.id == appointment_id)
    return session.execute(query).one_or_none()


def _own(session: Session, actor: Actor, asked: Asked) -> int | None:
    """What never stands in its own way: the visit that is to move, or what is held for this."""
    if asked.desk is None or asked.appointment_id is not None:
        return asked.appointment_id
    return held_at(session, actor.account_id, asked.desk)


def _why_not(
    session: Session,
    settings: ClinicSettings,
    place: Place,
    doctor: str,
    before: Row[Any] | None,
) -> str:
    """What stands in the way, as a sentence; empty where nothing does.

    ``before`` is the visit that is to move, as it stands.
    """
    if place.ends_at <= place.asked_at:
        return "That time has passed."
    schedules = load_schedules(session, settings, [place.doctor_id], place.starts_at, place.ends_at)
    schedule = schedules[place.doctor_id]
    if refusal := out_of_bounds(schedule, place, doctor, before):
        return str(refusal)
    in_the_way = obstacles(session, place, settings.zone)
    return f"{in_the_way[0].text}." if in_the_way else ""


def _next(
    session: Session,
    settings: ClinicSettings,
    place: Place,
    doctors: dict[int, str],
    from_at: datetime,
) -> tuple[Opening, ...]:
    """The next few openings, at least one visit apart as one reads them aloud."""
    earliest = max(from_at, place.asked_at)
    latest = earliest + _LOOK_AHEAD
    wanted = Wanted(
        doctors,
        place.visit_type_id,
        place.fit,
        earliest,
        latest,
        place.asked_at,
        place.fit.minutes,
        _FEW,
        taken_besides(session, place, earliest, latest),
        place.appointment_id,
    )
    return tuple(first_openings(session, settings, wanted))
