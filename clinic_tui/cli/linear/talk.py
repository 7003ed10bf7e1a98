"""Saying and asking, a line at a time."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterable, Sequence
from typing import TextIO, TypeVar

from ...domain.errors import ClinicUnavailable
from ...domain.text import showable
from ..ask import until_typed
from ..output import echo

T = TypeVar("T")
_LONGEST = 4096
"""Characters of a line that count: of a page that was pasted, the beginning."""
_AT_ONCE = 20
_BACK, _EMPTY = ".", "-"


class Back(Exception):
    """Whoever was asked wants to go back: a full stop alone, or Ctrl+C."""


class Gone(Exception):
    """Nobody answers any more: the input has ended."""


class Talk:
    """Says things and asks things. ``lines`` is where the answers come from, a terminal or not.

    ``unfinished`` is the line of a booking that was left: it need not be typed again.
    """

    def __init__(self, lines: TextIO) -> None:
        self._lines = lines
        self._somebody = lines.isatty()
        self.unfinished = ""
        self._as: Callable[[str], str] | None = None
        self._answered_early = ""

    @property
    def hides(self) -> bool:
        """Whether something is left out of what is said."""
        return self._as is not None

    def show_as(self, change: Callable[[str], str] | None) -> None:
        """Say every line from now on as that changes it; None: as it is."""
        self._as = change

    def _echo(self, line: str, end: str = "\n") -> None:
        echo(line if self._as is None else self._as(line), end=end)

    def say(self, *sentences: str) -> None:
        """Each on a line of its own."""
        for sentence in sentences:
            self._echo(sentence)

    def tell(self, lines: Iterable[str]) -> None:
        """A list; where somebody reads it, twenty lines and then on being asked.

        What is typed there instead ends the list, and answers the question that comes next.
        """
        for number, line in enumerate(lines):
            if self._somebody and number and number % _AT_ONCE == 0:
                early = self.ask("Enter for more, a full stop ends it")
                if early:
                    self._answered_early = early
                    return
            self._echo(line)

    def ask(self, question: str, typed: str = "") -> str:
        """An answer in one line without outer blanks; nothing means what was ``typed`` before, and
        a hyphen alone that it is to be empty.

        Raises ``Back`` for a full stop alone and for Ctrl+C, and ``Gone`` at the end of the input.
        """
        if self._answered_early:
            early, self._answered_early = self._answered_early, ""
            return early
        before = f" ({typed})" if typed else ""
        answer = self._line(f"{question}{before}:")
        if answer == _BACK:
            raise Back
        return "" if answer == _EMPTY and typed else answer or typed

    def ask_password(self, question: str) -> str:
        """A password: not shown where it is typed at a terminal."""
        self._answered_early = ""
        if not self._somebody:
            return self.ask(question)
        asked = showable(f"{question}: ")
        try:
            # Which asks once nothing is shown any more: before that it would drop what is typed.
            return getpass.getpass(asked if self._as is None else self._as(asked))
        except EOFError as end:
            raise Gone from end
        except KeyboardInterrupt as stop:
            raise Back from stop

    def agreed(self, question: str) -> bool:
        """Whether the answer is yes; asked until it is yes or no, for nothing typed is neither."""
        while True:
            answer = self.ask(f"{question} y or n").lower()
            if answer in ("y", "yes", "n", "no"):
                return answer.startswith("y")

    def pick(self, question: str, choices: Sequence[str]) -> int | str:
        """Which of the numbered choices, counted from 0; or what else was typed."""
        self.tell(f"{number}. {choice}" for number, choice in enumerate(choices, start=1))
        return self._picked(question, len(choices))

    def choose(self, question: str, choices: Sequence[str]) -> int:
        """Which of the numbered choices, counted from 0, and nothing else."""
        answer = self.pick(question, choices)
        while isinstance(answer, str):
            self.say("One of the numbers is needed.")
            answer = self._picked(question, len(choices))
        return answer

    def _picked(self, question: str, count: int) -> int | str:
        """A number from 1 to ``count``, answered from 0 on; or what else was typed."""
        while True:
            answer = self.ask(question)
            if answer and not (answer.isdecimal() and len(answer) <= 2):
                return answer
            if answer and 1 <= int(answer) <= count:
                return int(answer) - 1
            if answer:
                self.say(f"There is no {answer} among them.")

    def answered(self, call: Callable[[], T]) -> T:
        """Its answer. Where the clinic does not answer, the very same request is made again."""
        while True:
            try:
                return call()
            except ClinicUnavailable as unavailable:
                self.say(str(unavailable))
                self.ask("Enter tries again, a full stop leaves it")

    def _prompt(self, question: str) -> None:
        """The answer goes beside it; where it comes from a pipe nobody ends the line."""
        self._echo(question, end=" " if self._somebody else "\n")

    def _line(self, question: str) -> str:
        try:
            self._prompt(question)
            if self._somebody:
                until_typed(self._lines)
            text = self._lines.readline(_LONGEST)
            rest = text
            while rest and not rest.endswith("\n"):
                rest = self._lines.readline(_LONGEST)
        except KeyboardInterrupt as stop:
            echo()
            raise Back from stop
        if not text:
            raise Gone
        return text.strip()
