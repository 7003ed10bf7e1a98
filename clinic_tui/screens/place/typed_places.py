"""Doctors, rooms, days and lengths as they are typed into forms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from ...domain.clinic.rooms import ListedRoom
from ...domain.errors import BadInput
from ...domain.text import search_key
from ...domain.times.timeofday import read_date, read_length
from ...domain.times.walltime import local_day, say_day
from ..waitlist.whom import Known

if TYPE_CHECKING:
    from ...desk import Desk

_NONE = frozenset({"", "-", "no", "none"})


def the_room(rooms: Sequence[ListedRoom], text: str, field: str = "Room") -> int | None:
    """The room that is meant, by its name or how it begins; None for none.

    ``BadInput`` naming ``field`` where there is none of that name, or more than one.
    """
    wanted = search_key(text)
    if text.strip() in _NONE:
        return None
    named = [one for one in rooms if search_key(one.name) == wanted]
    words = wanted.split()
    begun = [
        one
        for one in rooms
        if words and all(f" {word}" in f" {search_key(one.name)}" for word in words)
    ]
    found = named or begun
    if len(found) == 1:
        return found[0].room_id
    if found:
        several = " or ".join(one.name for one in found[:3])
        raise BadInput(field, f"{field}: “{text.strip()}” may be {several}.")
    raise BadInput(field, f"{field}: there is none called “{text.strip()}”; empty is none.")


def the_doctor(known: Known, text: str) -> int:
    """The one doctor who is meant; ``BadInput`` where that is nobody or could be several."""
    whom = known.whom(text)
    if len(whom.doctor_ids) != 1:
        raise BadInput("Doctor", "Doctor: which one? Type a part of the name.")
    return whom.doctor_ids[0]


def the_day(desk: Desk, text: str, field: str) -> date:
    """The day that is meant; ``BadInput`` naming ``field``."""
    return day_in(text, field, local_day(desk.now(), desk.zone), desk.settings.region)


def day_in(text: str, field: str, today: date, region: str) -> date:
    """The day that is meant on that day, in that region; ``BadInput`` naming ``field``."""
    try:
        return read_date(text, today, region)
    except BadInput as refusal:
        raise BadInput(field, str(refusal)) from refusal


def the_length(text: str) -> int | None:
    """The length in minutes; None where it is left to the visit type."""
    return read_length(text) if text.strip() else None


def kinds_of(known: Known) -> tuple[tuple[str, str], ...]:
    """The visit types to choose from."""
    return tuple((str(one.visit_type_id), one.details.name) for one in known.types)


def type_for(known: Known, wanted: int | None, doctor_id: int | None) -> str:
    """The visit type to begin with: the one wanted, else the first that the doctor does."""
    ids = [one.visit_type_id for one in known.types]
    if wanted in ids:
        return str(wanted)
    theirs = {
        name for one in known.doctors if one.doctor_id == doctor_id for name in one.specialties
    }
    done = (one for one in known.types if not theirs or one.done_by(theirs))
    return str(next(done, known.types[0]).visit_type_id)


def type_name(known: Known, type_id: str) -> str:
    """What a visit type is called."""
    return dict(kinds_of(known)).get(type_id, "")


def day_words(day: date | None) -> str:
    """A day as it is typed and read again; nothing for none."""
    return "" if day is None else say_day(day)
