"""Where two or three visits of one patient fit on one day, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import permutations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, may, require_some
from ..clinic.settings import ClinicSettings, load_settings
from ..clinic.terms import Fit, fit_of
from ..errors import BadInput, NotFound, NotPermitted, ObstacleKind
from ..hours.roster import load_schedules
from ..hours.schedule import DoctorSchedule
from ..models import Patient, Room, table
from ..openings.taken_time import TakenTime, load_taken
from ..staff.who_does import doctors_for
from ..times.dates import check_day
from ..times.spans import intersect, sweep
from ..times.walltime import clock_changes, day_bounds, from_seconds, local_day
from .combinations import Gap, Leg, Standing, combinations_of, starts_free
from .together import FEWEST, MOST, VisitTogether

_PATIENTS, _ROOMS = table(Patient), table(Room)
_LONGEST_GAP = 480
_MAX_DAYS = 100
_MOST_FOUND = 20
_FINEST = 5 * 60
"""How finely a visit that follows another is shifted, in seconds."""


@dataclass(frozen=True, slots=True)
class VisitWanted:
    """One of the visits wanted: of which type, by whom, how long, where.

    No ``doctor_ids`` means anybody who does the type, of ``specialty_id`` if that is given;
    ``minutes`` None takes the type's length.
    """

    visit_type_id: int
    doctor_ids: tuple[int, ...] = ()
    specialty_id: int | None = None
    minutes: int | None = None
    room_id: int | None = None


@dataclass(frozen=True, slots=True)
class TogetherSearch:
    """What is sought for one patient on one day, from ``first_day`` to ``last_day``.

    ``last_day`` None means sixty days on; at most 100 days are looked at. From the end of one
    visit to the start of the next lie ``least_gap`` to ``most_gap`` minutes: 0 and 0 is back to
    back. The first one starts on the clinic's grid.
    """

    patient_id: int
    parts: tuple[VisitWanted, ...]
    first_day: date
    last_day: date | None = None
    least_gap: int = 0
    most_gap: int = 0
    any_order: bool = False
    limit: int = 3


@dataclass(frozen=True, slots=True)
class FoundTogether:
    """One way in which all of them fit: in order of time, each with its doctor's name."""

    visits: tuple[VisitTogether, ...]
    doctors: tuple[str, ...]


def find_together(
    session: Session, actor: Actor, search: TogetherSearch, now: datetime
) -> tuple[FoundTogether, ...]:
    """The first ways in which all of the visits fit on one day; none before ``now``.

    Refused: ``NotPermitted``; ``NotFound`` for what is named wrongly; ``BadInput`` for less than
    two visits or more than three, gaps outside 0 to 480 minutes, more than 100 days.
    """
    require_some(actor, Permission.BOOK)
    _check(search)
    wanted = [_doctors(session, actor, search.patient_id, part) for part in search.parts]
    _check_known(session, search)
    settings = load_settings(session)
    fits = [fit_of(session, part.visit_type_id, part.minutes) for part in search.parts]
    first_day = max(search.first_day, local_day(now, settings.zone))
    last_day = search.last_day or first_day + timedelta(days=60)
    if last_day < first_day or (last_day - first_day).days > _MAX_DAYS:
        raise BadInput("Until", f"Visits together are sought for up to {_MAX_DAYS} days ahead.")
    everybody = {doctor for doctors in wanted for doctor in doctors}
    between = day_bounds(first_day, settings.zone)[0], day_bounds(last_day, settings.zone)[1]
    look = _Look(
        search,
        settings,
        wanted,
        fits,
        load_schedules(session, settings, everybody, *between),
        now,
    )
    found: list[FoundTogether] = []
    for number in range((last_day - first_day).days + 1):
        found += _on_day(session, look, first_day + timedelta(days=number))
        if len(found) >= search.limit:
            break
    return tuple(found[: search.limit])


def _doctors(session: Session, actor: Actor, patient_id: int, part: VisitWanted) -> dict[int, str]:
    """Who of those meant may be booked by the actor, in order of their names."""

    def mine(doctors: Iterable[int]) -> list[int]:
        return [
            one
            for one in doctors
            if may(actor, Permission.BOOK, doctor_id=one, patient_id=patient_id)
        ]

    named = tuple(mine(part.doctor_ids))
    refusal = NotPermitted(f"You may not {Permission.BOOK.value}.")
    if part.doctor_ids and not named:
        raise refusal
    found = doctors_for(session, part.visit_type_id, part.specialty_id, named)
    if not found:
        raise NotFound("No doctor who is meant does that visit type.")
    allowed = mine(found)
    if not allowed:
        raise refusal
    return {one: found[one] for one in sorted(allowed, key=lambda one: (found[one], one))}


def _check(search: TogetherSearch) -> None:
    if not FEWEST <= len(search.parts) <= MOST:
        raise BadInput("Visits", "Two or three visits are sought together.")
    if not 0 <= search.least_gap <= search.most_gap <= _LONGEST_GAP:
        raise BadInput("Gap", f"Between two visits lie 0 to {_LONGEST_GAP} minutes.")
    if not 1 <= search.limit <= _MOST_FOUND:
        raise BadInput("Limit", f"1 to {_MOST_FOUND} ways can be asked for.")
    check_day(search.first_day, "From")
    if search.last_day is not None:
        check_day(search.last_day, "Until")


def _check_known(session: Session, search: TogetherSearch) -> None:
    patient = select(_PATIENTS.c.id).where(_PATIENTS.c.id == search.patient_id)
    if session.scalar(patient) is None:
        raise NotFound("There is no such patient.")
    rooms = {part.room_id for part in search.parts} - {None}
    known = session.scalars(select(_ROOMS.c.id).where(_ROOMS.c.id.in_(rooms), _ROOMS.c.active))
    if rooms - set(known):
        raise NotFound("There is no such room.")


@dataclass(frozen=True, slots=True)
class _Look:
    """What holds for every day that is looked at."""

    search: TogetherSearch
    settings: ClinicSettings
    doctors: Sequence[dict[int, str]]
    fits: Sequence[Fit]
    schedules: dict[int, DoctorSchedule]
    now: datetime


def _on_day(session: Session, look: _Look, day: date) -> list[FoundTogether]:
    """The ways of one day, in order of the first start and then of the last end."""
    search = look.search
    if not all(
        any(look.schedules[doctor].runs(day) for doctor in doctors) for doctors in look.doctors
    ):
        return []
    doctors = {doctor for of_part in look.doctors for doctor in of_part}
    rooms = {part.room_id for part in search.parts if part.room_id is not None}
    bounds = day_bounds(day, look.settings.zone)
    taken = load_taken(session, doctors, [search.patient_id], rooms, bounds, look.now)
    legs = [_leg(look, taken, number, day) for number in range(len(search.parts))]
    gap = Gap(search.least_gap * 60, search.most_gap * 60, _FINEST)
    orders = permutations(legs) if search.any_order else [tuple(legs)]
    found = {way: _end_of(look, way[-1]) for order in orders for way in combinations_of(order, gap)}
    ways = sorted(found, key=lambda way: (way[0].start, found[way]))
    # Where two of the visits are alike, two orders are the same way.
    return list(dict.fromkeys(_named(look, way) for way in ways))


def _leg(look: _Look, taken: TakenTime, number: int, day: date) -> Leg:
    """One of the visits on that day: when it may start with each doctor."""
    part, fit = look.search.parts[number], look.fits[number]
    midnight, next_midnight = (int(at.timestamp()) for at in day_bounds(day, look.settings.zone))
    first, last = fit.allowed(look.now, look.settings.zone)
    earliest = max(midnight, first)
    latest = next_midnight if last is None else min(next_midnight, last)
    own = taken.spans(ObstacleKind.PATIENT, look.search.patient_id)
    if part.room_id is not None:
        own = [*own, *taken.spans(ObstacleKind.ROOM, part.room_id)]
    free = {}
    for doctor in look.doctors[number]:
        schedule = look.schedules[doctor]
        blocked = taken.spans(ObstacleKind.DOCTOR, doctor)
        kept = schedule.kept(day, part.visit_type_id, look.now)
        spans = starts_free(schedule.runs(day), blocked, [*own, *kept], fit)
        free[doctor] = intersect(spans, [(earliest, latest)])
    offset, changes = clock_changes(day, look.settings.zone)
    grid = look.settings.grid_minutes * 60
    starts = [
        (start, place, doctor)
        for place, (doctor, spans) in enumerate(free.items())
        for start in sweep(
            spans, (), length=1, before=0, after=0, earliest=earliest, latest=latest,
            align=grid, offset=offset, stride=grid, changes=changes,
        )
    ]  # fmt: skip
    return Leg(number, fit, free, [(start, doctor) for start, _, doctor in sorted(starts)])


def _end_of(look: _Look, step: Standing) -> int:
    return step.start + look.fits[step.part].minutes * 60


def _named(look: _Look, way: tuple[Standing, ...]) -> FoundTogether:
    visits = tuple(
        VisitTogether(
            step.doctor_id,
            look.search.parts[step.part].visit_type_id,
            from_seconds(step.start),
            look.fits[step.part].minutes,
            look.search.parts[step.part].room_id,
        )
        for step in way
    )
    return FoundTogether(visits, tuple(look.doctors[step.part][step.doctor_id] for step in way))
