"""A plan carried out: what changes of each visit, what is said of it, what leads back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, update
from sqlalchemy.orm import Session

from ..access import Actor
from ..codes import CancelledBy, Fate, Status
from ..messages.notice_rows import Announced
from ..messages.outbox import queue_absence, queue_cancelled
from ..models import Appointment, table
from ..undo.ways_back import VisitBefore, changed
from ..visits.cancelling import cancelled_values
from ..visits.facts import Facts
from ..visits.moving import announce_move, moved_values
from ..visits.rearranging import VisitChange
from .lines import Decision
from .plan import Planned

_APPOINTMENTS = table(Appointment)


def changes_of(
    actor: Actor,
    decisions: Mapping[int, Decision],
    planned: Planned,
    facts: Mapping[int, Facts],
) -> list[VisitChange]:
    """What changes of the visits that are moved or cancelled, as the actor does it."""
    changes = []
    for number, one in decisions.items():
        row = planned.rows[number]
        if one.fate is Fate.MOVE:
            place = planned.places[number]
            values = moved_values(actor, row, place, facts[number].settings.zone)
            changes.append(VisitChange(row, values, (place, facts[number])))
        elif one.fate is Fate.CANCEL:
            values = cancelled_values(actor, row, CancelledBy.CLINIC, "")
            changes.append(VisitChange(row, values))
    return changes


def announce(
    session: Session,
    decisions: Mapping[int, Decision],
    changes: Sequence[VisitChange],
    planned: Planned,
    facts: Mapping[int, Facts],
    actor: Actor,
    now: datetime,
) -> int:
    """Queue what must be said of each visit; returns how many messages that takes."""
    notices = 0
    for change in changes:
        row, values = change.before, change.values
        known = facts[row.id]
        status, sequence = values["status"], values["sequence"]
        if change.standing is not None:
            place = change.standing[0]
            notices += announce_move(session, row, place, known, status, sequence)
        else:
            visit = Announced(row.id, sequence, row.starts_at, actor)
            asked = row.status is Status.PENDING
            notices += queue_cancelled(
                session, visit, known.who, now, grace=known.grace, asked=asked
            )
    for one in decisions.values():
        if one.tell:
            row = planned.rows[one.appointment_id]
            notices += _tell(session, actor, row, facts[row.id], now)
    return notices


def _tell(session: Session, actor: Actor, row: Row[Any], facts: Facts, now: datetime) -> int:
    """Write to the patient of a visit that stays; it counts as a change of the visit."""
    sequence = row.sequence + 1
    session.execute(
        update(_APPOINTMENTS).where(_APPOINTMENTS.c.id == row.id).values(sequence=sequence)
    )
    visit = Announced(row.id, sequence, row.starts_at, actor)
    return queue_absence(session, visit, facts.who, now, grace=facts.grace)


def steps_back(
    decisions: Mapping[int, Decision], changes: Sequence[VisitChange], planned: Planned
) -> tuple[VisitBefore, ...]:
    """Every visit that the plan changes, as it was found."""
    steps = [changed(one.before, one.values["status"], one.values["sequence"]) for one in changes]
    told = (planned.rows[one.appointment_id] for one in decisions.values() if one.tell)
    steps += [changed(row, row.status, row.sequence + 1) for row in told]
    return tuple(steps)
