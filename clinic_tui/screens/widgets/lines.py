"""A list of lines that is filled anew often."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widgets import OptionList
from textual.widgets.option_list import Option


class Lines(OptionList):
    """An option list; as many lines as before are shown without laying the screen out again."""

    def put(self, options: Iterable[Option]) -> None:
        """Show these instead, none of them highlighted."""
        lines = list(options)
        if lines:
            self.set_options(lines)
        else:
            # set_options() of nothing would leave the old lines on the screen.
            self.clear_options()
