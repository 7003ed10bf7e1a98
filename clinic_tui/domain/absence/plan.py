"""Which visits an absence is in the way of, and what becomes of each: proposed, or as decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from ..access import Actor
from ..clinic.settings import ClinicSettings
from ..codes import HERE, Fate
from ..errors import BadInput, NotFound, Opening
from ..models import Appointment, Doctor, Patient, Room, VisitType, table
from ..staff.who_does import does_type
from ..visits.conflicts import Place
from ..visits.requests import MOVABLE
from .causes import Cause, in_the_way
from .lines import Decision, PlanLine, PlanWish
from .places import Planner
from .stranded import UNFINISHED

_APPOINTMENTS, _DOCTORS, _PATIENTS = table(Appointment), table(Doctor), table(Patient)
_TYPES, _ROOMS = table(VisitType), table(Room)
MAX_VISITS = 1000
"""In the way of one absence: more are planned in parts."""
FURTHEST = timedelta(days=400)
"""How far from where it stands a visit may be moved by a plan."""


@dataclass(slots=True)
class Planned:
    """A plan in the making: what is known of each visit by number, and its place if it moves.

    ``added`` visits were not decided about, ``lost`` ones have lost the place decided.
    """

    rows: dict[int, Row[Any]]
    lines: list[PlanLine] = field(default_factory=list)
    places: dict[int, Place] = field(default_factory=dict)
    added: int = 0
    lost: int = 0


def make_plan(
    session: Session,
    cause: Cause,
    wish: PlanWish,
    settings: ClinicSettings,
    asked: tuple[Actor, datetime],
    decisions: Sequence[Decision] = (),
) -> Planned:
    """What becomes of each visit in the way; what is ``asked`` by whom, and when.

    Decisions hold where the visit stands as they say and their place can be had; all other
    visits get a proposal. Refused with ``BadInput`` where more than 1000 visits are in the way.
    """
    rows = _rows(session, cause, settings, asked[1])
    planned = Planned({row.id: row for row in rows})
    if not rows:
        return planned
    known = _known(planned.rows, decisions)
    planner = Planner(session, cause, wish, settings, asked, rows, known)
    lines = planner.decided(known)
    planned.lost = len(known) - len(lines)
    planned.added = len(rows) - len(known)
    lines |= {row.id: planner.proposed(row) for row in rows if row.id not in lines}
    planned.lines = [
        replace(lines[row.id], number=number) for number, row in enumerate(rows, start=1)
    ]
    planned.places = planner.places
    return planned


def checked_decisions(decisions: Sequence[Decision]) -> dict[int, Decision]:
    """By visit; ``BadInput`` for what decides nothing, twice, or about too many."""
    if len(decisions) > MAX_VISITS:
        raise BadInput("Visits", f"A plan is about at most {MAX_VISITS} visits.")
    found: dict[int, Decision] = {}
    for one in decisions:
        if one.appointment_id in found:
            raise BadInput("Visits", f"Visit {one.appointment_id} was decided about twice.")
        somewhere = one.doctor_id is not None and one.starts_at is not None
        if somewhere != (one.fate is Fate.MOVE):
            wrong = "is moved nowhere" if one.fate is Fate.MOVE else "stays and is moved too"
            raise BadInput("Visits", f"Visit {one.appointment_id} {wrong}.")
        if one.starts_at is not None and one.starts_at.tzinfo is None:
            raise BadInput("Start", "A time without its zone cannot be placed.")
        if one.tell and one.fate not in (Fate.CALL, Fate.KEEP):
            raise BadInput("Visits", "Who is moved or cancelled is told of that already.")
        found[one.appointment_id] = one
    return found


def openings_instead(
    session: Session,
    cause: Cause,
    wish: PlanWish,
    settings: ClinicSettings,
    asked: tuple[Actor, datetime],
    decisions: Sequence[Decision],
    appointment_id: int,
) -> tuple[Opening, ...]:
    """Where that visit could go while the others go where they are decided to.

    Refused with ``NotFound`` where it is not in the way.
    """
    rows = {row.id: row for row in _rows(session, cause, settings, asked[1])}
    if appointment_id not in rows:
        raise NotFound("That visit is not in the way any more.")
    row = rows[appointment_id]
    others = [one for one in decisions if one.appointment_id != appointment_id]
    # Its own time is free meanwhile, for whoever was decided to have it.
    known = _known(rows, [*others, Decision(row.id, row.sequence, Fate.CANCEL, here=True)])
    planner = Planner(session, cause, wish, settings, asked, list(rows.values()), known)
    planner.decided(known)
    return planner.openings(row)


def _rows(
    session: Session, cause: Cause, settings: ClinicSettings, now: datetime
) -> Sequence[Row[Any]]:
    """The visits in the way; ``BadInput`` where there are too many."""
    rows = session.execute(
        _visits_query().where(in_the_way(session, cause, settings, now)).limit(MAX_VISITS + 1)
    ).all()
    if len(rows) > MAX_VISITS:
        raise BadInput("Until", f"More than {MAX_VISITS} visits are in the way: plan it in parts.")
    return rows


def _known(rows: Mapping[int, Row[Any]], decisions: Sequence[Decision]) -> dict[int, Decision]:
    """The decisions about visits that stand as they were seen and can be dealt with so."""
    return {
        one.appointment_id: one
        for one in decisions
        if (row := rows.get(one.appointment_id)) is not None
        and one.sequence == row.sequence
        and (row.status in MOVABLE or one.fate in (Fate.KEEP, Fate.CALL))
        # Whoever has come meanwhile is not sent to another day by what was decided before.
        and (one.here or row.status not in HERE or one.fate in (Fate.KEEP, Fate.CALL))
        and (one.starts_at is None or abs(one.starts_at - row.starts_at) <= FURTHEST)
    }


def _visits_query() -> Select[Any]:
    columns = _APPOINTMENTS.c
    return (
        select(
            _APPOINTMENTS,
            _PATIENTS.c.given_name.label("patient_given"),
            _PATIENTS.c.family_name.label("patient_family"),
            _DOCTORS.c.shown_name,
            _DOCTORS.c.active.label("doctor_active"),
            does_type(_DOCTORS.c.id, _TYPES.c.id).label("fits_doctor"),
            _TYPES.c.name.label("visit_type"),
            _TYPES.c.horizon_days,
            _ROOMS.c.name.label("room"),
        )
        .join(_PATIENTS, _PATIENTS.c.id == columns.patient_id)
        .join(_DOCTORS, _DOCTORS.c.id == columns.doctor_id)
        .join(_TYPES, _TYPES.c.id == columns.visit_type_id)
        .outerjoin(_ROOMS, _ROOMS.c.id == columns.room_id)
        .where(columns.status.in_(UNFINISHED))
        .order_by(columns.starts_at, columns.id)
    )
