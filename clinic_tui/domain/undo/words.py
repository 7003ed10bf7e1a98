"""Steps in words: what was done, for a list, and what holds again once it is undone.

The words are made from the rows when they are asked for; nothing is stored for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, may
from ..clinic.settings import load_settings
from ..codes import Status
from ..models import (
    Appointment,
    Carried,
    Closure,
    Doctor,
    Patient,
    PatientMerge,
    Room,
    WaitlistEntry,
    WeeklyHours,
    table,
)
from ..text import full_name
from ..times.walltime import say_moment
from ..visits.status_words import STATUS_WORDS, visit_stands
from .steps import Step
from .ways_back import RowsBefore, VisitBefore

_APPOINTMENTS, _DOCTORS, _PATIENTS = table(Appointment), table(Doctor), table(Patient)
_WAITLIST, _MERGES, _TRAY = (
    known.__tablename__ for known in (WaitlistEntry, PatientMerge, Carried)
)
_CLOSED, _HOURS = "closed the clinic:", "changed the weekly hours of"
_PLANNED = {
    Room.__tablename__: "took out of use",
    Closure.__tablename__: _CLOSED,
    WeeklyHours.__tablename__: _HOURS,
}
"""What a plan was about, by the table that says so."""
_ROWS = {
    "set_weekly_hours": _HOURS,
    "set_reserved_hours": "changed the reserved hours of",
    "add_extra_hours": "added extra hours of",
    "remove_extra_hours": "removed extra hours of",
    "add_time_off": "added time off of",
    "remove_time_off": "removed time off of",
    "accept_plan": "planned the absence of",
    "close_clinic": _CLOSED,
    "add_room": "added the room",
    "change_room": "changed the room",
    "add_visit_type": "added the visit type",
    "change_visit_type": "changed the visit type",
    "add_doctor": "added",
    "change_doctor": "changed the profile of",
    "lift": "lifted",
    "put_back": "took off the tray",
    "merge_patients": "merged the records of",
    "part_patients": "parted the records of",
    "register_patient": "registered",
    "change_patient": "changed the data of",
    "change_settings": "changed the settings of",
    "change_message_settings": "changed when and how much is said by",
    "set_wording": "changed the wording of a message",
    "reset_wording": "took back the wording of a message",
    "add_to_waitlist": "put on the waitlist:",
    "change_waitlist_entry": "changed what is waited for by",
    "withdraw_from_waitlist": "took off the waitlist:",
    "retry_message": "queued a message again",
    "withdraw_message": "withdrew a message",
    "answer_reply": "dealt with a reply",
}


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where a visit stands, or stood."""

    starts_at: datetime
    doctor_id: int
    patient_id: int
    status: Status
    sequence: int


class Words:
    """Says what steps did: of whom no more than the actor may see."""

    def __init__(self, session: Session, actor: Actor, steps: Sequence[Step]) -> None:
        self._actor = actor
        self._zone = load_settings(session).zone
        visits = [visit for step in steps for visit in step.way_back.visits]
        rows = [rows for step in steps for rows in step.way_back.rows]
        carried = {row["appointment_id"] for row in _of(_TRAY, rows)}
        columns = _APPOINTMENTS.c
        query = select(
            columns.id,
            columns.starts_at,
            columns.doctor_id,
            columns.patient_id,
            columns.status,
            columns.sequence,
        ).where(columns.id.in_({visit.appointment_id for visit in visits} | carried))
        self._now = {row[0]: _Standing(*row[1:]) for row in session.execute(query)}
        stood = [*self._now.values(), *(_found(one) for one in visits if one.columns)]
        doctors = {one.doctor_id for one in stood} | {
            row["doctor_id"]
            for one in rows
            for row in (one.where, *_all(one))
            if "doctor_id" in row
        }
        written_of = {row["id"]: row for row in _of(_PATIENTS.name, rows)}
        people = select(_DOCTORS.c.id, _DOCTORS.c.shown_name).where(_DOCTORS.c.id.in_(doctors))
        self._doctors: dict[int, str] = dict(session.execute(people).all())
        named = {row["patient_id"] for row in _of(_WAITLIST, rows)} | {
            row[name] for row in _of(_MERGES, rows) for name in ("kept_id", "merged_id")
        }
        people = select(_PATIENTS.c.id, _PATIENTS.c.given_name, _PATIENTS.c.family_name).where(
            _PATIENTS.c.id.in_({one.patient_id for one in stood} | named)
        )
        self._patients = {
            number: full_name(row["given_name"], row["family_name"])
            for number, row in written_of.items()
        } | {row[0]: full_name(*row[1:]) for row in session.execute(people)}

    def done(self, steps: Sequence[Step]) -> list[str]:
        """What each step did, in a sentence without its end; newest first, as they are given.

        Where a visit went is known as long as nobody else has changed it since.
        """
        now, said = dict(self._now), []
        for step in steps:
            if step.undone:
                continue
            visits = step.way_back.visits
            said.append(self._with_more(visits, self._did(visits[0], now)) if visits else
                        self._rows(step))  # fmt: skip
            now |= {one.appointment_id: _found(one) for one in visits if one.columns}
        return [f"{one[0].upper()}{one[1:]}" for one in said]

    def undone(self, step: Step) -> str:
        """What holds again after the step was undone."""
        visits = step.way_back.visits
        again = self._with_more(visits, self._again(visits[0])) if visits else self._rows(step)
        return f"Undone: {again}."

    def _did(self, visit: VisitBefore, now: dict[int, _Standing]) -> str:
        left = now.get(visit.appointment_id)
        if left is not None and (left.status, left.sequence) != (visit.status, visit.sequence):
            left = None
        if visit.columns is None:
            did = "offered" if visit.status is Status.HELD else "booked"
            return f"{did} {self._place(left or self._now.get(visit.appointment_id))}"
        found = _found(visit)
        if visit.status is Status.CANCELLED:
            return f"cancelled {self._place(found)}"
        if found.status is Status.CANCELLED:
            return f"brought back {self._place(found)}"
        if found.sequence == visit.sequence:
            return f"marked {self._place(found)}, as “{STATUS_WORDS[visit.status]}”"
        to = f" to {self._when(left, unlike=found)}" if left else ""
        return f"moved {self._whose(found)} from {self._when(found, unlike=left)}{to}"

    def _again(self, visit: VisitBefore) -> str:
        if visit.columns is None:
            what = "offer" if visit.status is Status.HELD else "booking"
            return f"the {what} of {self._place(self._now.get(visit.appointment_id))}"
        found = _found(visit)
        if found.sequence == visit.sequence or found.status is Status.CANCELLED:
            return f"{self._place(found)}, {visit_stands(found.status)} again"
        return f"{self._whose(found)} is back at {self._when(found)}"

    def _with_more(self, visits: Sequence[VisitBefore], said: str) -> str:
        more = len(visits) - 1
        return f"{said}, and {more} more visit{'s' * (more > 1)}" if more else said

    def _who(self, patient_id: int, doctor_id: int | None = None) -> str:
        seen = may(self._actor, Permission.SEE_CONTACT, doctor_id=doctor_id, patient_id=patient_id)
        return self._patients.get(patient_id, "somebody") if seen else "somebody"

    def _whose(self, visit: _Standing) -> str:
        return self._who(visit.patient_id, visit.doctor_id)

    def _when(self, visit: _Standing, unlike: _Standing | None = None) -> str:
        """The start, and the doctor unless that is the other's too."""
        start = say_moment(visit.starts_at, self._zone)
        same = unlike is not None and unlike.doctor_id == visit.doctor_id
        return start if same else f"{start}, {self._doctors.get(visit.doctor_id, '')}"

    def _place(self, visit: _Standing | None) -> str:
        return f"{self._whose(visit)}, {self._when(visit)}" if visit else "a visit"

    def _rows(self, step: Step) -> str:
        verb = _ROWS.get(step.operation, step.operation.replace("_", " "))
        rows = step.way_back.rows
        if step.operation == "accept_plan" and rows:
            verb = _PLANNED.get(rows[0].table, verb)
        return f"{verb} {self._called(rows[0])}".strip() if rows else verb

    def _called(self, rows: RowsBefore) -> str:
        """What the row is called, or whose it is."""
        row = next(iter(_all(rows)), {})
        if rows.table == _PATIENTS.name:
            return self._who(row["id"])
        if rows.table == _WAITLIST:
            return self._who(row["patient_id"])
        if rows.table == _MERGES:
            return f"{self._who(row['merged_id'])} and {self._who(row['kept_id'])}"
        if rows.table == _TRAY:
            return self._place(self._now.get(row["appointment_id"]))
        if rows.table == _DOCTORS.name:
            return str(row.get("shown_name") or row["family_name"])
        of = rows.where.get("doctor_id") or row.get("doctor_id")
        return row.get("name") or self._doctors.get(of or 0, "")


def _all(rows: RowsBefore) -> tuple[dict[str, Any], ...]:
    return (*rows.after, *rows.before)


def _of(name: str, rows: Sequence[RowsBefore]) -> list[dict[str, Any]]:
    """Those of one table, as they were and as they became."""
    return [row for one in rows if one.table == name for row in _all(one)]


def _found(visit: VisitBefore) -> _Standing:
    columns: dict[str, Any] = visit.columns or {}
    return _Standing(
        columns["starts_at"],
        columns["doctor_id"],
        columns["patient_id"],
        columns["status"],
        columns["sequence"],
    )
