"""Two records of one person made one, and parted again where that was a mistake.

The visits follow, past and coming, and with them whatever else is tied to the patient. Nothing
is deleted: the merged record stays, out of every search, so that the merge can be reversed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..audit import record
from ..errors import BadInput, ChangedMeanwhile, NotFound
from ..models import Appointment, PatientMerge, table
from ..undo.row_changes import found_rows, left_rows, new_rows
from ..undo.ways_back import WayBack
from .merged_records import make_one, make_two, name_of, two_records

_APPOINTMENTS, _MERGES = table(Appointment), table(PatientMerge)


@dataclass(frozen=True, slots=True)
class MergedPatients:
    """What a merge answers: its number, by which it is reversed, and how many visits followed."""

    merge_id: int
    kept_id: int
    kept: str
    merged_id: int
    merged: str
    visits: int


def merge_patients(
    session: Session, actor: Actor, kept_id: int, merged_id: int, now: datetime
) -> MergedPatients:
    """Make two records of one person one: ``merged_id`` disappears into ``kept_id``.

    What the kept record lacks is filled from the other; of both alerts one is made. Refused:
    ``NotFound``; ``BadInput`` for one and the same; ``SlotTaken`` naming the visits where both
    have one at the same time, of which one has to be moved or cancelled first.
    """
    require(actor, Permission.REGISTER_PATIENT)
    if kept_id == merged_id:
        raise BadInput("Patient", "Those are one and the same record.")
    kept, merged = two_records(session, kept_id, merged_id)
    done = make_one(session, kept, merged, now)
    merge_id: int = session.execute(
        insert(_MERGES)
        .values(
            kept_id=kept_id,
            merged_id=merged_id,
            account_id=actor.account_id,
            merged_at=now,
            **done,
        )
        .returning(_MERGES.c.id)
    ).scalar_one()
    visits = len(done["moved"][_APPOINTMENTS.name])
    record(
        session, actor, "merge_patients", now,
        way_back=WayBack(rows=(new_rows(session, _MERGES, id=merge_id),)),
        patient_id=kept_id, merged=merged_id, visits=visits, merge=merge_id,
    )  # fmt: skip
    return _answer(merge_id, kept, merged, visits)


def part_patients(session: Session, actor: Actor, merge_id: int, now: datetime) -> MergedPatients:
    """Reverse a merge: what followed goes back, and what was filled is emptied again.

    What was done since stays with the kept record: its new visits, and whatever was typed into
    the fields meanwhile. Refused: ``NotFound``; ``ChangedMeanwhile`` when it was reversed already
    or the kept record has itself been merged since, which has to be reversed first; ``SlotTaken``
    where the other record has a visit at the same time, booked while they were being merged.
    """
    require(actor, Permission.REGISTER_PATIENT)
    found = found_rows(session, _MERGES, id=merge_id)
    parted = part(session, merge_id, now)
    record(
        session, actor, "part_patients", now,
        way_back=WayBack(rows=(left_rows(session, _MERGES, found),)),
        patient_id=parted.kept_id, merged=parted.merged_id, visits=parted.visits, merge=merge_id,
    )  # fmt: skip
    return parted


def merge_again(session: Session, merge_id: int, now: datetime) -> None:
    """Take the reversal of a merge back: the step with which parting is undone.

    Refused as merging is; ``ChangedMeanwhile`` when the merge stands.
    """
    merge = _merge(session, merge_id)
    if merge.reversed_at is None:
        raise ChangedMeanwhile("Those records were merged again already.")
    kept, merged = two_records(session, merge.kept_id, merge.merged_id)
    done = make_one(session, kept, merged, now)
    session.execute(
        update(_MERGES).where(_MERGES.c.id == merge_id).values(reversed_at=None, **done)
    )


def part(session: Session, merge_id: int, now: datetime) -> MergedPatients:
    """Reverse a merge, for whoever may; the shared step of parting and of undoing a merge."""
    merge = _merge(session, merge_id)
    if merge.reversed_at is not None:
        raise ChangedMeanwhile("That merge was reversed already.")
    kept, merged = make_two(session, merge)
    session.execute(update(_MERGES).where(_MERGES.c.id == merge_id).values(reversed_at=now))
    return _answer(merge_id, kept, merged, len(merge.moved[_APPOINTMENTS.name]))


def _merge(session: Session, merge_id: int) -> Row[Any]:
    """The row of a merge, kept from everybody else."""
    merge = session.execute(
        select(_MERGES).where(_MERGES.c.id == merge_id).with_for_update()
    ).one_or_none()
    if merge is None:
        raise NotFound("There is no such merge.")
    return merge


def _answer(merge_id: int, kept: Row[Any], merged: Row[Any], visits: int) -> MergedPatients:
    return MergedPatients(merge_id, kept.id, name_of(kept), merged.id, name_of(merged), visits)
