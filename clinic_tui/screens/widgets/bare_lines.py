"""Lines that go to the terminal as they were drawn."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip


class BareLines(ScrollView):
    """A widget made of lines, without border, padding, tint or opacity.

    For all of those Textual makes five strips of every line, one after the other; with lines of
    many short pieces that costs as much as drawing them.
    """

    _ground: Style | None = None

    def get_line_filters(self) -> Sequence[LineFilter]:
        """All but the one that looks for the terminal's own colours: here are only a theme's."""
        filters = super().get_line_filters()
        return [one for one in filters if not isinstance(one, ANSIToTruecolor)]

    @property
    def ground(self) -> Style:
        """The widget's own style, found out once a picture: that takes as long as five lines."""
        if self._ground is None:
            self._ground = self.rich_style
        return self._ground

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines asked for, beside the scrollbar if there is one, filtered as all others are."""
        bar = self.styles.scrollbar_size_vertical if self.show_vertical_scrollbar else 0
        width = self.region.width - bar
        filters, background = self.get_line_filters(), self.background_colors[1]
        strips, self._ground = [], None
        for y in crop.line_range:
            strip = self.render_line(y).adjust_cell_length(width, self.ground)
            for one in filters:
                strip = strip.apply_filter(one, background)
            strips.append(strip)
        if crop.column_span == (0, self.region.width):
            return strips
        return [strip.crop(*crop.column_span) for strip in strips]
