"""The sweep: the first starts at which a visit fits, day by day, as far as it has to go.

Each day is one query for what is busy; the sweep stops at the day on which enough was found, so
a search costs what lies before its answer and not what lies in the book.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from .errors import Opening
from .guards import MAX_BLOCK_MINUTES
from .models import Appointment, UtcDateTime, epoch_seconds, table
from .occupied import occupies
from .roster import load_schedules
from .schedule import DoctorSchedule, Span, sweep
from .settings import ClinicSettings
from .terms import Fit
from .walltime import clock_changes, day_bounds, from_seconds, local_day

_APPOINTMENTS = table(Appointment)
_LONGEST_BLOCK = timedelta(minutes=MAX_BLOCK_MINUTES)
_MANY = 200
"""More doctors than this are not listed in a query but left to be everybody."""


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


def _up_to_the_minute(at: datetime) -> int:
    return math.ceil(at.timestamp() / 60) * 60
