"""Finding patients as one types, and the ones somebody new might already be."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from ..access import Actor, Permission
from ..clinic.settings import load_settings
from ..errors import BadInput
from ..models import Patient, PatientPhone, PatientWord, table
from ..text import MAX_LENGTH, MOST_WORDS, full_name, may_be_stored, search_key
from ..times.dates import parse_date
from ..times.walltime import local_day
from .contact import clean_phone, reversed_digits
from .details import PatientDetails, tidy_details
from .phones import first_phone
from .reach import in_reach, restrict_to_reach
from .resemblance import Person, resemblance

_PATIENTS, _WORDS, _PHONES = table(Patient), table(PatientWord), table(PatientPhone)
_PAST_EVERY_CHARACTER = "\U0010ffff"
_FEWEST_DIGITS = 3
_FEWEST_OF_A_NUMBER = 6
_CANDIDATES = 200
_DIGITS = re.compile(r"[+()\d][\d ()/.\-]*")


@dataclass(frozen=True, slots=True)
class FoundPatient:
    """One line of a search: enough to tell two people of one name apart.

    ``phone`` is in E.164; ``alert`` is empty for whoever may not see alerts.
    """

    patient_id: int
    family_name: str
    given_name: str
    birth_date: date | None
    record_number: str
    phone: str
    alert: str

    @property
    def name(self) -> str:
        """As spoken: "Maria Garcia"."""
        return full_name(self.given_name, self.family_name)


@dataclass(frozen=True, slots=True)
class PossibleDuplicate:
    """Somebody on record who may be the person being registered, and what speaks for it."""

    patient: FoundPatient
    why: str


@dataclass(frozen=True, slots=True)
class PatientQuery:
    """What was typed, taken apart: words of a name, digits, a birth date.

    ``number`` is the phone number (E.164) that all the digits together are as dialled, if any.
    """

    words: tuple[str, ...]
    digits: tuple[str, ...]
    birth_date: date | None
    number: str = ""


def parse_query(text: str, region: str, today: date) -> PatientQuery:
    """Take a search line apart, tokens in any order.

    A date (12mar84, 1984-03-12 …) is a birth date, three digits or more are the end of a phone
    number or the beginning of a record number, the rest are beginnings of words of the name. A
    whole phone number may be written with its spaces, as dialled in ``region`` or with +. Of a
    page that was pasted only the beginning counts.
    """
    words: list[str] = []
    digits: list[str] = []
    dialled: list[str] = []
    birth_date: date | None = None
    for token in text[:MAX_LENGTH].split()[:MOST_WORDS]:
        day = parse_date(token, region, today)
        if day is not None:
            birth_date = day
        elif _DIGITS.fullmatch(token):
            dialled.append(token)
        else:
            words += search_key(token).split()
    number = _whole_number("".join(dialled), region)
    for token in dialled:
        if len(reversed_digits(token)) >= _FEWEST_DIGITS:
            digits.append(reversed_digits(token)[::-1])
        elif not number:
            words += search_key(token).split()
    distinct = tuple(dict.fromkeys(words))[:MOST_WORDS]
    return PatientQuery(distinct, tuple(digits), birth_date, number)


def _whole_number(typed: str, region: str) -> str:
    if sum(char.isdigit() for char in typed) < _FEWEST_OF_A_NUMBER:
        return ""
    try:
        return clean_phone(typed, region)
    except BadInput:
        return ""


def find_patients(
    session: Session, actor: Actor, text: str, now: datetime, limit: int = 20
) -> tuple[FoundPatient, ...]:
    """The patients whom a line typed so far may mean, within the actor's reach, best first.

    Every token must match. Nothing typed finds nobody. Names are compared without case and
    accents by the beginning of each word. A record number with letters is found when it is whole.
    """
    within = restrict_to_reach(actor, Permission.SEE_CONTACT, _PATIENTS.c.id)
    settings = load_settings(session)
    query = parse_query(text, settings.region, local_day(now, settings.zone))
    if not (query.words or query.digits or query.birth_date):
        return ()
    lines = _lines(actor)
    rows = session.execute(_search(lines, query, within, 2 * limit)).all()
    if not rows and any(char.isdigit() for char in text) and may_be_stored(text):
        rows = session.execute(_by_record_number(lines, text.strip(), within)).all()
    # Somebody called Garcia Garza matches "gar" twice.
    found = {row.id: _found(row) for row in rows}
    return tuple(found.values())[:limit]


def patients_named(text: str) -> Select[Any] | None:
    """The numbers of all patients whom words of a name may mean; None where there is no word.

    A step: the caller narrows what it reads of them to its actor's reach.
    """
    words = list(dict.fromkeys(search_key(text[:MAX_LENGTH]).split()))[:MOST_WORDS]
    if not words:
        return None
    leading, *others = sorted(words, key=len, reverse=True)
    return select(_WORDS.c.patient_id).where(
        _begins_with(_WORDS.c.word, leading), *_has_words(others)
    )


def possible_duplicates(
    session: Session, actor: Actor, details: PatientDetails, now: datetime
) -> tuple[PossibleDuplicate, ...]:
    """Whom on record the person being registered may already be, most likely first.

    Compared as ``resemblance`` does. Refused with ``BadInput``
    like registering itself.
    """
    within = restrict_to_reach(actor, Permission.REGISTER_PATIENT, _PATIENTS.c.id)
    settings = load_settings(session)
    wanted = tidy_details(details, settings.region, local_day(now, settings.zone))
    person = Person(wanted.family_name, wanted.given_name, wanted.birth_date)
    scored = []
    for row in session.execute(_candidates(_lines(actor), wanted, within)):
        found = _found(row)
        theirs = Person(found.family_name, found.given_name, found.birth_date)
        why, score = resemblance(person, theirs, shares_phone=bool(row.shares_phone))
        if why:
            scored.append((-score, found.patient_id, PossibleDuplicate(found, why)))
    return tuple(match for _, _, match in sorted(scored, key=lambda entry: entry[:2])[:5])


def found_by_id(
    session: Session, actor: Actor, patient_ids: Collection[int]
) -> dict[int, FoundPatient]:
    """Lines of patients whom the actor's permission is known to reach: a shared step."""
    rows = session.execute(_lines(actor).where(_PATIENTS.c.id.in_(patient_ids)))
    return {row.id: _found(row) for row in rows}


def _found(row: Any) -> FoundPatient:
    return FoundPatient(
        row.id,
        row.family_name,
        row.given_name,
        row.birth_date,
        row.record_number,
        row.phone or "",
        row.alert,
    )


def _lines(actor: Actor) -> Select[Any]:
    """What is shown of a patient; the alert only of those whose alerts the actor may see."""
    may_alert = in_reach(actor, Permission.SEE_ALERTS, _PATIENTS.c.id)
    phone = first_phone(_PATIENTS.c.id)
    return select(
        _PATIENTS.c.id,
        _PATIENTS.c.family_name,
        _PATIENTS.c.given_name,
        _PATIENTS.c.birth_date,
        _PATIENTS.c.record_number,
        case((may_alert, _PATIENTS.c.alert), else_="").label("alert"),
        phone.label("phone"),
    ).where(_PATIENTS.c.merged_into.is_(None))


def _begins_with(column: ColumnElement[str], start: str) -> ColumnElement[bool]:
    """A range that an index answers, whatever the planner thinks of LIKE with a parameter."""
    return (column >= start) & (column < start + _PAST_EVERY_CHARACTER)


def _search(
    lines: Select[Any], query: PatientQuery, within: ColumnElement[bool] | None, limit: int
) -> Select[Any]:
    if query.words:
        # The longest word decides least often wrongly; the others narrow inside the same index.
        leading, *others = sorted(query.words, key=len, reverse=True)
        lines = (
            lines.join(_WORDS, _WORDS.c.patient_id == _PATIENTS.c.id)
            .where(_begins_with(_WORDS.c.word, leading))
            .where(*_has_words(others))
            .order_by(_WORDS.c.word, _WORDS.c.name_key, _WORDS.c.patient_id)
        )
    if query.digits or query.number:
        lines = lines.where(_has_digits(query))
    if query.birth_date is not None:
        lines = lines.where(_PATIENTS.c.birth_date == query.birth_date)
    if within is not None:
        lines = lines.where(within)
    if not query.words:
        lines = lines.order_by(_PATIENTS.c.family_name, _PATIENTS.c.given_name, _PATIENTS.c.id)
    return lines.limit(limit)


def _has_words(words: Sequence[str]) -> list[ColumnElement[bool]]:
    """That some word of the name begins with each of these."""
    name = literal(" ") + _WORDS.c.name_key
    return [name.contains(f" {word}", autoescape=True) for word in words]


def _has_digits(query: PatientQuery) -> ColumnElement[bool]:
    """Whether each of the digits fits, or all of them are a phone number."""
    fitting = [_with_digits(digits) for digits in query.digits]
    whole = select(_PHONES.c.patient_id).where(
        _PHONES.c.reversed_digits == reversed_digits(query.number)
    )
    if query.number and len(fitting) == 1:
        # One list and no OR, so that an index serves while the number is being typed.
        return _PATIENTS.c.id.in_(union_all(whole, *fitting[0]))
    each = and_(*(_PATIENTS.c.id.in_(union_all(*ways)) for ways in fitting))
    return or_(each, _PATIENTS.c.id.in_(whole)) if query.number else each


def _with_digits(digits: str) -> tuple[Select[Any], Select[Any]]:
    """Who has a phone number that ends so, or a record number that begins so."""
    return (
        select(_PHONES.c.patient_id).where(_begins_with(_PHONES.c.reversed_digits, digits[::-1])),
        select(_PATIENTS.c.id).where(_begins_with(_PATIENTS.c.record_number, digits)),
    )


def _by_record_number(
    lines: Select[Any], typed: str, within: ColumnElement[bool] | None
) -> Select[Any]:
    query = lines.where(_PATIENTS.c.record_number.in_({typed, typed.upper()}))
    return query if within is None else query.where(within)


def _candidates(
    lines: Select[Any], wanted: PatientDetails, within: ColumnElement[bool] | None
) -> Select[Any]:
    same_phone = select(_PHONES.c.patient_id).where(_PHONES.c.number.in_(wanted.phones))
    name_key = search_key(f"{wanted.family_name} {wanted.given_name}")
    reasons: list[ColumnElement[bool]] = [
        _PATIENTS.c.id.in_(same_phone),
        _PATIENTS.c.id.in_(
            select(_WORDS.c.patient_id)
            .where(_WORDS.c.word.in_(name_key.split()))
            .where(func.length(_WORDS.c.name_key).between(len(name_key) - 6, len(name_key) + 6))
            .limit(_CANDIDATES)
        ),
    ]
    if wanted.birth_date is not None:
        reasons.append(_PATIENTS.c.birth_date == wanted.birth_date)
    query = (
        lines.add_columns(case((_PATIENTS.c.id.in_(same_phone), 1), else_=0).label("shares_phone"))
        .where(or_(*reasons))
        .limit(2 * _CANDIDATES)
    )
    return query if within is None else query.where(within)
