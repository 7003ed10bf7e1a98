"""Offers: an opening held for one who waits, until they answer or it runs out.

The hold is an appointment of that patient, under the same guards as a visit: whatever is offered
is offered to nobody else meanwhile. It belongs to no desk and to no account.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..audit import details_answered, record
from ..codes import OfferStatus, Status, WaitlistStatus
from ..errors import BadInput, NotWanted, WrongStatus
from ..hours.bounds import refuse_unless_open
from ..messages.outbox import queue_offer
from ..models import Appointment, Offer, WaitlistEntry, table
from ..times.walltime import say_moment
from ..undo.row_changes import found_rows, left_rows, new_rows
from ..undo.ways_back import RowsBefore, VisitBefore, WayBack
from ..visits.conflicts import Place
from ..visits.facts import Facts, Purpose, facts_of
from ..visits.obstacles import taken
from ..visits.parties import Parties, place_for
from ..visits.placing import fit_to_move, insert_visit
from ..visits.requests import MOVABLE, new_key
from .declining import expire_offers
from .rows import times_of
from .waiting import end_offers, locked_entry, running_offer, waiting_before, wants_doctor

_APPOINTMENTS, _OFFERS = table(Appointment), table(Offer)
_WAITLIST = table(WaitlistEntry)
OFFERED_FOR = timedelta(hours=2)
"""How long an offer stands where nothing else is said."""


@dataclass(frozen=True, slots=True)
class OfferRequest:
    """Which opening, to whom. Both times are aware instants; the start is on a whole minute.

    ``expires_at`` None is two hours from now, or the start where that comes first.
    """

    entry_id: int
    doctor_id: int
    starts_at: datetime
    room_id: int | None = None
    expires_at: datetime | None = None
    key: str = field(default_factory=new_key)


@dataclass(frozen=True, slots=True)
class OfferedOpening:
    """An opening that is kept for somebody who waits. Times are aware UTC.

    ``notices`` is how many messages tell them.
    """

    offer_id: int
    entry_id: int
    patient_id: int
    patient: str
    doctor_id: int
    doctor: str
    visit_type: str
    room: str | None
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime
    notices: int


def offer_opening(
    session: Session, actor: Actor, request: OfferRequest, now: datetime
) -> OfferedOpening:
    """Keep an opening for one who waits, and queue the message that tells them.

    A request with a key that was already answered gets that answer again. Refused: as booking is;
    ``NotWanted`` where they want another time or doctor; ``WrongStatus`` while they are being
    offered something, or once they have left the list; ``BadInput`` for a time that has begun and
    for an expiry that has passed or comes after the start.
    """
    require(actor, Permission.OFFER, doctor_id=request.doctor_id)
    entry = locked_entry(session, actor, request.entry_id)
    noted = details_answered(session, actor, "offer_opening", request.key)
    visit = visit_of(session, entry)
    parties = Parties(request.doctor_id, entry.patient_id, entry.visit_type_id, request.room_id)
    purpose = Purpose.BOOK if visit is None else Purpose.MOVE
    facts = facts_of(session, parties, request.key, purpose)
    if noted:
        offer = session.execute(select(_OFFERS).where(_OFFERS.c.id == noted["offer"])).one()
        return _answer(offer, entry, facts, noted["notices"])
    place = _place(entry, visit, parties, facts, request, actor, now)
    _refuse_unless_wanted(session, entry, visit, place, facts)
    refuse_unless_open(session, facts, place)
    expires_at = _expiry(request, place, now)
    found = found_rows(session, _WAITLIST, id=entry.id)
    end_offers(session, [entry.id], OfferStatus.EXPIRED, now)
    hold_id = insert_visit(session, place, Status.HELD, "", now, held_until=expires_at)
    if hold_id is None:
        raise taken(session, facts.settings, place, facts.doctor)
    offer = _insert(session, entry, place, hold_id, expires_at)
    session.execute(
        update(_WAITLIST).where(_WAITLIST.c.id == entry.id).values(status=WaitlistStatus.OFFERED)
    )
    notices = _tell(session, actor, offer, facts, now)
    _record(session, actor, offer, place, found, notices, now, request.key)
    expire_offers(session, now)
    return _answer(offer, entry, facts, notices)


def visit_of(session: Session, entry: Row[Any]) -> Row[Any] | None:
    """The visit that is to be earlier, locked with its place on the list."""
    if entry.appointment_id is None:
        return None
    query = select(_APPOINTMENTS).where(_APPOINTMENTS.c.id == entry.appointment_id)
    return session.execute(query).one()


def _place(
    entry: Row[Any],
    visit: Row[Any] | None,
    parties: Parties,
    facts: Facts,
    request: OfferRequest,
    actor: Actor,
    now: datetime,
) -> Place:
    if visit is None:
        fit = replace(facts.usual, minutes=entry.minutes or facts.usual.minutes)
    else:
        fit = fit_to_move(visit, facts.usual, None)
    place = place_for(parties, request.starts_at, fit, actor, now)
    if place.starts_at <= now:
        raise BadInput("Start", "That time has begun.")
    return place


def _refuse_unless_wanted(
    session: Session, entry: Row[Any], visit: Row[Any] | None, place: Place, facts: Facts
) -> None:
    if entry.status not in (WaitlistStatus.WAITING, WaitlistStatus.OFFERED):
        raise WrongStatus(f"{facts.patient} is not on the waitlist for that any more.")
    zone = facts.settings.zone
    if offer := running_offer(session, entry.id, place.asked_at):
        until = say_moment(offer.expires_at, zone)
        raise WrongStatus(
            f"{facts.patient} is being offered {say_moment(offer.starts_at, zone)}, until {until}."
        )
    if visit is not None and (visit.status not in MOVABLE or visit.starts_at <= place.asked_at):
        raise WrongStatus(f"The visit of {facts.patient} that was to be earlier is over.")
    times = times_of(entry, visit.starts_at if visit else None)
    if clause := times.why_not(place.starts_at, place.ends_at, zone):
        raise NotWanted(f"{facts.patient} waits for a time {clause}.")
    if not wants_doctor(session, entry, place.doctor_id):
        raise NotWanted(f"{facts.patient} waits for somebody else than {facts.doctor}.")


def _expiry(request: OfferRequest, place: Place, now: datetime) -> datetime:
    if request.expires_at is None:
        return min(now + OFFERED_FOR, place.starts_at)
    if request.expires_at.tzinfo is None:
        raise BadInput("Expiry", "A time without its zone cannot be placed.")
    if not now < request.expires_at <= place.starts_at:
        raise BadInput("Expiry", "An offer runs out between now and the start of the visit.")
    return request.expires_at


def _insert(
    session: Session, entry: Row[Any], place: Place, hold_id: int, expires_at: datetime
) -> Row[Any]:
    return session.execute(
        insert(_OFFERS)
        .values(
            entry_id=entry.id,
            hold_id=hold_id,
            doctor_id=place.doctor_id,
            room_id=place.room_id,
            starts_at=place.starts_at,
            ends_at=place.ends_at,
            status=OfferStatus.OPEN,
            offered_at=place.asked_at,
            expires_at=expires_at,
        )
        .returning(*_OFFERS.c)
    ).one()


def _tell(session: Session, actor: Actor, offer: Row[Any], facts: Facts, now: datetime) -> int:
    """After the grace, unless the offer has run out by then."""
    due_at = now + facts.grace
    if due_at >= offer.expires_at:
        due_at = now
    return queue_offer(session, offer.id, offer.starts_at, actor, facts.who, now, due_at=due_at)


def _record(
    session: Session,
    actor: Actor,
    offer: Row[Any],
    place: Place,
    found: RowsBefore,
    notices: int,
    now: datetime,
    key: str,
) -> None:
    """Note it. Undone, the offer is over as if it had run out: its hold cannot come back."""
    entry = waiting_before(left_rows(session, _WAITLIST, found))
    hold = VisitBefore(offer.hold_id, Status.HELD, 0, None, place.patient_id)
    record(
        session, actor, "offer_opening", now, key=key,
        patient_id=place.patient_id, doctor_id=place.doctor_id,
        way_back=WayBack((hold,), (entry, over_before(session, offer.id))),
        offer=offer.id, notices=notices,
    )  # fmt: skip


def over_before(session: Session, offer_id: int) -> RowsBefore:
    """The way back to an offer that is over."""
    made = new_rows(session, _OFFERS, id=offer_id)
    over = {"status": OfferStatus.EXPIRED.value}
    return replace(made, before=tuple({**row, **over} for row in made.after))


def _answer(offer: Row[Any], entry: Row[Any], facts: Facts, notices: int) -> OfferedOpening:
    return OfferedOpening(
        offer.id,
        entry.id,
        entry.patient_id,
        facts.patient,
        offer.doctor_id,
        facts.doctor,
        facts.visit_type,
        facts.room,
        offer.starts_at,
        offer.ends_at,
        offer.expires_at,
        notices,
    )
