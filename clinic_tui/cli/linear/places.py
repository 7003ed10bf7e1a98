"""Where a visit is to stand: as it was said, or one of the openings, until one is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from ...domain.bar.bar import Kind, Meaning, Understood, understand
from ...domain.errors import BadInput, CannotBook, ClinicUnavailable, NotPermitted, Opening, Refusal
from ...domain.times.timeofday import start_of
from ..bar_line import SHOWN, Vocabulary, openings_meant, reading_of
from ..who import today
from . import words
from .people import is_patient

if TYPE_CHECKING:
    from ...desk import Desk
    from ...domain.clinic.visit_types import ListedVisitType
    from .talk import Talk

T = TypeVar("T")
_MORE = "n"
_NOBODY = '"-" '
"""Put before a line it is the patient, so that no other name is taken for theirs."""


@dataclass(frozen=True, slots=True)
class Place:
    """With whom and when (aware UTC)."""

    doctor_id: int
    doctor: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is sought, for whom, and what was said about it so far."""

    patient_id: int
    visit_type: ListedVisitType
    said: Meaning


def understood(desk: Desk, talk: Talk, line: str, vocabulary: Vocabulary) -> Meaning:
    """What a line means; of what cannot be read it is asked what is to stand there instead.

    A patient's own line names no patient.
    """
    line = f"{_NOBODY}{line}" if is_patient(desk) else line
    while True:
        read = _read_place if is_patient(desk) else reading_of
        found = read(desk, line, vocabulary)
        if not found.unread:
            return found.meaning
        token = found.unread[0]
        talk.say(f"“{token.text}” cannot be read there; the rest can.")
        instead = talk.ask("What is to stand there instead; Enter leaves it out")
        line = f"{line[: token.start]}{instead}{line[token.end :]}"


def place_said(desk: Desk, line: str, vocabulary: Vocabulary) -> Meaning:
    """What a line means that names no patient; refused where something of it cannot be read."""
    found = _read_place(desk, f"{_NOBODY}{line}", vocabulary)
    for token in found.unread:
        raise BadInput("Line", f"“{token.text}” cannot be read there.")
    return replace(found.meaning, patient="")


def _read_place(desk: Desk, line: str, vocabulary: Vocabulary) -> Understood:
    """As read with the patient named before: any other name is one that nobody has."""
    read = understand(line, vocabulary.names, today(desk), desk.settings.region)
    tokens = (
        replace(one, kind=Kind.UNREAD) if one.kind is Kind.PATIENT and one.start else one
        for one in read.tokens
    )
    return replace(read, tokens=tuple(tokens))


def settled(
    desk: Desk,
    talk: Talk,
    wanted: Wanted,
    vocabulary: Vocabulary,
    take: Callable[[Place, Wanted], T | None],
) -> T:
    """Go from place to place until ``take`` takes one; it answers None where that is not wanted.

    A refusal is said with what is free instead, to choose by a digit; any other time or doctor
    may be typed.
    """
    place, openings = _said(desk, talk, wanted, vocabulary), tuple[Opening, ...]()
    while True:
        if place is None:
            place, wanted = _chosen(desk, talk, wanted, openings, vocabulary)
            openings = ()
        else:
            try:
                taken = take(place, wanted)
            except (ClinicUnavailable, NotPermitted):
                raise
            except Refusal as refusal:
                talk.say(str(refusal))
                openings = refusal.alternatives if isinstance(refusal, CannotBook) else ()
            else:
                if taken is not None:
                    return taken
            place = None


def _said(desk: Desk, talk: Talk, wanted: Wanted, vocabulary: Vocabulary) -> Place | None:
    """The place, where the line says when and with whom."""
    said = wanted.said
    if said.day is None or said.minute is None or len(said.doctors) != 1:
        return None
    start = start_of(said.day, said.minute, desk.zone)
    if start.note:
        talk.say(start.note)
    doctor = next(one for one in vocabulary.doctors if one.doctor_id == said.doctors[0].id)
    return Place(doctor.doctor_id, doctor.name, start.at)


def _chosen(
    desk: Desk,
    talk: Talk,
    wanted: Wanted,
    openings: tuple[Opening, ...],
    vocabulary: Vocabulary,
) -> tuple[Place | None, Wanted]:
    """One of the openings by its digit, three more by n, or what else was typed."""
    openings = openings or _openings(desk, talk, wanted)
    while True:
        lines = [words.opening(one, desk.zone) for one in openings]
        question = "A number, n for three more, or another day, time or doctor"
        answer = talk.pick(question, lines) if lines else talk.ask("Another day or doctor")
        if isinstance(answer, int):
            chosen = openings[answer]
            return Place(chosen.doctor_id, chosen.doctor, chosen.starts_at), wanted
        if answer.lower() == _MORE and openings:
            openings = _openings(desk, talk, wanted, openings[-1].starts_at)
        elif answer:
            try:
                new = place_said(desk, answer, vocabulary)
            except BadInput as wrong:
                talk.say(str(wrong))
                continue
            wanted = replace(wanted, said=_otherwise(wanted.said, new))
            return _said(desk, talk, wanted, vocabulary), wanted


def _openings(
    desk: Desk, talk: Talk, wanted: Wanted, after: datetime | None = None
) -> tuple[Opening, ...]:
    """The next three; where there is none at that time of day, at any."""
    why = ""
    for said in (wanted.said, replace(wanted.said, minute=None)):
        found = openings_meant(desk, said, wanted.visit_type, wanted.patient_id, after)
        if found.openings:
            talk.say(f"The next {SHOWN} openings:" if len(found.openings) == SHOWN else "Openings:")
            return found.openings
        why = why or found.why_none
    talk.say(f"There is no such opening. {why}")
    return ()


def _otherwise(said: Meaning, new: Meaning) -> Meaning:
    """What was said last counts; of the rest what was said before."""
    elsewhere = bool(new.doctors or new.specialty)
    return replace(
        said,
        doctors=new.doctors if elsewhere else said.doctors,
        specialty=new.specialty if elsewhere else said.specialty,
        day=new.day or said.day,
        minute=said.minute if new.minute is None else new.minute,
        minutes=new.minutes or said.minutes,
    )
