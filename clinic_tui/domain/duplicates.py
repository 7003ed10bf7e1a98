"""Who is on record twice: a list for somebody who looks through it, nothing done by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, and_, exists, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from .access import Actor, Permission, require
from .models import Patient, PatientPhone, PatientWord, table
from .patient_search import FoundPatient, found_by_id
from .resemblance import Person, resemblance

_PATIENTS, _WORDS, _PHONES = table(Patient), table(PatientWord), table(PatientPhone)
_ONE, _OTHER = aliased(_PATIENTS), aliased(_PATIENTS)
_MOST = 50_000
"""Pairs looked at: a book of 100,000 has some thousands, most of them families."""


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two records that may be one person's, the older first, and what speaks for it."""

    one: FoundPatient
    other: FoundPatient
    why: str


def find_duplicates(session: Session, actor: Actor, limit: int = 100) -> tuple[DuplicatePair, ...]:
    """Pairs that may be one person, most likely first, at most ``limit``.

    Looked at is who shares a phone number, or a birth date and a word of the name; then
    ``resemblance`` decides.
    """
    require(actor, Permission.REGISTER_PATIENT)
    shares_phone: dict[tuple[int, int], bool] = {}
    people: dict[int, Person] = {}
    for row in session.execute(_PAIRS):
        pair = row.one, row.other
        shares_phone[pair] = shares_phone.get(pair, False) or bool(row.shares_phone)
        people[row.one], people[row.other] = _both(row)
    scored = []
    for (one, other), shared in shares_phone.items():
        why, score = resemblance(people[one], people[other], shares_phone=shared)
        if why:
            scored.append((-score, one, other, why))
    likely = sorted(scored)[: max(limit, 0)]
    lines = found_by_id(session, actor, {patient for _, *pair, _ in likely for patient in pair})
    return tuple(DuplicatePair(lines[one], lines[other], why) for _, one, other, why in likely)


def _both(row: Row[Any]) -> tuple[Person, Person]:
    return (
        Person(row.one_family, row.one_given, row.one_born),
        Person(row.other_family, row.other_given, row.other_born),
    )


def _pairs_query() -> Select[Any]:
    """Who shares a phone, and who shares a birth date and a word of the name."""
    mine, theirs = aliased(_PHONES), aliased(_PHONES)
    by_phone = (
        select(
            mine.c.patient_id.label("one"),
            theirs.c.patient_id.label("other"),
            literal(1).label("shares_phone"),
        )
        .join(
            theirs,
            and_(
                theirs.c.reversed_digits == mine.c.reversed_digits,
                theirs.c.patient_id > mine.c.patient_id,
            ),
        )
        .limit(_MOST)
    )
    my_word, their_word = aliased(_WORDS), aliased(_WORDS)
    by_birth_date = (
        select(_ONE.c.id, _OTHER.c.id, literal(0))
        .join(_OTHER, and_(_OTHER.c.birth_date == _ONE.c.birth_date, _OTHER.c.id > _ONE.c.id))
        .where(
            exists()
            .where(my_word.c.patient_id == _ONE.c.id, their_word.c.patient_id == _OTHER.c.id)
            .where(my_word.c.word == their_word.c.word)
        )
        .limit(_MOST)
    )
    pairs = union_all(select(by_phone.subquery()), select(by_birth_date.subquery())).subquery()
    one, other = aliased(_PATIENTS), aliased(_PATIENTS)
    return (
        select(
            pairs.c.one,
            pairs.c.other,
            pairs.c.shares_phone,
            *(one.c[name].label(f"one_{short}") for name, short in _COMPARED.items()),
            *(other.c[name].label(f"other_{short}") for name, short in _COMPARED.items()),
        )
        .join(one, one.c.id == pairs.c.one)
        .join(other, other.c.id == pairs.c.other)
        .where(one.c.merged_into.is_(None), other.c.merged_into.is_(None))
    )


_COMPARED = {"family_name": "family", "given_name": "given", "birth_date": "born"}
_PAIRS = _pairs_query()
