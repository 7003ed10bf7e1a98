"""The places on the waitlist as rows, with what belongs to each: for reading the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from .access import Actor
from .codes import OfferStatus
from .filling import URGENCY_RANK
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
from .phones import first_phone
from .requests import MOVABLE
from .text import doctor_name
from .waiting import ON_THE_LIST, within_reach
from .walltime import local_day

_VISITS, _OFFERS = table(Appointment).alias("visit"), table(Offer)
_WAITLIST, _NAMED, _SPECIALTIES = table(WaitlistEntry), table(WaitlistDoctor), table(Specialty)
_DOCTORS, _PATIENTS, _TYPES = table(Doctor), table(Patient), table(VisitType)
_OFFERING = table(Doctor).alias("offering")


def waiting_rows(actor: Actor, now: datetime, zone: str) -> Select[Any]:
    """Who waits within the actor's reach, the urgent first, then who has waited longest.

    With the visit that is to be earlier and the offer that stands, where there are any.
    """
    columns = _WAITLIST.c
    lasts = or_(columns.last_day.is_(None), columns.last_day >= local_day(now, zone))
    ahead = and_(_VISITS.c.status.in_(MOVABLE), _VISITS.c.starts_at > now)
    offered = and_(
        _OFFERS.c.entry_id == columns.id,
        _OFFERS.c.status == OfferStatus.OPEN,
        _OFFERS.c.expires_at > now,
    )
    phone = first_phone(columns.patient_id)
    return (
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
            _OFFERING.c.title.label("offering_title"),
            _OFFERING.c.given_name.label("offering_given"),
            _OFFERING.c.family_name.label("offering_family"),
        )
        .join(_PATIENTS, _PATIENTS.c.id == columns.patient_id)
        .join(_TYPES, _TYPES.c.id == columns.visit_type_id)
        .outerjoin(_SPECIALTIES, _SPECIALTIES.c.id == columns.specialty_id)
        .outerjoin(_VISITS, _VISITS.c.id == columns.appointment_id)
        .outerjoin(_OFFERS, offered)
        .outerjoin(_OFFERING, _OFFERING.c.id == _OFFERS.c.doctor_id)
        .where(ON_THE_LIST, within_reach(actor), lasts, columns.appointment_id.is_(None) | ahead)
        .order_by(URGENCY_RANK, columns.created_at, columns.id)
    )


def doctors_named(session: Session, entry_ids: Sequence[int]) -> dict[int, dict[int, str]]:
    """The doctors waited for by name, by place on the list: id → name."""
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
