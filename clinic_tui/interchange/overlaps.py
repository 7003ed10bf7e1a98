"""Which rows of a file overlap each other: told before anything is taken in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from ..domain.intake.intake import Incoming
from ..domain.intake.visits import IncomingVisit
from ..domain.visits.guards import OCCUPYING

_Timed = tuple[datetime, datetime, int]
_MOST = 10_000
"""Pairs that are told of each kind; a file with more has been put together wrongly."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rows whose times meet: their lines, the earlier visit's first, and whose they both are.

    ``whose`` is as the file says it.
    """

    line: int
    other_line: int
    whose: str


@dataclass(frozen=True, slots=True)
class Overlaps:
    """The pairs of rows that overlap for one doctor, and for one patient; at most 10,000 each."""

    of_doctors: tuple[Overlap, ...]
    of_patients: tuple[Overlap, ...]


def overlaps(rows: Iterable[Incoming[IncomingVisit]]) -> Overlaps:
    """Find all pairs among the rows that say when they begin and end and that occupy time.

    Half-open, in whole minutes. Rows that will be refused for something else count, too: the
    question is what the file says, not what becomes of it.
    """
    by_doctor: dict[str, list[_Timed]] = {}
    by_patient: dict[str, list[_Timed]] = {}
    for row in rows:
        visit = row.what
        if not isinstance(visit, IncomingVisit) or visit.ends_at is None:
            continue
        if visit.ends_at <= visit.starts_at:
            continue
        if visit.status is not None and visit.status not in OCCUPYING:
            continue
        timed = (visit.starts_at, visit.ends_at, row.line)
        by_doctor.setdefault(visit.doctor, []).append(timed)
        by_patient.setdefault(visit.patient, []).append(timed)
    return Overlaps(_pairs(by_doctor), _pairs(by_patient))


def _pairs(groups: dict[str, list[_Timed]]) -> tuple[Overlap, ...]:
    found = islice(_meetings(groups), _MOST)
    return tuple(sorted(found, key=lambda pair: (pair.line, pair.other_line)))


def _meetings(groups: dict[str, list[_Timed]]) -> Iterator[Overlap]:
    for whose, visits in groups.items():
        visits.sort()
        for at, (_, ends_at, line) in enumerate(visits):
            for other_starts_at, _, other_line in islice(visits, at + 1, None):
                if other_starts_at >= ends_at:
                    break
                yield Overlap(line, other_line, whose)
