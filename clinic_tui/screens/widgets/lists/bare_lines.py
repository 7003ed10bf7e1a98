"""Lines that go to the terminal as they were drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

from rich.style import Style
from textual.color import Color
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip


class WholeLine(Strip):
    """A line that goes as it is, where nothing lies over a part of it.

    Textual's own remembers itself as the only part of itself, a ring for the garbage collector:
    a thousand objects a day that is turned to, and a key held up by 30 ms for every fifty days.
    """

    __slots__ = ()

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """The parts that end at those cells."""
        inside = [cut for cut in cuts if cut <= self.cell_length]
        return [self] if inside == [self.cell_length] else super().divide(inside)


class BareLines(ScrollView):
    """A widget made of lines, without border, padding, tint or opacity.

    For all of those Textual makes five strips of every line, one after the other; with lines of
    many short pieces that costs as much as drawing them. A line is kept until it is refreshed:
    where a cursor and a word far below it change, Textual asks for all that lies between.
    """

    _ground: Style | None = None

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawn: dict[int, Strip] = {}
        self._drawn_on: tuple[int, Color] | None = None
        """How wide, and on which background."""

    def refresh(self, *regions: Region, repaint: bool = True, **more: Any) -> Self:
        """What is to be drawn anew is not kept: these regions, or everything."""
        if repaint and not regions:
            self._drawn.clear()
        for region in regions:
            for y in region.line_range:
                self._drawn.pop(y, None)
        return super().refresh(*regions, repaint=repaint, **more)

    def notify_style_update(self) -> None:
        """Other styles are other lines."""
        self._drawn.clear()
        super().notify_style_update()

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

    @property
    def line_width(self) -> int:
        """The cells of a line, without the scrollbar's, which ``size`` may count among them."""
        bar = self.styles.scrollbar_size_vertical if self.show_vertical_scrollbar else 0
        return self.region.width - bar

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines asked for, beside the scrollbar if there is one, filtered as all others are."""
        width = self.line_width
        background = self.background_colors[1]
        if self._drawn_on != (width, background):
            self._drawn_on = (width, background)
            self._drawn.clear()
        filters = self.get_line_filters()
        strips = [self._line(y, width, background, filters) for y in crop.line_range]
        self._ground = None
        if crop.column_span == (0, self.region.width):
            return strips
        return [strip.crop(*crop.column_span) for strip in strips]

    def _line(self, y: int, width: int, background: Color, filters: Sequence[LineFilter]) -> Strip:
        """That line as it goes to the terminal, drawn if it is not kept."""
        if (kept := self._drawn.get(y)) is not None:
            return kept
        segments = list(self.render_line(y).adjust_cell_length(width, self.ground))
        for one in filters:
            segments = one.apply(segments, background)
        self._drawn[y] = line = WholeLine(segments, width)
        return line
