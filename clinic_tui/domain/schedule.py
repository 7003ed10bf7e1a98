"""When doctors work: weekly hours, extra hours, time off and closed days → spans of a day. Pure.

A span is a half-open pair of instants in whole seconds since 1970, because many are swept at
once. Wall times become instants only here, on the date they are used. The rules are those of
PRODUCT.md, "Rules decided once".
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from importlib.util import find_spec, module_from_spec

from .reserved import Reserved, kept_on
from .walltime import instant_seconds, local_day

Span = tuple[int, int]
"""From (included) to (excluded), in seconds since 1970 UTC."""

_DAY = timedelta(days=1)


def merge(spans: Iterable[Span]) -> list[Span]:
    """The same time as few spans in order; spans that touch become one, empty ones vanish."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def subtract(spans: Iterable[Span], blocked: Iterable[Span]) -> list[Span]:
    """What is left of ``spans`` outside ``blocked``; neither has to be in order."""
    holes = merge(blocked)
    left: list[Span] = []
    for start, end in merge(spans):
        at = start
        for hole_start, hole_end in holes:
            if hole_end <= at:
                continue
            if hole_start >= end:
                break
            if hole_start > at:
                left.append((at, hole_start))
            at = hole_end
        if at < end:
            left.append((at, end))
    return left


def covers(spans: Sequence[Span], others: Iterable[Span]) -> bool:
    """Whether each of the others lies within one of the spans, which are in order and apart."""
    for start, end in others:
        at = bisect_right(spans, (start, sys.maxsize)) - 1
        if at < 0 or spans[at][1] < end:
            return False
    return True


def intersect(one: Iterable[Span], other: Iterable[Span]) -> list[Span]:
    """The time in both."""
    ours, theirs = merge(one), merge(other)
    both: list[Span] = []
    mine = yours = 0
    while mine < len(ours) and yours < len(theirs):
        start, end = ours[mine]
        other_start, other_end = theirs[yours]
        if start < other_end and other_start < end:
            both.append((max(start, other_start), min(end, other_end)))
        if end < other_end:
            mine += 1
        else:
            yours += 1
    return both


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
        return (
            day >= self.valid_from
            and _weeks_between(self.valid_from, day) % (self.every_weeks) == 0
        )


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
class Closed:
    """Days, both included, on which the whole clinic is closed."""

    first_day: date
    last_day: date
    name: str


@dataclass(frozen=True, slots=True)
class ClinicDays:
    """What holds for every doctor: the zone, public holidays, the clinic's own closed days."""

    zone: str
    holiday_country: str | None = None
    holiday_subdivision: str | None = None
    closed: tuple[Closed, ...] = ()

    def holiday(self, day: date) -> str | None:
        """The name of the public holiday on that date, if there is one."""
        if self.holiday_country is None:
            return None
        return public_holidays(self.holiday_country, self.holiday_subdivision, day.year).get(day)

    def closure(self, day: date) -> str | None:
        """The name of the clinic's own closed day on that date, if there is one."""
        for closed in self.closed:
            if closed.first_day <= day <= closed.last_day:
                return closed.name
        return None


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
        zone = self.days.zone
        closed = kept_on(self.reserved, day, now, zone)
        others = [one.span(day, zone) for one in closed if one.visit_type_id != visit_type_id]
        if not others:
            return []
        own = [one for one in self.reserved if one.visit_type_id == visit_type_id and one.on(day)]
        return subtract(others, (one.span(day, zone) for one in own))

    def between(self, starts_at: datetime, ends_at: datetime) -> list[Span]:
        """The time worked between two instants, merged across midnights and clipped to them."""
        first = local_day(starts_at, self.days.zone) - _DAY
        last = local_day(ends_at, self.days.zone)
        spans = [
            span
            for number in range((last - first).days + 1)
            for span in self.spans(first + number * _DAY)
        ]
        return intersect(spans, [(int(starts_at.timestamp()), int(ends_at.timestamp()))])

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


def _weeks_between(earlier: date, later: date) -> int:
    mondays = (day - timedelta(days=day.weekday()) for day in (earlier, later))
    first, second = mondays
    return (second - first).days // 7


@cache
def public_holidays(country: str, subdivision: str | None, year: int) -> dict[date, str]:
    """Date → name of the public holidays of a region in one year.

    ``country`` is ISO 3166-1, ``subdivision`` the second half of its ISO 3166-2 code. Refused
    with ``NotImplementedError`` by the library where it does not know the region.
    """
    import holidays  # noqa: PLC0415 - 50 ms that only a clinic with a holiday region spends

    _leave_out_the_other_countries()
    found = holidays.country_holidays(country, subdiv=subdivision, years=year, language="en_US")
    return {day: str(name) for day, name in found.items()}


def _leave_out_the_other_countries() -> None:
    """Let a country be imported alone.

    The library looks for one country in a package that imports all 250 of them, for 60 ms and
    20 MB; taken as a folder of modules the same package imports what is asked for.
    """
    name = "holidays.countries"
    spec = find_spec(name)
    if spec is not None:
        sys.modules.setdefault(name, module_from_spec(spec))


def sweep(
    runs: Sequence[Span],
    busy: Sequence[Span],
    *,
    length: int,
    before: int,
    after: int,
    earliest: int,
    latest: int,
    align: int,
    offset: int,
    stride: int,
    changes: Sequence[tuple[int, int]] = (),
    most: int = sys.maxsize,
) -> list[int]:
    """The starts, in order, at which a visit fits into ``runs`` around what is ``busy``.

    All in seconds. The visit of ``length`` lies within one run; with its buffers ``before`` and
    ``after`` (which may stand outside the run) it touches nothing busy. ``busy`` is in order of
    its starts and already holds the other visits' buffers. Starts lie in [earliest, latest) on
    multiples of ``align`` of the wall clock, which is ``offset`` ahead of UTC and, from each of
    ``changes`` on, as far ahead as stands there; the next one sought is at least ``stride``
    after the one found. The first ``most`` of them are enough.
    """
    starts: list[int] = []
    needed = length + after

    def aligned(at: int) -> int:
        ahead = offset
        for since, then in changes:
            found = at + -(at + ahead) % align
            if found < since:
                return found
            at, ahead = max(at, since), then
        return at + -(at + ahead) % align

    for run_start, run_end in runs:
        at = max(run_start, earliest)
        last = min(run_end - length, latest - 1)
        # The grid is asked for only in a gap: most of a full book has none.
        for busy_start, busy_end in (*busy, (run_end + needed, run_end)):
            if at + needed <= busy_start:
                at = aligned(at)
                while at <= last and at + needed <= busy_start and len(starts) < most:
                    starts.append(at)
                    at = aligned(at + stride)
            if at > last:
                break
            at = max(at, busy_end + before)
    return starts
