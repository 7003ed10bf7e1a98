"""What a search for openings asks for, and what it has found and seen on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from ..clinic.terms import Fit
from ..hours.schedule import DoctorSchedule
from ..times.spans import Span, intersect
from ..times.walltime import MINUTES_PER_DAY, instant_seconds, local_day

_DAY = timedelta(days=1)


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

    def alike(self) -> Iterable[tuple[DoctorSchedule, list[int]]]:
        """Each schedule once, with the doctors who share it."""
        shared: dict[int, tuple[DoctorSchedule, list[int]]] = {}
        for doctor, schedule in self.schedules.items():
            shared.setdefault(id(schedule), (schedule, []))[1].append(doctor)
        return shared.values()
