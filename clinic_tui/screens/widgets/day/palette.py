"""The styles of the calendar, taken once from the theme and used for thousands of cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.style import Style
from textual.color import Color
from textual.widget import Widget

from ....domain.staff.doctors import COLOURS

_PARTS = (
    "header", "header-cursor", "hour", "minute", "row-cursor", "free", "faint", "closed",
    "visit", "detail", "cursor", "now", "words",
)  # fmt: skip
COMPONENT_CLASSES = frozenset(f"day--{part}" for part in _PARTS)
"""What a widget with such a palette has to know of its CSS."""
PARTS_CSS = """
& > .day--header { background: $panel; color: $foreground; }
& > .day--header-cursor { background: $boost; color: $primary; text-style: bold; }
& > .day--hour { color: $foreground; }
& > .day--minute { color: $foreground 60%; }
& > .day--row-cursor { color: $primary; text-style: bold; }
& > .day--free { color: $foreground; }
& > .day--faint { color: $foreground 35%; }
& > .day--closed { color: $foreground 30%; }
& > .day--visit { background: $boost; color: $foreground; }
& > .day--detail { background: $boost; color: $foreground 70%; }
& > .day--cursor {
    background: $block-cursor-background;
    color: $block-cursor-foreground;
    text-style: bold;
}
& > .day--now { color: $accent; }
& > .day--words { color: $foreground 80%; }
&:ansi > .day--header { text-style: underline; }
&:ansi > .day--header-cursor { text-style: bold underline; }
&:ansi > .day--cursor {
    background: ansi_default;
    color: ansi_default;
    text-style: reverse bold;
}
"""
"""How the parts look, within the widget's own rule; ``ansi`` is where there are no colours."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The styles of everything in the calendar, and the colour of each ink."""

    header: Style
    header_cursor: Style
    hour: Style
    minute: Style
    row_cursor: Style
    free: Style
    faint: Style
    closed: Style
    visit: Style
    detail: Style
    cursor: Style
    now: Style
    words: Style
    inks: Mapping[str, Style]

    def ink(self, colour: str, on: Style | None = None) -> Style:
        """A colour's ink on the visits' background, or on another one.

        A theme without colours has no inks: then it is written like the rest.
        """
        base = self.visit if on is None else on
        ink = self.inks.get(colour)
        return base if ink is None else base + ink


def palette_of(widget: Widget) -> Palette:
    """The palette of a widget, by its component classes and the theme's inks."""
    styles = {
        part.replace("-", "_"): widget.get_component_rich_style(f"day--{part}") for part in _PARTS
    }
    variables = widget.app.theme_variables
    if "closed" in variables:
        styles["closed"] += Style(bgcolor=Color.parse(variables["closed"]).rich_color)
    inks = {
        colour: Style(color=Color.parse(variables[f"ink-{colour}"]).rich_color)
        for colour in COLOURS
        if f"ink-{colour}" in variables
    }
    return Palette(**styles, inks=inks)
