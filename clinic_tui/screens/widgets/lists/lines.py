"""A list of lines that is filled anew often."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

if TYPE_CHECKING:
    from textual.strip import Strip
    from textual.style import Style


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

    def _get_option_render(self, option: Option, style: Style) -> list[Strip]:
        """Under the cursor the text has the cursor's colour: what can be read on the screen's
        ground, red or faint, cannot be read on the cursor's. A doctor's own colour stays.
        """
        at = self.highlighted
        prompt = option.prompt
        if at is None or self.options[at] is not option or not isinstance(prompt, Content):
            return super()._get_option_render(option, style)
        spans = [span for span in prompt.spans if "$" not in str(span.style)]
        usual, option._visual = option._visual, Content(prompt.plain, spans)
        try:
            return super()._get_option_render(option, style)
        finally:
            option._visual = usual
