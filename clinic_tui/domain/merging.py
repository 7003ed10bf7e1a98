"""Two records of one person made one, and parted again where that was a mistake.

The visits follow, past and coming, and with them whatever else is tied to the patient. Nothing
is deleted: the merged record stays, out of every search, so that the merge can be reversed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Row, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from .access import Actor, Permission, require
from .audit import record
from .codes import Sex, Status
from .errors import BadInput, ChangedMeanwhile, NotFound, SlotTaken
from .guards import OCCUPYING, violated
from .models import (
    Account,
    Appointment,
    Doctor,
    Patient,
    PatientMerge,
    PatientPhone,
    Reply,
    Series,
    WaitlistEntry,
    table,
)
from .patients import MAX_PHONES, write_phones
from .row_changes import found_rows, left_rows, new_rows
from .settings import load_settings
from .text import doctor_name, full_name
from .walltime import say_span
from .ways_back import WayBack

_PATIENTS, _PHONES, _MERGES = table(Patient), table(PatientPhone), table(PatientMerge)
_APPOINTMENTS, _DOCTORS = table(Appointment), table(Doctor)
_FOLLOWING: dict[str, tuple[Table, Column[Any]]] = {
    owned.name: (owned, column)
    for owned, column in (
        *(
            (owned, owned.c.patient_id)
            for owned in map(table, (Appointment, Series, WaitlistEntry, Reply, Account))
        ),
        # Who was merged into somebody before follows them into the next record.
        (_PATIENTS, _PATIENTS.c.merged_into),
    )
}
_FILLED = ("birth_date", "address", "language", "prefers")


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
    kept, merged = _locked(session, kept_id, merged_id)
    done = _make_one(session, kept, merged, now)
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
    or the kept record has itself been merged since, which has to be reversed first.
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
    kept, merged = _locked(session, merge.kept_id, merge.merged_id)
    done = _make_one(session, kept, merged, now)
    session.execute(
        update(_MERGES).where(_MERGES.c.id == merge_id).values(reversed_at=None, **done)
    )


def part(session: Session, merge_id: int, now: datetime) -> MergedPatients:
    """Reverse a merge, for whoever may; the shared step of parting and of undoing a merge."""
    merge = _merge(session, merge_id)
    if merge.reversed_at is not None:
        raise ChangedMeanwhile("That merge was reversed already.")
    rows = _rows(session, merge.kept_id, merge.merged_id)
    kept, merged = rows[merge.kept_id], rows[merge.merged_id]
    if kept.merged_into is not None:
        raise ChangedMeanwhile("That record was merged into another since: reverse that first.")
    for name, ids in merge.moved.items():
        owned, column = _FOLLOWING[name]
        session.execute(
            update(owned)
            .where(owned.c.id.in_(ids), column == merge.kept_id)
            .values({column.name: merge.merged_id})
        )
    _empty(session, kept, merge.filled, merge.left)
    session.execute(
        update(_PATIENTS).where(_PATIENTS.c.id == merge.merged_id).values(merged_into=None)
    )
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


def _make_one(
    session: Session, kept: Row[Any], merged: Row[Any], now: datetime
) -> dict[str, dict[str, Any]]:
    """Let the one disappear into the other; what a merge keeps, so that it can be reversed."""
    _refuse_two_at_once(session, kept.id, merged.id, now)
    moved = {
        name: _follow(session, owned, column, merged.id, kept.id)
        for name, (owned, column) in _FOLLOWING.items()
    }
    filled, left = _fill(session, kept, merged)
    session.execute(
        update(_PATIENTS).where(_PATIENTS.c.id == merged.id).values(merged_into=kept.id)
    )
    return {"moved": moved, "filled": filled, "left": left}


def _answer(merge_id: int, kept: Row[Any], merged: Row[Any], visits: int) -> MergedPatients:
    return MergedPatients(merge_id, kept.id, _name(kept), merged.id, _name(merged), visits)


def _name(row: Row[Any]) -> str:
    return full_name(row.given_name, row.family_name)


def _rows(session: Session, *patient_ids: int) -> dict[int, Row[Any]]:
    """The patients' rows, kept from other editors, in the order in which everybody locks."""
    query = (
        select(_PATIENTS)
        .where(_PATIENTS.c.id.in_(patient_ids))
        .order_by(_PATIENTS.c.id)
        .with_for_update(key_share=True)
    )
    return {row.id: row for row in session.execute(query)}


def _locked(session: Session, kept_id: int, merged_id: int) -> tuple[Row[Any], Row[Any]]:
    rows = _rows(session, kept_id, merged_id)
    if len(rows) < 2:
        raise NotFound("There is no such patient.")
    for row in rows.values():
        if row.merged_into is not None:
            raise NotFound(f"{_name(row)} was merged into another record already.")
    return rows[kept_id], rows[merged_id]


def _refuse_two_at_once(session: Session, kept_id: int, merged_id: int, now: datetime) -> None:
    """The person cannot be in two places: both visits are named."""
    session.execute(
        delete(_APPOINTMENTS).where(
            _APPOINTMENTS.c.patient_id.in_((kept_id, merged_id)),
            _APPOINTMENTS.c.status == Status.HELD,
            _APPOINTMENTS.c.held_until <= now,
        )
    )
    mine, theirs = (aliased(_APPOINTMENTS) for _ in range(2))
    meeting = session.execute(
        select(mine, _DOCTORS.c.title, _DOCTORS.c.given_name, _DOCTORS.c.family_name)
        .join(_DOCTORS, _DOCTORS.c.id == mine.c.doctor_id)
        .join(
            theirs,
            (theirs.c.starts_at < mine.c.ends_at)
            & (theirs.c.ends_at > mine.c.starts_at)
            & (theirs.c.patient_id == merged_id),
        )
        .where(
            mine.c.patient_id == kept_id,
            mine.c.status.in_(OCCUPYING),
            theirs.c.status.in_(OCCUPYING),
        )
        .limit(1)
    ).one_or_none()
    if meeting is None:
        return
    span = say_span(meeting.starts_at, meeting.ends_at, load_settings(session).zone)
    doctor = doctor_name(meeting.title, meeting.given_name, meeting.family_name)
    raise SlotTaken(
        f"Both have a visit at one time ({doctor}, {span}): move or cancel one of them first."
    )


def _follow(
    session: Session, owned: Table, column: Column[Any], merged_id: int, kept_id: int
) -> list[int]:
    """Tie the rows of one patient to the other; the numbers of those that moved."""
    try:
        with session.begin_nested():
            rows = session.execute(
                update(owned)
                .where(column == merged_id)
                .values({column.name: kept_id})
                .returning(owned.c.id)
            )
            return sorted(rows.scalars())
    except IntegrityError as error:
        if violated(error) is None:
            raise
        raise SlotTaken("Both were given a visit at one time just now: look again.") from error


def _fill(session: Session, kept: Row[Any], merged: Row[Any]) -> tuple[dict[str, Any], ...]:
    """Give the kept record what it lacks; what was there before, and what is there now."""
    values: dict[str, Any] = {
        name: getattr(merged, name)
        for name in _FILLED
        if not getattr(kept, name) and getattr(merged, name)
    }
    if kept.sex is Sex.UNKNOWN and merged.sex is not Sex.UNKNOWN:
        values["sex"] = merged.sex
    if merged.email and not kept.email:
        # Consent was given for that address, and goes where it goes.
        values |= {"email": merged.email, "email_consent_at": merged.email_consent_at}
    if merged.alert and merged.alert not in kept.alert:
        values["alert"] = f"{kept.alert} · {merged.alert}" if kept.alert else merged.alert
    numbers, theirs = (_numbers(session, one.id) for one in (kept, merged))
    added = [number for number in theirs if number not in numbers][: MAX_PHONES - len(numbers)]
    if added and not numbers:
        values["sms_consent_at"] = merged.sms_consent_at
    if values:
        session.execute(update(_PATIENTS).where(_PATIENTS.c.id == kept.id).values(values))
    if added:
        write_phones(session, kept.id, [*numbers, *added])
    before = {name: getattr(kept, name) for name in values}
    return _stored(before) | {"phones": added}, _stored(values)


def _empty(session: Session, kept: Row[Any], filled: dict[str, Any], left: dict[str, Any]) -> None:
    """Take back what was filled in, where it still is what was filled in."""
    names = [name for name in left if _stored({name: getattr(kept, name)})[name] == left[name]]
    values = {name: _typed(name, filled[name]) for name in names}
    if values:
        session.execute(update(_PATIENTS).where(_PATIENTS.c.id == kept.id).values(values))
    numbers = _numbers(session, kept.id)
    if filled["phones"]:
        write_phones(session, kept.id, [one for one in numbers if one not in filled["phones"]])


def _numbers(session: Session, patient_id: int) -> list[str]:
    query = select(_PHONES.c.number).where(_PHONES.c.patient_id == patient_id)
    return list(session.scalars(query.order_by(_PHONES.c.position)))


def _stored(values: dict[str, Any]) -> dict[str, Any]:
    """As JSON keeps it: dates and instants as ISO 8601."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }


def _typed(name: str, value: Any) -> Any:
    """The opposite, by the column's name."""
    if value is None or name not in ("birth_date", "email_consent_at", "sms_consent_at"):
        return value
    return (date if name == "birth_date" else datetime).fromisoformat(value)
