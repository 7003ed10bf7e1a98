"""How visits, openings and people are said in one plain sentence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from ...domain.patients.contact import show_phone
from ...domain.times.walltime import local_day, say_date, say_day, say_moment, say_time
from ...domain.visits.status_words import STATUS_WORDS, visit_stands

if TYPE_CHECKING:
    from ...domain.errors import Opening
    from ...domain.patients.history import PastVisit
    from ...domain.patients.search import FoundPatient
    from ...domain.visits.appointments import AppointmentDetails, BookedAppointment
    from ...domain.waitlist.freed import Fitting

_MOST_MINUTES = 90
"""Past so many it is told in hours."""


def times(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """From when to when: "15:00 to 15:20"."""
    return f"{say_time(starts_at, zone)} to {say_time(ends_at, zone)}"


def when(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """The day and the times: "Tue 24 Nov 2026, 15:00 to 15:20"."""
    return f"{say_day(local_day(starts_at, zone))}, {times(starts_at, ends_at, zone)}"


def length(minutes: int) -> str:
    """A stretch of time, nothing abbreviated: "90 minutes", "3 hours 50 minutes"."""
    hours, rest = divmod(minutes, 60)
    if minutes <= _MOST_MINUTES:
        return f"{minutes} minutes"
    return f"{hours} hour{'s' * (hours > 1)}" + (f" {rest} minutes" if rest else "")


def opening(one: Opening, zone: str) -> str:
    """An opening: when, with whom, where."""
    parts = (when(one.starts_at, one.ends_at, zone), one.doctor, one.room, one.pick)
    return ", ".join(part for part in parts if part)


def person(one: FoundPatient) -> str:
    """Enough to tell two people of one name apart."""
    born = f"born {say_date(one.birth_date)}" if one.birth_date else ""
    phone = f"phone ends in {one.phone[-4:]}" if one.phone else ""
    return ", ".join(filter(None, (one.name, born, phone, f"record {one.record_number}")))


def past(one: PastVisit, zone: str) -> str:
    """One of a patient's own visits, coming or past."""
    moment, status = say_moment(one.starts_at, zone), STATUS_WORDS[one.status]
    return f"{moment}, {one.doctor}, {one.visit_type}, {status}, visit {one.appointment_id}"


def details(one: AppointmentDetails, zone: str) -> str:
    """A visit in full: whose, when, with whom, for what, where."""
    parts = [one.patient, when(one.starts_at, one.ends_at, zone), one.doctor, one.visit_type]
    return ", ".join([*parts, *filter(None, [one.room]), STATUS_WORDS[one.status]])


def outcome(one: BookedAppointment, zone: str) -> Iterator[str]:
    """What was done: the sentence to read back, then the status, the number and the messages."""
    yield one.read_back(zone)
    messages = {0: "", 1: " 1 message is queued."}.get(
        one.notices, f" {one.notices} messages are queued."
    )
    yield f"Visit {one.appointment_id} {visit_stands(one.status)}.{messages}"


def fitting(one: Fitting, zone: str, region: str) -> str:
    """Somebody who waits, when they would come, and why they stand there."""
    span = when(one.starts_at, one.ends_at, zone)
    parts = (
        one.patient,
        show_phone(one.phone, region),
        one.visit_type,
        span,
        *one.reasons,
        one.note,
    )
    return ", ".join(part for part in parts if part)
