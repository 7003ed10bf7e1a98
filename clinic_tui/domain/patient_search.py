"""Finding patients as one types, and the ones somebody new might already be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select
from sqlalchemy.orm import Session

from .access import Actor, Permission, Reach, reach
from .contact import reversed_digits
from .dates import parse_date
from .models import Patient, PatientPhone, PatientWord, table
from .patients import PatientDetails, restrict_to_reach, tidy_details
from .settings import load_settings
from .text import full_name, search_key
from .walltime import local_day

_PATIENTS, _WORDS, _PHONES = table(Patient), table(PatientWord), table(PatientPhone)
_PAST_EVERY_CHARACTER = "\U0010ffff"
_FEWEST_DIGITS = 3
_ALIKE = 85
"""Of 100: how alike two names are before they may be one person's (rapidfuzz)."""
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
    """What was typed, taken apart: words of a name, digits, a birth date."""

    words: tuple[str, ...]
    digits: tuple[str, ...]
    birth_date: date | None


def parse_query(text: str, region: str, today: date) -> PatientQuery:
    """Take a search line apart, tokens in any order.

    A date (12mar84, 1984-03-12 …) is a birth date, three digits or more are the end of a phone
    number or the beginning of a record number, the rest are beginnings of words of the name.
    """
    words: list[str] = []
    digits: list[str] = []
    birth_date: date | None = None
    for token in text.split():
        day = parse_date(token, region, today)
        if day is not None:
            birth_date = day
        elif _DIGITS.fullmatch(token) and len(reversed_digits(token)) >= _FEWEST_DIGITS:
            digits.append(reversed_digits(token)[::-1])
        else:
            words += search_key(token).split()
    return PatientQuery(tuple(words), tuple(digits), birth_date)


def find_patients(
    session: Session, actor: Actor, text: str, now: datetime, limit: int = 20
) -> tuple[FoundPatient, ...]:
    """The patients whom a line typed so far may mean, within the actor's reach, best first.

    Every token must match. Nothing typed finds nobody. Names are compared without case and
    accents by the beginning of each word.
    """
    within = restrict_to_reach(actor, Permission.SEE_CONTACT, _PATIENTS.c.id)
    settings = load_settings(session)
    query = parse_query(text, settings.region, local_day(now, settings.zone))
    if not (query.words or query.digits or query.birth_date):
        return ()
    rows = session.execute(_search(query, within, 2 * limit))
    may_alert = reach(actor, Permission.SEE_ALERTS) is not Reach.NONE
    # Somebody called Garcia Garza matches "gar" twice.
    found = {row.id: _found(row, may_alert=may_alert) for row in rows}
    return tuple(found.values())[:limit]


def possible_duplicates(
    session: Session, actor: Actor, details: PatientDetails, now: datetime
) -> tuple[PossibleDuplicate, ...]:
    """Whom on record the person being registered may already be, most likely first.

    Compared are the phone, the birth date and the names, also swapped. A family that shares a
    phone is not one person: a phone counts only with a similar name. Refused with ``BadInput``
    like registering itself.
    """
    within = restrict_to_reach(actor, Permission.REGISTER_PATIENT, _PATIENTS.c.id)
    settings = load_settings(session)
    wanted = tidy_details(details, settings.region, local_day(now, settings.zone))
    may_alert = reach(actor, Permission.SEE_ALERTS) is not Reach.NONE
    scored = []
    for row in session.execute(_candidates(wanted, within)):
        found = _found(row, may_alert=may_alert)
        why, score = _resemblance(wanted, found, shares_phone=bool(row.shares_phone))
        if why:
            scored.append((-score, found.patient_id, PossibleDuplicate(found, why)))
    return tuple(match for _, _, match in sorted(scored, key=lambda entry: entry[:2])[:5])


def _resemblance(
    wanted: PatientDetails, found: FoundPatient, *, shares_phone: bool
) -> tuple[str, float]:
    names = [
        search_key(f"{one} {other}")
        for one, other in (
            (wanted.family_name, wanted.given_name),
            (wanted.given_name, wanted.family_name),
        )
    ]
    theirs = search_key(f"{found.family_name} {found.given_name}")
    alike = max(fuzz.ratio(name, theirs) for name in names)
    if alike < _ALIKE:
        return "", 0
    same_birth_date = wanted.birth_date is not None and wanted.birth_date == found.birth_date
    unknown = wanted.birth_date is None or found.birth_date is None
    speaks = ["same name" if names[0] == theirs else "similar name"]
    if same_birth_date:
        speaks.append("same birth date")
    if shares_phone:
        speaks.append("same phone")
    if not (same_birth_date or shares_phone or (unknown and names[0] == theirs)):
        return "", 0
    return ", ".join(speaks), alike + 100 * same_birth_date + 50 * shares_phone


def _found(row: Any, *, may_alert: bool) -> FoundPatient:
    return FoundPatient(
        row.id,
        row.family_name,
        row.given_name,
        row.birth_date,
        row.record_number,
        row.phone or "",
        row.alert if may_alert else "",
    )


def _lines() -> Select[Any]:
    first_phone = (
        select(_PHONES.c.number)
        .where(_PHONES.c.patient_id == _PATIENTS.c.id)
        .order_by(_PHONES.c.position)
        .limit(1)
        .scalar_subquery()
    )
    return select(
        _PATIENTS.c.id,
        _PATIENTS.c.family_name,
        _PATIENTS.c.given_name,
        _PATIENTS.c.birth_date,
        _PATIENTS.c.record_number,
        _PATIENTS.c.alert,
        first_phone.label("phone"),
    )


def _begins_with(column: ColumnElement[str], start: str) -> ColumnElement[bool]:
    """A range that an index answers, whatever the planner thinks of LIKE with a parameter."""
    return (column >= start) & (column < start + _PAST_EVERY_CHARACTER)


def _search(query: PatientQuery, within: ColumnElement[bool] | None, limit: int) -> Select[Any]:
    lines = _lines()
    if query.words:
        # The longest word decides least often wrongly; the others narrow inside the same index.
        leading, *others = sorted(query.words, key=len, reverse=True)
        lines = (
            lines.join(_WORDS, _WORDS.c.patient_id == _PATIENTS.c.id)
            .where(_begins_with(_WORDS.c.word, leading))
            .where(
                *(
                    (literal(" ") + _WORDS.c.name_key).contains(f" {word}", autoescape=True)
                    for word in others
                )
            )
            .order_by(_WORDS.c.word, _WORDS.c.name_key, _WORDS.c.patient_id)
        )
    for digits in query.digits:
        lines = lines.where(_has_digits(digits))
    if query.birth_date is not None:
        lines = lines.where(_PATIENTS.c.birth_date == query.birth_date)
    if within is not None:
        lines = lines.where(within)
    if not query.words:
        lines = lines.order_by(_PATIENTS.c.family_name, _PATIENTS.c.given_name, _PATIENTS.c.id)
    return lines.limit(limit)


def _has_digits(digits: str) -> ColumnElement[bool]:
    by_phone = select(_PHONES.c.patient_id).where(
        _begins_with(_PHONES.c.reversed_digits, digits[::-1])
    )
    by_number = select(_PATIENTS.c.id).where(_begins_with(_PATIENTS.c.record_number, digits))
    return _PATIENTS.c.id.in_(by_phone.union_all(by_number))


def _candidates(wanted: PatientDetails, within: ColumnElement[bool] | None) -> Select[Any]:
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
        _lines()
        .add_columns(case((_PATIENTS.c.id.in_(same_phone), 1), else_=0).label("shares_phone"))
        .where(or_(*reasons))
        .limit(2 * _CANDIDATES)
    )
    return query if within is None else query.where(within)
