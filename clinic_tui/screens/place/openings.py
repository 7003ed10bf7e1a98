"""The openings a visit is offered: their list, and how an answer of the book becomes openings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

from textual.binding import Binding, BindingType

from ...domain.errors import Opening
from ...domain.openings.offers import Asked, Offer
from ...domain.visits.appointments import AppointmentDetails
from ..widgets.lists.numbered import NumberedLines

SHOWN = 3
_MINUTE = timedelta(minutes=1)


class Openings(NumberedLines):
    """The openings. Letters act here, digits choose, Enter does what the words above say."""

    takes_ahead = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "go_on", "Take it", id="openings.take", tooltip="What the line above says"
        ),
        Binding(
            "n", "screen.later", "Next", id="openings.later", tooltip="Three more, also of others"
        ),
        Binding("g", "screen.to_day", "Date", id="openings.day", tooltip="Type another day"),
    ]


def opening_at(asked: Asked, offer: Offer, doctor: str) -> Opening:
    """The very start that was asked for, as an opening; ``doctor`` is how the desk says them."""
    ends_at = asked.from_at + offer.minutes * _MINUTE
    return Opening(asked.doctor_id or 0, doctor, asked.from_at, ends_at)


def with_both(offer: Offer, again: Offer, second: Opening) -> Offer:
    """Of two starts that are called the same the ``second`` is offered, too, if it is free."""
    if again.why_not:
        return offer
    others = tuple(one for one in offer.openings if one.starts_at != second.starts_at)
    return replace(offer, openings=(second, *others)[:SHOWN])


def stands_at(visit: AppointmentDetails | None, opening: Opening, room_id: int | None) -> bool:
    """Whether a visit that is to move stands exactly there, in that room."""
    return visit is not None and (
        visit.doctor_id,
        visit.starts_at,
        visit.ends_at,
        visit.room_id,
    ) == (opening.doctor_id, opening.starts_at, opening.ends_at, room_id)
