"""How the desk calls each doctor: as short as tells them apart, "Dr Lee" or "Dr Lee A".

It is kept with each doctor and not worked out when it is read: every visit that is shown says
whose it is, and doctors come and go seldom. Whatever writes a doctor keeps the names
(``keep_names``) before it does, and has them made again (``name_doctors``) after.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from ..models import Doctor, table
from ..text import full_name, search_key

_DOCTORS = table(Doctor)
_NAMES_LOCK = 7423


@dataclass(frozen=True, slots=True)
class Named:
    """What a doctor's name is made of."""

    doctor_id: int
    title: str
    given_name: str
    family_name: str
    active: bool


def names_shown(doctors: Iterable[Named]) -> dict[int, str]:
    """How each of all doctors is called, by id. Pure.

    Of one family name the initial is added, or as much more of the given name as is needed; the
    number where nothing else differs: what somebody is a doctor of must not be said in a message.
    Who is active is told apart from who is active, who is not any more from everybody: somebody
    who retires frees the short name, and their visits still say whose they were.
    """
    families: defaultdict[str, list[Named]] = defaultdict(list)
    for one in doctors:
        families[search_key(one.family_name)].append(one)
    shown = {}
    for family in families.values():
        if len(family) == 1:
            shown[family[0].doctor_id] = next(_ways(family[0]))[1]
            continue
        ways = {one.doctor_id: dict(_ways(one)) for one in family}
        of_all = Counter(key for way in ways.values() for key in way)
        of_active = Counter(key for one in family if one.active for key in ways[one.doctor_id])
        for one in family:
            others = of_active if one.active else of_all
            way = ways[one.doctor_id]
            shown[one.doctor_id] = next(name for key, name in way.items() if others[key] == 1)
    return shown


def _ways(one: Named) -> Iterator[tuple[tuple[str, str], str]]:
    """The ways to say a doctor, shorter ones first, each with what it is compared by.

    Two who share a way share all those before it.
    """
    short = f"{one.title} {one.family_name}".strip()
    given, key = one.given_name, search_key(one.given_name)
    whole = full_name(given, one.family_name)
    yield ("", ""), short if one.title else whole
    for end in range(1, len(given) + 1) if key else ():
        if _may_end(given, end):
            began = f"{short} {given[:end]}" if one.title else whole
            yield (search_key(given[:end]), ""), began
    longest = f"{short} {given}".strip() if one.title else whole
    if key:
        yield (key, "whole"), longest
    yield (key, f"number {one.doctor_id}"), f"{longest} ({one.doctor_id})"


def _may_end(text: str, end: int) -> bool:
    """Whether a name may be cut there: after a letter, with all the marks that belong to it."""
    last, after = text[end - 1], text[end : end + 1]
    return (last.isalnum() or _is_mark(last)) and not (after and _is_mark(after))


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")


def keep_names(session: Session) -> None:
    """Keep others from adding or changing doctors until the commit: each must see the other.

    SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_NAMES_LOCK)))


def name_doctors(session: Session) -> None:
    """Make the names of all doctors again, after some of them came, changed or went."""
    columns = _DOCTORS.c
    rows = session.execute(
        select(
            columns.id,
            columns.title,
            columns.given_name,
            columns.family_name,
            columns.active,
            columns.shown_name,
        )
    ).all()
    shown = names_shown(Named(*row[:5]) for row in rows)
    changed = [
        {"doctor": row.id, "shown": shown[row.id]}
        for row in rows
        if row.shown_name != shown[row.id]
    ]
    if changed:
        rename = update(_DOCTORS).where(columns.id == bindparam("doctor"))
        session.execute(rename.values(shown_name=bindparam("shown")), changed)
