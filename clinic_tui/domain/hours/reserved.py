"""Hours kept for a visit type, and when they open to all. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ..times.spans import Span, subtract
from ..times.walltime import instant, instant_seconds


@dataclass(frozen=True, slots=True)
class Reserved:
    """From ``starts`` to ``ends`` (wall minutes, 1440 is 24:00) on a weekday, 0 = Monday.

    Valid between inclusive dates. Opens to all when the clock of that day shows
    ``release_minute``, or ``release_hours`` before it begins; with neither it never does.
    """

    weekday: int
    starts: int
    ends: int
    visit_type_id: int
    release_minute: int | None = None
    release_hours: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None

    def on(self, day: date) -> bool:
        """Whether it holds on that date."""
        return (
            day.weekday() == self.weekday
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_until is None or day <= self.valid_until)
        )

    def span(self, day: date, zone: str) -> tuple[int, int]:
        """When it is on that date, in seconds since 1970."""
        return instant_seconds(day, self.starts, zone), instant_seconds(day, self.ends, zone)

    def opens_at(self, day: date, zone: str) -> datetime | None:
        """When that date's part of it is open to all, if ever."""
        if self.release_minute is not None:
            return instant(day, self.release_minute, zone)
        if self.release_hours is not None:
            return instant(day, self.starts, zone) - timedelta(hours=self.release_hours)
        return None


def kept_on(reserved: Iterable[Reserved], day: date, now: datetime, zone: str) -> list[Reserved]:
    """Those that hold on that date and are not open to all yet."""
    return [
        one
        for one in reserved
        if one.on(day) and ((opens := one.opens_at(day, zone)) is None or now < opens)
    ]


def kept_for_others(
    reserved: Iterable[Reserved], day: date, visit_type_id: int | None, now: datetime, zone: str
) -> list[Span]:
    """The spans of that date that are kept for other visit types and not open to all yet.

    Where several types share reserved time, each of them may have it.
    """
    reserved = tuple(reserved)
    closed = kept_on(reserved, day, now, zone)
    others = [one.span(day, zone) for one in closed if one.visit_type_id != visit_type_id]
    if not others:
        return []
    own = [one for one in reserved if one.visit_type_id == visit_type_id and one.on(day)]
    return subtract(others, (one.span(day, zone) for one in own))
