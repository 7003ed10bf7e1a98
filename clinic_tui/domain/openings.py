"""Openings: the first starts at which a visit fits. Found by a lazy sweep, day by day, not stored.

Each day is one query for what is busy; the sweep stops at the day on which enough was found, so
a search costs what lies before its answer and not what lies in the book.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from .access import Actor, Permission, require_some
from .dates import check_day
from .errors import BadInput, NotFound, Opening
from .guards import MAX_BLOCK_MINUTES, MAX_MINUTES, MIN_MINUTES
from .models import (
    Appointment,
    Doctor,
    DoctorSpecialty,
    UtcDateTime,
    VisitType,
    VisitTypeSpecialty,
    epoch_seconds,
    table,
)
from .occupied import occupies
from .roster import load_schedules
from .schedule import DoctorSchedule, Span, sweep
from .settings import ClinicSettings, load_settings
from .text import doctor_name
from .walltime import clock_changes, day_bounds, from_seconds, local_day

_APPOINTMENTS, _DOCTORS, _TYPES = table(Appointment), table(Doctor), table(VisitType)
_OF_DOCTOR, _OF_TYPE = table(DoctorSpecialty), table(VisitTypeSpecialty)
_LONGEST_BLOCK = timedelta(minutes=MAX_BLOCK_MINUTES)
_DEFAULT_DAYS = 60
_MAX_DAYS = 400
_MAX_OPENINGS = 200
_MANY = 200
"""More doctors than this are not listed in a query but left to be everybody."""


@dataclass(frozen=True, slots=True)
class OpeningSearch:
    """What is sought: a visit type, by whom, and when.

    ``doctor_ids`` empty means any doctor who does that visit type, of ``specialty_id`` if that
    is given. ``from_at`` and ``until`` are aware instants; ``until`` is at most 400 days on and
    defaults to 60. ``minutes`` overrides the type's length. ``spaced`` gives openings of one
    doctor at least one visit apart, as one reads them aloud; otherwise every start counts.
    """

    visit_type_id: int
    from_at: datetime
    doctor_ids: tuple[int, ...] = ()
    specialty_id: int | None = None
    until: datetime | None = None
    minutes: int | None = None
    limit: int = 10
    spaced: bool = True


@dataclass(frozen=True, slots=True)
class Fit:
    """A visit's measure, in minutes."""

    minutes: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the sweep looks for: the shared step of searching and of offering alternatives.

    ``doctors`` maps ids to names. ``asked_at`` is now, when some holds have run out. ``stride`` is
    in minutes. ``also_busy`` is time that the visit
    (not its buffers) must keep clear of: the patient's other visits, the room's. ``leaving_out``
    is an appointment about to move, whose own time counts as free.
    """

    doctors: dict[int, str]
    fit: Fit
    earliest: datetime
    latest: datetime
    asked_at: datetime
    stride: int
    limit: int
    also_busy: tuple[Span, ...] = ()
    leaving_out: int | None = None


def find_openings(
    session: Session, actor: Actor, search: OpeningSearch, now: datetime
) -> tuple[Opening, ...]:
    """The first openings in order of time, then of the doctor's name; none before ``now``.

    Refused: an unknown or retired visit type or doctor, a length outside 5 minutes to 12 hours,
    a time without its zone, a search of more than 400 days or of more than 200 openings.
    """
    require_some(actor, Permission.SEE_OPENINGS)
    earliest, latest = _window(search, now)
    settings = load_settings(session)
    fit = fit_of(session, search.visit_type_id, search.minutes)
    doctors = doctors_for(session, search.visit_type_id, search.specialty_id, search.doctor_ids)
    if search.doctor_ids and not doctors:
        raise NotFound("None of those doctors does that visit type.")
    stride = fit.minutes if search.spaced else settings.grid_minutes
    wanted = Wanted(doctors, fit, earliest, latest, now, stride, search.limit)
    return tuple(first_openings(session, settings, wanted))


def first_openings(session: Session, settings: ClinicSettings, wanted: Wanted) -> list[Opening]:
    """The first ``wanted.limit`` openings, in order of time and doctor's name."""
    if not wanted.doctors or wanted.earliest >= wanted.latest:
        return []
    everybody = len(wanted.doctors) > _MANY
    schedules = load_schedules(
        session,
        settings,
        None if everybody else wanted.doctors,
        wanted.earliest,
        wanted.latest,
    )
    found: list[tuple[int, str, int]] = []
    next_from: dict[int, int] = {}
    day = local_day(wanted.earliest, settings.zone)
    last_day = local_day(wanted.latest, settings.zone)
    while day <= last_day and len(found) < wanted.limit:
        of_day = _starts_on(session, settings, schedules, wanted, day, next_from)
        # In order for each doctor: what comes after midnight keeps its distance too.
        next_from |= {doctor: start + wanted.stride * 60 for start, _, doctor in of_day}
        found += of_day
        day += timedelta(days=1)
    found.sort()
    length = timedelta(minutes=wanted.fit.minutes)
    openings = []
    for seconds, name, doctor in found[: wanted.limit]:
        starts_at = from_seconds(seconds)
        openings.append(Opening(doctor, name, starts_at, starts_at + length))
    return openings


def _starts_on(
    session: Session,
    settings: ClinicSettings,
    schedules: dict[int, DoctorSchedule],
    wanted: Wanted,
    day: date,
    next_from: dict[int, int],
) -> list[tuple[int, str, int]]:
    """The starts of one day as (seconds, doctor's name, doctor); none before ``next_from``."""
    working = {
        doctor: runs
        for doctor, schedule in schedules.items()
        if doctor in wanted.doctors and (runs := schedule.runs(day))
    }
    if not working:
        return []
    midnight, next_midnight = day_bounds(day, settings.zone)
    earliest = _up_to_the_minute(max(wanted.earliest, midnight))
    latest = int(min(wanted.latest, next_midnight).timestamp())
    before, after = wanted.fit.before * 60, wanted.fit.after * 60
    since = max(earliest, min(runs[0][0] for runs in working.values())) - before
    until = max(runs[-1][1] for runs in working.values()) + after
    busy = _busy(session, working, (since, until), wanted)
    held_back = [(start + after, end - before) for start, end in wanted.also_busy]
    offset, changes = clock_changes(day, settings.zone)
    return [
        (start, wanted.doctors[doctor], doctor)
        for doctor, runs in working.items()
        for start in sweep(
            runs,
            sorted([*busy.get(doctor, ()), *held_back]),
            length=wanted.fit.minutes * 60,
            before=before,
            after=after,
            earliest=max(earliest, next_from.get(doctor, 0)),
            latest=latest,
            align=settings.grid_minutes * 60,
            offset=offset,
            stride=wanted.stride * 60,
            changes=changes,
        )
    ]


def _busy(
    session: Session, doctors: Iterable[int], within: Span, wanted: Wanted
) -> dict[int, list[Span]]:
    """What blocks each doctor meanwhile, buffers included, in order."""
    ids = list(doctors)
    since, until = (from_seconds(at) for at in within)
    query, parameters = (
        _BUSY,
        {
            "from": since - _LONGEST_BLOCK,
            "since": since,
            "until": until,
            "starts_until": until + _LONGEST_BLOCK,
            "left_out": wanted.leaving_out or 0,
            "now": wanted.asked_at,
        },
    )
    if len(ids) <= _MANY:
        query, parameters = _BUSY_OF_SOME, {**parameters, "doctors": ids}
    busy: dict[int, list[Span]] = {}
    for doctor, start, end in session.execute(query, parameters).all():
        busy.setdefault(doctor, []).append((start, end))
    return busy


def doctors_for(
    session: Session,
    visit_type_id: int,
    specialty_id: int | None = None,
    doctor_ids: tuple[int, ...] = (),
    like: int | None = None,
) -> dict[int, str]:
    """Active doctors, id → name, who do the visit type; of a specialty or among some.

    ``like`` asks for the colleagues of a doctor: somebody else who shares a specialty.
    """
    query = select(
        _DOCTORS.c.id, _DOCTORS.c.title, _DOCTORS.c.given_name, _DOCTORS.c.family_name
    ).where(_DOCTORS.c.active, does_type(_DOCTORS.c.id, visit_type_id))
    if doctor_ids:
        query = query.where(_DOCTORS.c.id.in_(doctor_ids))
    if specialty_id is not None:
        query = query.where(
            exists().where(
                _OF_DOCTOR.c.doctor_id == _DOCTORS.c.id, _OF_DOCTOR.c.specialty_id == specialty_id
            )
        )
    if like is not None:
        theirs = select(_OF_DOCTOR.c.specialty_id).where(_OF_DOCTOR.c.doctor_id == like)
        query = query.where(
            _DOCTORS.c.id != like,
            exists().where(
                _OF_DOCTOR.c.doctor_id == _DOCTORS.c.id, _OF_DOCTOR.c.specialty_id.in_(theirs)
            ),
        )
    return {
        row.id: doctor_name(row.title, row.given_name, row.family_name)
        for row in session.execute(query)
    }


def does_type(
    doctor: ColumnElement[int], visit_type: ColumnElement[int] | int
) -> ColumnElement[bool]:
    """Whether a doctor has one of the specialties a visit type asks for, if it asks for any."""
    # Without this a visit type of the outermost query would be every visit type in here.
    asks = (
        select(_OF_TYPE.c.specialty_id)
        .where(_OF_TYPE.c.visit_type_id == visit_type)
        .correlate_except(_OF_TYPE)
    )
    return or_(
        ~asks.exists(),
        exists().where(_OF_DOCTOR.c.doctor_id == doctor, _OF_DOCTOR.c.specialty_id.in_(asks)),
    )


def _busy_query(*, everybody: bool) -> Select[Any]:
    query = (
        select(
            _APPOINTMENTS.c.doctor_id,
            epoch_seconds(_APPOINTMENTS.c.blocked_from),
            epoch_seconds(_APPOINTMENTS.c.blocked_until),
        )
        .where(
            _APPOINTMENTS.c.blocked_from > bindparam("from", type_=UtcDateTime),
            _APPOINTMENTS.c.blocked_from < bindparam("until", type_=UtcDateTime),
            _APPOINTMENTS.c.blocked_until > bindparam("since", type_=UtcDateTime),
            occupies(bindparam("now", type_=UtcDateTime)),
            _APPOINTMENTS.c.id != bindparam("left_out"),
        )
        .order_by(_APPOINTMENTS.c.doctor_id, _APPOINTMENTS.c.blocked_from)
    )
    if everybody:
        # Without a list of doctors the index on the start serves; a block begins before its start.
        return query.where(
            _APPOINTMENTS.c.starts_at > bindparam("from", type_=UtcDateTime),
            _APPOINTMENTS.c.starts_at < bindparam("starts_until", type_=UtcDateTime),
        )
    return query.where(_APPOINTMENTS.c.doctor_id.in_(bindparam("doctors", expanding=True)))


_BUSY, _BUSY_OF_SOME = _busy_query(everybody=True), _busy_query(everybody=False)


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
    return max(search.from_at, now), until


def fit_of(session: Session, visit_type_id: int, minutes: int | None) -> Fit:
    """The measure of a visit of that type, with its own length or another; refused as a search."""
    row = session.execute(
        select(_TYPES.c.minutes, _TYPES.c.buffer_before, _TYPES.c.buffer_after).where(
            _TYPES.c.id == visit_type_id, _TYPES.c.active
        )
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such visit type.")
    length = check_length(row.minutes if minutes is None else minutes)
    return Fit(length, row.buffer_before, row.buffer_after)


def check_length(minutes: int) -> int:
    """The length back; ``BadInput`` unless it is 5 minutes to 12 hours."""
    if not MIN_MINUTES <= minutes <= MAX_MINUTES:
        raise BadInput("Length", "A visit lasts 5 minutes to 12 hours.")
    return minutes


def _up_to_the_minute(at: datetime) -> int:
    return math.ceil(at.timestamp() / 60) * 60
