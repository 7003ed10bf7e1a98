"""The places on the waitlist as rows, with what belongs to each: for reading the list
and for finding who could take free time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, literal, or_, select
from sqlalchemy.orm import Session

from ..access import Actor
from ..clinic.terms import Fit
from ..codes import OfferStatus, Urgency
from ..models import (
    Appointment,
    Doctor,
    DoctorSpecialty,
    Offer,
    Patient,
    Specialty,
    VisitType,
    WaitlistDoctor,
    WaitlistEntry,
    table,
)
from ..patients.phones import first_phone
from ..staff.who_does import does_type
from ..times.walltime import local_day
from ..visits.guards import MAX_MINUTES
from ..visits.requests import MOVABLE
from .freed import Slot
from .waiting import ON_THE_LIST, is_free_to_be_asked, within_reach
from .wanting import Times, mask

_VISITS, _OFFERS = table(Appointment).alias("visit"), table(Offer)
_WAITLIST, _NAMED, _SPECIALTIES = table(WaitlistEntry), table(WaitlistDoctor), table(Specialty)
_DOCTORS, _PATIENTS, _TYPES = table(Doctor), table(Patient), table(VisitType)
_OFFERING, _LINKS = table(Doctor).alias("offering"), table(DoctorSpecialty)
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_MOST_ASKED = 500
"""Of those who wait for such a time, so many are looked at: the first in order."""
URGENCY_RANK: ColumnElement[int] = case(
    {urgency: -number for number, urgency in enumerate(Urgency)}, value=_WAITLIST.c.urgency
)
"""Orders places on the list: the urgent first."""
_PLACES: Select[Any] = (
    select(
        _WAITLIST,
        _PATIENTS.c.given_name,
        _PATIENTS.c.family_name,
        first_phone(_WAITLIST.c.patient_id).label("phone"),
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
    )
    .select_from(_WAITLIST)
    .join(_PATIENTS, _PATIENTS.c.id == _WAITLIST.c.patient_id)
    .join(_TYPES, _TYPES.c.id == _WAITLIST.c.visit_type_id)
    .outerjoin(_VISITS, _VISITS.c.id == _WAITLIST.c.appointment_id)
    .order_by(URGENCY_RANK, _WAITLIST.c.created_at, _WAITLIST.c.id)
)
"""Whose place it is, what they wait for, and the visit that is to be earlier if there is one.

The urgent first, then who has waited longest.
"""


def waiting_rows(actor: Actor, now: datetime, zone: str) -> Select[Any]:
    """Who waits within the actor's reach, with the offer that stands, where there is one."""
    columns = _WAITLIST.c
    lasts = or_(columns.last_day.is_(None), columns.last_day >= local_day(now, zone))
    offered = and_(
        _OFFERS.c.entry_id == columns.id,
        _OFFERS.c.status == OfferStatus.OPEN,
        _OFFERS.c.expires_at > now,
    )
    return (
        _PLACES.add_columns(
            _SPECIALTIES.c.name.label("specialty"),
            _OFFERS.c.id.label("offer_id"),
            _OFFERS.c.doctor_id.label("offered_by"),
            _OFFERS.c.starts_at.label("offered_from"),
            _OFFERS.c.ends_at.label("offered_until"),
            _OFFERS.c.expires_at,
            _OFFERING.c.shown_name.label("offering"),
        )
        .outerjoin(_SPECIALTIES, _SPECIALTIES.c.id == columns.specialty_id)
        .outerjoin(_OFFERS, offered)
        .outerjoin(_OFFERING, _OFFERING.c.id == _OFFERS.c.doctor_id)
        .where(ON_THE_LIST, within_reach(actor), lasts)
        .where(columns.appointment_id.is_(None) | _is_ahead(now))
    )


def who_might(actor: Actor, slot: Slot, now: datetime, zone: str, besides: int) -> Select[Any]:
    """Who waits for that doctor about that day and may be asked now, except one patient.

    ``named`` in a row says whether they asked for that very doctor.
    """
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
    has_visit = columns.appointment_id.is_not(None)
    return (
        _PLACES.add_columns(named.label("named"))
        .join(_DOCTORS, and_(_DOCTORS.c.id == doctor, _DOCTORS.c.active))
        .where(
            is_free_to_be_asked(now),
            within_reach(actor),
            or_(named, anybody),
            does_type(doctor, columns.visit_type_id),
            columns.first_day <= days[-1],
            or_(columns.last_day.is_(None), columns.last_day >= days[0]),
            columns.weekdays.bitwise_and(mask(day.weekday() for day in days)) != 0,
            or_(and_(~has_visit, _TYPES.c.active), and_(has_visit, _is_ahead(now))),
            ~offered_before,
            columns.patient_id != besides,
        )
        .limit(_MOST_ASKED)
    )


def _is_ahead(now: datetime) -> ColumnElement[bool]:
    """Whether the visit that is to be earlier can still move."""
    return and_(_VISITS.c.status.in_(MOVABLE), _VISITS.c.starts_at > now)


def _days(slot: Slot, zone: str) -> list[date]:
    """The dates on which a visit that fits may begin."""
    reach = timedelta(minutes=MAX_MINUTES) if slot.adjoining else timedelta(0)
    first, last = (local_day(at, zone) for at in (slot.starts_at - reach, slot.ends_at))
    return [first + number * _DAY for number in range((last - first).days + 1)]


def doctors_named(session: Session, entry_ids: Sequence[int]) -> dict[int, dict[int, str]]:
    """The doctors waited for by name, by place on the list: id → name."""
    rows = session.execute(
        select(_NAMED.c.entry_id, _DOCTORS.c.id, _DOCTORS.c.shown_name)
        .join(_DOCTORS, _DOCTORS.c.id == _NAMED.c.doctor_id)
        .where(_NAMED.c.entry_id.in_(entry_ids))
        .order_by(_DOCTORS.c.name_key)
    )
    found: dict[int, dict[int, str]] = {}
    for entry_id, doctor_id, name in rows:
        found.setdefault(entry_id, {})[doctor_id] = name
    return found


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
