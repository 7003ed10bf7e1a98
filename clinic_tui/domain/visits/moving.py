"""Moving: the same visit elsewhere.

A move locks in a fixed order (the visit, doctors, patient, room), because two updates that cross
under an exclusion constraint would otherwise wait for each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..codes import Status
from ..errors import BadInput, ChangedMeanwhile, WrongStatus
from ..hours.bounds import refuse_unless_open
from ..messages.notice_rows import Announced
from ..messages.outbox import queue_moved
from ..messages.reachable import NOBODY
from ..times.walltime import local_day
from ..undo.ways_back import RowsBefore, WayBack, changed
from ..waitlist.earlier import stands_elsewhere
from ..waitlist.filling import freed_time, slot_of
from .appointments import BookedAppointment, locked
from .conflicts import Place
from .facts import Facts, Purpose, facts_of
from .obstacles import refuse_taken
from .parties import Parties, parties_at, parties_of, place_for
from .placing import fit_to_move, occupy, place_columns
from .requests import MOVABLE, answered_visit, new_key, record_visit, status_by
from .status_words import visit_stands


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """A visit's whole new place. ``seen_sequence`` is the one that the mover looked at, if any."""

    appointment_id: int
    doctor_id: int
    starts_at: datetime
    minutes: int
    room_id: int | None
    seen_sequence: int | None = None
    key: str = field(default_factory=new_key)


def move_appointment(
    session: Session, actor: Actor, request: MoveRequest, now: datetime
) -> BookedAppointment:
    """Move a visit to another time, doctor or room; it stays the same visit, buffers and all.

    Its own time counts as free; when the new place is refused the old one stands as it was. On
    another day, who had arrived is expected again. Moved by a patient it is a request again, as
    it is when a patient books. The answer says who on the waitlist fits the time that it leaves;
    who waited for an earlier one and has it now waits no more. Refused: as booking is;
    ``BadInput`` where it stands already; ``WrongStatus`` unless the visit is pending, booked or
    arrived; ``ChangedMeanwhile`` when it is no longer where the mover saw it.
    """
    before = locked(session, actor, Permission.BOOK, request.appointment_id)
    require(actor, Permission.BOOK, doctor_id=request.doctor_id, patient_id=before.patient_id)
    if answer := answered_visit(session, actor, "move", request.key, before.id):
        return answer
    return move_visit(session, actor, "move", before, request, now)


def move_visit(
    session: Session,
    actor: Actor,
    operation: str,
    before: Row[Any],
    request: MoveRequest,
    now: datetime,
    rows: tuple[RowsBefore, ...] = (),
) -> BookedAppointment:
    """Move a visit that is locked, for whoever may; the shared step of moving and putting down.

    ``rows`` are what came of other tables with it, to be led back to.
    """
    refuse_unmovable(before, request.seen_sequence)
    parties = Parties(request.doctor_id, before.patient_id, before.visit_type_id, request.room_id)
    place, facts = place_elsewhere(
        session, actor, before, parties, request.starts_at, request.minutes, request.key, now
    )
    values = moved_values(actor, before, place, facts.settings.zone)
    status, sequence = values["status"], values["sequence"]
    refuse_taken(session, facts.settings, place, facts.doctor)
    notices = announce_move(session, before, place, facts, status, sequence)
    occupy(session, facts, place, values, (parties_of(before), parties))
    left = (*rows, *stands_elsewhere(session, before, place, facts.settings.zone))
    way_back = WayBack((changed(before, status, sequence),), left)
    record_visit(session, actor, operation, now, request.key, before.id, parties, way_back)
    freed = freed_time(session, slot_of(before), facts.settings, actor, now, before.patient_id)
    return replace(facts.answer(place, before.id, status, sequence, notices), freed=freed)


def refuse_unmovable(before: Row[Any], seen_sequence: int | None) -> None:
    """Refuse a visit that is in no status to be moved, or no longer where it was seen."""
    if before.status not in MOVABLE:
        raise WrongStatus(f"A visit that {visit_stands(before.status)} cannot be moved.")
    if seen_sequence not in (None, before.sequence):
        raise ChangedMeanwhile("Somebody else has just moved that visit: please look again.")


def place_elsewhere(
    session: Session,
    actor: Actor,
    before: Row[Any],
    parties: Parties,
    starts_at: datetime,
    minutes: int,
    key: str,
    now: datetime,
) -> tuple[Place, Facts]:
    """Where a visit is to stand, and the facts about it; refused where its doctor is not at work.

    An overbooked visit may be moved to where it stands, which makes an ordinary one of it.
    """
    facts = facts_of(session, parties, key, Purpose.MOVE)
    fit = fit_to_move(before, facts.usual, minutes)
    place = place_for(parties, starts_at, fit, actor, now, before.id)
    stands = (before._mapping[name] == value for name, value in place_columns(place).items())
    if all(stands) and not before.overbooked:
        raise BadInput("Start", "The visit stands there already.")
    refuse_unless_open(session, facts, place, before)
    return place, facts


def moved_values(actor: Actor, before: Row[Any], place: Place, zone: str) -> dict[str, Any]:
    """Every column that changes where a visit is moved to that place by the actor.

    It is an ordinary visit there, overbooked as it may have been. The patient's yes was to the
    old time; moved by a patient it is a request again; who had
    arrived is expected again on another day.
    """
    status: Status = before.status
    if status_by(actor, parties_at(place)) is Status.PENDING:
        status = Status.PENDING
    elif status is Status.ARRIVED and _on_another_day(before, place, zone):
        status = Status.BOOKED
    values = {**place_columns(place), "status": status, "sequence": before.sequence + 1}
    if status is not before.status:
        values["arrived_at"] = None
    return values | {"confirmed_at": None, "overbooked": False, "overbook_reason": ""}


def _on_another_day(before: Row[Any], place: Place, zone: str) -> bool:
    return local_day(before.starts_at, zone) != local_day(place.starts_at, zone)


def announce_move(
    session: Session, before: Row[Any], place: Place, facts: Facts, status: Status, sequence: int
) -> int:
    """Queue what must be said of a move; of one that is only asked for nobody has heard yet.

    What becomes a request is announced to nobody, but its doctor may have lost it.
    """
    if before.status is Status.PENDING:
        return 0
    lost = (before.doctor_id, before.starts_at) if before.doctor_id != place.doctor_id else None
    return queue_moved(
        session,
        Announced(before.id, sequence, place.starts_at, place.asked_by),
        NOBODY if status is Status.PENDING else facts.who,
        place.asked_at,
        grace=facts.grace,
        reminders=facts.reminders,
        lost=lost,
    )
