"""The sweep: the first starts at which a visit fits, day by day, as far as it has to go.

What is busy is fetched for one day, then for two, four and seven at a time while too little is
found, so that a search costs what lies before its answer and not what lies in the book, and a
full book is still looked through in a dozen queries.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from .busy import busy_doctors, busy_rooms, everybodys
from .errors import Opening
from .roster import load_schedules
from .schedule import DoctorSchedule
from .settings import ClinicSettings
from .spans import Span, covers, intersect, sweep
from .terms import Fit
from .walltime import (
    MINUTES_PER_DAY,
    clock_changes,
    day_bounds,
    from_seconds,
    instant_seconds,
    local_day,
)

_DAY = timedelta(days=1)
_MOST_DAYS = 7
"""Days looked at with one query: each weekday once."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the sweep looks for: the shared step of searching and of offering alternatives.

    ``doctors`` maps ids to names. ``asked_at`` is now, when some holds have run out, and from
    which the visit type's notice and horizon count. ``stride`` is in minutes. ``also_busy`` is
    time that the visit (not its buffers) must keep clear of: the patient's other visits, the
    room's. ``leaving_out`` is an appointment about to move, whose own time counts as free.
    ``weekdays`` (0 = Monday) empty means all; the whole visit lies between the wall minutes
    ``day_from`` and ``day_until``, unless those are the whole day. Of ``rooms`` (ids to names,
    the ones to take first first) one has to be free; None asks for none.
    """

    doctors: dict[int, str]
    visit_type_id: int
    fit: Fit
    earliest: datetime
    latest: datetime
    asked_at: datetime
    stride: int
    limit: int
    also_busy: tuple[Span, ...] = ()
    leaving_out: int | None = None
    weekdays: frozenset[int] = frozenset()
    day_from: int = 0
    day_until: int = MINUTES_PER_DAY
    rooms: dict[int, str] | None = None

    def days(self, first: datetime, last: datetime, zone: str) -> Iterator[date]:
        """The dates asked for, from that of one instant to that of another."""
        day, last_day = local_day(first, zone), local_day(last, zone)
        while day <= last_day:
            if not self.weekdays or day.weekday() in self.weekdays:
                yield day
            day += _DAY

    def runs(self, schedule: DoctorSchedule, day: date) -> list[Span]:
        """When the doctor works from that date on, within the times of day asked for."""
        runs = schedule.runs(day)
        if not runs or (self.day_from, self.day_until) == (0, MINUTES_PER_DAY):
            return runs
        zone = schedule.days.zone
        asked = (
            instant_seconds(day, self.day_from, zone),
            instant_seconds(day, self.day_until, zone),
        )
        return intersect(runs, [asked])


@dataclass(slots=True)
class Looked:
    """What a sweep has found and, where that is nothing, what it saw on the way.

    Within ``earliest`` to ``latest`` notice and horizon allow a start; ``worked`` says whether
    any doctor works then. ``gap`` is the longest time free, in seconds; ``kept_gap`` the same as
    if no hours were reserved for other visit types. ``rooms`` are when those are taken.
    """

    earliest: datetime
    latest: datetime
    schedules: dict[int, DoctorSchedule] = field(default_factory=dict)
    starts: list[tuple[int, str, int]] = field(default_factory=list)
    next_from: dict[int, int] = field(default_factory=dict)
    worked: bool = False
    gap: int = 0
    kept_gap: int = 0
    rooms: dict[int, list[Span]] = field(default_factory=dict)


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
    working = {
        day: {
            doctor: runs
            for doctor, schedule in looked.schedules.items()
            if (runs := wanted.runs(schedule, day))
        }
        for day in days
    }
    ends = [runs[-1][1] for of_day in working.values() for runs in of_day.values()]
    if not ends:
        return
    fit = wanted.fit
    first = min(runs[0][0] for of_day in working.values() for runs in of_day.values())
    since = max(int(looked.earliest.timestamp()), first) - fit.before * 60
    within = from_seconds(since), from_seconds(max(ends) + fit.after * 60)
    doctors = {doctor for of_day in working.values() for doctor in of_day}
    busy = busy_doctors(session, doctors, within, wanted.asked_at, wanted.leaving_out)
    barred = _barred(session, wanted, looked, within)
    for day in days:
        if len(looked.starts) >= wanted.limit:
            return
        of_day = _Day(day, settings, wanted, looked)
        found = [
            (start, wanted.doctors[doctor], doctor)
            for doctor, runs in working[day].items()
            if not of_day.is_full(runs, busy.get(doctor, []))
            for start in of_day.starts(doctor, runs, busy.get(doctor, []), barred)
        ]
        # In order for each doctor: what comes after midnight keeps its distance too.
        looked.next_from |= {doctor: start + wanted.stride * 60 for start, _, doctor in found}
        looked.starts += found


class _Day:
    """One date of a sweep: what is the same for every doctor."""

    def __init__(self, day: date, settings: ClinicSettings, wanted: Wanted, looked: Looked) -> None:
        midnight, next_midnight = day_bounds(day, settings.zone)
        self._day = day
        self._wanted = wanted
        self._looked = looked
        self._earliest = _up_to_the_minute(max(looked.earliest, midnight))
        self._latest = int(min(looked.latest, next_midnight).timestamp())
        self._align = settings.grid_minutes * 60
        self._offset, self._changes = clock_changes(day, settings.zone)

    def is_full(self, runs: list[Span], busy: list[Span]) -> bool:
        """Whether a doctor is busy throughout, as most are in a full book."""
        if not covers(busy, runs):
            return False
        self._looked.worked = self._looked.worked or bool(self._mine(runs))
        return True

    def starts(
        self, doctor: int, runs: list[Span], busy: list[Span], barred: list[Span]
    ) -> list[int]:
        """The starts of one doctor."""
        wanted, fit = self._wanted, self._wanted.fit
        before, after = fit.before * 60, fit.after * 60
        busy = _meanwhile(busy, runs[0][0] - before, runs[-1][1] + after)
        kept = self._kept(doctor, runs)
        clear = [(start + after, end - before) for start, end in (*wanted.also_busy, *kept)]
        starts = sweep(
            runs,
            sorted([*busy, *barred, *clear]) if barred or clear else busy,
            length=fit.minutes * 60,
            before=before,
            after=after,
            earliest=max(self._earliest, self._looked.next_from.get(doctor, 0)),
            latest=self._latest,
            align=self._align,
            offset=self._offset,
            stride=wanted.stride * 60,
            changes=self._changes,
            most=wanted.limit,
        )
        if not starts and not self._looked.starts:
            self._remember(runs, busy, kept)
        return starts

    def _kept(self, doctor: int, runs: list[Span]) -> list[Span]:
        """The hours reserved for others on this date and, by a run past midnight, the next."""
        schedule, wanted = self._looked.schedules[doctor], self._wanted
        if not schedule.reserved:
            return []
        days = [self._day, self._day + _DAY] if runs[-1][1] > self._latest else [self._day]
        return [
            span
            for day in days
            for span in schedule.kept(day, wanted.visit_type_id, wanted.asked_at)
        ]

    def _remember(self, runs: list[Span], busy: list[Span], kept: list[Span]) -> None:
        """Note what is free although nothing fits: the reason, where nothing is found at all."""
        looked, fit = self._looked, self._wanted.fit
        mine = self._mine(runs)
        looked.worked = looked.worked or bool(mine)
        if looked.gap >= fit.minutes * 60:
            return
        taken = sorted([*busy, *self._wanted.also_busy]) if self._wanted.also_busy else busy
        gap = _longest_gap(mine, taken)
        looked.kept_gap = max(looked.kept_gap, gap)
        if kept:
            gap = _longest_gap(mine, sorted([*taken, *kept]))
        looked.gap = max(looked.gap, gap)

    def _mine(self, runs: list[Span]) -> list[Span]:
        """What of the runs a visit may fill that starts in time; it may end after it."""
        latest = self._latest + self._wanted.fit.minutes * 60
        return [
            (max(start, self._earliest), min(end, latest))
            for start, end in runs
            if start < self._latest and self._earliest < end
        ]


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


def _meanwhile(busy: list[Span], since: int, until: int) -> list[Span]:
    """Of blocks in order and apart, those that meet that time."""
    first = max(bisect_left(busy, (since, since)) - 1, 0)
    return busy[first : bisect_left(busy, (until, 0), first)]


def _longest_gap(runs: list[Span], busy: list[Span]) -> int:
    """The longest time, in seconds, within one run that nothing busy takes up."""
    longest = 0
    for run_start, run_end in runs:
        at = run_start
        for start, end in busy:
            if end > at:
                if start >= run_end:
                    break
                longest = max(longest, start - at)
                at = end
        longest = max(longest, run_end - at)
    return longest


def _up_to_the_minute(at: datetime) -> int:
    return math.ceil(at.timestamp() / 60) * 60
