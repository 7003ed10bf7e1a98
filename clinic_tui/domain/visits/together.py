"""Two or three visits of one patient on one day, booked together or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..audit import answered, record
from ..errors import BadInput, CannotBook
from ..hours.bounds import refuse_unless_open
from ..models import AuditEntry, table
from ..text import clean_text
from ..times.walltime import local_day
from .appointments import BookedAppointment, booked_all
from .block_booking import NewVisit, as_a_whole, book_all, not_free, way_back_from
from .facts import Facts, Purpose, facts_by_parties
from .parties import Parties, lock_in_order, place_for
from .requests import new_key

_AUDIT = table(AuditEntry)
_OPERATION = "book_together"
_NOT_BOOKED = "none of the visits was booked"
FEWEST, MOST = 2, 3


@dataclass(frozen=True, slots=True)
class VisitTogether:
    """One visit of several, where it is to stand. ``minutes`` None takes the type's length."""

    doctor_id: int
    visit_type_id: int
    starts_at: datetime
    minutes: int | None = None
    room_id: int | None = None


@dataclass(frozen=True, slots=True)
class TogetherRequest:
    """The visits of one patient that are booked together: two or three, on one day."""

    patient_id: int
    visits: tuple[VisitTogether, ...]
    note: str = ""
    key: str = field(default_factory=new_key)


def book_together(
    session: Session, actor: Actor, request: TogetherRequest, now: datetime
) -> tuple[BookedAppointment, ...]:
    """Book all of the visits, or refuse and write nothing; in the order in which they are named.

    One entry in the trail and one way back for all. Refused as booking each of them is, naming
    the first that cannot stand; ``BadInput`` for less than two visits or more than three, or not
    all on one day. A request with a key that was already answered gets that answer again.
    """
    for visit in request.visits:
        require(actor, Permission.BOOK, doctor_id=visit.doctor_id, patient_id=request.patient_id)
    if not FEWEST <= len(request.visits) <= MOST:
        raise BadInput("Visits", "Two or three visits are booked together.")
    note = clean_text(request.note, "Note")
    parties = [
        Parties(one.doctor_id, request.patient_id, one.visit_type_id, one.room_id)
        for one in request.visits
    ]
    known = facts_by_parties(session, parties, request.key, Purpose.BOOK)
    if known[parties[0]].answered_with and (answer := _answered(session, actor, request.key)):
        return answer
    new = [
        _new_visit(session, actor, visit, one, known[one], now)
        for visit, one in zip(request.visits, parties, strict=True)
    ]
    zone = new[0].facts.settings.zone
    if len({local_day(one.place.starts_at, zone) for one in new}) > 1:
        raise BadInput("Visits", "Visits that are booked together are on one day.")
    refusal = not_free(session, new, _NOT_BOOKED)
    if refusal is None:
        lock_in_order(session, *parties)
    # Whoever has the time may be a twin of this request, which has ended by now.
    if answer := _answered(session, actor, request.key):
        return answer
    if refusal is not None:
        raise refusal
    booked = book_all(session, actor, new, note, now, _NOT_BOOKED)
    record(
        session,
        actor,
        _OPERATION,
        now,
        key=request.key,
        appointment_id=booked[0].appointment_id,
        patient_id=request.patient_id,
        way_back=way_back_from(booked),
        visits=[one.appointment_id for one in booked],
    )
    return booked


def _new_visit(
    session: Session,
    actor: Actor,
    visit: VisitTogether,
    parties: Parties,
    facts: Facts,
    now: datetime,
) -> NewVisit:
    minutes = facts.usual.minutes if visit.minutes is None else visit.minutes
    fit = replace(facts.usual, minutes=minutes)
    place = place_for(parties, visit.starts_at, fit, actor, now)
    try:
        refuse_unless_open(session, facts, place)
    except CannotBook as refusal:
        raise as_a_whole(refusal, _NOT_BOOKED) from refusal
    return NewVisit(place, facts)


def _answered(session: Session, actor: Actor, key: str) -> tuple[BookedAppointment, ...] | None:
    """The answer that this very request got before, as its visits stand now."""
    if answered(session, actor, _OPERATION, key) is None:
        return None
    details = session.scalars(select(_AUDIT.c.details).where(_AUDIT.c.request_key == key)).one()
    found = booked_all(session, details["visits"])
    return tuple(found[one] for one in details["visits"])
