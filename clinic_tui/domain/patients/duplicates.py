"""Who is on record twice: a list for somebody who looks through it, nothing done by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, groupby, islice
from typing import Any

from sqlalchemy import Row, Select, and_, select
from sqlalchemy.orm import Session, aliased

from ..access import Actor, Permission, require
from ..models import Patient, PatientPhone, PatientWord, table
from ..models.many import ids, one_of
from .resemblance import Person, resemblance, sounds
from .search import FoundPatient, found_by_id

_PATIENTS, _WORDS, _PHONES = table(Patient), table(PatientWord), table(PatientPhone)
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

    Looked at is who shares a phone number, or a birth date and a word of the name, as written or
    as heard; then ``resemblance`` decides.
    """
    require(actor, Permission.REGISTER_PATIENT)
    shares_phone: dict[tuple[int, int], bool] = {}
    people: dict[int, Person] = {}
    for row in session.execute(_SHARE_A_PHONE):
        shares_phone[row.one, row.other] = True
        people[row.one], people[row.other] = _both(row)
    born_together = set(islice(_born_together(session), _MOST)) - shares_phone.keys()
    shares_phone |= dict.fromkeys(born_together, False)
    numbers = {"patients": sorted({number for pair in born_together for number in pair})}
    for row in session.execute(_NAMED, numbers):
        people[row.id] = Person(row.family_name, row.given_name, row.birth_date)
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


def _born_together(session: Session) -> Iterator[tuple[int, int]]:
    """Who was born on one day and has a name of which a word is alike."""
    for _, rows in groupby(session.execute(_BY_BIRTH_DATE), lambda row: row[0]):
        alike: dict[str, set[int]] = defaultdict(set)
        for _, patient_id, word in rows:
            for sound in sounds(word):
                alike[sound].add(patient_id)
        for together in alike.values():
            if len(together) > 1:
                yield from combinations(sorted(together), 2)


def _share_a_phone() -> Select[Any]:
    mine, theirs = aliased(_PHONES), aliased(_PHONES)
    pairs = (
        select(mine.c.patient_id.label("one"), theirs.c.patient_id.label("other"))
        .join(
            theirs,
            and_(
                theirs.c.reversed_digits == mine.c.reversed_digits,
                theirs.c.patient_id > mine.c.patient_id,
            ),
        )
        .limit(_MOST)
        .subquery()
    )
    one, other = aliased(_PATIENTS), aliased(_PATIENTS)
    return (
        select(
            pairs.c.one,
            pairs.c.other,
            *(one.c[name].label(f"one_{short}") for name, short in _COMPARED.items()),
            *(other.c[name].label(f"other_{short}") for name, short in _COMPARED.items()),
        )
        .join(one, one.c.id == pairs.c.one)
        .join(other, other.c.id == pairs.c.other)
        .where(one.c.merged_into.is_(None), other.c.merged_into.is_(None))
    )


_COMPARED = {"family_name": "family", "given_name": "given", "birth_date": "born"}
_SHARE_A_PHONE = _share_a_phone()
_BY_BIRTH_DATE = (
    select(_PATIENTS.c.birth_date, _PATIENTS.c.id, _WORDS.c.word)
    .join(_WORDS, _WORDS.c.patient_id == _PATIENTS.c.id)
    .where(_PATIENTS.c.merged_into.is_(None), _PATIENTS.c.birth_date.is_not(None))
    .order_by(_PATIENTS.c.birth_date)
)
_NAMED = select(_PATIENTS.c.id, *(_PATIENTS.c[name] for name in _COMPARED)).where(
    one_of(_PATIENTS.c.id, ids("patients"))
)
