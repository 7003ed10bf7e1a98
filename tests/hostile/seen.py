"""What stands on the screen, read from the lines that go to the terminal."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.pilot import Pilot
from textual.widget import Widget

from clinic_tui.domain.text import showable
from clinic_tui.screens.safe import TerminalTextFilter

from .strings import controls

_UNSTEADY = dict.fromkeys((0xFE0F, 0x20E3, *range(0x1F3FB, 0x1F400)))
"""What makes the width of a sign uncertain is left out on purpose, here and there."""


def lines_in(widget: Widget) -> list[str]:
    """The lines of one widget, as drawn and as far as they are visible."""
    region = widget.content_region.intersection(widget.screen.region)
    strips = widget.screen._compositor.render_strips()[region.y : region.bottom]
    return [strip.crop(region.x, region.right).text for strip in strips]


def text_in(widget: Widget) -> str:
    """The same as one text without blanks, so that it does not matter where a line ends."""
    return bare("".join(lines_in(widget)))


def bare(text: str) -> str:
    """A text as it is to be shown, without blanks."""
    return "".join(showable(text).translate(_UNSTEADY).split())


def one_text(lines: list[str]) -> str:
    """Lines that are of different things, each without its blanks."""
    return "\n".join(map(bare, lines))


def says(shown: str, text: str, *, cut_from: int = 1000) -> bool:
    """Whether that text stands there; cut with an ellipsis after so many characters at least."""
    wanted = bare(text)
    if wanted in shown:
        return True
    return any(
        f"{wanted[:length]}…" in shown for length in range(min(cut_from, len(wanted)), len(wanted))
    )


def check_harmless(pilot: Pilot[int]) -> None:
    """On the screen is nothing but text: no code, no link, nothing that acts on a click."""
    for strip in pilot.app.screen._compositor.render_strips():
        assert controls(strip.text) == [], strip.text
        for text, style, _ in strip:
            assert style is None or style.link is None, text
            assert style is None or "@click" not in style.meta, text


class Watching(TerminalTextFilter):
    """The last step before the terminal, with a record of what it had to put right."""

    def __init__(self) -> None:
        super().__init__()
        self.put_right: set[str] = set()

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments, harmless."""
        filtered = super().apply(segments, background)
        if filtered is not segments:
            self.put_right |= {segment.text for segment in segments} - {s.text for s in filtered}
        return filtered
