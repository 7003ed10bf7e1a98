"""Made-up people for large books: a few thousand names, some common and most rare."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, product

from clinic_tui.domain.text import search_key

_COMMON_FAMILIES = (
    "Garcia Smith Müller Nguyen Martinez Kim Johnson Schmidt Rossi Silva Yılmaz Novák Kowalski"
    " Andersson Hansen Ivanova Tanaka Singh Okafor Mensah Haddad Cohen O'Brien Dubois Jansen"
)
_COMMON_GIVEN = (
    "Maria José Anna Michael Thomas Sarah David Laura Peter Fatima Mohammed Elena Chidi Yuki"
    " Olga Jean Ingrid Lukas Sofia Emma Noah Mehmet Thùy Priya Sean"
)
_STARTS = "Al Bar Cor Dan El Fal Gor Hol Is Jar Kal Lam Mor Nor Os Pol Ras Sel Tor Ul Vas Wel"
_MIDDLES = "ba de li mo na pe ri so ta ve"
_ENDS = "berg dal ez hoff ini kov lund mann nik os quist ro sen ström ton wicz"
_GIVEN_ENDS = "a e in is o us ya ette"
_BORN_FROM = date(1930, 1, 1)
_DAYS_OF_BIRTH = 95 * 365


@dataclass(frozen=True, slots=True)
class Person:
    """One patient before there is a row: the number is the id."""

    number: int
    family_name: str
    given_name: str
    name_key: str
    birth_date: date
    phones: tuple[str, ...]
    hears_by_email: bool
    hears_by_sms: bool

    @property
    def words(self) -> list[str]:
        """The words it is found by, each once."""
        return list(dict.fromkeys(self.name_key.split()))

    @property
    def record_number(self) -> str:
        """As the clinic numbers its patients."""
        return f"{self.number:06}"


def _names(common: str, *parts: str) -> list[str]:
    made = ["".join(syllables) for syllables in product(*(part.split() for part in parts))]
    random.Random(7).shuffle(made)
    return [*common.split(), *made]


FAMILIES = _names(_COMMON_FAMILIES, _STARTS, _MIDDLES, _ENDS)
GIVEN = _names(_COMMON_GIVEN, _STARTS, _MIDDLES, _GIVEN_ENDS)


def people(many: int) -> Iterator[Person]:
    """That many patients, always the same; the few first names of each list are common."""
    chance = random.Random(many)
    keys = {name: search_key(name) for name in (*FAMILIES, *GIVEN)}
    families, given = _drawn(chance, FAMILIES, many), _drawn(chance, GIVEN, many)
    for number in range(1, many + 1):
        family, first = families[number - 1], given[number - 1]
        dice = chance.random()
        if dice < 0.05:
            family = f"{family} {families[number % many]}"
        elif dice < 0.15:
            first = f"{first} {given[number % many]}"
        key = " ".join(keys[word] for word in (*family.split(), *first.split()))
        mobile, home = chance.randrange(10**8), chance.randrange(10**7)
        yield Person(
            number,
            family,
            first,
            key,
            _BORN_FROM + timedelta(days=chance.randrange(_DAYS_OF_BIRTH)),
            (f"+49151{mobile:08}", f"+4930{home:07}")[: 2 if dice > 0.8 else 1],
            hears_by_email=chance.random() < 0.6,
            hears_by_sms=chance.random() < 0.5,
        )


def _drawn(chance: random.Random, names: list[str], many: int) -> list[str]:
    """As often as names are: the tenth a third as often as the first, a long tail of rare ones."""
    weights = list(accumulate(1 / (rank + 5) for rank in range(len(names))))
    return chance.choices(names, cum_weights=weights, k=many)
