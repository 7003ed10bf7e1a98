"""What leaves the program: harmless text on its own terminal, and nothing else.

Textual offers more, which a clinic must not have: files with patients' names in a download
folder, a stopped process that holds a terminal, links and a clipboard out of the program.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.filter import LineFilter

from ..unexpected import write_down
from .names_hidden import HidesNames
from .safe import TerminalTextFilter, WithoutColour


class SealedApp(HidesNames):
    """An app that draws no control codes, writes no pictures and tells no patient's data."""

    def __init__(self, hide_names_after: float | None = None) -> None:
        super().__init__(hide_names_after)
        self._safe_text = TerminalTextFilter()
        self._without_colour = WithoutColour()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, then ours: nothing reaches the terminal past it."""
        filters = [*super().get_line_filters(), self._safe_text]
        if self.hiding is not None:
            filters.append(self.hiding)
        return [*filters, self._without_colour] if self.no_color else filters

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """No picture of patients' data is written from within the program."""

    def action_suspend_process(self) -> None:
        """A stopped process would hold its terminal and its connection: it is not stopped."""

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Nothing is opened outside the program."""

    def copy_to_clipboard(self, text: str) -> None:
        """Nothing leaves by the terminal's clipboard, but a sentence to be read back (``y``)."""

    def _fatal_error(self) -> None:
        """An unexpected error: a number on the terminal, the details in a private file.

        Textual would print the local variables, patients' data and the database URL among them.
        """
        self._exit_renderables.append(Text(write_down(self._exception)))
        self._close_messages_no_wait()
