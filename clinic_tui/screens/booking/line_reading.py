"""Reading the line of a booking: the clinic's own words, and the ways to take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.bar.bar import Understood, readings
from ...domain.bar.words import Names, names_of
from ...domain.clinic.visit_types import list_visit_types
from ...domain.staff.doctors import find_doctors
from ...domain.staff.specialties import list_specialties
from ...domain.times.walltime import local_day
from ..reading import read_for

if TYPE_CHECKING:
    from textual.dom import DOMNode

    from ...desk import Desk

_EVERY_DOCTOR = 10_000


async def read_names(part: DOMNode, desk: Desk) -> Names:
    """The clinic's words, as they are now."""
    doctors = await read_for(part, desk, find_doctors, limit=_EVERY_DOCTOR)
    specialties = await read_for(part, desk, list_specialties)
    return names_of(doctors, specialties, await read_for(part, desk, list_visit_types))


def ways_to_read(desk: Desk, names: Names, line: str) -> list[Understood]:
    """The ways to read a line today, the better ones first."""
    today = local_day(desk.now(), desk.zone)
    return list(readings(line, names, today, desk.settings.region))
