"""The booking bar's line on the command line: read, and made a request or a question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..domain.errors import BadInput
from .output import refuse, say_opening
from .who import the_patient, today

if TYPE_CHECKING:
    import typer

    from ..desk import Desk
    from ..domain.bar.bar import Meaning, Understood
    from ..domain.bar.words import Names
    from ..domain.clinic.visit_types import ListedVisitType
    from ..domain.openings.openings import FoundOpenings
    from ..domain.staff.doctors import ListedDoctor
    from ..domain.visits.booking import BookingRequest

_AHEAD = timedelta(days=60)
_EVERY = 10_000
SHOWN = 3
"""Openings at once."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The clinic's own words in a line, and who and what they are of."""

    names: Names
    doctors: tuple[ListedDoctor, ...]
    types: tuple[ListedVisitType, ...]


def vocabulary(desk: Desk) -> Vocabulary:
    """The clinic's words as they are now."""
    from ..domain.bar.words import names_of  # noqa: PLC0415
    from ..domain.clinic.visit_types import list_visit_types  # noqa: PLC0415
    from ..domain.staff.doctors import find_doctors  # noqa: PLC0415
    from ..domain.staff.specialties import list_specialties  # noqa: PLC0415

    doctors = desk.read_now(find_doctors, limit=_EVERY)
    types = desk.read_now(list_visit_types)
    return Vocabulary(names_of(doctors, desk.read_now(list_specialties), types), doctors, types)


def request_in(desk: Desk, line: str) -> BookingRequest:
    """What the line asks to be booked.

    Refused: what cannot be read, nobody or several people as the patient; and a line that leaves
    open when or with whom, with the next openings that are as it says.
    """
    from ..domain.times.timeofday import start_of  # noqa: PLC0415
    from ..domain.visits.booking import BookingRequest  # noqa: PLC0415

    words = vocabulary(desk)
    read = reading_of(desk, line, words)
    for token in read.unread:
        raise BadInput("Line", f"“{token.text}” cannot be read there; the rest can.")
    said = read.meaning
    if not said.patient:
        raise BadInput("Line", "Who comes is not said: write a name, digits or a birth date.")
    patient_id = the_patient(desk, said.patient)
    visit_type = type_meant(said, words)
    if said.day is None or said.minute is None or len(said.doctors) != 1:
        raise _ask(desk, said, visit_type, patient_id)
    return BookingRequest(
        doctor_id=said.doctors[0].id,
        visit_type_id=visit_type.visit_type_id,
        starts_at=start_of(said.day, said.minute, desk.zone).at,
        patient_id=patient_id,
        minutes=said.minutes,
    )


def reading_of(desk: Desk, line: str, words: Vocabulary) -> Understood:
    """What the line says: the first way to read it in which the patient is on record."""
    from ..domain.bar.bar import readings  # noqa: PLC0415
    from ..domain.patients.search import find_patients  # noqa: PLC0415

    for read in readings(line, words.names, today(desk), desk.settings.region):
        if desk.read_now(find_patients, read.meaning.patient, desk.now(), 1):
            break
    return read


def type_meant(said: Meaning, words: Vocabulary) -> ListedVisitType:
    """The one that is said, or the first that they do; rather one of the length that is said."""
    if said.visit_type is not None:
        return next(one for one in words.types if one.visit_type_id == said.visit_type.id)
    ids = {one.id for one in said.doctors}
    theirs = {name for one in words.doctors if one.doctor_id in ids for name in one.specialties}
    if said.specialty is not None:
        theirs.add(said.specialty.name)
    done = [one for one in words.types if not theirs or one.done_by(theirs)]
    if not done:
        raise BadInput("Line", "There is no visit type that they do.")
    return min(done, key=lambda one: said.minutes not in (None, one.details.minutes))


def openings_meant(
    desk: Desk,
    said: Meaning,
    visit_type: ListedVisitType,
    patient_id: int,
    after: datetime | None = None,
) -> FoundOpenings:
    """The next openings that are as the line says, those after an instant if one is given."""
    from ..domain.openings.openings import OpeningSearch, find_openings  # noqa: PLC0415
    from ..domain.times.walltime import MINUTES_PER_DAY, day_bounds  # noqa: PLC0415

    first, last = day_bounds(said.day, desk.zone) if said.day else (desk.now(), desk.now() + _AHEAD)
    if after is not None:
        first, last = after + timedelta(minutes=1), max(last, after + _AHEAD)
    minutes = said.minutes or visit_type.details.minutes
    begins = said.minute or 0
    search = OpeningSearch(
        visit_type.visit_type_id,
        first,
        tuple(one.id for one in said.doctors),
        said.specialty.id if said.specialty else None,
        last,
        said.minutes,
        SHOWN,
        day_from=begins,
        day_until=MINUTES_PER_DAY if said.minute is None else begins + minutes,
        patient_id=patient_id,
    )
    return desk.read_now(find_openings, search, desk.now())


def _ask(desk: Desk, said: Meaning, visit_type: ListedVisitType, patient_id: int) -> typer.Exit:
    """What is open is answered by the next openings."""
    found = openings_meant(desk, said, visit_type, patient_id)
    if not found.openings:
        return refuse(f"There is no such opening. {found.why_none}")
    sentence = "Say when and with whom; the next that are as you say:"
    if len(said.doctors) > 1:
        names = " or ".join(one.short or one.name for one in said.doctors)
        sentence = f"With whom, {names}? The next that are as you say:"
    return refuse(sentence, [say_opening(one, desk.zone) for one in found.openings])
