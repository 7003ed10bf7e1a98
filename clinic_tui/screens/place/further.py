"""Further openings than those shown, and whose come first of doctors who may be meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ...domain.access import Permission, Reach, reach
from ...domain.bar.words import Word
from ...domain.errors import Opening
from ...domain.openings.offers import Asked, offer_openings
from ...domain.openings.openings import OpeningSearch, find_openings
from ..reading import read_for

if TYPE_CHECKING:
    from textual.dom import DOMNode

    from ...desk import Desk

_SHOWN = 3
_MANY = 200
"""Openings, in order of time: whoever has none among so many has time later than the others."""


@dataclass(frozen=True, slots=True)
class Further:
    """From when on the next ones are sought, of the doctor asked for and of any other."""

    own_from: datetime
    others_from: datetime

    def past(self, shown: Iterable[Opening], doctor_id: int | None) -> Further:
        """The same once those have been shown."""
        own, others = self.own_from, self.others_from
        for one in shown:
            if doctor_id in (None, one.doctor_id):
                own = max(own, one.ends_at)
            else:
                others = max(others, one.ends_at)
        return Further(own, others)


async def further_openings(
    part: DOMNode, desk: Desk, asked: Asked, further: Further
) -> tuple[Opening, ...]:
    """Three more: the doctor's next one first, then what others have at the time asked for.

    Where no doctor is asked for, or nobody else's openings may be booked, the next three.
    """
    now = desk.now()
    asked = replace(asked, from_at=further.own_from, exactly=False)
    own = (await read_for(part, desk, offer_openings, asked, now)).openings
    if asked.doctor_id is None or reach(desk.actor, Permission.BOOK) is not Reach.ANY:
        return own
    anybody = replace(asked, doctor_id=None, from_at=further.others_from)
    found = (await read_for(part, desk, offer_openings, anybody, now)).openings
    others = [one for one in found if one.doctor_id != asked.doctor_id]
    return (*own[:1], *others, *own[1:])[:_SHOWN]


async def soonest_of(
    part: DOMNode, desk: Desk, asked: Asked, doctors: Iterable[Word]
) -> tuple[int, ...]:
    """Which of those have time first; who has none for long, or no hours at all, is left out."""
    search = OpeningSearch(
        asked.visit_type_id,
        asked.from_at,
        tuple(one.id for one in doctors),
        minutes=asked.minutes,
        limit=_MANY,
    )
    found = await read_for(part, desk, find_openings, search, desk.now())
    return tuple(dict.fromkeys(one.doctor_id for one in found.openings))
