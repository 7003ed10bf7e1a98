"""Combinations: two or three visits of one patient on one day, one after the other. Pure.

The visits follow each other with a gap between bounds, each with a doctor of its own choice, in
the order given or in any. Times are whole seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..clinic.terms import Fit
from ..times.spans import Span, subtract


@dataclass(frozen=True, slots=True)
class Leg:
    """One of the visits on one day: ``free`` are, by doctor, the spans in which it may start.

    ``starts`` are the starts (in order, on the clinic's grid) with which a day may begin.
    """

    part: int
    fit: Fit
    free: Mapping[int, Sequence[Span]]
    starts: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one of the visits would stand: which, with whom, from when."""

    part: int
    doctor_id: int
    start: int


@dataclass(frozen=True, slots=True)
class Gap:
    """From the end of one visit to the start of the next; later ones are tried by ``stride``."""

    least: int
    most: int
    stride: int


def starts_free(
    runs: Sequence[Span], taken: Sequence[Span], own: Sequence[Span], fit: Fit
) -> list[Span]:
    """The spans in which a visit may start: within one run, clear of what is taken.

    ``taken`` is the doctor's time, which the buffers keep clear of too; ``own`` is that of the
    patient and the room, which only the visit itself does.
    """
    length, before, after = fit.minutes * 60, fit.before * 60, fit.after * 60
    closed = [(start - length - after + 1, end + before) for start, end in taken]
    closed += [(start - length + 1, end) for start, end in own]
    return subtract([(start, end - length + 1) for start, end in runs], closed)


def combinations_of(legs: Sequence[Leg], gap: Gap) -> Iterator[tuple[Standing, ...]]:
    """In order of the first start, at least a visit apart, the ways in which the legs follow."""
    search = _Search(legs, gap)
    free_from = 0
    for start, doctor in legs[0].starts:
        if start < free_from:
            continue
        first = Standing(legs[0].part, doctor, start)
        rest = search.after((first,))
        if rest is not None:
            yield (first, *rest)
            free_from = start + legs[0].fit.minutes * 60


_Key = tuple[int, int, tuple[tuple[int, int], ...]]


@dataclass(slots=True)
class _Search:
    """What follows a beginning; the same question is answered once."""

    legs: Sequence[Leg]
    gap: Gap
    _known: dict[_Key, tuple[Standing, ...] | None] = field(default_factory=dict)

    def after(self, begun: tuple[Standing, ...]) -> tuple[Standing, ...] | None:
        """The rest of the legs, ending as early as can be; None where they cannot follow."""
        number = len(begun)
        if number == len(self.legs):
            return ()
        blocked = {
            step.doctor_id: step.start + (leg.fit.minutes + leg.fit.after) * 60
            for step, leg in zip(begun, self.legs, strict=False)
        }
        end = begun[-1].start + self.legs[number - 1].fit.minutes * 60
        key = (number, end, tuple(sorted(blocked.items())))
        if key not in self._known:
            self._known[key] = self._find(begun, end, blocked)
        return self._known[key]

    def _find(
        self, begun: tuple[Standing, ...], end: int, blocked: Mapping[int, int]
    ) -> tuple[Standing, ...] | None:
        leg = self.legs[len(begun)]
        for start, doctor in self._candidates(leg, end, blocked):
            step = Standing(leg.part, doctor, start)
            rest = self.after((*begun, step))
            if rest is not None:
                return (step, *rest)
        return None

    def _candidates(self, leg: Leg, end: int, blocked: Mapping[int, int]) -> list[tuple[int, int]]:
        """Starts for the next visit, earliest first, with doctors in the order they are given."""
        found = []
        for place, (doctor, spans) in enumerate(leg.free.items()):
            earliest = max(end + self.gap.least, blocked.get(doctor, 0) + leg.fit.before * 60)
            for first, last in spans:
                starts = range(
                    max(first, earliest), min(last, end + self.gap.most + 1), self.gap.stride
                )
                found += [(start, place, doctor) for start in starts]
        return [(start, doctor) for start, _, doctor in sorted(found)]
