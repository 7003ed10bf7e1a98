"""One date of a search: the starts at which a visit fits, doctor by doctor. Pure."""

from __future__ import annotations

import math
from bisect import bisect_left
from datetime import date, datetime, timedelta

from ..clinic.settings import ClinicSettings
from ..times.spans import Span, covers, sweep
from ..times.walltime import clock_changes, day_bounds
from .sought import Looked, Wanted

_DAY = timedelta(days=1)


class SweptDay:
    """What is the same for every doctor on one date; what is seen is noted in ``looked``."""

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
