"""Taking in appointments from another system's file, past ones and coming ones.

What is taken in may lie outside the doctor's hours and has no buffers, because it was agreed on
elsewhere; but it never overlaps: the guards of ``guards`` refuse it row by row. No messages are
queued: whoever agreed on the visit has told the patient.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..access import Actor
from ..audit import record
from ..clinic.settings import ClinicSettings, load_settings
from ..clinic.terms import Fit, check_length
from ..codes import Status
from ..errors import BadInput, Refusal
from ..models import Appointment, table
from ..text import clean_identifier, clean_text
from ..visits.conflicts import Place
from ..visits.guards import violated
from ..visits.obstacles import obstacles
from .intake import Incoming, Taken, batches, known_ids, start_intake
from .names import KnownNames, known_names, type_name

_APPOINTMENTS = table(Appointment)
_MINUTE = timedelta(minutes=1)


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
    settings, known = load_settings(session), known_names(session)
    for batch in batches(rows, tally):
        there = known_ids(session, _APPOINTMENTS, (visit.outside_id for _, visit in batch))
        known.meet_patients(session, [visit.patient for _, visit in batch])
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
                tally.refuse(line, _why(session, actor, settings, values, now))
    record(
        session, actor, "import_appointments", now, added=tally.added, refused=len(tally.refused)
    )
    return tally.taken(partial=partial)


def _values(
    session: Session, known: KnownNames, visit: IncomingVisit, now: datetime
) -> dict[str, Any]:
    """The row to insert; refused where the file names somebody or something unknown."""
    patient_id, doctor_id = known.patient(visit.patient), known.doctor(visit.doctor)
    room_id = known.room(visit.room)
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


def _type_and_end(
    session: Session, known: KnownNames, visit: IncomingVisit
) -> tuple[int, datetime]:
    """The visit type, made where it is new with this visit's length, and the visit's end."""
    name = type_name(visit.visit_type)
    found = known.visit_type(name)
    if visit.ends_at is None:
        if found is None:
            raise BadInput("End", f"No end is given, and “{name}” has no length yet.")
        return found[0], visit.starts_at + found[1] * _MINUTE
    minutes = check_length((visit.ends_at - visit.starts_at) // _MINUTE)
    type_id, _ = found or known.add_visit_type(session, name, minutes)
    return type_id, visit.ends_at


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
