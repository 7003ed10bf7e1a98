"""What the form of a wish begins with: a new one, an earlier time, or one that is changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ...domain.access import Permission, Reach, reach
from ...domain.bar.bar import Meaning
from ...domain.codes import Urgency
from ...domain.hours.text import type_ranges
from ...domain.text import search_key, showable
from ...domain.times.walltime import MINUTES_PER_DAY, local_day, say_day, say_weekdays
from ...domain.waitlist.who_waits import Waiting
from ..form import Typed
from ..place.typed_places import kinds_of
from .whom import Known, Whom

if TYPE_CHECKING:
    from ...desk import Desk

_EVERY_DAY = 7
EMPTY: Typed = dict.fromkeys(
    ("type", "length", "whom", "first", "last", "days", "times", "note"), ""
)
"""Nothing in any field."""


@dataclass(frozen=True, slots=True)
class WishStart:
    """What a form begins with: what stands in it, and whom its words for whom mean."""

    typed: Typed
    whom: Whom | None
    """None where they may mean several, and it must be said which."""
    types: tuple[tuple[str, str], ...] = ()
    """The visit types to choose from; none where the visit is there already."""


def start_for_new(desk: Desk, known: Known, meaning: Meaning) -> WishStart:
    """A new wish, with what the line said beside the name; a doctor waits for themselves."""
    own = desk.actor.doctor_id if reach(desk.actor, Permission.WAIT) is Reach.OWN else None
    doctors = (own,) if own else tuple(one.id for one in meaning.doctors)
    shared = _shared_name(known, doctors) if len(doctors) > 1 else ""
    specialty = None if doctors else meaning.specialty
    whom = Whom(doctors, specialty.id if specialty else None)
    kind = meaning.visit_type.id if meaning.visit_type else known.types[0].visit_type_id
    typed = _typed(desk, known, whom, specialty.name if specialty else "")
    typed |= {
        "type": str(kind),
        "length": str(meaning.minutes) if meaning.minutes else "",
        "first": _said(meaning.day),
    }
    if shared:
        return WishStart(typed | {"whom": shared}, None, kinds_of(known))
    return WishStart(typed, whom, kinds_of(known))


def start_for_earlier(desk: Desk, known: Known, doctor_id: int) -> WishStart:
    """An earlier time for a visit: first of all with the same doctor."""
    whom = Whom((doctor_id,))
    typed = _typed(desk, known, whom, "")
    del typed["type"], typed["length"]
    return WishStart(typed, whom)


def start_from(desk: Desk, known: Known, place: Waiting) -> WishStart:
    """What somebody waits for, to be changed."""
    whom = Whom(tuple(place.doctors), None if place.doctors else place.specialty_id)
    times = place.times
    typed = _typed(desk, known, whom, place.specialty)
    typed |= {
        "type": str(place.visit_type_id),
        "first": _said(times.first_day)
        if times.first_day > local_day(desk.now(), desk.zone)
        else "",
        "last": _said(times.last_day),
        "days": say_weekdays(place.weekdays) if len(place.weekdays) < _EVERY_DAY else "",
        "note": place.note,
    }
    if (times.from_minute, times.until_minute) != (0, MINUTES_PER_DAY):
        typed["times"] = type_ranges([(times.from_minute, times.until_minute)])
    if "urgency" in typed:
        typed["urgency"] = place.urgency
    if place.appointment_id is not None:
        del typed["type"], typed["length"]
        return WishStart(typed, whom)
    kinds = dict(kinds_of(known))
    usual = next((o for o in known.types if o.visit_type_id == place.visit_type_id), None)
    if usual is None or usual.details.minutes != place.minutes:
        typed["length"] = str(place.minutes)
    return WishStart(typed, whom, tuple(({typed["type"]: place.visit_type} | kinds).items()))


def _typed(desk: Desk, known: Known, whom: Whom, specialty: str) -> dict[str, str]:
    """The empty fields, and whom the words mean; only the clinic says how urgent it is."""
    typed = dict(EMPTY)
    names = ", ".join(filter(None, map(known.doctor, whom.doctor_ids)))
    typed["whom"] = showable(names or (specialty if whom.specialty_id else ""))
    if reach(desk.actor, Permission.OFFER) is not Reach.NONE:
        typed["urgency"] = Urgency.ROUTINE
    return typed


def _shared_name(known: Known, doctor_ids: tuple[int, ...]) -> str:
    """By what several are called alike; nothing where each was named by a name of their own."""
    names = [
        f"{one.given_name} {one.family_name}".split()
        for one in known.doctors
        if one.doctor_id in doctor_ids
    ]
    keys = [{search_key(word) for word in name} for name in names]
    shared = set.intersection(*keys) if keys else set()
    return (
        showable(" ".join(word for word in names[0] if search_key(word) in shared))
        if shared
        else ""
    )


def _said(day: date | None) -> str:
    return "" if day is None else say_day(day)
