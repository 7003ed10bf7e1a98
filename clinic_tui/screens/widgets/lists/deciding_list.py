"""A list whose lines are decided one by one: keys of the dialog act on the one under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from textual.message import Message

from .line_list import LineList

T = TypeVar("T")


class DecidingList(LineList[T]):
    """It tells when another line comes under the cursor, and keeps its place when shown anew."""

    class Moved(Message):
        """Another line is under the cursor."""

    def __init__(self, zone: str, *, id: str) -> None:
        super().__init__(id=id)
        self._zone = zone

    @property
    def at(self) -> int:
        """The row of the cursor, from 0."""
        return self._row

    def show(self, rows: Sequence[T], at: int) -> None:
        """Show these, the cursor on that row; the list stays where it is scrolled to."""
        self._lines = tuple(rows)
        self._make_scrollable()
        self.refresh()
        super()._go_to(at)

    def _go_to(self, row: int) -> None:
        before = self._row
        super()._go_to(row)
        if self._row != before:
            self.post_message(self.Moved())

    def choose(self, line: T) -> None:
        """Enter belongs to the dialog as a whole, and a click only puts the cursor there."""
