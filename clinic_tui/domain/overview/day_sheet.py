"""A day as it is printed: each doctor's visits, and the free time between them to write in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, Role, require
from ..clinic.settings import load_settings
from ..codes import Status
from ..models import Patient, table
from ..models.many import ids, one_of
from ..patients.phones import first_phone
from ..times.dates import check_day
from .calendar import DayColumn, day_columns
from .calendar_visits import CalendarVisit

_PATIENTS = table(Patient)
_USUAL = timedelta(minutes=20)
"""How long a line to write in is where a doctor has no visit to go by."""
_RECEPTION = Actor(0, "", "the program", frozenset({Role.RECEPTIONIST}))
"""Nobody's account: it can be named in no transaction that writes."""
Stretch = tuple[datetime, datetime, CalendarVisit | None]


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A visit, or with ``visit`` None free time to write in. Times are aware UTC.

    Birth date and number (E.164) are the patient's, for when nobody can look them up; empty where
    the reader may not see them.
    """

    starts_at: datetime
    ends_at: datetime
    visit: CalendarVisit | None
    birth_date: date | None = None
    phone: str = ""


@dataclass(frozen=True, slots=True)
class DoctorSheet:
    """One doctor's day; ``closed_because`` is empty unless the doctor does not work at all."""

    doctor: str
    specialty: str
    closed_because: str
    lines: tuple[SheetLine, ...]


@dataclass(frozen=True, slots=True)
class DaySheet:
    """Everybody's day, as it was at ``made_at``."""

    clinic: str
    day: date
    zone: str
    made_at: datetime
    doctors: tuple[DoctorSheet, ...]


def day_sheet(
    session: Session,
    actor: Actor,
    day: date,
    now: datetime,
    *,
    doctor_ids: tuple[int, ...] = (),
) -> DaySheet:
    """That day of these doctors; without any, of all who work or have visits on it.

    A colleague's visit is busy time without a name.
    """
    require(actor, Permission.SEE_CALENDAR)
    check_day(day, "Day")
    return _sheet(session, actor, day, now, doctor_ids)


def reception_sheet(session: Session, day: date, now: datetime) -> DaySheet:
    """That day of everybody as the reception sees it: for what the program writes by itself."""
    return _sheet(session, _RECEPTION, day, now, ())


def _sheet(
    session: Session, actor: Actor, day: date, now: datetime, doctor_ids: tuple[int, ...]
) -> DaySheet:
    settings = load_settings(session)
    columns, _ = day_columns(session, settings, actor, day, now, doctor_ids=doctor_ids)
    patients = _patients(session, columns)
    doctors = tuple(
        DoctorSheet(
            column.doctor, column.specialty, column.closed_because, tuple(_lines(column, patients))
        )
        for column in columns
    )
    return DaySheet(settings.name, day, settings.zone, now, doctors)


def stretches(column: DayColumn) -> list[Stretch]:
    """The visits and the free time between them, in order; None stands for nobody."""
    found: list[Stretch] = [(visit.starts_at, visit.ends_at, visit) for visit in column.visits]
    blocks = [visit for visit in column.visits if visit.status is not Status.NOSHOW]
    for opens, closes in column.open:
        at = opens
        for visit in sorted(blocks, key=lambda visit: visit.blocked_from):
            if visit.blocked_from >= closes:
                break  # It is in a later run of the hours: this one is free to its end.
            if at < visit.blocked_from:
                found.append((at, visit.blocked_from, None))
            at = max(at, visit.blocked_until)
        if at < closes:
            found.append((at, closes, None))
    return sorted(found, key=lambda stretch: (stretch[0], stretch[2] is not None))


def _lines(column: DayColumn, patients: dict[int, tuple[date, str]]) -> Iterator[SheetLine]:
    """Free time in pieces as long as most of the doctor's visits of the day."""
    lengths = Counter(visit.ends_at - visit.starts_at for visit in column.visits)
    ((usual, _),) = lengths.most_common(1) or [(_USUAL, 0)]
    for starts_at, ends_at, visit in stretches(column):
        if visit is not None:
            known = patients.get(visit.patient_id) if visit.patient_id is not None else None
            yield SheetLine(starts_at, ends_at, visit, *(known or (None, "")))
            continue
        at = starts_at
        while at < ends_at:
            yield SheetLine(at, min(at + usual, ends_at), None)
            at += usual


def _patients(session: Session, columns: Sequence[DayColumn]) -> dict[int, tuple[date, str]]:
    """Birth date and first number of those whom the actor sees by name."""
    seen = {visit.patient_id for column in columns for visit in column.visits}
    phone = first_phone(_PATIENTS.c.id)
    query = select(_PATIENTS.c.id, _PATIENTS.c.birth_date, func.coalesce(phone, "")).where(
        one_of(_PATIENTS.c.id, ids("patients"))
    )
    parameters: dict[str, Any] = {"patients": sorted(one for one in seen if one is not None)}
    rows = session.execute(query, parameters)
    return {patient_id: (born, number) for patient_id, born, number in rows}
