"""Who on the waitlist fits into a doctor's free time, in the order in which to ask them.

The urgent come first, then who has waited more days, then who asked for that very doctor and whose
visit leaves less of the time unused. Three queries, and one where nobody waits for such a time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, may, require
from ..clinic.settings import ClinicSettings, load_settings
from ..codes import Urgency
from ..errors import BadInput, NotFound
from ..hours.bounds import out_of_bounds
from ..hours.roster import load_schedules
from ..hours.schedule import DoctorSchedule
from ..models import Doctor, table
from ..openings.taken_time import TakenTime, load_taken
from ..text import full_name
from ..times.dates import check_day
from ..times.walltime import say_moment
from ..visits.conflicts import Place
from ..visits.guards import MAX_MINUTES, MIN_MINUTES
from .freed import Fitting, FreedTime, Slot
from .rows import fit_for, times_of, who_might

_DOCTORS = table(Doctor)
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_URGENCIES = tuple(Urgency)
_MOST_SHOWN = 50
_FEW = 3


def who_fits(
    session: Session, actor: Actor, slot: Slot, now: datetime, limit: int = 10
) -> tuple[Fitting, ...]:
    """Who waits and could be offered a place in that time, the first to ask first.

    Left out: who is being offered something else, who was offered some of that time before, and
    whoever has another visit then. Refused: ``NotPermitted``; ``NotFound`` for an unknown
    doctor; ``BadInput`` for a time that ends before it starts, has passed, lasts longer than 12
    hours or has no zone.
    """
    require(actor, Permission.OFFER, doctor_id=slot.doctor_id)
    for at, called in ((slot.starts_at, "Start"), (slot.ends_at, "End")):
        if at.tzinfo is None:
            raise BadInput(called, "A time without its zone cannot be placed.")
        check_day(at, called)
    length = (slot.ends_at - slot.starts_at) // _MINUTE
    if not MIN_MINUTES <= length <= MAX_MINUTES:
        raise BadInput("End", "Free time to fill lasts 5 minutes to 12 hours.")
    if slot.ends_at <= now:
        raise BadInput("Start", "That time has passed.")
    if not 1 <= limit <= _MOST_SHOWN:
        raise BadInput("Limit", f"1 to {_MOST_SHOWN} can be asked for.")
    query = select(_DOCTORS.c.id).where(_DOCTORS.c.id == slot.doctor_id, _DOCTORS.c.active)
    if session.scalar(query) is None:
        raise NotFound("There is no such doctor.")
    return _fitting(session, actor, slot, load_settings(session), now)[:limit]


def freed_time(
    session: Session,
    slot: Slot,
    settings: ClinicSettings,
    actor: Actor,
    now: datetime,
    besides: int,
) -> FreedTime | None:
    """Whom the time would suit that a change has just freed; None where that is nobody.

    The shared step of whatever frees time; nothing is looked up for who may not offer it, nor for
    time that has begun. The patient whose time it was, ``besides``, is not asked.
    """
    if slot.starts_at <= now or not may(actor, Permission.OFFER, doctor_id=slot.doctor_id):
        return None
    fits = _fitting(session, actor, slot, settings, now, besides)[:_FEW]
    if not fits:
        return None
    query = select(_DOCTORS.c.shown_name).where(_DOCTORS.c.id == slot.doctor_id)
    name = session.scalars(query).one()
    return FreedTime(slot.doctor_id, name, slot.room_id, slot.starts_at, slot.ends_at, fits)


def slot_of(visit: Row[Any]) -> Slot:
    """Where a visit stands, or an offer, with the free time around it."""
    return Slot(visit.doctor_id, visit.starts_at, visit.ends_at, visit.room_id, adjoining=True)


def _fitting(
    session: Session,
    actor: Actor,
    slot: Slot,
    settings: ClinicSettings,
    now: datetime,
    besides: int = 0,
) -> tuple[Fitting, ...]:
    """All who fit, in order."""
    rows = session.execute(who_might(actor, slot, now, settings.zone, besides)).all()
    if not rows:
        return ()
    around = (slot.starts_at - _DAY, slot.ends_at + _DAY)
    taken = load_taken(
        session,
        [slot.doctor_id],
        {row.patient_id for row in rows},
        [] if slot.room_id is None else [slot.room_id],
        around,
        now,
    )
    schedule = load_schedules(session, settings, [slot.doctor_id], *around)[slot.doctor_id]
    found = [
        (row, place)
        for row in rows
        if (place := _place_for(row, slot, actor, schedule, taken, settings, now)) is not None
    ]
    found.sort(key=lambda one: _rank(one[0], one[1], slot, now))
    return tuple(_said(row, place, settings.zone, now) for row, place in found)


def _place_for(
    row: Row[Any],
    slot: Slot,
    actor: Actor,
    schedule: DoctorSchedule,
    taken: TakenTime,
    settings: ClinicSettings,
    now: datetime,
) -> Place | None:
    """The first place in the slot that they want and that is free for them, if there is one."""
    fit, times = fit_for(row), times_of(row, row.starts_at)
    for at in slot.starts(fit.minutes, settings.grid_minutes):
        place = Place(
            slot.doctor_id,
            row.patient_id,
            slot.room_id,
            row.visit_type_id,
            at.astimezone(UTC),
            fit,
            actor,
            now,
        )
        if (
            at > now
            and not times.why_not(place.starts_at, place.ends_at, settings.zone)
            and _is_free(taken, place)
            and out_of_bounds(schedule, place, "") is None
        ):
            return place
    return None


def _is_free(taken: TakenTime, place: Place) -> bool:
    """Also of the visit that is to move there: the offer holds both places for a while."""
    start, end = int(place.blocked_from.timestamp()), int(place.blocked_until.timestamp())
    return not any(
        first < end and last > start for first, last in taken.around(place, (start, end))
    )


def _rank(row: Row[Any], place: Place, slot: Slot, now: datetime) -> tuple[Any, ...]:
    unused = (slot.ends_at - slot.starts_at) // _MINUTE - place.fit.minutes
    return (
        -_URGENCIES.index(row.urgency),
        -((now - row.created_at) // _DAY),
        not row.named,
        abs(unused),
        row.created_at,
        row.id,
    )


def _said(row: Row[Any], place: Place, zone: str, now: datetime) -> Fitting:
    days = (now - row.created_at) // _DAY
    waited = {0: "since today", 1: "for a day"}.get(days, f"for {days} days")
    reasons = [] if row.urgency is Urgency.ROUTINE else [str(row.urgency)]
    reasons.append(f"waits {waited}")
    if row.named:
        reasons.append("asked for this doctor")
    if row.starts_at is not None:
        reasons.append(f"has a visit on {say_moment(row.starts_at, zone)}")
    return Fitting(
        row.id,
        row.patient_id,
        full_name(row.given_name, row.family_name),
        row.phone or "",
        row.visit_type,
        row.urgency,
        row.created_at,
        row.note,
        place.starts_at,
        place.ends_at,
        row.appointment_id,
        row.starts_at,
        tuple(reasons),
    )
