"""Visits put back to where a step found them: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..clinic.terms import Fit
from ..codes import Status
from ..errors import BadInput, ChangedMeanwhile, WrongStatus
from ..hours.bounds import refuse_unless_open
from ..messages.notice_rows import put_in
from ..visits.conflicts import Place
from ..visits.facts import Facts, Purpose, facts_of
from ..visits.guards import OCCUPYING
from ..visits.parties import Parties
from ..visits.rearranging import VisitChange, locked_all, look_first, rearrange
from ..waitlist.earlier import stand_no_more
from .setting_right import Restored, notices_to_set_right
from .ways_back import VisitBefore

_OPEN = (Status.PENDING, Status.BOOKED)
_OF_ITS_DAY = ("status", "arrived_at", "patient_id")
"""What a step of a visit's day changes; the rest may have been changed since by others."""
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class PutBack:
    """What putting back leads to: how the visits change, the sequence of each by its id, and how
    many messages are queued.
    """

    changes: tuple[VisitChange, ...]
    sequences: dict[int, int]
    notices: int


@contextmanager
def visits_put_back(
    session: Session, actor: Actor, visits: tuple[VisitBefore, ...], now: datetime, key: str
) -> Iterator[PutBack]:
    """Bring the visits back; those that the step had made become entered in error.

    They are where they were at the end: whatever else the undoing takes is done in here, while
    nobody waits for their places. They pass the same checks as a booking there, except a visit
    type's notice, which what stood there before need not keep. Refused: ``NotPermitted``;
    ``ChangedMeanwhile``; ``SlotTaken`` and ``OutsideHours`` with alternatives; ``BadInput`` and
    ``WrongStatus`` where the time has passed.
    """
    if not visits:
        yield PutBack((), {}, 0)
        return
    permission = _needed(visits)
    rows = locked_all(session, actor, permission, [visit.appointment_id for visit in visits])
    changes, notices = [], []
    for visit in visits:
        row = rows[visit.appointment_id]
        _refuse_changed(visit, row)
        change, facts = _change(session, actor, permission, visit, row, now, key)
        said = _set_right(session, actor, change, visit, facts, now)
        # Of a step that changed nothing but the status nobody heard: it stays the same change.
        # Not so a yes, which has queued its messages under this number: the next has its own.
        if said or _moves(visit) or _asks_again(visit):
            change = replace(change, values=change.values | {"sequence": visit.sequence + 1})
        changes.append(change)
        notices += said
    look_first(session, changes)
    sequences = {
        change.before.id: change.values.get("sequence", change.before.sequence)
        for change in changes
    }
    yield PutBack(tuple(changes), sequences, put_in(session, notices))
    rearrange(session, changes)
    stand_no_more(session, [one.appointment_id for one in visits if _made(one)], now)


def _needed(visits: tuple[VisitBefore, ...]) -> Permission:
    """What whoever undoes a step must be permitted: what taking it needs."""
    if any(visit.columns and _patient_of(visit) != visit.patient_id for visit in visits):
        return Permission.EDIT_CONTACT
    if any(_moves(visit) for visit in visits):
        return Permission.BOOK
    if any(visit.columns and visit.columns["status"] is Status.PENDING for visit in visits):
        return Permission.CONFIRM
    return Permission.RUN_VISITS


def _patient_of(visit: VisitBefore) -> Any:
    return (visit.columns or {}).get("patient_id")


def _made(visit: VisitBefore) -> bool:
    """Whether there was no visit before the step; a hold was none yet."""
    return visit.columns is None or visit.columns["status"] is Status.HELD


def _moves(visit: VisitBefore) -> bool:
    """Whether the step was about where the visit stands, and not only about its day."""
    return visit.columns is None or visit.columns["sequence"] != visit.sequence


def _asks_again(visit: VisitBefore) -> bool:
    """Whether the step was a yes to a request."""
    before = visit.columns and visit.columns["status"]
    return before is Status.PENDING and visit.status is not Status.PENDING


def _refuse_changed(visit: VisitBefore, row: Row[Any]) -> None:
    left = (visit.status, visit.sequence, visit.patient_id or row.patient_id)
    # No step leaves a desk's hold: SQLite gives the number of what an offer held again.
    if (row.status, row.sequence, row.patient_id) != left or row.held_by is not None:
        raise ChangedMeanwhile("That visit has been changed since: it cannot be undone any more.")


def _change(
    session: Session,
    actor: Actor,
    permission: Permission,
    visit: VisitBefore,
    row: Row[Any],
    now: datetime,
    key: str,
) -> tuple[VisitChange, Facts]:
    if visit.columns is None or _made(visit):
        if row.ends_at <= now and row.status in _OPEN:
            raise WrongStatus("That visit is over: say what became of it instead.")
        parties = Parties(row.doctor_id, row.patient_id, row.visit_type_id, row.room_id)
        facts = facts_of(session, parties, key, Purpose.END)
        return VisitChange(row, {"status": Status.ENTERED_IN_ERROR}), facts
    found = visit.columns
    parties = Parties(found["doctor_id"], found["patient_id"], row.visit_type_id, found["room_id"])
    require(actor, permission, doctor_id=parties.doctor_id, patient_id=parties.patient_id)
    stands_anew = _moves(visit)
    names = found.keys() - {"sequence"} if stands_anew else _OF_ITS_DAY
    values = {name: found[name] for name in names}
    if values["status"] not in OCCUPYING:
        return VisitChange(row, values), facts_of(session, parties, key, Purpose.END)
    facts = facts_of(session, parties, key, Purpose.MOVE if stands_anew else Purpose.END)
    place = _place(visit.appointment_id, parties, found, actor, now)
    if stands_anew:
        _refuse_closed(session, place, facts, overbooked=found["overbooked"])
    return VisitChange(row, values, (place, facts)), facts


def _place(
    appointment_id: int, parties: Parties, found: dict[str, Any], actor: Actor, now: datetime
) -> Place:
    return Place(
        parties.doctor_id,
        parties.patient_id,
        parties.room_id,
        parties.visit_type_id,
        found["starts_at"],
        Fit(
            (found["ends_at"] - found["starts_at"]) // _MINUTE,
            (found["starts_at"] - found["blocked_from"]) // _MINUTE,
            (found["blocked_until"] - found["ends_at"]) // _MINUTE,
        ),
        actor,
        now,
        appointment_id,
        found["overbooked"],
    )


def _refuse_closed(session: Session, place: Place, facts: Facts, *, overbooked: bool) -> None:
    if place.ends_at <= place.asked_at:
        raise BadInput("Start", "The time at which it stood has passed.")
    if overbooked:
        require(
            place.asked_by,
            Permission.OVERBOOK,
            doctor_id=place.doctor_id,
            patient_id=place.patient_id,
        )
    else:
        refuse_unless_open(session, facts, place)


def _set_right(
    session: Session,
    actor: Actor,
    change: VisitChange,
    visit: VisitBefore,
    facts: Facts,
    now: datetime,
) -> list[dict[str, Any]]:
    before, values = change.before, change.values
    found = visit.columns or {"sequence": 0}
    restored = Restored(
        visit.appointment_id,
        values.get("starts_at", before.starts_at),
        values.get("doctor_id", before.doctor_id),
        values["status"],
        found["sequence"],
        visit.sequence,
    )
    return notices_to_set_right(
        session, restored, facts.who, actor, now, grace=facts.grace, reminders=facts.reminders
    )
