"""A search line that takes no room while it is not used."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Label

from ..safe import own
from .find_line import FindLine


class FindBar(Horizontal):
    """The line behind its label, put away until somebody looks for a name."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(id="search")
        self.line = FindLine(placeholder)
        self.display = False

    def compose(self) -> ComposeResult:
        """The label and the line."""
        yield Label(own("Find"))
        yield self.line

    @property
    def sought(self) -> str:
        """The name that is looked for, if one is."""
        return self.line.value.strip() if self.display else ""

    def begin(self) -> None:
        """Show it and go there."""
        self.display = True
        self.line.begin_again()

    def put_away(self) -> None:
        """Look for nobody any more."""
        self.line.value = ""
        self.display = False
