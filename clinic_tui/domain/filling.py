"""Who on the waitlist fits into a doctor's free time, in the order in which to ask them.

The urgent come first, then who has waited more days, then who asked for that very doctor and whose
visit leaves less of the time unused. Three queries, and one where nobody waits for such a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, literal, or_, select
from sqlalchemy.orm import Session

from .access import Actor, Permission, may, require
from .bounds import out_of_bounds
from .codes import Urgency
from .conflicts import Place
from .dates import check_day
from .errors import BadInput, NotFound
from .freed import Fitting, FreedTime
from .guards import MAX_MINUTES, MIN_MINUTES
from .models import (
    Appointment,
    Doctor,
    DoctorSpecialty,
    Offer,
    Patient,
    VisitType,
    WaitlistDoctor,
    WaitlistEntry,
    table,
)
from .phones import first_phone
from .requests import MOVABLE
from .roster import load_schedules
from .schedule import DoctorSchedule
from .settings import ClinicSettings, load_settings
from .taken_time import TakenTime, load_taken
from .terms import Fit
from .text import doctor_name, full_name
from .waiting import is_free_to_be_asked, within_reach
from .walltime import local_day, say_moment
from .wanting import Times, mask
from .who_does import does_type

_VISITS, _OFFERS = table(Appointment).alias("visit"), table(Offer)
_WAITLIST, _NAMED = table(WaitlistEntry), table(WaitlistDoctor)
_DOCTORS, _PATIENTS, _TYPES = table(Doctor), table(Patient), table(VisitType)
_LINKS = table(DoctorSpecialty)
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_MOST_ASKED = 500
"""Of those who wait for such a time, so many are looked at: the first in order."""
_MOST_SHOWN = 50
_FEW = 3
_URGENCIES = tuple(Urgency)
URGENCY_RANK: ColumnElement[int] = case(
    {urgency: -number for number, urgency in enumerate(_URGENCIES)}, value=_WAITLIST.c.urgency
)
"""Orders places on the list: the urgent first."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A doctor's time into which visits are to fit, one at a time.

    Where it is ``adjoining``, a visit need only meet it, and may use the free time around it.
    """

    doctor_id: int
    starts_at: datetime
    ends_at: datetime
    room_id: int | None = None
    adjoining: bool = False

    def starts(self, minutes: int, grid: int) -> Iterator[datetime]:
        """Every start for a visit of that length: the slot's own, then later ones, then earlier."""
        length, step = timedelta(minutes=minutes), timedelta(minutes=grid)
        at = self.starts_at
        while (at < self.ends_at) if self.adjoining else (at + length <= self.ends_at):
            yield at
            at += step
        at = self.starts_at - step
        while self.adjoining and at + length > self.starts_at:
            yield at
            at -= step


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
    columns = _DOCTORS.c
    name = session.execute(
        select(columns.title, columns.given_name, columns.family_name).where(
            columns.id == slot.doctor_id
        )
    ).one()
    return FreedTime(
        slot.doctor_id, doctor_name(*name), slot.room_id, slot.starts_at, slot.ends_at, fits
    )


def slot_of(visit: Row[Any]) -> Slot:
    """Where a visit stands, or an offer, with the free time around it."""
    return Slot(visit.doctor_id, visit.starts_at, visit.ends_at, visit.room_id, adjoining=True)


def times_of(entry: Row[Any], before: datetime | None) -> Times:
    """When whoever has that place on the list wants to come."""
    return Times(
        entry.first_day,
        entry.last_day,
        entry.weekdays,
        entry.from_minute,
        entry.until_minute,
        before,
    )


def _fitting(
    session: Session,
    actor: Actor,
    slot: Slot,
    settings: ClinicSettings,
    now: datetime,
    besides: int = 0,
) -> tuple[Fitting, ...]:
    """All who fit, in order."""
    rows = _who_might(session, actor, slot, settings.zone, now, besides)
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


def _who_might(
    session: Session, actor: Actor, slot: Slot, zone: str, now: datetime, besides: int
) -> Sequence[Row[Any]]:
    """Who waits for that doctor about that day, the urgent and the longest waiting first."""
    columns, doctor = _WAITLIST.c, literal(slot.doctor_id)
    days = _days(slot, zone)
    names = _NAMED.c.entry_id == columns.id
    named = exists().where(names, _NAMED.c.doctor_id == doctor)
    of_specialty = exists().where(
        _LINKS.c.doctor_id == doctor, _LINKS.c.specialty_id == columns.specialty_id
    )
    anybody = and_(~exists().where(names), or_(columns.specialty_id.is_(None), of_specialty))
    offered_before = exists().where(
        _OFFERS.c.entry_id == columns.id,
        _OFFERS.c.doctor_id == doctor,
        _OFFERS.c.starts_at < slot.ends_at,
        _OFFERS.c.ends_at > slot.starts_at,
    )
    phone = first_phone(columns.patient_id)
    has_visit = columns.appointment_id.is_not(None)
    is_ahead = and_(_VISITS.c.status.in_(MOVABLE), _VISITS.c.starts_at > now)
    query = (
        select(
            _WAITLIST,
            _PATIENTS.c.given_name,
            _PATIENTS.c.family_name,
            phone.label("phone"),
            _TYPES.c.name.label("visit_type"),
            _TYPES.c.minutes.label("usual_minutes"),
            _TYPES.c.buffer_before,
            _TYPES.c.buffer_after,
            _TYPES.c.notice_minutes,
            _TYPES.c.horizon_days,
            _VISITS.c.starts_at,
            _VISITS.c.ends_at,
            _VISITS.c.blocked_from,
            _VISITS.c.blocked_until,
            named.label("named"),
        )
        .join(_PATIENTS, _PATIENTS.c.id == columns.patient_id)
        .join(_TYPES, _TYPES.c.id == columns.visit_type_id)
        .join(_DOCTORS, and_(_DOCTORS.c.id == doctor, _DOCTORS.c.active))
        .outerjoin(_VISITS, _VISITS.c.id == columns.appointment_id)
        .where(
            is_free_to_be_asked(now),
            within_reach(actor),
            or_(named, anybody),
            does_type(doctor, columns.visit_type_id),
            columns.first_day <= days[-1],
            or_(columns.last_day.is_(None), columns.last_day >= days[0]),
            columns.weekdays.bitwise_and(mask(day.weekday() for day in days)) != 0,
            or_(and_(~has_visit, _TYPES.c.active), and_(has_visit, is_ahead)),
            ~offered_before,
            columns.patient_id != besides,
        )
        .order_by(URGENCY_RANK, columns.created_at, columns.id)
        .limit(_MOST_ASKED)
    )
    return session.execute(query).all()


def _days(slot: Slot, zone: str) -> list[Any]:
    """The dates on which a visit that fits may begin."""
    reach = timedelta(minutes=MAX_MINUTES) if slot.adjoining else timedelta(0)
    first, last = (local_day(at, zone) for at in (slot.starts_at - reach, slot.ends_at))
    return [first + number * _DAY for number in range((last - first).days + 1)]


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


def fit_for(row: Row[Any]) -> Fit:
    """The measure of what is waited for; of an earlier visit, the one that it has."""
    bounds = (row.notice_minutes, row.horizon_days)
    if row.starts_at is None:
        return Fit(row.minutes or row.usual_minutes, row.buffer_before, row.buffer_after, *bounds)
    return Fit(
        (row.ends_at - row.starts_at) // _MINUTE,
        (row.starts_at - row.blocked_from) // _MINUTE,
        (row.blocked_until - row.ends_at) // _MINUTE,
        *bounds,
    )


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
