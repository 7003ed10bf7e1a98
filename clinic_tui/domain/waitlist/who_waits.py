"""The waitlist as it is read: who waits for what, for how long, and what next fits them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require_some
from ..clinic.settings import load_settings
from ..codes import Urgency
from ..errors import BadInput, Opening
from ..text import full_name
from .rows import doctors_named, fit_for, times_of, waiting_rows
from .wanting import Times, weekdays_of
from .what_fits import first_wanted

_MOST = 500


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """What is being offered to somebody, with whom, until when it stands. Times are aware UTC."""

    offer_id: int
    doctor_id: int
    doctor: str
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A place on the waitlist: whose, for what, since when (aware UTC).

    ``phone`` is their first number. ``doctors`` (names by id) and ``specialty`` empty mean anybody
    who does the visit type. ``minutes`` is how long the visit is to be. ``earlier_than`` is when
    the visit stands that is to be earlier. ``next_fits`` is the first opening that fits within
    sixty days, looked for only where it was asked for and nothing is being offered.
    """

    entry_id: int
    patient_id: int
    patient: str
    phone: str
    visit_type_id: int
    visit_type: str
    minutes: int
    doctors: dict[int, str]
    specialty_id: int | None
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
    rows = session.execute(waiting_rows(actor, now, settings.zone).limit(limit)).all()
    named = doctors_named(session, [row.id for row in rows])
    found = {
        row.id: first_wanted(session, settings, row, named.get(row.id, {}), now)
        for row in rows[:next_for]
    }
    return tuple(_waiting(row, named.get(row.id, {}), found.get(row.id)) for row in rows)


def _waiting(row: Row[Any], doctors: dict[int, str], opening: Opening | None) -> Waiting:
    offer = None
    if row.offer_id is not None:
        span = (row.offered_from, row.offered_until, row.expires_at)
        offer = OpenOffer(row.offer_id, row.offered_by, row.offering, *span)
    return Waiting(
        row.id,
        row.patient_id,
        full_name(row.given_name, row.family_name),
        row.phone or "",
        row.visit_type_id,
        row.visit_type,
        fit_for(row).minutes,
        doctors,
        row.specialty_id,
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
