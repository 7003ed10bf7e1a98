"""Accepting an offer: what was held becomes the visit, or the visit that was to be earlier moves.

Exactly one outcome, whoever comes at the same moment: the place on the list is locked first, and
the guards decide about the time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.orm import Session

from ..access import Actor
from ..codes import OfferStatus, Status, WaitlistStatus
from ..errors import ChangedMeanwhile, OfferOver, WrongStatus
from ..hours.bounds import refuse_unless_open
from ..messages.notice_rows import Announced
from ..messages.outbox import queue_booked, withdraw_offers
from ..models import Appointment, Offer, WaitlistEntry, table
from ..times.walltime import local_day, say_moment, say_time
from ..undo.row_changes import found_rows, left_rows
from ..undo.ways_back import VisitBefore, WayBack, changed
from ..visits.appointments import BookedAppointment
from ..visits.conflicts import Place, alternatives
from ..visits.facts import Facts, Purpose, facts_of
from ..visits.moving import announce_move, moved_values
from ..visits.obstacles import taken
from ..visits.occupied import let_go_of_expired
from ..visits.parties import Parties, lock_in_order, parties_at, parties_of
from ..visits.placing import fit_to_move, giving_way, insert_visit, take_hold, write_visit
from ..visits.requests import MOVABLE, answered_visit, record_visit
from .declining import locked_offer, refuse_answered
from .filling import freed_time, slot_of
from .freed import Slot
from .offering import over_before, visit_of
from .waiting import is_its_hold, waiting_before

_APPOINTMENTS, _OFFERS, _WAITLIST = table(Appointment), table(Offer), table(WaitlistEntry)


def accept_offer(
    session: Session, actor: Actor, offer_id: int, now: datetime, key: str
) -> BookedAppointment:
    """They say yes: the visit is booked, also where a patient says so, because the clinic offered.

    Of who wanted an earlier time the visit moves there and stays the same one; the answer then
    says who fits the time that it leaves. A request with a key that was already answered gets
    that answer again. Refused: ``OfferOver`` when it has run out, with the same time among the
    alternatives if that is still free; ``WrongStatus`` when it was answered before; as booking
    is where the doctor does not work then any more or somebody else has the time.
    """
    offer, entry = locked_offer(session, actor, offer_id)
    if answer := answered_visit(session, actor, "accept_offer", key):
        return answer
    accepted = book_offered(session, offer, entry, actor, now, key)
    stands = accepted.stands
    record_visit(
        session, actor, "accept_offer", now, key, stands.appointment_id, accepted.parties,
        accepted.way_back,
    )  # fmt: skip
    return stands


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of an offer that was accepted, and the way back from it.

    ``left`` is where the visit stood that moved.
    """

    stands: BookedAppointment
    parties: Parties
    way_back: WayBack
    left: Slot | None


def book_offered(
    session: Session, offer: Row[Any], entry: Row[Any], actor: Actor, now: datetime, key: str
) -> Accepted:
    """Book what is offered, locked before, or move the visit there; the shared step of accepting.

    Refused as ``accept_offer`` is. Noting it is left to the caller.
    """
    refuse_answered(offer)
    hold = session.execute(select(_APPOINTMENTS).where(is_its_hold(offer))).one_or_none()
    visit = visit_of(session, entry)
    parties = Parties(offer.doctor_id, entry.patient_id, entry.visit_type_id, offer.room_id)
    purpose = Purpose.BOOK if visit is None else Purpose.MOVE
    facts = facts_of(session, parties, key, purpose)
    place = _place(offer, entry, visit, hold, facts, actor, now)
    if offer.expires_at <= now or offer.status is OfferStatus.EXPIRED:
        raise _ran_out(session, offer, visit, place, facts)
    refuse_unless_open(session, facts, place, hold)
    found = found_rows(session, _WAITLIST, id=entry.id)
    if visit is None:
        before, notices = _book(session, facts, place, hold)
        left, freed = None, None
    else:
        _refuse_unless_earlier(visit, place, facts)
        before, notices = _move(session, facts, place, visit, hold)
        left = slot_of(visit)
        freed = freed_time(session, left, facts.settings, actor, now, visit.patient_id)
    _close(session, offer, entry, now)
    back = waiting_before(left_rows(session, _WAITLIST, found))
    way_back = WayBack((before,), (back, over_before(session, offer.id)))
    stands = facts.answer(place, before.appointment_id, before.status, before.sequence, notices)
    return Accepted(replace(stands, freed=freed), parties, way_back, left)


def _place(
    offer: Row[Any],
    entry: Row[Any],
    visit: Row[Any] | None,
    hold: Row[Any] | None,
    facts: Facts,
    actor: Actor,
    now: datetime,
) -> Place:
    """What was offered, with the length and the buffers that are held or that the visit has."""
    if visit is not None:
        fit = fit_to_move(visit, facts.usual, None)
    elif hold is not None:
        fit = fit_to_move(hold, facts.usual, None)
    else:
        fit = replace(facts.usual, minutes=entry.minutes or facts.usual.minutes)
    return Place(
        offer.doctor_id,
        entry.patient_id,
        offer.room_id,
        entry.visit_type_id,
        offer.starts_at,
        fit,
        actor,
        now,
        visit.id if visit is not None else None,
    )


def _ran_out(
    session: Session, offer: Row[Any], visit: Row[Any] | None, place: Place, facts: Facts
) -> OfferOver:
    zone, now = facts.settings.zone, place.asked_at
    same_day = local_day(offer.expires_at, zone) == local_day(now, zone)
    when = say_time(offer.expires_at, zone) if same_day else say_moment(offer.expires_at, zone)
    others = tuple(
        one
        for one in alternatives(session, facts.settings, place, facts.doctor)
        if visit is None or one.ends_at <= visit.starts_at
    )
    same = (place.doctor_id, place.starts_at)
    still = any((one.doctor_id, one.starts_at) == same for one in others)
    free = "; that time is still free" if still else ""
    return OfferOver(f"That offer ran out at {when}{free}.", (), others)


def _refuse_unless_earlier(visit: Row[Any], place: Place, facts: Facts) -> None:
    if visit.status not in MOVABLE or visit.starts_at <= place.asked_at:
        raise WrongStatus(f"The visit of {facts.patient} that was to be earlier is over.")
    if place.ends_at > visit.starts_at:
        raise ChangedMeanwhile("The visit has been moved meanwhile: that would be no earlier.")


def _book(
    session: Session, facts: Facts, place: Place, hold: Row[Any] | None
) -> tuple[VisitBefore, int]:
    """Make the visit of what was held, or a new one where that is gone; how many are told."""
    appointment_id = None
    if hold is not None:
        held = replace(place, appointment_id=hold.id)
        if take_hold(session, facts, held, hold, Status.BOOKED, ""):
            appointment_id = hold.id
    if appointment_id is None:
        appointment_id = insert_visit(session, place, Status.BOOKED, "", place.asked_at)
    if appointment_id is None:
        raise taken(session, facts.settings, place, facts.doctor)
    notices = _confirm(session, facts, place, appointment_id, 0)
    return VisitBefore(appointment_id, Status.BOOKED, 0, None, place.patient_id), notices


def _move(
    session: Session, facts: Facts, place: Place, visit: Row[Any], hold: Row[Any] | None
) -> tuple[VisitBefore, int]:
    """Put the visit where the hold was; how many are told.

    What was only asked for is booked then: the clinic has offered the time.
    """
    values = moved_values(place.asked_by, visit, place, facts.settings.zone)
    if values["status"] is Status.PENDING:
        values |= {"status": Status.BOOKED, "arrived_at": None}
    held = () if hold is None else (hold.id,)
    with giving_way(session, facts, place):
        lock_in_order(session, parties_of(visit), parties_at(place))
        if let_go_of_expired(session, place, keeping=held):
            session.execute(delete(_APPOINTMENTS).where(_APPOINTMENTS.c.id.in_(held)))
        write_visit(session, visit.id, values)
    status, sequence = values["status"], values["sequence"]
    if visit.status is Status.PENDING:
        notices = _confirm(session, facts, place, visit.id, sequence)
    else:
        notices = announce_move(session, visit, place, facts, status, sequence)
    return changed(visit, status, sequence), notices


def _confirm(
    session: Session, facts: Facts, place: Place, appointment_id: int, sequence: int
) -> int:
    visit = Announced(appointment_id, sequence, place.starts_at, place.asked_by)
    return queue_booked(
        session, visit, facts.who, place.asked_at, grace=facts.grace, reminders=facts.reminders
    )


def _close(session: Session, offer: Row[Any], entry: Row[Any], now: datetime) -> None:
    session.execute(
        update(_OFFERS)
        .where(_OFFERS.c.id == offer.id)
        .values(status=OfferStatus.ACCEPTED, answered_at=now)
    )
    session.execute(
        update(_WAITLIST)
        .where(_WAITLIST.c.id == entry.id)
        .values(status=WaitlistStatus.BOOKED, closed_at=now)
    )
    withdraw_offers(session, [offer.id])
