"""Booking in one line, with what it leaves open asked for."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from ...domain.errors import Refusal
from ...domain.times.walltime import clock, say_day
from ...domain.visits.booking import BookingRequest, book_appointment
from ...domain.visits.holds import Hold, HoldRequest, hold_opening, release_desk
from ..bar_line import type_meant, vocabulary
from . import words
from .people import is_patient, patient_on_record, whom
from .places import Place, Wanted, settled, understood

if TYPE_CHECKING:
    from ...desk import Desk
    from ...domain.bar.bar import Meaning
    from ...domain.clinic.visit_types import ListedVisitType
    from ...domain.visits.appointments import BookedAppointment
    from .people import Known
    from .talk import Talk


def book(desk: Desk, talk: Talk, line: str) -> None:
    """Book what the line says: garcia tue 3pm lee."""
    clinic = vocabulary(desk)
    question = "Who, when and with whom, as in garcia tue 3pm lee"
    line = talk.unfinished = line or talk.ask(question, talk.unfinished)
    said = understood(desk, talk, line, clinic)
    known = whom(desk, talk, said.patient)
    visit_type = type_meant(said, clinic)
    talk.say(_echo(known, said, visit_type))
    _say_alert(desk, talk, known)
    wanted = Wanted(known.patient_id, visit_type, said)
    try:
        done = settled(
            desk, talk, wanted, clinic, lambda place, now: _take(desk, talk, known, place, now)
        )
    finally:
        _let_go(desk)
    talk.unfinished = ""
    talk.tell(words.outcome(done, desk.zone))


def _echo(known: Known, said: Meaning, visit_type: ListedVisitType) -> str:
    """What was understood, in full."""
    minutes = said.minutes or visit_type.details.minutes
    parts = [known.name, f"{visit_type.details.name} of {minutes} minutes"]
    # Two of one family name are told apart here already.
    parts += filter(None, [" or ".join(one.short or one.name for one in said.doctors)])
    if said.specialty is not None:
        parts.append(said.specialty.name)
    if said.day is not None:
        parts.append(say_day(said.day))
    if said.minute is not None:
        parts.append(clock(said.minute))
    return f"Understood: {', '.join(parts)}."


def _say_alert(desk: Desk, talk: Talk, known: Known) -> None:
    """What the desk has to know before it books: the alert, and the visit that is ahead."""
    record = patient_on_record(desk, known.patient_id)
    if record.details.alert and not is_patient(desk):
        talk.say(f"Alert: {record.details.alert}.")
    if record.next_visit is not None:
        talk.say(f"Next visit: {words.past(record.next_visit, desk.zone)}.")


def _take(
    desk: Desk, talk: Talk, known: Known, place: Place, wanted: Wanted
) -> BookedAppointment | None:
    """Hold the place, read it back, and book it on a yes."""
    type_id, minutes = wanted.visit_type.visit_type_id, wanted.said.minutes
    _let_go(desk)
    asked = HoldRequest(
        place.doctor_id, type_id, place.starts_at, desk.name, known.patient_id, minutes
    )
    hold: Hold = talk.answered(lambda: desk.run_now(hold_opening, asked, desk.now()))
    span = words.when(hold.starts_at, hold.ends_at, desk.zone)
    talk.say(f"{known.name}, {span}, {place.doctor}.")
    if not talk.agreed("Book it?"):
        _let_go(desk)
        return None
    request = BookingRequest(
        place.doctor_id, type_id, place.starts_at, known.patient_id, minutes=minutes
    )
    request = replace(request, hold_id=hold.hold_id, desk=desk.name)
    return talk.answered(lambda: desk.run_now(book_appointment, request, desk.now()))


def _let_go(desk: Desk) -> None:
    """What the desk holds and did not book is free for others at once, or runs out by itself."""
    with suppress(Refusal):
        desk.run_now(release_desk, desk.name, desk.now())
