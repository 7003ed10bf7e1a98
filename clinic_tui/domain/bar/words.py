"""The clinic's own words in a line of the booking bar: its doctors, specialties, visit types."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..clinic.visit_types import ListedVisitType
from ..staff.doctors import ListedDoctor
from ..staff.specialties import ListedSpecialty
from ..text import search_key

_FEWEST_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Word:
    """Something with a name; ``short`` is another name for it, as a visit type has one."""

    id: int
    name: str
    short: str = ""


class Index:
    """Words of one kind, found by their names as quickly among thousands as among few."""

    def __init__(self, words: Iterable[Word] = ()) -> None:
        by_name: defaultdict[str, dict[Word, None]] = defaultdict(dict)
        by_part: defaultdict[str, dict[Word, None]] = defaultdict(dict)
        for word in words:
            for name in filter(None, (search_key(word.name), search_key(word.short))):
                by_name[name][word] = None
                for part in name.split():
                    by_part[part][word] = None
        self._by_name, self._by_part = by_name, by_part
        self._parts = sorted(by_part)

    def called(self, text: str) -> tuple[Word, ...]:
        """What the text names in full: by a whole name, or by whole words of one."""
        key = search_key(text)
        whole = self._by_name.get(key)
        return tuple(whole) if whole else _all_in(self._by_part.get(p, {}) for p in key.split())

    def begun(self, text: str) -> tuple[Word, ...]:
        """What the text names by three letters or more that each begin a word of the name."""
        parts = search_key(text).split()
        if any(len(part) < _FEWEST_LETTERS for part in parts):
            return ()
        return _all_in(dict.fromkeys(self._beginning(part)) for part in parts)

    def _beginning(self, part: str) -> Iterator[Word]:
        for at in range(bisect_left(self._parts, part), len(self._parts)):
            if not self._parts[at].startswith(part):
                return
            yield from self._by_part[self._parts[at]]


@dataclass(frozen=True, slots=True)
class Names:
    """What the clinic's words are; ``doctors_are_marked`` where @ alone makes a name a doctor's."""

    doctors: Index
    specialties: Index
    visit_types: Index
    doctors_are_marked: bool = False


def names_of(
    doctors: Iterable[ListedDoctor],
    specialties: Iterable[ListedSpecialty],
    visit_types: Iterable[ListedVisitType],
) -> Names:
    """The words of what is on record; a visit type also by its short name."""
    return Names(
        Index(Word(d.doctor_id, f"{d.given_name} {d.family_name}", d.name) for d in doctors),
        Index(Word(one.specialty_id, one.name) for one in specialties),
        Index(
            Word(one.visit_type_id, one.details.name, one.details.short_name) for one in visit_types
        ),
    )


def _all_in(groups: Iterable[dict[Word, None]]) -> tuple[Word, ...]:
    first, *others = list(groups) or [{}]
    return tuple(word for word in first if all(word in group for group in others))
