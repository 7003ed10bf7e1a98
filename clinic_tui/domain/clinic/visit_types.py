"""Visit types: how long a visit takes, with which buffers, and which doctors do it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require, require_some
from ..audit import record
from ..errors import AlreadyExists, BadInput, NotFound
from ..models import Specialty, VisitType, VisitTypeReminder, VisitTypeSpecialty, table
from ..staff.doctors import COLOURS
from ..staff.specialties import (
    clean_specialties,
    known_specialties,
    specialties_since,
    specialty_ids,
)
from ..text import clean_name, clean_text, search_key
from ..times.walltime import MINUTES_PER_DAY
from ..undo.row_changes import found_rows, left_rows, new_rows
from ..undo.ways_back import WayBack
from ..visits.guards import MAX_BUFFER
from .terms import Fit, check_length

MAX_NOTICE = 365 * MINUTES_PER_DAY
"""The longest notice, in minutes."""
MAX_HORIZON = 3650
"""The farthest horizon, in days."""
MAX_LEAD = 90 * 24
"""The earliest reminder, in hours before the visit."""
MAX_REMINDERS = 10
_REMINDERS = table(VisitTypeReminder)
_TYPES, _LINKS, _SPECIALTIES = table(VisitType), table(VisitTypeSpecialty), table(Specialty)


@dataclass(frozen=True, slots=True)
class VisitTypeDetails:
    """A visit type as typed. Lengths in minutes; no ``specialties`` means every doctor does it.

    It is booked at least ``notice_minutes`` before it starts and, if ``horizon_days`` is given,
    at most so many days of the clinic's calendar ahead. Its reminders leave ``reminders`` hours
    before it, the earliest first; without any, the clinic's own does.
    """

    name: str
    short_name: str
    minutes: int
    buffer_before: int = 0
    buffer_after: int = 0
    colour: str = "blue"
    specialties: tuple[str, ...] = ()
    active: bool = True
    notice_minutes: int = 0
    horizon_days: int | None = None
    reminders: tuple[int, ...] = ()

    @property
    def fit(self) -> Fit:
        """Its measure."""
        before, after = self.buffer_before, self.buffer_after
        return Fit(self.minutes, before, after, self.notice_minutes, self.horizon_days)


@dataclass(frozen=True, slots=True)
class ListedVisitType:
    """A visit type on record."""

    visit_type_id: int
    details: VisitTypeDetails

    def done_by(self, specialties: Iterable[str]) -> bool:
        """Whether doctors of those specialties do it."""
        asked = self.details.specialties
        return not asked or not set(asked).isdisjoint(specialties)


def list_visit_types(
    session: Session, actor: Actor, *, retired: bool = False
) -> tuple[ListedVisitType, ...]:
    """The visit types by name, without the retired ones unless asked for."""
    require_some(actor, Permission.SEE_OPENINGS)
    query = select(_TYPES).order_by(_TYPES.c.name)
    if not retired:
        query = query.where(_TYPES.c.active)
    names: dict[int, tuple[str, ...]] = {}
    for type_id, name in session.execute(
        select(_LINKS.c.visit_type_id, _SPECIALTIES.c.name)
        .join(_SPECIALTIES, _SPECIALTIES.c.id == _LINKS.c.specialty_id)
        .order_by(_SPECIALTIES.c.name)
    ):
        names[type_id] = (*names.get(type_id, ()), name)
    leads: dict[int, tuple[int, ...]] = {}
    reminders = select(_REMINDERS).order_by(_REMINDERS.c.hours.desc())
    for type_id, hours in session.execute(reminders):
        leads[type_id] = (*leads.get(type_id, ()), hours)
    return tuple(
        ListedVisitType(
            row.id,
            VisitTypeDetails(
                row.name,
                row.short_name,
                row.minutes,
                row.buffer_before,
                row.buffer_after,
                row.colour,
                names.get(row.id, ()),
                row.active,
                row.notice_minutes,
                row.horizon_days,
                leads.get(row.id, ()),
            ),
        )
        for row in session.execute(query)
    )


def add_visit_type(session: Session, actor: Actor, details: VisitTypeDetails, now: datetime) -> int:
    """Add a visit type; returns its id. Refused: a name that is taken, a wrong length or buffer."""
    require(actor, Permission.MANAGE_CLINIC)
    clean = _tidy(details)
    _refuse_taken(session, clean.name, 0)
    known = known_specialties(session)
    type_id: int = session.execute(
        insert(_TYPES).values(_columns(clean)).returning(_TYPES.c.id)
    ).scalar_one()
    _link(session, type_id, clean)
    made = (
        new_rows(session, _TYPES, id=type_id),
        *(new_rows(session, one, visit_type_id=type_id) for one in (_LINKS, _REMINDERS)),
    )
    way_back = WayBack(rows=(*made, *specialties_since(session, known)))
    record(session, actor, "add_visit_type", now, way_back=way_back, visit_type=type_id)
    return type_id


def change_visit_type(
    session: Session,
    actor: Actor,
    visit_type_id: int,
    details: VisitTypeDetails,
    now: datetime,
) -> None:
    """Replace a visit type; visits already booked keep the length and buffers they have."""
    require(actor, Permission.MANAGE_CLINIC)
    clean = _tidy(details)
    _refuse_taken(session, clean.name, visit_type_id)
    known = known_specialties(session)
    found = found_rows(session, _TYPES, id=visit_type_id)
    linked = {
        one: found_rows(session, one, visit_type_id=visit_type_id) for one in (_LINKS, _REMINDERS)
    }
    changed = session.execute(
        update(_TYPES)
        .where(_TYPES.c.id == visit_type_id)
        .values(_columns(clean))
        .returning(_TYPES.c.id)
    ).one_or_none()
    if changed is None:
        raise NotFound("There is no such visit type.")
    for one in linked:
        session.execute(delete(one).where(one.c.visit_type_id == visit_type_id))
    _link(session, visit_type_id, clean)
    left = (left_rows(session, *one) for one in ((_TYPES, found), *linked.items()))
    way_back = WayBack(rows=(*left, *specialties_since(session, known)))
    record(session, actor, "change_visit_type", now, way_back=way_back, visit_type=visit_type_id)


def _tidy(details: VisitTypeDetails) -> VisitTypeDetails:
    if details.colour not in COLOURS:
        raise BadInput("Colour", f"Colour: one of {', '.join(COLOURS)}.")
    for buffer in (details.buffer_before, details.buffer_after):
        if not 0 <= buffer <= MAX_BUFFER:
            raise BadInput("Buffer", f"A buffer lasts 0 to {MAX_BUFFER} minutes.")
    _check_reach(details)
    name = clean_name(details.name, "Name", max_length=40)
    return VisitTypeDetails(
        name=name,
        short_name=clean_text(details.short_name, "Short name", max_length=8) or name[:4],
        minutes=check_length(details.minutes),
        buffer_before=details.buffer_before,
        buffer_after=details.buffer_after,
        colour=details.colour,
        specialties=clean_specialties(details.specialties),
        active=details.active,
        notice_minutes=details.notice_minutes,
        horizon_days=details.horizon_days,
        reminders=_tidy_reminders(details.reminders),
    )


def _tidy_reminders(reminders: tuple[int, ...]) -> tuple[int, ...]:
    for hours in reminders:
        if not 1 <= hours <= MAX_LEAD:
            raise BadInput(
                "Reminders", f"A reminder leaves 1 hour to {MAX_LEAD // 24} days before."
            )
    if len(set(reminders)) > MAX_REMINDERS:
        raise BadInput("Reminders", f"A visit has at most {MAX_REMINDERS} reminders.")
    return tuple(sorted(set(reminders), reverse=True))


def _check_reach(details: VisitTypeDetails) -> None:
    notice, horizon = details.notice_minutes, details.horizon_days
    if not 0 <= notice <= MAX_NOTICE:
        raise BadInput("Notice", f"A visit is booked 0 to {MAX_NOTICE // 1440} days before.")
    if horizon is not None and not 1 <= horizon <= MAX_HORIZON:
        raise BadInput("Horizon", f"A visit is booked at most 1 to {MAX_HORIZON} days ahead.")
    if horizon is not None and notice >= horizon * MINUTES_PER_DAY:
        raise BadInput("Notice", "The notice must be shorter than the horizon.")


def _columns(clean: VisitTypeDetails) -> dict[str, object]:
    return {
        "name": clean.name,
        "name_key": search_key(clean.name),
        "short_name": clean.short_name,
        "minutes": clean.minutes,
        "buffer_before": clean.buffer_before,
        "buffer_after": clean.buffer_after,
        "colour": clean.colour,
        "active": clean.active,
        "notice_minutes": clean.notice_minutes,
        "horizon_days": clean.horizon_days,
    }


def _refuse_taken(session: Session, name: str, visit_type_id: int) -> None:
    query = select(_TYPES.c.id).where(
        _TYPES.c.name_key == search_key(name), _TYPES.c.id != visit_type_id
    )
    if session.scalar(query) is not None:
        raise AlreadyExists(f"There is a visit type “{name}” already.")


def _link(session: Session, type_id: int, clean: VisitTypeDetails) -> None:
    ids = specialty_ids(session, clean.specialties)
    if ids:
        session.execute(
            insert(_LINKS), [{"visit_type_id": type_id, "specialty_id": one} for one in ids]
        )
    if clean.reminders:
        session.execute(
            insert(_REMINDERS),
            [{"visit_type_id": type_id, "hours": one} for one in clean.reminders],
        )
