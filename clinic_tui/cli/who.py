"""Whom and what a word on the command line means: exactly one, or who may be meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from ..domain.errors import BadInput, NotFound
from ..domain.text import search_key
from .output import echo, refuse

if TYPE_CHECKING:
    from ..desk import Desk
    from ..domain.clinic.visit_types import ListedVisitType
    from ..domain.patients.search import FoundPatient
    from ..domain.staff.doctors import ListedDoctor
    from ..domain.visits.moving import MoveRequest

T = TypeVar("T")
_MOST_SHOWN = 20
_DR = re.compile(r"\s*dr\.?\s+", re.IGNORECASE)


def the_doctor(desk: Desk, text: str) -> int:
    """The doctor of that number or outside identifier, or whom a search by name finds alone."""
    from ..domain.patients.lookup import doctor_known_as  # noqa: PLC0415
    from ..domain.staff.doctors import find_doctors  # noqa: PLC0415

    known = desk.read_now(doctor_known_as, text)
    if known is not None:
        return known
    name = _DR.sub("", text)
    found = desk.read_now(find_doctors, name, limit=_MOST_SHOWN + 1) if search_key(name) else ()
    # As the desk calls them, "lee a": other words of theirs may begin alike.
    called = [one for one in found if search_key(_DR.sub("", one.name)) == search_key(name)]
    if len(called) == 1 and search_key(called[0].family_name) != search_key(name):
        return called[0].doctor_id
    names = [f"{one.given_name} {one.family_name}" if one.given_name else one.name for one in found]
    return _only(found, name, "doctor", names, _doctor).doctor_id


def the_patient(desk: Desk, text: str) -> int:
    """The patient of that record number or outside identifier, or whom a search finds alone."""
    from ..domain.patients.lookup import patient_known_as  # noqa: PLC0415
    from ..domain.patients.search import find_patients  # noqa: PLC0415

    known = desk.read_now(patient_known_as, text)
    if known is not None:
        return known
    found = desk.read_now(find_patients, text, desk.now(), _MOST_SHOWN + 1)
    return _only(found, text, "patient", [one.name for one in found], _patient).patient_id


def the_visit_type(desk: Desk, text: str) -> ListedVisitType:
    """The visit type of that name, short name, or beginning of a name."""
    from ..domain.clinic.visit_types import list_visit_types  # noqa: PLC0415

    key = search_key(text)
    every = desk.read_now(list_visit_types)
    short = [one for one in every if search_key(one.details.short_name) == key]
    found = short or [one for one in every if _begins(key, one.details.name)]
    names = [one.details.name for one in found]
    return _only(found, text, "visit type", names, _visit_type)


def the_room_id(desk: Desk, text: str) -> int:
    """The number of the room of that name."""
    from ..domain.clinic.rooms import list_rooms  # noqa: PLC0415

    found = [one for one in desk.read_now(list_rooms) if _begins(search_key(text), one.name)]
    names = [one.name for one in found]
    return _only(found, text, "room", names, lambda one: one.name).room_id


def today(desk: Desk) -> date:
    """The clinic's date."""
    from ..domain.times.walltime import local_day  # noqa: PLC0415

    return local_day(desk.now(), desk.zone)


def the_day(desk: Desk, text: str) -> date:
    """The day that was meant: today, fri, 24nov, 2026-11-24 …"""
    from ..domain.times.timeofday import read_date  # noqa: PLC0415

    return read_date(text, today(desk), desk.settings.region)


def the_moment(desk: Desk, text: str) -> datetime:
    """The instant at which the clinic's clock shows that: "2026-11-24 15:00", "fri 3pm".

    ISO 8601 with an offset is taken as it is. A wall time that happens twice means its first
    instant, one that is skipped moves forward by the gap; it is said when that is so.
    """
    from ..domain.times.timeofday import read_time, start_of  # noqa: PLC0415

    exact = _exact(text)
    if exact is not None:
        return exact
    words = text.replace("T", " ").split()
    clock = words[-2:] if words[-1:] in (["am"], ["pm"]) else words[-1:]
    day = " ".join(words[: len(words) - len(clock)])
    if not day:
        raise BadInput("At", f"“{text}” is no day and time; one looks like 2026-11-24 15:00.")
    start = start_of(the_day(desk, day), read_time(" ".join(clock)), desk.zone)
    if start.note:
        echo(start.note, err=True)
    return start.at


def the_specialty(desk: Desk, text: str) -> int:
    """The number of the specialty of that name, or beginning of a name."""
    from ..domain.staff.specialties import list_specialties  # noqa: PLC0415

    found = [one for one in desk.read_now(list_specialties) if _begins(search_key(text), one.name)]
    names = [one.name for one in found]
    return _only(found, text, "specialty", names, lambda one: one.name).specialty_id


def the_length(text: str) -> int | None:
    """A length in minutes: 20, 1h30; None where nothing is given."""
    from ..domain.times.timeofday import read_length  # noqa: PLC0415

    return read_length(text) if text else None


def the_move(desk: Desk, visit: int, at: str, doctor: str, room: str, minutes: str) -> MoveRequest:
    """Where that visit is to go; what is not said of it stays as it is."""
    from ..domain.visits.appointments import appointment_details  # noqa: PLC0415
    from ..domain.visits.moving import MoveRequest  # noqa: PLC0415

    stands = desk.read_now(appointment_details, visit)
    length, lasts = the_length(minutes), (stands.ends_at - stands.starts_at) // timedelta(minutes=1)
    return MoveRequest(
        appointment_id=visit,
        doctor_id=the_doctor(desk, doctor) if doctor else stands.doctor_id,
        starts_at=the_moment(desk, at),
        minutes=lasts if length is None else length,
        room_id=the_room_id(desk, room) if room else stands.room_id,
        seen_sequence=stands.sequence,
    )


def the_notice(text: str) -> int:
    """A time ahead in minutes: 90, 2h, 3d; 0 where nothing is given."""
    from ..domain.times.timeofday import read_length  # noqa: PLC0415
    from ..domain.times.walltime import MINUTES_PER_DAY  # noqa: PLC0415

    days = re.fullmatch(r"(\d{1,3}) ?d(?:ays?)?", text.strip().lower())
    if days:
        return int(days[1]) * MINUTES_PER_DAY
    return read_length(text) if text else 0


def the_reminders(text: str) -> tuple[int, ...]:
    """How long before a visit its reminders leave, in hours: "7d,24h"; none of an empty text."""
    hours = []
    for one in filter(str.strip, text.split(",")):
        minutes = the_notice(one)
        if minutes % 60:
            raise BadInput("Reminders", "A reminder leaves whole hours or days before: 7d,24h.")
        hours.append(minutes // 60)
    return tuple(hours)


def the_weekdays(text: str) -> frozenset[int]:
    """Weekdays, 0 for Monday: "mon, wed-fri"; none where nothing is given."""
    from ..domain.hours.text import parse_weekdays  # noqa: PLC0415

    return parse_weekdays(text) if text else frozenset()


def the_times_of_day(from_: str, until: str) -> tuple[int, int]:
    """The wall minutes between which a visit is to lie; the whole day where nothing is given."""
    from ..domain.hours.text import parse_ranges  # noqa: PLC0415

    ranges = parse_ranges(f"{from_ or '0'}-{until or '24'}", "Time")
    if len(ranges) != 1:
        raise BadInput("Time", "Time: --from and --until take one time of day each, as 9 or 12:30.")
    return ranges[0]


def _exact(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _begins(key: str, name: str) -> bool:
    """Whether every word of the key begins a word of the name."""
    words = search_key(name).split()
    return bool(key) and all(any(one.startswith(part) for one in words) for part in key.split())


def _only(
    found: Sequence[T], text: str, kind: str, names: Sequence[str], line: Callable[[T], str]
) -> T:
    """The one that was found, or whose name has those very words; refused if there are more."""
    if not found:
        raise NotFound(f"There is no {kind} “{text}”.")
    words = set(search_key(text).split())
    spelt = [set(search_key(name).split()) for name in names]
    whole = [one for one, has in zip(found, spelt, strict=True) if words <= has]
    same = [one for one, has in zip(found, spelt, strict=True) if words == has]
    for narrowed in (found, whole, same):
        if len(narrowed) == 1:
            return narrowed[0]
    shown = whole or found
    more = f", {_MOST_SHOWN} of them" if len(shown) > _MOST_SHOWN else ""
    # No numbers of the list's own: what is said next may be a number that they go by.
    lines = map(line, shown[:_MOST_SHOWN])
    raise refuse(f"“{text}” may be several {kind}s{more}:", lines, numbered=False)


def _doctor(doctor: ListedDoctor) -> str:
    name = f"{doctor.given_name} {doctor.family_name}".strip()
    return f"{doctor.doctor_id}  {', '.join([name, *doctor.specialties])}"


def _patient(patient: FoundPatient) -> str:
    return f"{patient.record_number}  {_name_and_birth(patient)}"


def say_patient(patient: FoundPatient) -> str:
    """Enough to tell two people of one name apart."""
    return f"{_name_and_birth(patient)}, record {patient.record_number}"


def _name_and_birth(patient: FoundPatient) -> str:
    born = f", born {patient.birth_date.isoformat()}" if patient.birth_date else ""
    return f"{patient.name}{born}"


def _visit_type(one: ListedVisitType) -> str:
    return f"{one.details.name}, {one.details.minutes} min"
