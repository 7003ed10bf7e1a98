"""Swapping: two visits change places, both or neither."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..audit import answered, record
from ..errors import BadInput, CannotBook
from ..undo.ways_back import WayBack, changed
from ..waitlist.earlier import stand_otherwise
from .appointments import BookedAppointment, booked
from .conflicts import Place
from .facts import Facts
from .moving import announce_move, moved_values, place_elsewhere, refuse_unmovable
from .parties import Parties
from .rearranging import VisitChange, locked_all, look_first, rearrange
from .requests import new_key

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SwapRequest:
    """Which two visits; ``seen_sequence`` and ``other_seen`` are what the swapper looked at."""

    appointment_id: int
    other_id: int
    seen_sequence: int | None = None
    other_seen: int | None = None
    key: str = field(default_factory=new_key)


def swap_appointments(
    session: Session, actor: Actor, request: SwapRequest, now: datetime
) -> tuple[BookedAppointment, BookedAppointment]:
    """Let two visits change places: doctor, start and room; both are told of as moves are.

    Each stays itself, with its own length and buffers, and stands at the other's start. Refused,
    with both where they were: as a move is, where either does not fit into the other's place.
    """
    if request.appointment_id == request.other_id:
        raise BadInput("Visit", "A visit cannot change places with itself.")
    pair = (request.appointment_id, request.other_id)
    rows = locked_all(session, actor, Permission.BOOK, pair)
    one, other = (rows[number] for number in pair)
    for mover, target in ((one, other), (other, one)):
        require(actor, Permission.BOOK, doctor_id=target.doctor_id, patient_id=mover.patient_id)
    if answered(session, actor, "swap", request.key, one.id) is not None:
        return booked(session, one.id), booked(session, other.id)
    refuse_unmovable(one, request.seen_sequence)
    refuse_unmovable(other, request.other_seen)
    try:
        changes = _exchange(session, actor, one, other, request.key, now)
        look_first(session, changes)
    except CannotBook as refusal:
        raise _of_both(refusal) from refusal
    answers = [_answer(session, change) for change in changes]
    try:
        rearrange(session, changes)
    except CannotBook as refusal:
        raise _of_both(refusal) from refusal
    steps = (
        changed(change.before, answer.status, answer.sequence)
        for change, answer in zip(changes, answers, strict=True)
    )
    record(
        session,
        actor,
        "swap",
        now,
        key=request.key,
        appointment_id=one.id,
        patient_id=one.patient_id,
        doctor_id=other.doctor_id,
        way_back=WayBack(tuple(steps), stand_otherwise(session, changes, now)),
        other=other.id,
    )
    return answers[0], answers[1]


def _of_both(refusal: CannotBook) -> CannotBook:
    """The refusal of one of them; where that one could stand instead is no help to two."""
    return type(refusal)(f"They cannot change places: {refusal}", refusal.obstacles)


def _exchange(
    session: Session, actor: Actor, one: Row[Any], other: Row[Any], key: str, now: datetime
) -> list[VisitChange]:
    """Each in the place of the other."""
    places: dict[int, tuple[Place, Facts]] = {}
    pairs = ((one, other), (other, one))
    # The hours of both doctors are kept as they are from here on, by number as everywhere.
    for mover, target in sorted(pairs, key=lambda pair: pair[1].doctor_id):
        parties = Parties(target.doctor_id, mover.patient_id, mover.visit_type_id, target.room_id)
        minutes = (mover.ends_at - mover.starts_at) // _MINUTE
        places[mover.id] = place_elsewhere(
            session, actor, mover, parties, target.starts_at, minutes, key, now
        )
    return [
        VisitChange(mover, moved_values(actor, mover, place, facts.settings.zone), (place, facts))
        for mover, (place, facts) in ((mover, places[mover.id]) for mover in (one, other))
    ]


def _answer(session: Session, change: VisitChange) -> BookedAppointment:
    """Tell of one of them, and where it stands now."""
    assert change.standing is not None  # noqa: S101 - both stand somewhere
    place, facts = change.standing
    status, sequence = change.values["status"], change.values["sequence"]
    notices = announce_move(session, change.before, place, facts, status, sequence)
    return facts.answer(place, change.before.id, status, sequence, notices)
