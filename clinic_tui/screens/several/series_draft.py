"""A series while it is decided about: which of its dates, and where those that do not fit go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from ...domain.errors import Refusal
from ...domain.series.plan import SeriesDate
from ...domain.series.series import ChosenDate, SeriesRequest


class Fate(Enum):
    """What becomes of a date."""

    STANDS = "stands"
    NEAREST = "nearest"
    OUT = "out"
    SKIPPED = "skipped"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class DateRow:
    """A date and what was decided of it: left out, or what is nearest taken in its place.

    ``anew`` is one that fitted and does so no more.
    """

    date: SeriesDate
    out: bool = False
    nearest: bool = False
    anew: bool = False

    @property
    def fate(self) -> Fate:
        """What becomes of it as it is decided now; OPEN where somebody has to decide."""
        if self.date.starts_at is None:
            return Fate.SKIPPED
        if self.out:
            return Fate.OUT
        if self.date.fits:
            return Fate.STANDS
        return Fate.NEAREST if self.nearest and self.date.alternative is not None else Fate.OPEN

    @property
    def chosen(self) -> ChosenDate | None:
        """The visit that it becomes; None for none."""
        if self.fate is Fate.NEAREST and self.date.alternative is not None:
            return ChosenDate(self.date.day, self.date.alternative.starts_at)
        return ChosenDate(self.date.day, self.date.starts_at) if self.fate is Fate.STANDS else None


Decided = Mapping[date, Fate]
"""What was decided by hand, by the rule's day."""


@dataclass(frozen=True, slots=True)
class SeriesDraft:
    """The dates as they stand, the cursor among them, and why it was refused, if it was."""

    request: SeriesRequest
    rows: tuple[DateRow, ...]
    at: int = 0
    refusal: Refusal | None = None

    @property
    def chosen(self) -> tuple[ChosenDate, ...]:
        """The visits that would be booked now."""
        return tuple(row.chosen for row in self.rows if row.chosen is not None)

    @property
    def decided(self) -> Decided:
        """What was decided by hand so far."""
        by_hand = (Fate.OUT, Fate.NEAREST)
        return {row.date.day: row.fate for row in self.rows if row.fate in by_hand}

    def count(self, fate: Fate) -> int:
        """How many dates that becomes of."""
        return sum(row.fate is fate for row in self.rows)

    def with_row(self, at: int, row: DateRow) -> SeriesDraft:
        """Another row there."""
        return replace(self, rows=(*self.rows[:at], row, *self.rows[at + 1 :]))

    def refused(self, refusal: Refusal, looked: Sequence[SeriesDate]) -> SeriesDraft:
        """As it is to come back: only dates that fit no more are marked, all others stay."""
        anew = {one.day: one for one in looked if not one.fits}
        rows = tuple(
            DateRow(anew[row.date.day], anew=True) if row.date.day in anew else row
            for row in self.rows
        )
        return replace(self, rows=rows, at=first_open(rows), refusal=refusal)


def draft_of(request: SeriesRequest, dates: Iterable[SeriesDate], decided: Decided) -> SeriesDraft:
    """A series with what had been decided by hand before, as far as it could be kept."""
    rows = tuple(
        DateRow(
            one, out=decided.get(one.day) is Fate.OUT, nearest=decided.get(one.day) is Fate.NEAREST
        )
        for one in dates
    )
    return SeriesDraft(request, rows, first_open(rows))


def first_open(rows: Sequence[DateRow], after: int = -1) -> int:
    """The row of the next date about which somebody has to decide, or else where one was."""
    later = (*range(after + 1, len(rows)), *range(after + 1))
    return next((at for at in later if rows[at].fate is Fate.OPEN), max(after, 0))


def count_dates(count: int) -> str:
    """ "1 date", "14 dates"."""
    return "1 date" if count == 1 else f"{count} dates"


def summary(draft: SeriesDraft) -> str:
    """ "10 dates: 1 to decide · 7 fit · 1 nearest · 1 left out"."""
    counted = (
        (draft.count(Fate.OPEN), "to decide"),
        (draft.count(Fate.STANDS), "fit"),
        (draft.count(Fate.NEAREST), "nearest"),
        (draft.count(Fate.OUT), "left out"),
        (draft.count(Fate.SKIPPED), "on holidays"),
    )
    parts = [f"{count} {words}" for count, words in counted if count]
    return f"{count_dates(len(draft.rows))}: {' · '.join(parts)}"
