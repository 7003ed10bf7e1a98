"""Whom: found by a line, or registered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from ...domain.access import Permission, Reach, reach
from ...domain.errors import BadInput
from ...domain.patients.contact import show_phone
from ...domain.patients.details import PatientDetails
from ...domain.patients.history import patient_record
from ...domain.patients.patients import register_patient
from ...domain.patients.search import find_patients, parse_query, possible_duplicates
from ...domain.text import full_name
from ...domain.times.dates import clean_birth_date
from ...domain.times.walltime import say_date
from ...domain.visits.requests import new_key
from ..who import today
from . import words
from .talk import Talk

if TYPE_CHECKING:
    from ...desk import Desk
    from ...domain.patients.history import PatientRecord

_MOST = 9
_WHO = "Who: a name, the end of a phone number, a birth date or a record number"
_NEW = "new"


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody on record."""

    patient_id: int
    name: str


def is_patient(desk: Desk) -> bool:
    """Whether it is a patient who is signed in, to whom everything is about themselves."""
    return desk.actor.is_patient


def whom(desk: Desk, talk: Talk, text: str, *, or_new: bool = True) -> Known:
    """Exactly one patient; of several it is asked which, and ``or_new`` ones may be registered."""
    if is_patient(desk):
        record = patient_on_record(desk, desk.actor.patient_id or 0)
        return Known(record.patient_id, record.name)
    while True:
        text = text or talk.ask(_WHO)
        found = desk.read_now(find_patients, text, desk.now(), _MOST + 1) if text else ()
        if len(found) == 1:
            return Known(found[0].patient_id, found[0].name)
        if found:
            if len(found) > _MOST:
                talk.say(f"More than {_MOST} fit “{text}”; the first are:")
            lines = [words.person(one) for one in found[:_MOST]]
            answer = talk.pick("A number, or more of the name", lines)
            if isinstance(answer, int):
                return Known(found[answer].patient_id, found[answer].name)
            text = answer
        elif text:
            talk.say(f"Nobody on record fits “{text}”.")
            text = _other(desk, talk, text, or_new=or_new)
            if text.startswith(f"{_NEW} "):
                return register(desk, talk, text.removeprefix(_NEW))


def _other(desk: Desk, talk: Talk, text: str, *, or_new: bool) -> str:
    """Another name for whom nobody was found, or "new " and the name."""
    if not or_new or reach(desk.actor, Permission.REGISTER_PATIENT) is Reach.NONE:
        return talk.ask("Another name")
    answer = talk.ask("Another name, or “new” to register them")
    return f"{_NEW} {text}" if answer.lower() == _NEW else answer


def find(desk: Desk, talk: Talk, text: str) -> None:
    """Who somebody is, when they come next, and their visits with the numbers to act on."""
    record = patient_on_record(desk, whom(desk, talk, text).patient_id)
    talk.tell(_about(record, desk))


def new(desk: Desk, talk: Talk, text: str) -> None:
    """Register somebody."""
    known = register(desk, talk, text)
    talk.say(f"{known.name} is on record.")


def patient_on_record(desk: Desk, patient_id: int) -> PatientRecord:
    """A patient in full."""
    return desk.read_now(patient_record, patient_id, desk.now())


def _about(record: PatientRecord, desk: Desk) -> list[str]:
    details = record.details
    born = f", born {say_date(details.birth_date)}" if details.birth_date else ""
    lines = [f"{record.name}{born}, record {details.record_number}."]
    if details.phones:
        shown = ", ".join(show_phone(one, desk.settings.region) for one in details.phones)
        lines.append(f"Phone: {shown}.")
    if details.alert:
        lines.append(f"Alert: {details.alert}.")
    coming = record.next_visit
    lines.append(f"Next visit: {words.past(coming, desk.zone) if coming else 'none'}.")
    if record.no_shows:
        lines.append(f"Did not come: {record.no_shows} times.")
    others = [one for one in record.history if one != coming]
    return lines + [f"{words.past(one, desk.zone)}." for one in others[:10]]


@dataclass(slots=True)
class _Form:
    """A new patient's fields as typed; each is asked once, and again where it is refused."""

    given: str = ""
    family: str = ""
    born: str = ""
    phone: str = ""
    email: str = ""


_QUESTIONS = {
    "Given name": "given",
    "Family name": "family",
    "Birth date": "born",
    "Phone": "phone",
    "E-mail": "email",
}


def register(desk: Desk, talk: Talk, text: str) -> Known:
    """Register whom ``text`` begins to tell of; or take whom on record it turns out to be.

    A field that cannot be taken is asked again, with what was typed.
    """
    form = _begun(desk, text)
    talk.say("A new patient. Enter keeps what stands in brackets, a hyphen alone empties it.")
    asked = list(_QUESTIONS)
    while True:
        for question in asked:
            field = _QUESTIONS[question]
            setattr(form, field, talk.ask(question, getattr(form, field)))
        try:
            details = _details(desk, form)
            return _put_on_record(desk, talk, details)
        except BadInput as wrong:
            talk.say(str(wrong))
            asked = [wrong.field] if wrong.field in _QUESTIONS else list(_QUESTIONS)


def _put_on_record(desk: Desk, talk: Talk, details: PatientDetails) -> Known:
    """Where the answer was lost the same request is made again: who was registered is answered."""
    if known := talk.answered(partial(_already, desk, talk, details)):
        return known
    key = new_key()
    patient_id = talk.answered(lambda: desk.run_now(register_patient, details, desk.now(), key))
    return Known(patient_id, full_name(details.given_name, details.family_name))


def _begun(desk: Desk, text: str) -> _Form:
    """What a search line that found nobody tells: of several names the last is the family's."""
    query = parse_query(text, desk.settings.region, today(desk))
    names = [one[:1].upper() + one[1:] for one in text.split() if not any(map(str.isdigit, one))]
    return _Form(
        given=" ".join(names[:-1]),
        family=names[-1] if names else "",
        born=query.birth_date.isoformat() if query.birth_date else "",
        phone=query.number,
    )


def _details(desk: Desk, form: _Form) -> PatientDetails:
    born = clean_birth_date(form.born, desk.settings.region, today(desk))
    details = PatientDetails(form.family, form.given, born, email=form.email)
    return replace(details, phones=(form.phone,) if form.phone else ())


def _already(desk: Desk, talk: Talk, details: PatientDetails) -> Known | None:
    """Whom on record it is, if anybody."""
    alike = desk.read_now(possible_duplicates, details, desk.now())
    if not alike:
        return None
    talk.say("They may be on record already:")
    lines = [f"{words.person(one.patient)}: {one.why}" for one in alike]
    chosen = talk.choose("Which is it", [*lines, "Nobody of these: register them"])
    if chosen == len(alike):
        return None
    return Known(alike[chosen].patient.patient_id, alike[chosen].patient.name)
