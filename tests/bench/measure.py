"""Taking times fairly on a noisy machine, and the table that says what came of it.

Times are wall time in milliseconds. What is compared is measured turn by turn in one run, so
that whatever disturbs the machine disturbs both. A bound in milliseconds is stretched by how much
slower the machine is just now than the one it was set on: ``pace``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from time import perf_counter
from typing import Any

from tests.bench.pace import pace

ATTEMPTS = 3


def timed(call: Callable[..., Any], *arguments: Any) -> float:
    """How long one call takes."""
    before = perf_counter()
    call(*arguments)
    return (perf_counter() - before) * 1_000


def percentile(times: Sequence[float], percent: int) -> float:
    """The time within which so many of a hundred stay (nearest rank)."""
    ordered = sorted(times)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def in_turn(rounds: int, **calls: Callable[[int], Any]) -> dict[str, list[float]]:
    """The times of each call, each made once a round with the round's number."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(rounds):
        for name, call in calls.items():
            times[name].append(timed(call, number))
    return times


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that was promised: what, how much at most, in which unit, and how it came out.

    ``pace`` is how many times slower the machine was than the one of the bound, for times.
    """

    what: str
    unit: str
    bound: float | None
    seen: tuple[float, ...]
    detail: str
    pace: float = 1.0

    @property
    def value(self) -> float:
        """The best of the attempts, which is the first of them: noise only ever adds."""
        return self.seen[0]

    @property
    def holds(self) -> bool:
        """Whether it is within its bound, if it has one."""
        return self.bound is None or self.value <= self.bound * self.pace

    def line(self) -> str:
        """As one line of the table."""
        verdict = "" if self.bound is None else ("ok" if self.holds else "MISSED")
        bound = "" if self.bound is None else f"≤ {self.bound:g}"
        others = "".join(f" {one:.3g}" for one in self.seen[1:])
        again = f" (also{others})" if others else ""
        value = f"{self.value:.3g} {self.unit}"
        slower = f" × {self.pace:.2f}" if self.pace > 1 else ""
        return f"{self.what:<58} {value:>10} {bound + slower:>15} {verdict:<6} {self.detail}{again}"


@dataclass
class Report:
    """All figures of a run, in the order in which they were measured."""

    figures: list[Figure] = field(default_factory=list)

    def hold(
        self,
        what: str,
        unit: str,
        bound: float | None,
        measure: Callable[[], tuple[float, str]],
    ) -> None:
        """Measure until the bound holds, three times at most, note it, and fail if it never does.

        ``measure`` returns the number and a few words on what it is made of.
        """
        tried: list[Figure] = []
        for _ in range(ATTEMPTS):
            slower = pace() if unit == "ms" else 1.0
            value, detail = measure()
            tried.append(Figure(what, unit, bound, (value,), detail, slower))
            if tried[-1].holds:
                break
        best = min(tried, key=lambda one: one.value / one.pace)
        others = tuple(one.value for one in tried if one is not best)
        figure = replace(best, seen=best.seen + others)
        self.figures.append(figure)
        assert figure.holds, figure.line()


def ratio(one: Sequence[float], other: Sequence[float], percent: int = 50) -> float:
    """How many times longer one takes than the other."""
    return percentile(one, percent) / percentile(other, percent)


def in_words(times: Sequence[float]) -> str:
    """The middle and the tail, in ms."""
    return f"p50 {median(times):.3g} p95 {percentile(times, 95):.3g} ms"
