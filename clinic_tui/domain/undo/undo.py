"""Undo: an account walks back its own last steps, one at a time, through the same checks.

Undo knows nothing of operations, only of ways back (see ``ways_back``): an operation that gives
``record`` one can be undone. Accounts and what is imported from files give none: an account is
disabled instead, and a file is put right and imported again. A hold gives none, because it is no
act but a moment's: it is released, or runs out. Nor does an offer that was declined: its time is
free, and is offered again. An undo cannot be undone.

A newest step that cannot be taken back stands before all older ones: it is said why, and only
``leave_last`` goes past it, which the person has to ask for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ..access import Actor, Permission, require_some
from ..audit import details_answered, record
from ..codes import Status
from ..errors import ChangedMeanwhile, NotFound
from ..visits.appointments import BookedAppointment, booked
from ..visits.rearranging import VisitChange, lock_visits
from ..visits.tray import where_lifted, where_they_stand
from .rows_back import rows_put_back
from .steps import (
    Step,
    forget_old_steps,
    forget_step,
    keep_way_back,
    lock_steps,
    mark_undone,
    newest_steps,
)
from .visits_back import PutBack, visits_put_back
from .ways_back import VisitBefore
from .words import Words

_NOTHING = "There is nothing to undo: only your own last 20 steps of a day can be."


@dataclass(frozen=True, slots=True)
class UndoableStep:
    """A step that can be undone, the newest first: when it was taken and what it did."""

    step_id: int
    at: datetime
    operation: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Undone:
    """What was undone: the operation, a sentence, and the one visit that stands again, if so.

    ``notices`` is how many messages it takes to make true again what had been sent already.
    """

    operation: str
    sentence: str
    visit: BookedAppointment | None
    notices: int


def undo_last(session: Session, actor: Actor, now: datetime, key: str) -> Undone:
    """Take back the actor's own newest step that is not undone yet, all of it or nothing.

    A visit that was booked becomes entered in error, a patient registered with it stays. Times
    that have begun come back as they were; a visit that is over is neither booked again nor taken
    out of the book. What a patient's own change had made a request again stands as it did before.

    Refused: ``NotFound`` when there is nothing to undo; ``NotPermitted`` when the actor may not
    do any more what it takes; ``ChangedMeanwhile`` when somebody has changed it since;
    ``SlotTaken`` and ``OutsideHours`` with alternatives when a place is gone; ``AlreadyExists``
    when a name is. A request with a key that was already answered gets that answer again.
    """
    require_some(actor, Permission.SEE_OPENINGS)
    lock_steps(session, actor.account_id)
    answered = _answered(session, actor, key)
    steps = newest_steps(session, actor.account_id, now)
    if answered is not None:
        return _answer(session, actor, steps, *answered)
    forget_old_steps(session, actor.account_id, now)
    step = next((one for one in steps if not one.undone), None)
    if step is None:
        raise NotFound(_NOTHING)
    mark_undone(session, step.step_id, now)
    sentence = Words(session, actor, [step]).undone(step)
    visits = step.way_back.visits
    # Whatever is locked from here on, others may wait for.
    if visits and step.way_back.rows:
        lock_visits(session, (visit.appointment_id for visit in visits))
    # The rows first: hours that come back are what the visits go back into.
    with (
        rows_put_back(session, actor, step.way_back, now),
        visits_put_back(session, actor, visits, now, key) as back,
    ):
        _lead_on(session, steps, step, back.sequences)
    _note(session, actor, step, back, now, key)
    return Undone(step.operation, sentence, _stands(session, visits), back.notices)


def leave_last(session: Session, actor: Actor, step_id: int, now: datetime) -> None:
    """Let the actor's own newest step stand for good, so that the one before it can be undone.

    Steps about the same visit or row stay closed: they led to a place that is not left again.
    Refused: ``NotFound`` when that is no step of theirs; ``ChangedMeanwhile`` when it is not the
    newest.
    """
    require_some(actor, Permission.SEE_OPENINGS)
    lock_steps(session, actor.account_id)
    steps = [one for one in newest_steps(session, actor.account_id, now) if not one.undone]
    step = next((one for one in steps if one.step_id == step_id), None)
    if step is None:
        raise NotFound(_NOTHING)
    if step is not steps[0]:
        raise ChangedMeanwhile("Something else is your last step by now: please look again.")
    forget_step(session, step_id)
    record(session, actor, "leave_step", now, of=step.operation, step=step_id)


def undoable(session: Session, actor: Actor, now: datetime) -> tuple[UndoableStep, ...]:
    """What the actor can undo, one after another: the last 20 steps of a day, newest first."""
    require_some(actor, Permission.SEE_OPENINGS)
    steps = newest_steps(session, actor.account_id, now)
    left = [step for step in steps if not step.undone]
    said = Words(session, actor, steps).done(steps)
    return tuple(
        UndoableStep(step.step_id, step.at, step.operation, sentence)
        for step, sentence in zip(left, said, strict=True)
    )


def _answered(session: Session, actor: Actor, key: str) -> tuple[int, int] | None:
    """The step that this very request undid, and its messages; None if the request is new."""
    noted = details_answered(session, actor, "undo", key)
    return noted and (noted["step"], noted["notices"])


def _lead_on(session: Session, steps: Sequence[Step], undone: Step, now: dict[int, int]) -> None:
    """Let the older steps lead back from where their visits stand now.

    Undoing counts on a visit's changes. The steps before have left it as it stands again, and
    would otherwise take it for changed by somebody else.
    """
    found = {
        (visit.appointment_id, visit.columns["status"], visit.columns["sequence"])
        for visit in undone.way_back.visits
        if visit.columns is not None
    }
    stood = {number: sequence for number, _, sequence in found}
    where_lifted(session, stood, now)
    for step in steps:
        if step.undone or step.step_id >= undone.step_id:
            continue
        visits = tuple(_leading_on(visit, found, now) for visit in step.way_back.visits)
        rows = tuple(where_they_stand(rows, stood, now) for rows in step.way_back.rows)
        if (visits, rows) != (step.way_back.visits, step.way_back.rows):
            keep_way_back(session, step.step_id, replace(step.way_back, visits=visits, rows=rows))


def _leading_on(
    visit: VisitBefore, found: set[tuple[int, Status, int]], now: dict[int, int]
) -> VisitBefore:
    left = (visit.appointment_id, visit.status, visit.sequence)
    return replace(visit, sequence=now[visit.appointment_id]) if left in found else visit


def _note(
    session: Session, actor: Actor, step: Step, back: PutBack, now: datetime, key: str
) -> None:
    one = _whose(back.changes[0]) if len(back.changes) == 1 else {}
    record(
        session,
        actor,
        "undo",
        now,
        key=key,
        **one,
        of=step.operation,
        step=step.step_id,
        visits=sorted(back.sequences),
        notices=back.notices,
    )


def _whose(change: VisitChange) -> dict[str, Any]:
    """Which visit an undone step was about, and whose it is again."""
    stands = {**change.before._mapping, **change.values}
    names = ("patient_id", "doctor_id")
    return {"appointment_id": change.before.id} | {name: stands[name] for name in names}


def _answer(
    session: Session, actor: Actor, steps: Sequence[Step], step_id: int, notices: int
) -> Undone:
    step = next((one for one in steps if one.step_id == step_id), None)
    if step is None:
        return Undone("", "That has been undone.", None, notices)
    visit = _stands(session, step.way_back.visits)
    return Undone(step.operation, Words(session, actor, [step]).undone(step), visit, notices)


def _stands(session: Session, visits: Sequence[VisitBefore]) -> BookedAppointment | None:
    """The one visit that stands again, if it is one."""
    if len(visits) == 1 and visits[0].columns is not None:
        return booked(session, visits[0].appointment_id)
    return None
