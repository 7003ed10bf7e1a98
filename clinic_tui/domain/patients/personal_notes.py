"""Where on a line stands what was written about somebody: whole, cut, or wrapped to several lines.

Its words are everybody's, so none of them is hidden by itself: what was written is known by which
word follows which. A part of it, at the edge of a line or before an ellipsis, is taken for one
where it is set off from the words around it, or long.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

_LONG = 3
"""So many words in the order of a note are one, whatever stands beside them."""
_TELLING = 3
"""Digits below which a number that stands by itself says nothing of anybody."""


class HiddenNotes:
    """What was written of persons, learned sentence by sentence."""

    def __init__(self) -> None:
        self._first: set[str] = set()
        self._last: set[str] = set()
        self._firsts: list[str] = []
        self._pairs: set[tuple[str, str]] = set()
        self._begun: list[str] = []
        self._ended: list[str] = []
        self._is_sorted = True

    def learn(self, words: Sequence[str]) -> None:
        """The words of something that was written, in their order."""
        if not words:
            return
        self._first.add(words[0])
        self._last.add(words[-1])
        self._firsts.append(words[0])
        for one, following in pairwise(words):
            if (one, following) not in self._pairs:
                self._pairs.add((one, following))
                self._begun.append(f"{one} {following}")
                self._ended.append(f"{following} {one[::-1]}")
        self._is_sorted = False

    def spans(self, text: str, words: Sequence[re.Match[str]]) -> Iterator[tuple[int, int]]:
        """From where to where one stands in a line, or what is left of one."""
        if not self._first:
            return
        if not self._is_sorted:
            self._firsts.sort()
            self._begun.sort()
            self._ended.sort()
            self._is_sorted = True
        line = _Line(text, words)
        at = 0
        while at < len(words):
            end = at
            while end + 1 < len(words) and self._follows(line, end):
                end += 1
            found = self._within(line, at, end)
            if found is not None:
                yield words[found[0]].start(), words[found[1]].end()
            at = end + 1

    def _follows(self, line: _Line, at: int) -> bool:
        """Whether a note goes on from that word to the next; either may be cut by an edge."""
        one, following = line.words[at][0], line.words[at + 1][0]
        return (
            (one, following) in self._pairs
            or (line.is_cut(at + 1) and _begins(self._begun, f"{one} {following}"))
            or (line.words[at].start() == 0 and _begins(self._ended, f"{following} {one[::-1]}"))
        )

    def _within(self, line: _Line, at: int, end: int) -> tuple[int, int] | None:
        """Of words that follow one another in notes those that are one, from its first to its last.

        At the edges of a line it may have begun before and go on after.
        """
        firsts = (i for i in range(at, end + 1) if i == 0 or self._is_first(line, i))
        lasts = (i for i in range(end, at - 1, -1) if line.is_cut(i) or self._ends(line, i))
        first, last = next(firsts, None), next(lasts, None)
        if first is None or last is None or first > last:
            return None
        whole = self._is_first(line, first) and self._ends(line, last)
        many = last - first + 1
        if many >= _LONG or (whole and many > 1):
            return first, last
        if many == 1 and not (_tells(line.words[first][0]) and self._is_one(line, first)):
            return None
        return (first, last) if line.is_set_off(first, last) else None

    def _is_one(self, line: _Line, at: int) -> bool:
        """Whether one word by itself is the whole of a note, its beginning or its end."""
        return self._is_first(line, at) or (at == 0 and self._ends(line, at))

    def _is_first(self, line: _Line, at: int) -> bool:
        word = line.words[at][0]
        return word in self._first or (line.has_ellipsis(at) and _begins(self._firsts, word))

    def _ends(self, line: _Line, at: int) -> bool:
        return line.words[at][0] in self._last


class _Line:
    """A line that is drawn, and the words in it."""

    def __init__(self, text: str, words: Sequence[re.Match[str]]) -> None:
        self._text = text
        self.words = words

    def is_cut(self, at: int) -> bool:
        """Whether a word may go on past what is drawn: the last one, and one before an ellipsis."""
        return at == len(self.words) - 1 or self.has_ellipsis(at)

    def has_ellipsis(self, at: int) -> bool:
        """Whether a word is cut by an ellipsis."""
        end = self.words[at].end()
        return self._text[end : end + 1] == "…"

    def is_set_off(self, first: int, last: int) -> bool:
        """Whether there is more than a blank to the words before and after, or none."""
        return self._gap(first - 1) != " " and self._gap(last) != " "

    def _gap(self, at: int) -> str:
        if not 0 <= at < len(self.words) - 1:
            return ""
        return self._text[self.words[at].end() : self.words[at + 1].start()]


def _tells(word: str) -> bool:
    """Whether it could be of somebody, and is neither a key nor the hour."""
    return len(word) >= (_TELLING if word.isdigit() else 2) or not word.isascii()


def _begins(texts: list[str], beginning: str) -> bool:
    """Whether one of the texts, which are sorted, begins so."""
    at = bisect_left(texts, beginning)
    return at < len(texts) and texts[at].startswith(beginning)
