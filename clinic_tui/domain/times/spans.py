"""Spans of time, and the starts at which a visit fits between them. Pure.

A span is a half-open pair of instants in whole seconds since 1970, because many are swept at
once: plain numbers are compared faster than datetimes.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterable, Sequence

Span = tuple[int, int]
"""From (included) to (excluded), in seconds since 1970 UTC."""


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
