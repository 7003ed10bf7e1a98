"""Rows of other tables put back to what a step found: hours, patients, rooms, settings …

Only of the tables named here, each under the lock and the permission of the operations that
write it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..absence.stranded import stranded_ids
from ..access import Actor, Permission, require, require_some
from ..errors import AlreadyExists, ChangedMeanwhile, NotPermitted, OutsideHours
from ..hours.lock import lock_hours_of_all
from ..messages.outbox import withdraw_offers
from ..models import (
    Appointment,
    Base,
    Carried,
    Clinic,
    Closure,
    Doctor,
    DoctorSpecialty,
    ExtraHours,
    Notice,
    Offer,
    Patient,
    PatientMerge,
    PatientPhone,
    PatientWord,
    Reply,
    ReservedHours,
    Room,
    Series,
    SeriesVisit,
    Specialty,
    Template,
    TimeOff,
    VisitType,
    VisitTypeReminder,
    VisitTypeSpecialty,
    WaitlistDoctor,
    WaitlistEntry,
    WeeklyHours,
    table,
)
from ..patients.merging import merge_again, part
from ..patients.reach import in_reach
from ..staff.doctor_names import keep_names, name_doctors
from ..visits.appointments import locked
from ..waitlist.waiting import locked_entry
from .row_changes import conditions, rows_now, typed
from .ways_back import RowsBefore, WayBack

_PATIENTS, _SPECIALTIES, _OFFERS = table(Patient), table(Specialty), table(Offer)
_MERGES, _TRAY = table(PatientMerge).name, table(Carried)
_DOCTORS = table(Doctor).name
_OF_AGENDAS = {"wants_agenda"}
"""What of a doctor they change themselves: whether they are told of their day."""
# What became of a visit on a tray; how a doctor is called, which others who come and go change.
_NOT_COMPARED: dict[str, dict[str, Any]] = {
    _TRAY.name: {"sequence": None},
    _DOCTORS: {"shown_name": ""},
}
_HOURS = frozenset(table(one).name for one in (WeeklyHours, ReservedHours, ExtraHours, TimeOff))
_NEEDS = {_MERGES: Permission.REGISTER_PATIENT} | dict.fromkeys(
    (
        one.__tablename__
        for one in (
            Clinic,
            Closure,
            Doctor,
            DoctorSpecialty,
            Room,
            Specialty,
            Template,
            VisitType,
            VisitTypeReminder,
            VisitTypeSpecialty,
        )
    ),
    Permission.MANAGE_CLINIC,
)
_OF_A_PATIENT = {Patient.__tablename__: "id"} | dict.fromkeys(
    (PatientPhone.__tablename__, PatientWord.__tablename__), "patient_id"
)
_OF_A_WISH = {WaitlistEntry.__tablename__: "id"} | dict.fromkeys(
    (WaitlistDoctor.__tablename__, Offer.__tablename__), "entry_id"
)
_NEEDS_SOME = {one.__tablename__: Permission.BOOK for one in (Series, SeriesVisit)} | {
    one.__tablename__: Permission.MESSAGES for one in (Notice, Reply, Appointment)
}
"""Of a visit only whether the patient said that they come; the rest is put back as a visit."""


@contextmanager
def rows_put_back(
    session: Session, actor: Actor, way_back: WayBack, now: datetime
) -> Iterator[None]:
    """Bring the rows back, for the visits of the same step to be put back under them.

    Refused: ``NotPermitted``; ``ChangedMeanwhile`` where they are not as the step left them or
    where something refers to a row that would go; ``AlreadyExists`` where a name or number that
    comes back belongs to another by now; ``OutsideHours`` where hours would go in which visits
    have come to stand since; ``SlotTaken`` where a merge that comes back would put somebody into
    two places. Two records that were merged or parted are parted or merged as anybody would,
    because what was done since stays. Beside a visit that comes back, what lies on a tray
    otherwise by now stays as it is.
    """
    if not way_back.rows:
        yield
        return
    for rows in way_back.rows:
        _require(session, actor, rows)
    doctors = _doctors_of_hours(way_back)
    lock_hours_of_all(session, doctors)
    renames = any(rows.table == _DOCTORS for rows in way_back.rows)
    if renames:
        keep_names(session)
    # Of an offer that is over nothing may be said any more.
    withdraw_offers(
        session,
        [row["id"] for one in way_back.rows if one.table == _OFFERS.name for row in one.after],
    )
    known = {one: stranded_ids(session, one, now) for one in doctors}
    for rows in way_back.rows:
        if rows.table == _MERGES:
            (left,) = rows.after
            (merge_again if left["reversed_at"] else part)(session, left["id"], now)
    changes = [rows for rows in way_back.rows if rows.table != _MERGES]
    _restore(session, _still_carried(session, changes) if way_back.visits else changes)
    if renames:
        name_doctors(session)
    yield
    fallen: set[int] = set()
    for one in doctors:
        fallen.update({*stranded_ids(session, one, now)}.difference(known[one]))
    _refuse_stranding(fallen.difference(way_back.stranded))


def _doctors_of_hours(way_back: WayBack) -> list[int]:
    """The doctors whose hours come back or go, in the order in which hours are locked."""
    return sorted(
        {
            row["doctor_id"]
            for rows in way_back.rows
            if rows.table in _HOURS
            for row in (*rows.before, *rows.after)
        }
    )


def _refuse_stranding(visits: set[int]) -> None:
    """Refuse where visits would stand outside hours that were not when the step was taken."""
    if visits:
        stand = "1 visit stands" if len(visits) == 1 else f"{len(visits)} visits stand"
        raise OutsideHours(f"{stand} in those hours by now.")


def _require(session: Session, actor: Actor, rows: RowsBefore) -> None:
    """Refuse unless the actor may still write these rows."""
    name = rows.table
    if needed := _needed_with_a_doctor(rows):
        for row in (*rows.before, *rows.after):
            require(actor, needed[0], doctor_id=row[needed[1]])
    elif name in _NEEDS:
        require(actor, _NEEDS[name])
    elif name in _OF_A_PATIENT:
        if name == Patient.__tablename__ and not rows.before:
            require(actor, Permission.REGISTER_PATIENT)
        for row in (*rows.before, *rows.after):
            _require_patient(session, actor, row[_OF_A_PATIENT[name]])
    elif name == _TRAY.name:
        for row in (*rows.before, *rows.after):
            locked(session, actor, Permission.BOOK, row["appointment_id"])
    elif name in _OF_A_WISH:
        for entry_id in sorted({row[_OF_A_WISH[name]] for row in (*rows.before, *rows.after)}):
            locked_entry(session, actor, entry_id)
    elif name in _NEEDS_SOME:
        require_some(actor, _NEEDS_SOME[name])
    else:
        raise ValueError(f"rows of {name} cannot be put back")


def _needed_with_a_doctor(rows: RowsBefore) -> tuple[Permission, str] | None:
    """What a doctor may be permitted with their own alone, and the column that says whose it is."""
    if rows.table in _HOURS:
        return Permission.SET_HOURS, "doctor_id"
    if rows.table == _DOCTORS and _changed(rows) <= _OF_AGENDAS:
        return Permission.MESSAGES, "id"
    return None


def _changed(rows: RowsBefore) -> set[str]:
    """The columns in which rows that were there before and after differ; all, of new ones."""
    if len(rows.before) != len(rows.after):
        return {name for row in (*rows.before, *rows.after) for name in row}
    both = zip(rows.before, rows.after, strict=True)
    return {name for was, left in both for name in left if was[name] != left[name]}


def _require_patient(session: Session, actor: Actor, patient_id: int) -> None:
    within = in_reach(actor, Permission.EDIT_CONTACT, _PATIENTS.c.id)
    query = select(_PATIENTS.c.id).where(_PATIENTS.c.id == patient_id, within)
    if session.scalar(query) is None:
        raise NotPermitted(f"You may not {Permission.EDIT_CONTACT.value}.")


def _restore(session: Session, changes: Iterable[RowsBefore]) -> None:
    order = {one.name: one for one in Base.metadata.sorted_tables}
    changes = sorted(changes, key=lambda rows: list(order).index(rows.table))
    for rows in changes:
        found = rows_now(session, order[rows.table], rows.where, to_change=True)
        if not _is_gone(rows) and _compared(rows, found) != _compared(rows, rows.after):
            raise ChangedMeanwhile("It has been changed since: it cannot be undone any more.")
    for rows in reversed(changes):
        _take_away(session, order[rows.table], rows)
    for rows in changes:
        _bring(session, order[rows.table], rows)


def _is_gone(rows: RowsBefore) -> bool:
    """Whether the step deleted one row of hours: a row that has its number since is another."""
    return rows.table in _HOURS and "id" in rows.where and not rows.after


def _still_carried(session: Session, changes: Iterable[RowsBefore]) -> list[RowsBefore]:
    """Without what lies on a tray otherwise by now."""
    return [
        rows
        for rows in changes
        if rows.table != _TRAY.name
        or _compared(rows, rows_now(session, _TRAY, rows.where)) == _compared(rows, rows.after)
    ]


def _compared(change: RowsBefore, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What must be as it was left; whose a series is that goes may be another's by a merge."""
    aside = _NOT_COMPARED.get(change.table, {})
    if change.table == Series.__tablename__ and not change.before:
        aside = {"patient_id": None}
    return [row | aside for row in rows]


def _take_away(session: Session, known: Table, rows: RowsBefore) -> None:
    """Delete what the step made; a specialty that others have by now stays, anything else is
    refused then.
    """
    kept = {_key(known, row) for row in rows.before}
    for row in rows.after:
        if _key(known, row) in kept:
            continue
        try:
            with session.begin_nested():
                session.execute(delete(known).where(*conditions(known, _named(known, row))))
        except IntegrityError as error:
            if known is not _SPECIALTIES:
                raise ChangedMeanwhile("It is in use by now: it cannot be undone.") from error


def _bring(session: Session, known: Table, rows: RowsBefore) -> None:
    """Bring back what the step deleted or changed."""
    left = {_key(known, row): row for row in rows.after}
    for row in rows.before:
        key = _key(known, row)
        if left.get(key) == row:
            continue
        values = typed(known, row)
        try:
            with session.begin_nested():
                if key in left:
                    where = conditions(known, _named(known, row))
                    session.execute(update(known).where(*where).values(values))
                else:
                    session.execute(insert(known).values(_renumbered(session, known, values)))
        except IntegrityError as error:
            raise AlreadyExists(
                "Its name or number belongs to another by now: it cannot be undone."
            ) from error


def _renumbered(session: Session, known: Table, values: dict[str, Any]) -> dict[str, Any]:
    """Without its number where another row has that by now: SQLite gives numbers again."""
    if "id" not in values or known.name not in _HOURS:
        return values
    taken = session.scalar(select(known.c.id).where(known.c.id == values["id"]))
    return {name: value for name, value in values.items() if name != "id" or taken is None}


def _named(known: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {column.name: row[column.name] for column in known.primary_key.columns}


def _key(known: Table, row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(_named(known, row).values())
