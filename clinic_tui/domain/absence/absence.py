"""A doctor away, a closed day, changed hours, a room out: what becomes of the visits in the way.

``plan_absence`` proposes and writes nothing. ``accept_plan`` brings the absence about and deals
with every visit as decided, in one transaction with one way back, or refuses as a whole.

A visit to call about stays in the book where it stands; planning the same absence again lists
those that are still there. Permission to set the hours, or to manage the clinic, decides who may
plan; a visit is moved or cancelled only by whoever may book it, and to a colleague only by
whoever may book theirs: for all others it is one to call about.

Locks come in the order of every other change: the visits by number, the hours of the doctors by
number, then doctors, patients and rooms. With the hours of everybody concerned locked nobody is
being booked there while the plan is looked at for the last time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..audit import details_answered, record
from ..clinic.settings import load_settings
from ..codes import Fate
from ..errors import BadInput, CannotBook, ChangedMeanwhile
from ..hours.lock import lock_hours_of_all
from ..models import Room, table
from ..undo.ways_back import WayBack
from ..visits.appointments import existing
from ..visits.block_booking import as_a_whole
from ..visits.facts import Facts, Purpose, facts_of
from ..visits.parties import Parties, parties_of, place_for
from ..visits.placing import fit_booked
from ..visits.rearranging import lock_visits, rearrange
from ..visits.requests import new_key, wait_for_twin
from ..waitlist.earlier import stand_otherwise
from .causes import (
    Cause,
    DoctorAway,
    HoursChanged,
    RoomOut,
    as_seen,
    bring_about,
    permitted,
    whose_hours,
)
from .changes import announce, changes_of, steps_back
from .lines import AS_USUAL, AbsencePlan, Decision, PlanWish
from .plan import FURTHEST, Planned, checked_decisions, make_plan
from .stranded import stranded_ids

_ROOMS = table(Room)
_OPERATION = "accept_plan"
_MOST_DAYS = 90


class PlanChanged(ChangedMeanwhile):
    """What the plan was made over has changed: ``plan`` is the new one to decide about.

    Lines that can still be had are as they were decided; the others are proposed anew.
    """

    def __init__(self, sentence: str, plan: AbsencePlan) -> None:
        super().__init__(sentence)
        self.plan = plan


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A plan as it is accepted: a decision for every visit in its way.

    ``wish`` says how lines are proposed anew where the book has changed.
    """

    cause: Cause
    decisions: tuple[Decision, ...]
    wish: PlanWish = AS_USUAL
    key: str = field(default_factory=new_key)


@dataclass(frozen=True, slots=True)
class AcceptedPlan:
    """What came of a plan: how many visits were moved, cancelled and kept; whom to call.

    ``to_call`` are numbers of visits that stand in the way until somebody has called.
    """

    moved: int
    cancelled: int
    kept: int
    to_call: tuple[int, ...]
    notices: int


def plan_absence(
    session: Session,
    actor: Actor,
    cause: Cause,
    now: datetime,
    wish: PlanWish = AS_USUAL,
    decisions: tuple[Decision, ...] = (),
) -> AbsencePlan:
    """A proposal for every visit that the cause would be in the way of; writes nothing.

    What was decided already stays as far as it can be had, and the proposals keep clear of it.
    No two proposals meet, and each keeps clear of the patient's other visits and of the room's.
    The visit keeps its length and buffers; no notice is asked for, its type's horizon holds.
    Refused: ``NotPermitted``; ``NotFound`` and ``BadInput`` as for time off, closed days and
    hours, for more than 90 days to look ahead and for more than 1000 visits.
    """
    cause = as_seen(session, permitted(session, cause, actor, now))
    _check_wish(wish)
    checked_decisions(decisions)
    settings = load_settings(session)
    planned = make_plan(session, cause, wish, settings, (actor, now), decisions)
    return AbsencePlan(cause, tuple(planned.lines))


def accept_plan(
    session: Session, actor: Actor, acceptance: Acceptance, now: datetime
) -> AcceptedPlan:
    """Bring the absence about and do with every visit what was decided, or nothing at all.

    Each patient is told as of a move or a cancellation of its own. A request with a key that was
    already answered gets that answer again. Refused: as planning is; ``PlanChanged`` with the new
    plan where a visit has come, gone or changed, or a place is not to be had any more;
    ``NotPermitted`` to move or cancel what the actor may not book; as booking is for unknown or
    retired doctors and rooms; ``SlotTaken`` where a place goes at the last moment.
    """
    cause = permitted(session, acceptance.cause, actor, now)
    wait_for_twin(session, acceptance.key)
    if (answer := _answered(session, actor, acceptance.key)) is not None:
        return answer
    _check_wish(acceptance.wish)
    decisions = checked_decisions(acceptance.decisions)
    before = _locked(session, actor, decisions.values())
    _lock_hours(session, cause, decisions.values())
    cause = as_seen(session, cause)
    facts = _facts(session, actor, decisions.values(), before, acceptance.key, now)
    settings = load_settings(session)
    planned = make_plan(
        session, cause, acceptance.wish, settings, (actor, now), acceptance.decisions
    )
    _refuse_changed(cause, planned, decisions)
    known = _stranded(session, cause, now)
    changes = changes_of(actor, decisions, planned, facts)
    try:
        off = rearrange(session, changes)
    except CannotBook as refusal:
        raise as_a_whole(refusal, "nothing of the plan was done") from refusal
    notices = announce(session, decisions, changes, planned, facts, actor, now)
    steps = steps_back(decisions, changes, planned)
    rows = (*bring_about(session, cause), *off, *stand_otherwise(session, changes, now))
    accepted = _accepted(decisions, planned, notices)
    record(
        session,
        actor,
        _OPERATION,
        now,
        key=acceptance.key,
        doctor_id=cause.doctor_id if isinstance(cause, DoctorAway | HoursChanged) else None,
        way_back=WayBack(steps, rows, known),
        cause=type(cause).__name__,
        **asdict(accepted),
    )
    return accepted


def _accepted(decisions: Mapping[int, Decision], planned: Planned, notices: int) -> AcceptedPlan:
    fates = Counter(one.fate for one in decisions.values())
    to_call = (line.appointment_id for line in planned.lines if line.fate is Fate.CALL)
    return AcceptedPlan(
        fates[Fate.MOVE], fates[Fate.CANCEL], fates[Fate.KEEP], tuple(to_call), notices
    )


def _check_wish(wish: PlanWish) -> None:
    if not 0 <= wish.days <= _MOST_DAYS:
        raise BadInput("Days", f"A plan looks 0 to {_MOST_DAYS} days ahead of each visit.")


def _answered(session: Session, actor: Actor, key: str) -> AcceptedPlan | None:
    """What this very request came to before; None if it is new."""
    noted = details_answered(session, actor, _OPERATION, key)
    if noted is None:
        return None
    said = {name: noted[name] for name in AcceptedPlan.__dataclass_fields__}
    return AcceptedPlan(**said | {"to_call": tuple(said["to_call"])})


def _locked(session: Session, actor: Actor, decisions: Collection[Decision]) -> dict[int, Row[Any]]:
    """The visits decided about, kept from everybody else; each permitted that is to be changed."""
    wanted = {one.appointment_id: one for one in decisions}
    rows = lock_visits(session, wanted)
    for number, one in wanted.items():
        if one.tell or one.fate in (Fate.MOVE, Fate.CANCEL):
            existing(actor, Permission.BOOK, rows.get(number))
    return rows


def _lock_hours(session: Session, cause: Cause, decisions: Collection[Decision]) -> None:
    """Keep out bookings with everybody whose schedule or time is looked at, and into the room."""
    doctors = whose_hours(session, cause)
    doctors |= {one.doctor_id for one in decisions if one.doctor_id is not None}
    lock_hours_of_all(session, doctors)
    if isinstance(cause, RoomOut):
        session.execute(select(_ROOMS.c.id).where(_ROOMS.c.id == cause.room_id).with_for_update())


def _facts(
    session: Session,
    actor: Actor,
    decisions: Collection[Decision],
    before: Mapping[int, Row[Any]],
    key: str,
    now: datetime,
) -> dict[int, Facts]:
    """By visit, what its change has to know; refused is what no plan could bring about."""
    facts = {}
    for one in sorted(decisions, key=lambda one: (one.doctor_id or 0, one.appointment_id)):
        row = before.get(one.appointment_id)
        if row is None or not (one.tell or one.fate in (Fate.MOVE, Fate.CANCEL)):
            continue
        if one.doctor_id is None or one.starts_at is None:
            facts[row.id] = facts_of(session, parties_of(row), key, Purpose.END)
            continue
        require(actor, Permission.BOOK, doctor_id=one.doctor_id, patient_id=row.patient_id)
        parties = Parties(one.doctor_id, row.patient_id, row.visit_type_id, one.room_id)
        facts[row.id] = facts_of(session, parties, key, Purpose.MOVE)
        place = place_for(parties, one.starts_at, fit_booked(row), actor, now, row.id)
        if abs(place.starts_at - row.starts_at) > FURTHEST:
            raise BadInput("Start", f"A visit is moved by at most {FURTHEST.days} days.")
    return facts


def _refuse_changed(cause: Cause, planned: Planned, decisions: Mapping[int, Decision]) -> None:
    """Refuse unless there is a decision that holds for every visit in the way, and for no other."""
    gone = len(decisions.keys() - planned.rows.keys())
    if not (gone or planned.added or planned.lost):
        return
    said = [
        f"{count} {words}"
        for count, words in (
            (planned.added, "come or changed"),
            (gone, "gone"),
            (planned.lost, "without the place decided"),
        )
        if count
    ]
    raise PlanChanged(
        f"The book has changed since that plan was made: of its visits {', '.join(said)}."
        " Please look again.",
        AbsencePlan(cause, tuple(planned.lines)),
    )


def _stranded(session: Session, cause: Cause, now: datetime) -> tuple[int, ...]:
    """The doctor's visits outside the hours there are, before they change."""
    if not isinstance(cause, DoctorAway | HoursChanged):
        return ()
    return stranded_ids(session, cause.doctor_id, now)
