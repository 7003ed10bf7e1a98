"""When doctors work: weekly hours, extra hours, time off and closed days → spans of a day. Pure.

Wall times become instants only here, on the date they are used. Ranges that touch are one run,
also across midnight; no hours means closed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

from ..clinic.clinic_days import ClinicDays
from ..times.spans import Span, intersect, merge, subtract
from ..times.walltime import instant_seconds, local_day
from .reserved import Reserved, kept_for_others

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """Work from ``starts`` to ``ends`` (wall minutes, 1440 is 24:00) on a weekday, 0 = Monday.

    Valid between inclusive dates; every second (third …) week counts from the Monday of
    ``valid_from``'s week, as RFC 5545 does with WKST=MO.
    """

    weekday: int
    starts: int
    ends: int
    valid_from: date | None = None
    valid_until: date | None = None
    every_weeks: int = 1

    def on(self, day: date) -> bool:
        """Whether these hours hold on that date."""
        if day.weekday() != self.weekday:
            return False
        if self.valid_until is not None and day > self.valid_until:
            return False
        if self.valid_from is None:
            return True
        weeks = counted_week(day) - counted_week(self.valid_from)
        return day >= self.valid_from and weeks % self.every_weeks == 0


@dataclass(frozen=True, slots=True)
class Extra:
    """Work on one date besides the weekly hours, holiday or not (wall minutes)."""

    day: date
    starts: int
    ends: int


@dataclass(frozen=True, slots=True)
class Away:
    """Time off, whatever the hours say (seconds since 1970)."""

    starts: int
    ends: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DoctorSchedule:
    """All that decides when one doctor works, and the spans worked out so far.

    A sweep asks for the same days again and again (each day looks at its neighbour, because a
    run may cross midnight), so what was worked out is kept.
    """

    days: ClinicDays
    weekly: tuple[Hours, ...] = ()
    extra: tuple[Extra, ...] = ()
    away: tuple[Away, ...] = ()
    reserved: tuple[Reserved, ...] = ()
    _known: dict[date, list[Span]] = field(default_factory=dict, repr=False, compare=False)
    _between: dict[tuple[datetime, datetime], list[Span]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def spans(self, day: date) -> list[Span]:
        """The spans that begin on that date on the clinic's clock: merged, in order.

        A public holiday and the clinic's own closed days take the weekly hours away; extra hours
        stand on a public holiday, but not on a day when the clinic is closed; time off takes all.
        """
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = self._work_out(day)
        return known

    def _work_out(self, day: date) -> list[Span]:
        if self.days.closure(day) is not None:
            return []
        weekday = day.weekday()
        walls = [
            (hours.starts, hours.ends)
            for hours in self.weekly
            if hours.weekday == weekday and hours.on(day)
        ]
        if walls and self.days.holiday(day) is not None:
            walls = []
        if self.extra:
            walls += [(extra.starts, extra.ends) for extra in self.extra if extra.day == day]
        worked = _on_clock(day, tuple(walls), self.days.zone)
        if not self.away:
            return worked
        return subtract(worked, ((away.starts, away.ends) for away in self.away))

    def runs(self, day: date) -> list[Span]:
        """Like ``spans``, with a run that goes on past midnight at its full length of two days."""
        today = self.spans(day)
        if not today:
            return today
        tomorrow = self.spans(day + _DAY)
        if not tomorrow or tomorrow[0][0] != today[-1][1]:
            return today
        return [*today[:-1], (today[-1][0], tomorrow[0][1])]

    def kept(self, day: date, visit_type_id: int | None, now: datetime) -> list[Span]:
        """The spans of that date that are reserved for other visit types and not open to all yet.

        Where several types share reserved time, each of them may have it.
        """
        if not self.reserved:
            return []
        return kept_for_others(self.reserved, day, visit_type_id, now, self.days.zone)

    def between(self, starts_at: datetime, ends_at: datetime) -> list[Span]:
        """The time worked between two instants, merged across midnights and clipped to them.

        To be left as it is: who works the same hours shares it.
        """
        known = self._between.get((starts_at, ends_at))
        if known is not None:
            return known
        first = local_day(starts_at, self.days.zone) - _DAY
        last = local_day(ends_at, self.days.zone)
        spans = [
            span
            for number in range((last - first).days + 1)
            for span in self.spans(first + number * _DAY)
        ]
        found = intersect(spans, [(int(starts_at.timestamp()), int(ends_at.timestamp()))])
        self._between[starts_at, ends_at] = found
        return found

    def works_throughout(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether one run, without a break, covers the whole of that time."""
        return self.between(starts_at, ends_at) == [
            (int(starts_at.timestamp()), int(ends_at.timestamp()))
        ]


@lru_cache(maxsize=8192)
def _on_clock(day: date, walls: tuple[tuple[int, int], ...], zone: str) -> list[Span]:
    """Wall minutes of a date as spans: many doctors have the same hours. To be left as it is."""
    return merge(
        (instant_seconds(day, starts, zone), instant_seconds(day, ends, zone))
        for starts, ends in walls
    )


def counted_week(day: date) -> int:
    """The number of the week, Monday first, by which every n-th is counted."""
    return (day.toordinal() - 1) // 7
