"""Two patients' records: one of them lets the other disappear into it, or gives it back.

The steps that merging, parting and undoing either share.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Table, delete, or_, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from ..clinic.settings import load_settings
from ..codes import Sex, Status
from ..errors import ChangedMeanwhile, NotFound, SlotTaken
from ..models import Account, Appointment, Doctor, Patient, Reply, Series, WaitlistEntry, table
from ..text import full_name
from ..times.walltime import say_span
from ..undo.row_changes import as_plain, typed
from ..visits.guards import OCCUPYING, violated
from .details import MAX_PHONES
from .phones import phones_of, write_phones

_PATIENTS = table(Patient)
_APPOINTMENTS, _DOCTORS = table(Appointment), table(Doctor)
_WAITLIST = table(WaitlistEntry)
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
_TRIES = 5
"""To lock a record and all that is its own, while more is written for it."""
_FILLED = ("birth_date", "address", "language", "prefers")


def make_one(
    session: Session, kept: Row[Any], merged: Row[Any], now: datetime
) -> dict[str, dict[str, Any]]:
    """Let the one disappear into the other; what a merge keeps, so that it can be reversed.

    Refused with ``SlotTaken`` where both have a visit at one time.
    """
    _refuse_two_at_once(session, kept.id, merged.id, now)
    moved = {
        name: _tie(session, owned, column, column == merged.id, kept.id)
        for name, (owned, column) in _FOLLOWING.items()
    }
    filled, left = _fill(session, kept, merged)
    session.execute(
        update(_PATIENTS).where(_PATIENTS.c.id == merged.id).values(merged_into=kept.id)
    )
    return {"moved": moved, "filled": filled, "left": left}


def make_two(session: Session, merge: Row[Any]) -> tuple[Row[Any], Row[Any]]:
    """Give back what followed by that merge and empty what it filled; the two as they were.

    Refused with ``ChangedMeanwhile`` where the kept record has itself been merged since, and with
    ``SlotTaken`` where the other has a visit at the same time, booked while they were merged.
    """
    rows = _rows(session, merge.kept_id, merge.merged_id)
    kept, merged = rows[merge.kept_id], rows[merge.merged_id]
    if kept.merged_into is not None:
        raise ChangedMeanwhile("That record was merged into another since: reverse that first.")
    for name, ids in merge.moved.items():
        owned, column = _FOLLOWING[name]
        _tie(session, owned, column, (column == merge.kept_id) & owned.c.id.in_(ids), merged.id)
    _empty(session, kept, merge.filled, merge.left)
    session.execute(
        update(_PATIENTS).where(_PATIENTS.c.id == merge.merged_id).values(merged_into=None)
    )
    return kept, merged


def two_records(session: Session, kept_id: int, merged_id: int) -> tuple[Row[Any], Row[Any]]:
    """The rows of both, kept from other editors; ``NotFound`` for who was merged before."""
    rows = _rows(session, kept_id, merged_id)
    if len(rows) < 2:
        raise NotFound("There is no such patient.")
    for row in rows.values():
        if row.merged_into is not None:
            raise NotFound(f"{name_of(row)} was merged into another record already.")
    return rows[kept_id], rows[merged_id]


def name_of(row: Row[Any]) -> str:
    """What a patient is called."""
    return full_name(row.given_name, row.family_name)


def _rows(session: Session, *patient_ids: int) -> dict[int, Row[Any]]:
    """The patients' rows, kept from other editors, in the order in which everybody locks.

    That is visits, places on the waitlist, and then whose they are, in the strictest way (see
    ``record_lock``). Holds come after patients: whoever wants their time locks for whom first.
    What is booked for them before the last lock is not under the first: whoever changes that
    visit would wait for us and we for them, so everything is let go of and locked anew. After a
    few times the database breaks the circle and ``Database.transact`` runs it again.
    Whoever was merged into them before follows them, and is locked in the same turn: they may be
    who somebody else merges or parts.
    """
    columns = _PATIENTS.c
    with_followers = or_(columns.id.in_(patient_ids), columns.merged_into.in_(patient_ids))
    tries = 0
    while True:
        attempt = session.begin_nested()
        locked = _theirs(session, patient_ids, to_change=True)
        query = select(_PATIENTS).where(with_followers).order_by(columns.id).with_for_update()
        rows = {row.id: row for row in session.execute(query)}
        tries += 1
        if tries == _TRIES or _theirs(session, patient_ids) <= locked:
            return {one: rows[one] for one in patient_ids if one in rows}
        attempt.rollback()


def _theirs(
    session: Session, patient_ids: Sequence[int], *, to_change: bool = False
) -> set[tuple[str, int]]:
    """Their visits and places on the waitlist, kept from everybody else ``to_change``."""
    standing = _APPOINTMENTS.c.status != Status.HELD
    found: set[tuple[str, int]] = set()
    for owned, which in ((_APPOINTMENTS, standing), (_WAITLIST, true())):
        query = select(owned.c.id).where(owned.c.patient_id.in_(patient_ids), which)
        query = query.order_by(owned.c.id).with_for_update() if to_change else query
        found |= {(owned.name, number) for number in session.scalars(query)}
    return found


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
        select(mine, _DOCTORS.c.shown_name)
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
    raise SlotTaken(
        f"Both have a visit at one time ({meeting.shown_name}, {span}):"
        " move or cancel one of them first."
    )


def _tie(
    session: Session, owned: Table, column: Column[Any], which: ColumnElement[bool], patient_id: int
) -> list[int]:
    """Tie those rows to the patient; their numbers."""
    try:
        with session.begin_nested():
            rows = session.execute(
                update(owned).where(which).values({column.name: patient_id}).returning(owned.c.id)
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
    numbers, theirs = (phones_of(session, one.id) for one in (kept, merged))
    added = [number for number in theirs if number not in numbers][: MAX_PHONES - len(numbers)]
    if added and not numbers:
        values["sms_consent_at"] = merged.sms_consent_at
    if values:
        session.execute(update(_PATIENTS).where(_PATIENTS.c.id == kept.id).values(values))
    if added:
        write_phones(session, kept.id, [*numbers, *added])
    before = {name: as_plain(getattr(kept, name)) for name in values}
    return before | {"phones": added}, {name: as_plain(value) for name, value in values.items()}


def _empty(session: Session, kept: Row[Any], filled: dict[str, Any], left: dict[str, Any]) -> None:
    """Take back what was filled in, where it still is what was filled in."""
    names = [name for name in left if as_plain(getattr(kept, name)) == left[name]]
    values = typed(_PATIENTS, {name: filled[name] for name in names})
    if values:
        session.execute(update(_PATIENTS).where(_PATIENTS.c.id == kept.id).values(values))
    numbers = phones_of(session, kept.id)
    if filled["phones"]:
        write_phones(session, kept.id, [one for one in numbers if one not in filled["phones"]])
