"""The booking bar's line: garcia tue 3pm lee 20m, in any order, read without guessing. Pure.

Every token is one thing or said to be none; nothing is dropped, and what was understood is shown
before anything is done. Marks say outright what a name is: "…" the patient's, @ a doctor's or a
specialty's, # a visit type's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from ..text import MAX_LENGTH
from .phrases import day_in, length_in, looks_like_one, numbered_day, time_in
from .words import Names, Word

_PIECE = re.compile(r'([@#]?)(?:"([^"]*)"?|([^\s"]+))')
_NUMBER = re.compile(r"\d{1,2}")
_LONGEST_PHRASE = 3
_HOURS = 24


class Kind(StrEnum):
    """What a token is."""

    PATIENT = "patient"
    DOCTOR = "doctor"
    SPECIALTY = "specialty"
    VISIT_TYPE = "visit type"
    DAY = "day"
    TIME = "time"
    LENGTH = "length"
    UNREAD = "unread"


_FIELDS = {
    Kind.SPECIALTY: "specialty",
    Kind.VISIT_TYPE: "visit_type",
    Kind.DAY: "day",
    Kind.TIME: "minute",
    Kind.LENGTH: "minutes",
}
"""What there is one of, and what it is called in the meaning."""
_NAMED = (Kind.DOCTOR, Kind.VISIT_TYPE, Kind.SPECIALTY)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the line, from ``start`` to before ``end``, and what it was taken for.

    ``mark`` is what it was marked with: a quote, @ or #.
    """

    text: str
    start: int
    end: int
    kind: Kind = Kind.UNREAD
    mark: str = ""
    value: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the line says; what it leaves open is None or empty.

    ``patient`` is text to search by. ``doctors`` are those whom the words may mean. ``minute`` is
    counted from midnight, ``minutes`` is the length.
    """

    patient: str = ""
    doctors: tuple[Word, ...] = ()
    specialty: Word | None = None
    visit_type: Word | None = None
    day: date | None = None
    minute: int | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """A line, piece by piece, and what it means as a whole."""

    tokens: tuple[Token, ...]
    meaning: Meaning

    @property
    def unread(self) -> tuple[Token, ...]:
        """What could not be read, or contradicts what stands before it."""
        return tuple(token for token in self.tokens if token.kind is Kind.UNREAD)


def understand(line: str, names: Names, today: date, region: str) -> Understood:
    """Read a line; never refused. Of a page that was pasted the beginning counts.

    ``today`` is the clinic's date; ``region`` (ISO 3166) decides what 3/4 is. A number alone is
    the hour where a day is given and the day where a time is; of two the first is the day; the
    only one in a line that gives neither is the hour, if there is such an hour.
    """
    left = [
        Token(
            match[2] or match[3] or "",
            *match.span(),
            mark=match[1] or ('"' if match[2] is not None else ""),
        )
        for match in _PIECE.finditer(line[:MAX_LENGTH])
    ]
    tokens: list[Token] = []
    while left:
        token, count = _first_of(left[:_LONGEST_PHRASE], names, today, region)
        tokens.append(token)
        del left[:count]
    return _as_a_whole(_names_shared_out(_numbers_shared_out(tokens, today, region)))


def readings(line: str, names: Names, today: date, region: str) -> Iterator[Understood]:
    """The ways to read a line in which patients and doctors may share a name, the better first.

    In the first only a mark makes a name a doctor's; where it finds no patient, it is the second:
    names of doctors are theirs, unless nothing else could be the patient's.
    """
    first = understand(line, replace(names, doctors_are_marked=True), today, region)
    yield first
    second = understand(line, names, today, region)
    if second.meaning != first.meaning:
        yield second


def written(meaning: Meaning) -> str:
    """The line in full, with its marks; it is understood as the very same."""
    # Their short names are those that tell two doctors apart.
    named = [one.short or one.name for one in meaning.doctors]
    named += [meaning.specialty.name] if meaning.specialty else []
    parts = [f'"{meaning.patient}"' if meaning.patient else ""]
    parts += [f'@"{_unquoted(one)}"' for one in named]
    if meaning.day is not None:
        parts.append(meaning.day.isoformat())
    if meaning.minute is not None:
        parts.append(f"{meaning.minute // 60}:{meaning.minute % 60:02}")
    if meaning.visit_type is not None:
        parts.append(f'#"{_unquoted(meaning.visit_type.name)}"')
    if meaning.minutes is not None:
        parts.append(f"{meaning.minutes}m")
    return " ".join(filter(None, parts))


def _unquoted(text: str) -> str:
    return " ".join(text.replace('"', " ").split())


def _first_of(left: Sequence[Token], names: Names, today: date, region: str) -> tuple[Token, int]:
    """The token that the line begins with, the longest that can be read, and of how many pieces."""
    first = left[0]
    if first.mark:
        return _marked(first, names), 1
    plain = next((n for n, piece in enumerate(left) if piece.mark), len(left))
    for count in range(plain, 0, -1):
        phrase = " ".join(piece.text for piece in left[:count])
        for kind, value in (
            (Kind.LENGTH, length_in(phrase.lower())),
            (Kind.TIME, time_in(phrase.lower())),
            (Kind.DAY, day_in(phrase.lower(), today, region)),
        ):
            if value is not None:
                born = isinstance(value, date) and value < today
                taken = Token(phrase, first.start, left[count - 1].end, kind, value=value)
                return replace(taken, kind=Kind.PATIENT) if born else taken, count
        if looks_like_one(phrase.lower()):
            return Token(phrase, first.start, left[count - 1].end), count
    return first if _NUMBER.fullmatch(first.text) else _named(first, names), 1


def _marked(piece: Token, names: Names) -> Token:
    """A name with its mark: the beginning of any of its words will do."""
    if piece.mark == '"':
        return replace(piece, kind=Kind.PATIENT)
    kinds = [(Kind.DOCTOR, names.doctors), (Kind.SPECIALTY, names.specialties)]
    if piece.mark == "#":
        kinds = [(Kind.VISIT_TYPE, names.visit_types)]
    whole = [(kind, index.called) for kind, index in kinds]
    return _first_found(piece, [*whole, *((kind, index.begun) for kind, index in kinds)]) or piece


def _named(piece: Token, names: Names) -> Token:
    """A word: a doctor by a whole name, the rest of the clinic's words by a beginning, too."""
    own = [(Kind.VISIT_TYPE, names.visit_types), (Kind.SPECIALTY, names.specialties)]
    ways: list[_Way] = []
    if not names.doctors_are_marked:
        ways.append((Kind.DOCTOR, names.doctors.called))
    ways += [(kind, index.called) for kind, index in own]
    ways += [(kind, index.begun) for kind, index in own]
    return _first_found(piece, ways) or replace(piece, kind=Kind.PATIENT)


_Way = tuple[Kind, Callable[[str], tuple[Word, ...]]]


def _first_found(piece: Token, ways: Sequence[_Way]) -> Token | None:
    """Doctors may be several; of a specialty or a visit type only one can be meant."""
    for kind, find in ways:
        found = find(piece.text)
        if found and kind is Kind.DOCTOR:
            return replace(piece, kind=kind, value=found)
        if len(found) == 1:
            return replace(piece, kind=kind, value=found[0])
    return None


def _numbers_shared_out(tokens: Sequence[Token], today: date, region: str) -> list[Token]:
    """The numbers alone become the day and the hour, whatever of the two is not given."""
    given = {token.kind for token in tokens}
    numbers = [token for token in tokens if _is_number(token)]
    roles = [kind for kind in (Kind.DAY, Kind.TIME) if kind not in given]
    if len(numbers) == 1 and len(roles) == 2 and int(numbers[0].text) < _HOURS:
        roles = [Kind.TIME]
    shared = dict(zip((token.start for token in numbers), roles, strict=False))
    out = []
    for token in tokens:
        role = shared.get(token.start)
        value: date | int | None = None
        if role is Kind.DAY:
            value = numbered_day(token.text, today, region)
        elif role is Kind.TIME and int(token.text) < _HOURS:
            value = int(token.text) * 60
        out.append(
            token if value is None or role is None else replace(token, kind=role, value=value)
        )
    return out


def _is_number(token: Token) -> bool:
    return token.kind is Kind.UNREAD and _NUMBER.fullmatch(token.text) is not None


def _names_shared_out(tokens: list[Token]) -> list[Token]:
    """Where no patient is named, the first name without a mark is the patient's."""
    if any(token.kind is Kind.PATIENT for token in tokens):
        return tokens
    names = (n for n, one in enumerate(tokens) if one.kind in _NAMED and not one.mark)
    first = next(names, None)
    if first is None:
        return tokens
    patient = replace(tokens[first], kind=Kind.PATIENT, value=None)
    return [*tokens[:first], patient, *tokens[first + 1 :]]


def _groups(doctors: Sequence[Token]) -> list[tuple[Word, ...]]:
    """Names that narrow each other down mean one doctor, others mean several."""
    groups: list[tuple[Word, ...]] = []
    for token in doctors:
        both = tuple(one for one in groups[-1] if one in token.value) if groups else ()
        groups[-1:] = [both] if both else [*groups[-1:], token.value]
    return groups


def _as_a_whole(tokens: Sequence[Token]) -> Understood:
    """What the tokens say together; of what there is one of, a second is unread."""
    said: dict[str, Any] = {}
    kept = []
    for token in tokens:
        name = _FIELDS.get(token.kind)
        agrees = name is None or said.setdefault(name, token.value) == token.value
        kept.append(token if agrees else replace(token, kind=Kind.UNREAD))
    patient = " ".join(token.text for token in kept if token.kind is Kind.PATIENT)
    groups = _groups([token for token in kept if token.kind is Kind.DOCTOR])
    doctors = tuple(dict.fromkeys(one for group in groups for one in group))
    return Understood(tuple(kept), Meaning(_unquoted(patient), doctors, **said))
