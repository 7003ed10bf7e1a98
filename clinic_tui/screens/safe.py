"""The screen's edge: text from people is text, never markup and never a terminal code.

``safe`` turns a stored string into something that no widget parses. ``TerminalTextFilter`` is
the last step before the terminal and catches whatever a widget lets through unparsed, because
nearly all of them do.
"""

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter

from ..domain.text import showable

_NO_LINK = Style(link="")


def safe(text: str) -> Content:
    """The text for any widget that would otherwise parse markup, for a toast or a tooltip."""
    return Content(showable(text))


def cell(text: str, style: str = "") -> Text:
    """The text for a cell of a ``DataTable``, which takes Rich's text."""
    return Text(showable(text), style=style, no_wrap=True, overflow="ellipsis")


class TerminalTextFilter(LineFilter):
    """Drops control characters, bidirectional controls and links from every line drawn."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The same segments, harmless; almost always the very same list."""
        if all(_harmless(segment) for segment in segments):
            return segments
        return [
            Segment(showable(text), _without_link(style), control)
            for text, style, control in segments
        ]


def _harmless(segment: Segment) -> bool:
    text, style, _ = segment
    return text.isprintable() and (style is None or style.link is None)


@lru_cache(256)
def _without_link(style: Style | None) -> Style | None:
    return style if style is None or style.link is None else style.update_link(None)
