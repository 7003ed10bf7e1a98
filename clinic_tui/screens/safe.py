"""The screen's edge: text from people is text, never markup and never a terminal code.

``safe`` turns a stored string into something that no widget parses. ``TerminalTextFilter`` is
the last step before the terminal and catches whatever a widget lets through unparsed, because
nearly all of them do.
"""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter
from textual.style import Style as Look

from ..domain.text import showable

_REVERSED = Style(reverse=True)
_OWN = "own"
OWN = Style.from_meta({_OWN: True})
"""By this mark in its style a text is known as the program's own words: see ``own``."""
_LIT = 0.4
"""Brightness, 0 to 1, from which on a ground in the dark look is lit up."""


def safe(text: str) -> Content:
    """The text for any widget that would otherwise parse markup, for a toast or a tooltip."""
    return Content(showable(text))


def own(text: str, style: str = "") -> Content:
    """Words of the program's own, a label or a key: never hidden, whoever is called like that."""
    return as_own(Content.styled(text, style))


def as_own(content: Content) -> Content:
    """The same, all of it known as the program's own words."""
    return content.stylize(Look.from_meta(OWN.meta))


def is_own(style: Style | None) -> bool:
    """Whether what is drawn so are the program's own words."""
    return style is not None and _OWN in style.meta


def cell(text: str, style: str = "") -> Text:
    """The text for a cell of a ``DataTable``, which takes Rich's text."""
    return Text(showable(text), style=style, no_wrap=True, overflow="ellipsis")


class TerminalTextFilter(LineFilter):
    """Drops control characters, bidirectional controls and links from every line drawn."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The same segments, harmless; almost always the very same list."""
        text = "".join(segment.text for segment in segments)
        linked = any(style is not None and style.link for _, style, _ in segments)
        if not linked and showable(text) == text:
            return segments
        return [
            Segment(_as_laid_out(text), _without_link(style), control)
            for text, style, control in segments
        ]


class WithoutColour(LineFilter):
    """For NO_COLOR: no colour code at all; what stood out by its ground is drawn reversed.

    Textual's own filter turns colours into greys, which are colours too.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The same text in the terminal's own two colours."""
        return [
            Segment(text, None if style is None else _uncoloured(style), control)
            for text, style, control in segments
        ]


@lru_cache(1024)
def _uncoloured(style: Style) -> Style:
    plain = style.without_color
    if style.bgcolor is None or style.bgcolor.is_default:
        return plain
    ground = Color.from_rich_color(style.bgcolor).brightness
    # Dark looks have dark grounds: only what is lit up, such as the cursor, is reversed.
    return plain + _REVERSED if ground > _LIT else plain


def _as_laid_out(text: str) -> str:
    """The text, harmless and exactly as wide as before: the line was laid out with it.

    What took no cell is left out, because the line would not end where the terminal does.
    """
    return "".join(
        char if shown == char else shown * cell_len(char)
        for char, shown in zip(text, showable(text), strict=True)
    )


@lru_cache(256)
def _without_link(style: Style | None) -> Style | None:
    return style if style is None or style.link is None else style.update_link(None)
