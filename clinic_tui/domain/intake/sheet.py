"""Typing a day sheet back in: what was written on paper while nothing else worked.

Each row is a visit of a patient on record: booked through the same checks as any other, also where
it has taken place meanwhile, or found in the book; then marked with what was noted by hand. A row
that was taken in once is never taken in again, whoever types it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require, require_some
from ..audit import record, was_asked
from ..codes import Status
from ..errors import BadInput, Refusal
from ..hours.bounds import refuse_unless_open
from ..messages.notice_rows import Announced
from ..messages.outbox import queue_booked
from ..models import Appointment, Doctor, Patient, Room, VisitType, table
from ..overview.board import LOOKED_BACK
from ..patients.reach import restrict_to_reach
from ..patients.search import patients_named
from ..text import clean_text, full_name, may_be_stored, search_key
from ..undo.ways_back import made
from ..visits import flow
from ..visits.conflicts import Place
from ..visits.facts import Facts, Purpose, facts_of
from ..visits.obstacles import taken
from ..visits.parties import Parties, place_for
from ..visits.placing import insert_visit
from ..visits.requests import new_key, record_visit
from .intake import Incoming, Taken, Tally, batches, one_at_a_time

_APPOINTMENTS, _PATIENTS, _DOCTORS = table(Appointment), table(Patient), table(Doctor)
_TYPES, _ROOMS = table(VisitType), table(Room)
_OLDEST = timedelta(days=LOOKED_BACK)
_GONE = (Status.CANCELLED, Status.ENTERED_IN_ERROR, Status.HELD)


class Noted(StrEnum):
    """What was noted by hand of whether the patient came."""

    NOTHING = ""
    ARRIVED = "arrived"
    CAME = "came"
    MISSED = "did not come"


_SAYS_SO = {
    Noted.ARRIVED: (Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED),
    Noted.CAME: (Status.FULFILLED,),
    Noted.MISSED: (Status.NOSHOW,),
}
"""The statuses of a visit that say as much already."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A line of a sheet. ``starts_at`` is aware, on a whole minute.

    ``patient`` is a record number, another system's identifier, or a name together with
    ``birth_date``. ``doctor`` is a name or an identifier, ``visit_type`` a name or a short one;
    ``minutes`` None is the type's length. ``key`` is the same for the same row.
    """

    doctor: str
    starts_at: datetime
    patient: str
    key: str
    birth_date: date | None = None
    visit_type: str = ""
    minutes: int | None = None
    room: str = ""
    note: str = ""
    noted: Noted = Noted.NOTHING


def take_sheet(
    session: Session,
    actor: Actor,
    rows: Iterable[Incoming[SheetRow]],
    now: datetime,
    *,
    partial: bool = False,
) -> Taken:
    """Take in the rows of a sheet: visits added, and visits of the book marked.

    A row is refused alone, as booking and marking are. Refused with ``RowsRefused`` when a row is
    and not ``partial``; ``NotPermitted``.
    """
    require_some(actor, Permission.RUN_VISITS)
    tally = one_at_a_time(session)
    for batch in batches(rows, tally):
        for line, row in batch:
            tried = session.begin_nested()
            try:
                _take_row(session, actor, row, now, tally)
            except Refusal as refusal:
                tried.rollback()
                tally.refuse(line, refusal)
            else:
                tried.commit()
    record(session, actor, "import_sheet", now, added=tally.added, marked=tally.marked)
    return tally.taken(partial=partial)


def _take_row(session: Session, actor: Actor, row: SheetRow, now: datetime, tally: Tally) -> None:
    if was_asked(session, row.key):
        tally.already_there += 1
        return
    if row.starts_at < now - _OLDEST:
        raise BadInput("Day", f"Day: a sheet is typed back in within {LOOKED_BACK} days.")
    doctor_id = _doctor(session, row.doctor)
    patient_id = _patient(session, actor, row)
    require(actor, Permission.BOOK, doctor_id=doctor_id, patient_id=patient_id)
    visit = _in_the_book(session, doctor_id, patient_id, row.starts_at)
    if visit is None:
        parties = Parties(doctor_id, patient_id, _type(session, row), _room(session, row.room))
        visit_id = _book(session, actor, parties, row, now)
        if row.noted:
            _mark(session, actor, visit_id, row, now, new_key())
        tally.added += 1
    elif row.noted and visit[1] not in _SAYS_SO[row.noted]:
        _mark(session, actor, visit[0], row, now, row.key)
        tally.marked += 1
    else:
        tally.already_there += 1


def _in_the_book(
    session: Session, doctor_id: int, patient_id: int, starts_at: datetime
) -> tuple[int, Status] | None:
    """The number and the status of the visit that stands there already, if one does."""
    columns = _APPOINTMENTS.c
    found = session.execute(
        select(columns.id, columns.status).where(
            columns.doctor_id == doctor_id,
            columns.patient_id == patient_id,
            columns.starts_at == starts_at,
            columns.status.not_in(_GONE),
        )
    ).first()
    return found and (found[0], found[1])


def _book(session: Session, actor: Actor, parties: Parties, row: SheetRow, now: datetime) -> int:
    """The visit, if it may stand there; one that has begun was asked for when it began."""
    facts = facts_of(session, parties, row.key, Purpose.BOOK)
    minutes = facts.usual.minutes if row.minutes is None else row.minutes
    begun = row.starts_at <= now
    fit = replace(facts.usual, minutes=minutes, notice=0 if begun else facts.usual.notice)
    place = place_for(parties, row.starts_at, fit, actor, min(now, row.starts_at))
    refuse_unless_open(session, facts, place)
    note = clean_text(row.note, "Note")
    visit_id = insert_visit(session, place, Status.BOOKED, note, now)
    if visit_id is None:
        raise taken(session, facts.settings, place, facts.doctor)
    if not begun:
        _announce(session, actor, visit_id, place, facts, now)
    way_back = made((visit_id,), Status.BOOKED)
    record_visit(session, actor, "book", now, row.key, visit_id, parties, way_back)
    return visit_id


def _announce(
    session: Session, actor: Actor, visit_id: int, place: Place, facts: Facts, now: datetime
) -> None:
    visit = Announced(visit_id, 0, place.starts_at, actor)
    queue_booked(session, visit, facts.who, now, grace=facts.grace, reminders=facts.reminders)


def _mark(
    session: Session, actor: Actor, visit_id: int, row: SheetRow, now: datetime, key: str
) -> None:
    """Note whether they came; who arrived for a visit that is over has come."""
    columns = _APPOINTMENTS.c
    ends_at = session.scalars(select(columns.ends_at).where(columns.id == visit_id)).one()
    step = {Noted.ARRIVED: flow.ARRIVE, Noted.CAME: flow.CAME, Noted.MISSED: flow.NOSHOW}[row.noted]
    if row.noted is Noted.ARRIVED and ends_at <= now:
        step = flow.CAME
    flow.take_step(session, actor, step, visit_id, now, key)


def _doctor(session: Session, called: str) -> int:
    """The doctor of that name or identifier."""
    if not called:
        raise BadInput("Doctor", "Doctor: with whom the visit is.")
    columns, key = _DOCTORS.c, search_key(called)
    names = columns.title, columns.given_name, columns.family_name, columns.shown_name
    rows = session.execute(select(columns.id, columns.outside_id, *names).where(columns.active))
    found = [
        doctor_id
        for doctor_id, outside_id, *names in rows
        if outside_id == called or key in map(search_key, _names_of(*names))
    ]
    if len(found) != 1:
        many = "are several doctors" if found else "is no doctor"
        raise BadInput("Doctor", f"Doctor: there {many} “{called}”.")
    return int(found[0])


def _names_of(title: str, given_name: str, family_name: str, shown: str) -> tuple[str, ...]:
    whole = full_name(given_name, family_name)
    untitled = shown.removeprefix(f"{title} ")
    return family_name, f"{title} {family_name}", whole, f"{title} {whole}", shown, untitled


def _patient(session: Session, actor: Actor, row: SheetRow) -> int:
    """The one patient within reach who is meant."""
    if not may_be_stored(row.patient) or not row.patient:
        raise BadInput("Patient", "Patient: a record number, or a name with a birth date.")
    columns = _PATIENTS.c
    kept = select(func.coalesce(columns.merged_into, columns.id))
    within = restrict_to_reach(actor, Permission.SEE_CONTACT, columns.id)
    if within is not None:
        kept = kept.where(within)
    numbered = or_(columns.record_number == row.patient, columns.outside_id == row.patient)
    found = set(session.scalars(kept.where(numbered)))
    named = patients_named(row.patient)
    if not found and named is not None and row.birth_date is not None:
        born = columns.birth_date == row.birth_date
        found = set(session.scalars(kept.where(columns.id.in_(named), born)))
    if len(found) == 1:
        return int(found.pop())
    if found:
        raise BadInput("Patient", f"Patient: “{row.patient}” may be several: write the number.")
    more = "" if row.birth_date else " of that number, and a name needs a birth date"
    raise BadInput("Patient", f"Patient: “{row.patient}” is nobody on record{more}.")


def _type(session: Session, row: SheetRow) -> int:
    columns, key = _TYPES.c, search_key(row.visit_type)
    rows = session.execute(select(columns.id, columns.name, columns.short_name)).all()
    found = [one.id for one in rows if key in (search_key(one.name), search_key(one.short_name))]
    if not row.visit_type or len(found) != 1:
        raise BadInput("Visit type", f"Visit type: there is none called “{row.visit_type}”.")
    return int(found[0])


def _room(session: Session, called: str) -> int | None:
    if not called:
        return None
    found = session.scalar(select(_ROOMS.c.id).where(_ROOMS.c.name_key == search_key(called)))
    if found is None:
        raise BadInput("Room", f"Room: there is none called “{called}”.")
    return int(found)
