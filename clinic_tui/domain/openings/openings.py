"""Openings: the first starts at which a visit fits, or why there are none. Found, not stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require, require_some
from ..clinic.settings import ClinicSettings, load_settings
from ..clinic.terms import Fit, fit_of
from ..codes import Reason, Spread
from ..errors import BadInput, NotFound, Opening
from ..models import Patient, Room, table
from ..patients.habits import three_openings
from ..staff.who_does import doctors_for
from ..times.dates import check_day
from ..times.walltime import MINUTES_PER_DAY
from .busy import busy_besides
from .reasons import why_none
from .sought import Wanted
from .sweeping import look, openings_of

_PATIENTS, _ROOMS = table(Patient), table(Room)
_DEFAULT_DAYS = 60
_MAX_DAYS = 400
_MAX_OPENINGS = 200


@dataclass(frozen=True, slots=True)
class OpeningSearch:
    """What is sought: a visit type, by whom, and when.

    ``doctor_ids`` empty means any doctor who does that visit type, of ``specialty_id`` if that
    is given. ``from_at`` and ``until`` are aware instants; ``until`` is at most 400 days on and
    defaults to 60. ``minutes`` overrides the type's length. ``weekdays`` (0 = Monday) empty means
    all; the whole visit lies between the wall minutes ``day_from`` and ``day_until``. A room is
    asked for by ``room_id``, or any that is free by ``any_room``. Openings for ``patient_id``
    keep clear of that patient's visits. Of ``Spread.THREE`` there are three at most, whatever
    the ``limit``: the soonest; the first at least a week after it; and the next one on the
    weekday and within an hour of the time at which most of the patient's last visits began.
    """

    visit_type_id: int
    from_at: datetime
    doctor_ids: tuple[int, ...] = ()
    specialty_id: int | None = None
    until: datetime | None = None
    minutes: int | None = None
    limit: int = 10
    spread: Spread = Spread.SPACED
    weekdays: frozenset[int] = frozenset()
    day_from: int = 0
    day_until: int = MINUTES_PER_DAY
    room_id: int | None = None
    any_room: bool = False
    patient_id: int | None = None


@dataclass(frozen=True, slots=True)
class FoundOpenings:
    """The openings, in order of time and then of the doctor's name.

    Where there are none, why: ``reason``, and as a sentence for staff ``why_none``.
    """

    openings: tuple[Opening, ...]
    reason: Reason | None = None
    why_none: str = ""


def find_openings(
    session: Session, actor: Actor, search: OpeningSearch, now: datetime
) -> FoundOpenings:
    """The first openings; none before ``now``, within a visit type's notice or past its horizon.

    Refused: an unknown or retired visit type, doctor or room, a length outside 5 minutes to 12
    hours, a time without its zone, a search of more than 400 days or of more than 200 openings;
    ``NotPermitted`` to search for a patient whom the actor may not book.
    """
    require_some(actor, Permission.SEE_OPENINGS)
    if search.patient_id is not None:
        alone = search.doctor_ids[0] if len(search.doctor_ids) == 1 else None
        require(actor, Permission.BOOK, doctor_id=alone, patient_id=search.patient_id)
    earliest, latest = _window(search, now)
    settings = load_settings(session)
    fit = fit_of(session, search.visit_type_id, search.minutes)
    doctors = doctors_for(session, search.visit_type_id, search.specialty_id, search.doctor_ids)
    if search.doctor_ids and not doctors:
        raise NotFound("None of those doctors does that visit type.")
    wanted = Wanted(
        doctors,
        search.visit_type_id,
        fit,
        earliest,
        latest,
        now,
        _stride(search, fit, settings),
        1 if search.spread is Spread.THREE else search.limit,
        _busy_otherwise(session, search, earliest, latest, now),
        weekdays=search.weekdays,
        day_from=search.day_from,
        day_until=search.day_until,
        rooms=_rooms(session, search),
    )
    looked = look(session, settings, wanted)
    openings = openings_of(looked, wanted)
    if not openings:
        return FoundOpenings((), *why_none(settings, wanted, looked))
    if search.spread is Spread.THREE:
        return FoundOpenings(
            three_openings(session, settings, wanted, openings[0], search.patient_id)
        )
    return FoundOpenings(tuple(openings))


def _stride(search: OpeningSearch, fit: Fit, settings: ClinicSettings) -> int:
    return settings.grid_minutes if search.spread is Spread.PLAIN else fit.minutes


def _busy_otherwise(
    session: Session,
    search: OpeningSearch,
    earliest: datetime,
    latest: datetime,
    now: datetime,
) -> tuple[tuple[int, int], ...]:
    """When the patient is taken, if one is named."""
    if search.patient_id is None:
        return ()
    known = select(_PATIENTS.c.id).where(_PATIENTS.c.id == search.patient_id)
    if session.scalar(known) is None:
        raise NotFound("There is no such patient.")
    return busy_besides(session, search.patient_id, None, (earliest, latest), now)


def _rooms(session: Session, search: OpeningSearch) -> dict[int, str] | None:
    """The rooms of which one has to be free, by name; None where no room was asked for."""
    if search.room_id is None and not search.any_room:
        return None
    query = select(_ROOMS.c.id, _ROOMS.c.name).where(_ROOMS.c.active).order_by(_ROOMS.c.name_key)
    if search.room_id is not None:
        query = query.where(_ROOMS.c.id == search.room_id)
    rooms = {row.id: row.name for row in session.execute(query)}
    if not rooms:
        raise NotFound("There is no such room." if search.room_id else "There are no rooms.")
    return rooms


def _window(search: OpeningSearch, now: datetime) -> tuple[datetime, datetime]:
    for at, field in ((search.from_at, "From"), (search.until, "Until")):
        if at is not None:
            if at.tzinfo is None:
                raise BadInput(field, "A time without its zone cannot be placed.")
            check_day(at, field)
    until = search.until or max(search.from_at, now) + timedelta(days=_DEFAULT_DAYS)
    if until <= search.from_at:
        raise BadInput("Until", "The search must end after it starts.")
    if until - max(search.from_at, now) > timedelta(days=_MAX_DAYS):
        raise BadInput("Until", f"Openings are sought for at most {_MAX_DAYS} days.")
    if not 1 <= search.limit <= _MAX_OPENINGS:
        raise BadInput("Limit", f"1 to {_MAX_OPENINGS} openings can be asked for.")
    if not search.weekdays <= frozenset(range(7)):
        raise BadInput("Weekday", "A weekday is one of Monday to Sunday.")
    if not 0 <= search.day_from < search.day_until <= MINUTES_PER_DAY:
        raise BadInput("Time", "The times of day asked for must end after they start, by 24:00.")
    if search.room_id is not None and search.any_room:
        raise BadInput("Room", "Either one room or any room can be asked for.")
    return max(search.from_at, now), until
