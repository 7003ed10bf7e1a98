"""The sweep: the first starts at which a visit fits, day by day, as far as it has to go.

What is busy is fetched for one day, then for two, four and seven at a time while too little is
found, so that a search costs what lies before its answer and not what lies in the book, and a
full book is still looked through in a dozen queries.
"""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from ..clinic.settings import ClinicSettings
from ..errors import Opening
from ..hours.roster import load_schedules
from ..times.spans import Span, intersect
from ..times.walltime import from_seconds
from .busy import busy_doctors, busy_rooms, everybodys
from .sought import Looked, Wanted
from .swept_day import SweptDay

_DAY = timedelta(days=1)
_MOST_DAYS = 7
"""Days looked at with one query: each weekday once."""


def first_openings(session: Session, settings: ClinicSettings, wanted: Wanted) -> list[Opening]:
    """The first ``wanted.limit`` openings, in order of time and doctor's name."""
    return openings_of(look(session, settings, wanted), wanted)


def openings_of(looked: Looked, wanted: Wanted) -> list[Opening]:
    """The starts found as openings, each with a room that is free then, if one was asked for."""
    length = timedelta(minutes=wanted.fit.minutes)
    openings = []
    for seconds, name, doctor in looked.starts[: wanted.limit]:
        starts_at = from_seconds(seconds)
        room_id = _free_room(looked, wanted, seconds)
        room = wanted.rooms[room_id] if wanted.rooms and room_id is not None else None
        openings.append(Opening(doctor, name, starts_at, starts_at + length, room_id, room))
    return openings


def look(session: Session, settings: ClinicSettings, wanted: Wanted) -> Looked:
    """Sweep until enough is found or all has been seen."""
    zone = settings.zone
    horizon = wanted.fit.latest(wanted.asked_at, zone)
    looked = Looked(
        max(wanted.earliest, wanted.fit.earliest(wanted.asked_at)),
        wanted.latest if horizon is None else min(wanted.latest, horizon),
    )
    if not wanted.doctors or wanted.rooms == {}:
        return looked
    named = None if everybodys(wanted.doctors) else wanted.doctors
    schedules = load_schedules(session, settings, named, wanted.earliest, wanted.latest)
    looked.schedules = {one: schedules[one] for one in wanted.doctors if one in schedules}
    if looked.earliest >= looked.latest:
        return looked
    days = list(wanted.days(looked.earliest, looked.latest, zone))
    seen, width = 0, 1
    while seen < len(days) and len(looked.starts) < wanted.limit:
        last = days[seen] + (width - 1) * _DAY
        step = [day for day in days[seen : seen + width] if day <= last]
        _look_at(session, settings, wanted, looked, step)
        seen += len(step)
        width = _next_width(wanted, looked, seen, width)
    looked.starts.sort()
    return looked


def _next_width(wanted: Wanted, looked: Looked, seen: int, width: int) -> int:
    """How many days to look at next: at most twice as many, and as many as will do at this rate."""
    lacking = wanted.limit - len(looked.starts)
    at_this_rate = math.ceil(lacking * seen / max(len(looked.starts), 1))
    return max(1, min(2 * width, _MOST_DAYS, at_this_rate))


def _look_at(
    session: Session, settings: ClinicSettings, wanted: Wanted, looked: Looked, days: list[date]
) -> None:
    """Add the starts of some days; the later ones are left out when enough is found before."""
    alike = looked.alike()
    working = {
        day: [(runs, these) for schedule, these in alike if (runs := wanted.runs(schedule, day))]
        for day in days
    }
    runs_of_all = [runs for of_day in working.values() for runs, _ in of_day]
    if not runs_of_all:
        return
    fit = wanted.fit
    first = min(runs[0][0] for runs in runs_of_all)
    since = max(int(looked.earliest.timestamp()), first) - fit.before * 60
    until = max(runs[-1][1] for runs in runs_of_all) + fit.after * 60
    within = from_seconds(since), from_seconds(until)
    doctors = {one for of_day in working.values() for _, these in of_day for one in these}
    busy = busy_doctors(session, doctors, within, wanted.asked_at, wanted.leaving_out)
    barred = _barred(session, wanted, looked, within)
    for day in days:
        if len(looked.starts) >= wanted.limit:
            return
        of_day = SweptDay(day, settings, wanted, looked)
        found = [
            (start, wanted.doctors[doctor], doctor)
            for runs, these in working[day]
            for doctor in these
            if not of_day.is_full(runs, busy.get(doctor, []))
            for start in of_day.starts(doctor, runs, busy.get(doctor, []), barred)
        ]
        # In order for each doctor: what comes after midnight keeps its distance too.
        looked.next_from |= {doctor: start + wanted.stride * 60 for start, _, doctor in found}
        looked.starts += found


def _barred(
    session: Session, wanted: Wanted, looked: Looked, within: tuple[datetime, datetime]
) -> list[Span]:
    """Where no start may lie because no room is free throughout, as the sweep takes busy time."""
    if wanted.rooms is None:
        return []
    fit = wanted.fit
    long = fit.minutes * 60
    taken = busy_rooms(session, wanted.rooms, within, wanted.asked_at, wanted.leaving_out)
    barred: list[Span] | None = None
    for room in wanted.rooms:
        looked.rooms.setdefault(room, []).extend(taken.get(room, ()))
        # The starts of visits that would meet one in the room.
        starts = [(start - long + 1, end) for start, end in taken.get(room, ())]
        barred = intersect(starts, starts if barred is None else barred)
    return [
        (start - 1 + long + fit.after * 60, end - fit.before * 60) for start, end in barred or ()
    ]


def _free_room(looked: Looked, wanted: Wanted, start: int) -> int | None:
    end = start + wanted.fit.minutes * 60
    for room in wanted.rooms or ():
        if all(until <= start or end <= since for since, until in looked.rooms[room]):
            return room
    return None
