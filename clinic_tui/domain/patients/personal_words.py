"""What in a line of text is a patient's: looked for by what was read of persons.

A name that is cut, by an ellipsis, by the edge of its part of the screen or by a line's end, is
found by what is left of it.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache

from ..text import showable
from .personal import Numbered, Written, read_since, read_so_far
from .personal_notes import HiddenNotes

_TAIL = 6
"""Digits by whose end a phone number is known, however it is written."""
_NUMBER = re.compile(r"\+?\(?\d(?:[ ()/.\-\u2011]{0,2}\d)+")
_ADDRESS = re.compile(r"[^\s<>(),;]+@[^\s<>(),;]*")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NUMERIC = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_DAY_FIRST = re.compile(r"(\d{1,2})\.? ([A-Z][a-z]{2})[a-z]*,? (\d{4})")
_MONTH_FIRST = re.compile(r"([A-Z][a-z]{2})[a-z]* (\d{1,2}),? (\d{4})")
_DAY, _MONTH = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)", f"(?:{'|'.join(_MONTHS).title()})"
_WRITTEN_DATE = re.compile(
    rf"\b(?:{_DAY} (?:{_MONTH} \d\d?(?:, \d{{4}})?|\d\d?(?: {_MONTH}(?: \d{{4}})?)?|[\d-]{{5,}})"
    rf"|\d\d? {_MONTH} \d{{4}}|{_MONTH} \d\d?, \d{{4}})\b"
)
"""Dates as this program writes them, in which May and Sun are nobody: what is shorter may be."""
_TOKEN = re.compile(r"[^\s·,;()“”]*\w")
_TELLING = 3
"""Characters below which what looks like a record number may be any number."""
_LONG = 13
"""Letters from which on a word may have been broken in two between lines."""


class PersonalWords:
    """Names, numbers, addresses, birth dates and what is noted of patients, wherever they stand."""

    def __init__(self, typed: Iterable[str] = ()) -> None:
        """``typed`` counts too: what stands in fields when nobody is there any more."""
        self._mark = (0, 0)
        self._words: set[str] = set()
        self._sorted: list[str] = []
        self._backwards: list[str] = []
        self._long: set[str] = set()
        self._tails: set[str] = set()
        self._dates: set[date] = set()
        self._records: set[str] = set()
        self._sorted_records: list[str] = []
        self._notes = HiddenNotes()
        for text in typed:
            self._learn(text)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """From where to where something of the line is theirs."""
        if not text.strip():
            return
        self._catch_up()
        words = list(_word().finditer(text))
        dates = [match.span() for match in _WRITTEN_DATE.finditer(text)]
        for match in words:
            if any(first <= match.start() < after for first, after in dates):
                continue
            if self._is_personal(text, match) or (
                # Where lines are broken, a long name may be in two.
                match in (words[0], words[-1]) and self._is_within(match[0])
            ):
                yield match.span()
        yield from self._notes.spans(text, words)
        if "@" in text:
            yield from (match.span() for match in _ADDRESS.finditer(text))
        if any(char.isdigit() for char in text):
            yield from self._numbers(text)
            yield from self._record_numbers(text, dates)

    def _is_personal(self, text: str, match: re.Match[str]) -> bool:
        word, (first, after) = match[0], match.span()
        if len(word) == 1 and word.isascii():
            return False  # An initial, or a key.
        if word in self._words:
            return True
        if text[after : after + 1] == "…" or after == len(text):
            return _begins(self._sorted, word)
        return first == 0 and len(word) > 2 and _begins(self._backwards, word[::-1])

    def _is_within(self, word: str) -> bool:
        return len(word) > 3 and any(word in long for long in self._long)

    def _numbers(self, text: str) -> Iterator[tuple[int, int]]:
        for match in _NUMBER.finditer(text):
            digits = "".join(char for char in match[0] if char.isdigit())
            tails = (digits[at : at + _TAIL] for at in range(len(digits) - _TAIL + 1))
            cut = text[match.end() : match.end() + 1] == "…" and len(digits) > 3
            if cut or any(tail in self._tails for tail in tails):
                yield match.span()
        for match, day in _dates(text):
            if day in self._dates:
                yield match.span()

    def _record_numbers(self, text: str, dates: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        for match in _TOKEN.finditer(text):
            if len(match[0]) < _TELLING or any(
                first <= match.start() < after for first, after in dates
            ):
                continue
            cut = text[match.end() : match.end() + 1] == "…"
            if match[0] in self._records or (cut and _begins(self._sorted_records, match[0])):
                yield match.span()

    def _catch_up(self) -> None:
        """Learn what was read since."""
        mark = read_so_far()
        if mark != self._mark:
            for one in read_since(self._mark[1] if mark[0] == self._mark[0] else 0):
                if isinstance(one, date):
                    self._dates.add(one)
                elif isinstance(one, Written):
                    self._notes.learn(_word().findall(showable(one.text)))
                elif isinstance(one, Numbered):
                    self._learn_number(one.text)
                else:
                    self._learn(one)
            self._mark = mark

    def _learn_number(self, text: str) -> None:
        if text not in self._records:
            self._records.add(text)
            insort(self._sorted_records, text)
        if " " in text:
            self._notes.learn(_word().findall(text))

    def _learn(self, text: str) -> None:
        digits = "".join(char for char in text if char.isdigit())
        if len(digits) >= _TAIL:
            self._tails.add(digits[-_TAIL:])
        for word in _word().findall(text):
            if word not in self._words and not word.isdigit():
                self._words.add(word)
                insort(self._sorted, word)
                insort(self._backwards, word[::-1])
                if len(word) >= _LONG:
                    self._long.add(word)


@cache
def _word() -> re.Pattern[str]:
    """A run of letters and digits with the marks upon them, which Python's \\w leaves out."""
    marks = (chr(code) for code in range(0x300, 0x20000))
    joined = "".join(char for char in marks if unicodedata.category(char)[0] == "M")
    return re.compile(f"[^\\W_](?:[^\\W_]|[\u200c\u200d{joined}])*")


def _begins(words: list[str], beginning: str) -> bool:
    """Whether one of the words, which are sorted, begins so."""
    at = bisect_left(words, beginning)
    return at < len(words) and words[at].startswith(beginning)


def _dates(text: str) -> Iterator[tuple[re.Match[str], date]]:
    """All dates in a line, however they are written; what may be two days is both."""
    for match in _ISO.finditer(text):
        yield from _day(match, int(match[1]), int(match[2]), int(match[3]))
    for match in _NUMERIC.finditer(text):
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        yield from _day(match, year, second, first)
        yield from _day(match, year, first, second)
    for pattern, day, month in ((_DAY_FIRST, 1, 2), (_MONTH_FIRST, 2, 1)):
        for match in pattern.finditer(text):
            if match[month].lower() in _MONTHS:
                number = _MONTHS.index(match[month].lower()) + 1
                yield from _day(match, int(match[3]), number, int(match[day]))


def _day(
    match: re.Match[str], year: int, month: int, day: int
) -> Iterator[tuple[re.Match[str], date]]:
    try:
        yield match, date(year, month, day)
    except ValueError:
        return
