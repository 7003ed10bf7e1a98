"""Between whom a visit is, and where they want it to stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, select, true
from sqlalchemy.orm import Session

from ..access import Actor
from ..clinic.terms import Fit, check_length
from ..errors import BadInput
from ..models import Doctor, Patient, Room, table
from ..patients.record_lock import merged_away
from ..times.dates import check_day
from .conflicts import Place

_DOCTORS, _PATIENTS, _ROOMS = table(Doctor), table(Patient), table(Room)


@dataclass(frozen=True, slots=True)
class Parties:
    """Between whom a visit is, of which type, where. A hold may be for nobody yet: patient 0."""

    doctor_id: int
    patient_id: int
    visit_type_id: int
    room_id: int | None


def parties_of(visit: Row[Any]) -> Parties:
    """Between whom an appointment is, as its row says."""
    return Parties(visit.doctor_id, visit.patient_id, visit.visit_type_id, visit.room_id)


def parties_at(place: Place) -> Parties:
    """Between whom a visit is that stands in that place."""
    return Parties(place.doctor_id, place.patient_id, place.visit_type_id, place.room_id)


def place_for(
    parties: Parties,
    starts_at: datetime,
    fit: Fit,
    actor: Actor,
    now: datetime,
    appointment_id: int | None = None,
) -> Place:
    """Where the actor wants the visit to stand, from now on in UTC.

    Refused with ``BadInput``: a start without a zone or between two minutes, a length outside
    5 minutes to 12 hours, a visit that would be over already.
    """
    if starts_at.tzinfo is None:
        raise BadInput("Start", "A time without its zone cannot be placed.")
    check_day(starts_at, "Start")
    if starts_at.second or starts_at.microsecond:
        raise BadInput("Start", "A visit starts on a whole minute.")
    check_length(fit.minutes)
    place = Place(
        parties.doctor_id,
        parties.patient_id,
        parties.room_id,
        parties.visit_type_id,
        # An end is worked out from it, and a local clock skips or repeats an hour on the way.
        starts_at.astimezone(UTC),
        fit,
        actor,
        now,
        appointment_id,
    )
    if place.ends_at <= now:
        raise BadInput("Start", "That time has passed.")
    return place


def lock_in_order(session: Session, *sides: Parties) -> None:
    """Lock doctors, patients and rooms, each by number: whoever crosses us waits, and never we.

    Before a visit is updated so that it occupies another place: two such updates that meet under
    an exclusion constraint would wait for each other, and one of them for a second in vain.
    FOR NO KEY UPDATE, because a booking under way holds these rows FOR KEY SHARE (its foreign
    keys do) and must not wait for us while we wait for it. Refused with ``NotFound`` where a
    patient's record was merged while we waited.
    """
    for owner, ids, stands in (
        (_DOCTORS, {side.doctor_id for side in sides}, true()),
        (
            _PATIENTS,
            {side.patient_id for side in sides} - {None},
            _PATIENTS.c.merged_into.is_(None),
        ),
        (_ROOMS, {side.room_id for side in sides} - {None}, true()),
    ):
        if ids:
            found = session.scalars(
                select(stands)
                .where(owner.c.id.in_(sorted(ids)))
                .order_by(owner.c.id)
                .with_for_update(of=owner, key_share=True)
            ).all()
            if not all(found):
                raise merged_away()
