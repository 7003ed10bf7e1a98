"""The first frame: drawn before the database is opened, and before anything heavy is imported."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static


class OpeningScreen(Screen[None]):
    """Says that the book is being opened; it stands for a few tenths of a second."""

    def compose(self) -> ComposeResult:
        """One quiet line in the middle."""
        yield Static("Opening the appointment book …", id="opening", markup=False)
