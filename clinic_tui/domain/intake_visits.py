"""Taking in appointments from another system's file, past ones and coming ones.

What is taken in may lie outside the doctor's hours and has no buffers, because it was agreed on
elsewhere; but it never overlaps: the guards of ``guards`` refuse it row by row. No messages are
queued: whoever agreed on the visit has told the patient.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .access import Actor
from .audit import record
from .codes import Status
from .conflicts import Place
from .errors import BadInput, Refusal
from .guards import violated
from .intake import Incoming, Taken, batches, known_ids, start_intake
from .models import Appointment, Doctor, Patient, Room, VisitType, table
from .obstacles import obstacles
from .settings import ClinicSettings, load_settings
from .terms import Fit, check_length
from .text import (
    clean_identifier,
    clean_name,
    clean_text,
    full_name,
    may_be_stored,
    search_key,
)

_APPOINTMENTS, _DOCTORS, _PATIENTS = table(Appointment), table(Doctor), table(Patient)
_TYPES, _ROOMS = table(VisitType), table(Room)
_MINUTE = timedelta(minutes=1)
_LONGEST_TYPE_NAME = 40
_SEVERAL = 0
"""Where a doctor's id would stand: that name is the name of several."""


@dataclass(frozen=True, slots=True)
class IncomingVisit:
    """A visit as another system tells of it. Times are aware, on whole minutes.

    ``patient`` is that system's identifier or our record number, ``doctor`` an identifier or a
    name. Without ``ends_at`` it is as long as its visit type. Without ``status`` what is over is
    fulfilled and what is to come is booked.
    """

    patient: str
    doctor: str
    visit_type: str
    starts_at: datetime
    ends_at: datetime | None = None
    room: str = ""
    status: Status | None = None
    note: str = ""
    outside_id: str | None = None


@dataclass(slots=True)
class _Known:
    """Who and what there is, by what a file calls it; visit types grow as they are met."""

    settings: ClinicSettings
    doctors: dict[str, int]
    types: dict[str, tuple[int, int]]
    rooms: dict[str, int]
    patients: dict[str, int] = field(default_factory=dict)


def take_appointments(
    session: Session,
    actor: Actor,
    rows: Iterable[Incoming[IncomingVisit]],
    now: datetime,
    *,
    partial: bool = False,
) -> Taken:
    """Add the appointments of a file, and the visit types that are new.

    Of two that overlap the one further up stays. Refused with ``RowsRefused`` when a row is and
    not ``partial``.
    """
    tally = start_intake(session, actor)
    known = _load(session)
    for batch in batches(rows, tally):
        there = known_ids(session, _APPOINTMENTS, (visit.outside_id for _, visit in batch))
        _meet_patients(session, known, [visit.patient for _, visit in batch])
        new: list[tuple[int, dict[str, Any]]] = []
        for line, visit in batch:
            if visit.outside_id in there:
                tally.already_there += 1
                continue
            try:
                new.append((line, _values(session, known, visit, now)))
            except Refusal as refusal:
                tally.refuse(line, refusal)
            else:
                if visit.outside_id is not None:
                    there[visit.outside_id] = line
        stands = _insert(session, [values for _, values in new])
        for (line, values), is_in in zip(new, stands, strict=True):
            if is_in:
                tally.added += 1
            else:
                tally.refuse(line, _why(session, actor, known.settings, values, now))
    record(
        session, actor, "import_appointments", now, added=tally.added, refused=len(tally.refused)
    )
    return tally.taken(partial=partial)


def _load(session: Session) -> _Known:
    rooms = session.execute(select(_ROOMS.c.name_key, _ROOMS.c.id))
    types = session.execute(select(_TYPES.c.name_key, _TYPES.c.id, _TYPES.c.minutes))
    return _Known(
        load_settings(session),
        _names_of_doctors(session),
        {row.name_key: (row.id, row.minutes) for row in types},
        dict(rooms.all()),
    )


def _names_of_doctors(session: Session) -> dict[str, int]:
    """Every way to name a doctor → id, ``_SEVERAL`` where that is the name of several."""
    names: dict[str, int] = {}
    identifiers: dict[str, int] = {}
    columns = _DOCTORS.c
    for row in session.execute(
        select(
            columns.id,
            columns.outside_id,
            columns.title,
            columns.given_name,
            columns.family_name,
            columns.shown_name,
        )
    ):
        called = (
            row.family_name,
            f"{row.title} {row.family_name}",
            row.shown_name,
            row.shown_name.removeprefix(f"{row.title} "),
            full_name(row.given_name, row.family_name),
            f"{row.title} {row.given_name} {row.family_name}",
            f"{row.family_name} {row.given_name}",
        )
        for key in {search_key(name) for name in called}:
            names[key] = row.id if key not in names else _SEVERAL
        if row.outside_id is not None:
            identifiers[row.outside_id] = row.id
    return names | identifiers


def _meet_patients(session: Session, known: _Known, called: list[str]) -> None:
    """Look up those patients of a batch who have not been met yet, all at once."""
    unmet = {name for name in called if name not in known.patients and may_be_stored(name)}
    if not unmet:
        return
    for column in (_PATIENTS.c.record_number, _PATIENTS.c.outside_id):
        # The number of a record that was merged leads to the one that was kept.
        kept = func.coalesce(_PATIENTS.c.merged_into, _PATIENTS.c.id)
        query = select(column, kept).where(column.in_(unmet))
        query = query.with_for_update(read=True, key_share=True)
        known.patients.update(session.execute(query).all())


def _values(session: Session, known: _Known, visit: IncomingVisit, now: datetime) -> dict[str, Any]:
    """The row to insert; refused where the file names somebody or something unknown."""
    patient_id = known.patients.get(visit.patient)
    if patient_id is None:
        raise BadInput("Patient", f"There is no patient “{visit.patient}”.")
    doctor_id = known.doctors.get(visit.doctor) or known.doctors.get(search_key(visit.doctor))
    if doctor_id == _SEVERAL:
        raise BadInput("Doctor", f"There are several doctors “{visit.doctor}”.")
    if doctor_id is None:
        raise BadInput("Doctor", f"There is no doctor “{visit.doctor}”.")
    room_id = None
    if visit.room:
        room_id = known.rooms.get(search_key(visit.room))
        if room_id is None:
            raise BadInput("Room", f"There is no room “{visit.room}”.")
    type_id, ends_at = _type_and_end(session, known, visit)
    status = visit.status or (Status.FULFILLED if ends_at <= now else Status.BOOKED)
    return {
        "patient_id": patient_id,
        "doctor_id": doctor_id,
        "visit_type_id": type_id,
        "room_id": room_id,
        "starts_at": visit.starts_at,
        "ends_at": ends_at,
        "blocked_from": visit.starts_at,
        "blocked_until": ends_at,
        "status": status,
        "overbooked": False,
        "sequence": 0,
        "note": clean_text(visit.note, "Note"),
        "cancel_reason": "",
        "outside_id": clean_identifier(visit.outside_id),
        "created_at": now,
    }


def _type_and_end(session: Session, known: _Known, visit: IncomingVisit) -> tuple[int, datetime]:
    """The visit type, made where it is new with this visit's length, and the visit's end."""
    name = _short_enough(clean_name(visit.visit_type, "Visit type"))
    found = known.types.get(search_key(name))
    if visit.ends_at is None:
        if found is None:
            raise BadInput("End", f"No end is given, and “{name}” has no length yet.")
        return found[0], visit.starts_at + found[1] * _MINUTE
    minutes = check_length((visit.ends_at - visit.starts_at) // _MINUTE)
    if found is None:
        type_id: int = session.execute(
            insert(_TYPES)
            .values(
                name=name,
                name_key=search_key(name),
                short_name=name[:4],
                minutes=minutes,
                active=True,
                colour="blue",
                buffer_before=0,
                buffer_after=0,
            )
            .returning(_TYPES.c.id)
        ).scalar_one()
        found = known.types[search_key(name)] = (type_id, minutes)
    return found[0], visit.ends_at


def _short_enough(name: str) -> str:
    """A name of at most 40 characters: without a remark in brackets at its end, else cut."""
    if len(name) > _LONGEST_TYPE_NAME and name.endswith(")"):
        name = name[: name.rfind("(")].rstrip() or name
    if len(name) > _LONGEST_TYPE_NAME:
        name = f"{name[: _LONGEST_TYPE_NAME - 1].rstrip()}…"
    return name


def _insert(session: Session, rows: list[dict[str, Any]]) -> list[bool]:
    """Insert what the guards let in, in the order of the file; returns which of the rows that is.

    One statement for all, as long as nothing is refused.
    """
    if not rows:
        return []
    if session.get_bind().dialect.name == "postgresql":
        return _insert_in_postgresql(session, rows)
    try:
        with session.begin_nested():
            session.execute(insert(_APPOINTMENTS), rows)
    except IntegrityError as error:
        if violated(error) is None:
            raise
        return [_insert_one(session, values) for values in rows]
    return [True] * len(rows)


def _insert_in_postgresql(session: Session, rows: list[dict[str, Any]]) -> list[bool]:
    """ON CONFLICT DO NOTHING sees the statement's own earlier rows, too; what came back is in."""
    columns = _APPOINTMENTS.c
    returned = session.execute(
        postgresql_insert(_APPOINTMENTS)
        .on_conflict_do_nothing()
        .returning(columns.doctor_id, columns.patient_id, columns.starts_at, columns.status),
        rows,
    )
    let_in = Counter(tuple(row) for row in returned)
    stands = []
    for values in rows:
        key = (values["doctor_id"], values["patient_id"], values["starts_at"], values["status"])
        stands.append(let_in[key] > 0)
        let_in[key] -= 1
    return stands


def _insert_one(session: Session, values: dict[str, Any]) -> bool:
    """On SQLite a trigger's refusal ends the statement, not the transaction."""
    try:
        session.execute(insert(_APPOINTMENTS).values(values))
    except IntegrityError as error:
        if violated(error) is None:
            raise
        return False
    return True


def _why(
    session: Session,
    actor: Actor,
    settings: ClinicSettings,
    values: dict[str, Any],
    now: datetime,
) -> BadInput:
    """The refusal of a row that overlaps what is in the book by now."""
    place = Place(
        doctor_id=values["doctor_id"],
        patient_id=values["patient_id"],
        room_id=values["room_id"],
        visit_type_id=values["visit_type_id"],
        starts_at=values["starts_at"],
        fit=Fit((values["ends_at"] - values["starts_at"]) // _MINUTE, 0, 0),
        asked_by=actor,
        asked_at=now,
    )
    found = obstacles(session, place, settings.zone)
    return BadInput("Start", f"{found[0].text}." if found else "That time is taken.")
