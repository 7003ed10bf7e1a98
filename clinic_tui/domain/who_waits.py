"""The waitlist as it is read: who waits for what, for how long, and what next fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.orm import Session

from .access import Actor, Permission, require_some
from .busy import busy_besides
from .codes import OfferStatus, Urgency
from .errors import BadInput, Opening
from .filling import URGENCY_RANK, fit_for, times_of
from .models import (
    Appointment,
    Doctor,
    Offer,
    Patient,
    Specialty,
    VisitType,
    WaitlistDoctor,
    WaitlistEntry,
    table,
)
from .requests import MOVABLE
from .settings import ClinicSettings, load_settings
from .sweeping import Wanted, first_openings
from .text import doctor_name, full_name
from .waiting import ON_THE_LIST, within_reach
from .walltime import day_bounds, local_day
from .wanting import Times, weekdays_of
from .who_does import doctors_for

_VISITS, _OFFERS = table(Appointment).alias("visit"), table(Offer)
_WAITLIST, _NAMED, _SPECIALTIES = table(WaitlistEntry), table(WaitlistDoctor), table(Specialty)
_DOCTORS, _PATIENTS, _TYPES = table(Doctor), table(Patient), table(VisitType)
_LOOK_AHEAD = timedelta(days=60)
_MINUTE = timedelta(minutes=1)
_MOST = 500


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """What is being offered to somebody, with whom, until when it stands. Times are aware UTC."""

    offer_id: int
    doctor_id: int
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A place on the waitlist: whose, for what, since when (aware UTC).

    ``doctors`` (names by id) and ``specialty`` empty mean anybody who does the visit type.
    ``minutes`` is how long the visit is to be. ``earlier_than`` is when the visit stands that is
    to be earlier. ``next_fits`` is the first opening that fits within sixty days, looked for
    only where it was asked for and nothing is being offered.
    """

    entry_id: int
    patient_id: int
    patient: str
    visit_type_id: int
    visit_type: str
    minutes: int
    doctors: dict[int, str]
    specialty: str
    times: Times
    weekdays: frozenset[int]
    urgency: Urgency
    note: str
    waiting_since: datetime
    appointment_id: int | None
    earlier_than: datetime | None
    offer: OpenOffer | None
    next_fits: Opening | None


def list_waitlist(
    session: Session, actor: Actor, now: datetime, *, next_for: int = 25, limit: int = 100
) -> tuple[Waiting, ...]:
    """Who waits, within the actor's reach: the urgent first, then who has waited longest.

    The next opening that fits is looked for the first ``next_for`` of them. Whoever wanted an
    earlier time than that of a visit that has begun, and whose last day has passed, is left out.
    Refused with ``BadInput`` for more than 500 at once.
    """
    require_some(actor, Permission.WAIT)
    if not (1 <= limit <= _MOST and 0 <= next_for <= _MOST):
        raise BadInput("Limit", f"1 to {_MOST} places can be asked for.")
    settings = load_settings(session)
    rows = session.execute(_query(actor, now, settings.zone).limit(limit)).all()
    named = _named(session, [row.id for row in rows])
    found = {row.id: _next(session, settings, row, named, now) for row in rows[:next_for]}
    return tuple(_waiting(row, named.get(row.id, {}), found.get(row.id)) for row in rows)


def _query(actor: Actor, now: datetime, zone: str) -> Any:
    columns = _WAITLIST.c
    lasts = or_(columns.last_day.is_(None), columns.last_day >= local_day(now, zone))
    ahead = and_(_VISITS.c.status.in_(MOVABLE), _VISITS.c.starts_at > now)
    offered = and_(
        _OFFERS.c.entry_id == columns.id,
        _OFFERS.c.status == OfferStatus.OPEN,
        _OFFERS.c.expires_at > now,
    )
    return (
        select(
            _WAITLIST,
            _PATIENTS.c.given_name,
            _PATIENTS.c.family_name,
            _TYPES.c.name.label("visit_type"),
            _TYPES.c.minutes.label("usual_minutes"),
            _TYPES.c.buffer_before,
            _TYPES.c.buffer_after,
            _TYPES.c.notice_minutes,
            _TYPES.c.horizon_days,
            _SPECIALTIES.c.name.label("specialty"),
            _VISITS.c.starts_at,
            _VISITS.c.ends_at,
            _VISITS.c.blocked_from,
            _VISITS.c.blocked_until,
            _OFFERS.c.id.label("offer_id"),
            _OFFERS.c.doctor_id.label("offered_by"),
            _OFFERS.c.starts_at.label("offered_from"),
            _OFFERS.c.ends_at.label("offered_until"),
            _OFFERS.c.expires_at,
        )
        .join(_PATIENTS, _PATIENTS.c.id == columns.patient_id)
        .join(_TYPES, _TYPES.c.id == columns.visit_type_id)
        .outerjoin(_SPECIALTIES, _SPECIALTIES.c.id == columns.specialty_id)
        .outerjoin(_VISITS, _VISITS.c.id == columns.appointment_id)
        .outerjoin(_OFFERS, offered)
        .where(ON_THE_LIST, within_reach(actor), lasts, columns.appointment_id.is_(None) | ahead)
        .order_by(URGENCY_RANK, columns.created_at, columns.id)
    )


def _named(session: Session, entry_ids: Sequence[int]) -> dict[int, dict[int, str]]:
    """The doctors waited for, by place on the list."""
    rows = session.execute(
        select(
            _NAMED.c.entry_id,
            _DOCTORS.c.id,
            _DOCTORS.c.title,
            _DOCTORS.c.given_name,
            _DOCTORS.c.family_name,
        )
        .join(_DOCTORS, _DOCTORS.c.id == _NAMED.c.doctor_id)
        .where(_NAMED.c.entry_id.in_(entry_ids))
        .order_by(_DOCTORS.c.name_key)
    )
    found: dict[int, dict[int, str]] = {}
    for entry_id, doctor_id, *name in rows:
        found.setdefault(entry_id, {})[doctor_id] = doctor_name(*name)
    return found


def _next(
    session: Session,
    settings: ClinicSettings,
    row: Row[Any],
    named: dict[int, dict[int, str]],
    now: datetime,
) -> Opening | None:
    """The first opening that they want."""
    if row.offer_id is not None:
        return None
    zone, fit = settings.zone, fit_for(row)
    earliest = max(now, day_bounds(row.first_day, zone)[0])
    latest = earliest + _LOOK_AHEAD
    if row.last_day is not None:
        latest = min(latest, day_bounds(row.last_day, zone)[1])
    if row.starts_at is not None:
        latest = min(latest, row.starts_at - (row.ends_at - row.starts_at) + _MINUTE)
    doctors = tuple(named.get(row.id, ()))
    wanted = Wanted(
        doctors_for(session, row.visit_type_id, row.specialty_id, doctors),
        row.visit_type_id,
        fit,
        earliest,
        latest,
        now,
        settings.grid_minutes,
        1,
        busy_besides(session, row.patient_id, None, (earliest, latest), now),
        weekdays=weekdays_of(row.weekdays),
        day_from=row.from_minute,
        day_until=row.until_minute,
    )
    return next(iter(first_openings(session, settings, wanted)), None)


def _waiting(row: Row[Any], doctors: dict[int, str], opening: Opening | None) -> Waiting:
    offer = None
    if row.offer_id is not None:
        span = (row.offered_from, row.offered_until, row.expires_at)
        offer = OpenOffer(row.offer_id, row.offered_by, *span)
    return Waiting(
        row.id,
        row.patient_id,
        full_name(row.given_name, row.family_name),
        row.visit_type_id,
        row.visit_type,
        fit_for(row).minutes,
        doctors,
        row.specialty or "",
        times_of(row, row.starts_at),
        weekdays_of(row.weekdays),
        row.urgency,
        row.note,
        row.created_at,
        row.appointment_id,
        row.starts_at,
        offer,
        opening,
    )
