"""How alike two people on record are: names as written, as heard and swapped, birth date, phone.

Pure. A family that shares a phone is not one person, and neither are two who share a birth date:
either counts only beside names that are alike. A birth date misheard by a day, a month or a year
counts beside the very same name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from ..text import search_key

_WHOLE_NAME = ("same name", "names swapped")
_ALIKE = 85
"""Of 100: how alike two names are before they may be one person's (rapidfuzz)."""


@dataclass(frozen=True, slots=True)
class Person:
    """What is compared of somebody."""

    family_name: str
    given_name: str
    birth_date: date | None


def resemblance(one: Person, other: Person, *, shares_phone: bool) -> tuple[str, float]:
    """What speaks for one person, in words, and how much; nothing (0) where too little does."""
    speaks, alike = _names(one, other)
    if not speaks:
        return "", 0
    same_birth_date = one.birth_date is not None and one.birth_date == other.birth_date
    unknown = one.birth_date is None or other.birth_date is None
    misheard = speaks in _WHOLE_NAME and _a_slip_apart(one.birth_date, other.birth_date)
    if not (same_birth_date or shares_phone or misheard or (unknown and speaks == "same name")):
        return "", 0
    reasons = [speaks]
    if same_birth_date:
        reasons.append("same birth date")
    elif misheard:
        reasons.append("nearly the same birth date")
    if shares_phone:
        reasons.append("same phone")
    return ", ".join(reasons), alike + 100 * same_birth_date + 50 * shares_phone + 25 * misheard


@lru_cache(10_000)
def sounds(word: str) -> frozenset[str]:
    """A comparable word as it is written and heard: in alike names some word shares one of them."""
    return frozenset({word, *_codes(word)} - {""})


def _a_slip_apart(one: date | None, other: date | None) -> bool:
    """One of day, month and year differs, or day and month stand in each other's place."""
    if one is None or other is None or one == other:
        return False
    if one.year == other.year and (one.day, one.month) == (other.month, other.day):
        return True
    differ = (one.year != other.year, one.month != other.month, one.day != other.day)
    return sum(differ) == 1


def _names(one: Person, other: Person) -> tuple[str, float]:
    from rapidfuzz import fuzz  # noqa: PLC0415 - only where patients are compared

    mine = search_key(f"{one.family_name} {one.given_name}")
    swapped = search_key(f"{one.given_name} {one.family_name}")
    theirs = search_key(f"{other.family_name} {other.given_name}")
    if mine == theirs:
        return "same name", 100
    if swapped == theirs:
        return "names swapped", 99
    alike = max(fuzz.ratio(mine, theirs), fuzz.ratio(swapped, theirs))
    if alike >= _ALIKE:
        return "similar name", alike
    if any(_sound_alike(name.split(), theirs.split()) for name in (mine, swapped)):
        return "name sounds alike", _ALIKE
    return "", 0


def _sound_alike(words: list[str], others: list[str]) -> bool:
    return len(words) == len(others) and all(
        _same_sound(word, other) for word, other in zip(words, others, strict=True)
    )


def _same_sound(word: str, other: str) -> bool:
    """By either code, by Soundex only where the words are as long (Meier, Mayer)."""
    (sound, soundex), (their_sound, their_soundex) = _codes(word), _codes(other)
    if sound and sound == their_sound:
        return True
    return abs(len(word) - len(other)) <= 1 and soundex == their_soundex != ""


@lru_cache(1000)
def _codes(word: str) -> tuple[str, str]:
    """What stands for the sound of a word, by Metaphone (L. Philips, 1990) and by Soundex."""
    import jellyfish  # noqa: PLC0415 - only where patients are compared

    return jellyfish.metaphone(word), jellyfish.soundex(word) if word.isascii() else ""
