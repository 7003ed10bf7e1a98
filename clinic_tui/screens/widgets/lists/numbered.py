"""A few numbered lines: a digit takes one, Enter goes on with what stands above them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from ..cells import fit

_MOST = 9


class NumberedLines(Widget, can_focus=True):
    """At most nine lines, each taken by its digit, by a click, or by the arrows and Enter.

    ``chosen`` marks the line that is taken at the moment. Enter takes the line that the arrows
    went to; where they went to none it means "go on".
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "1",
            "take",
            "Choose",
            id="numbered.take",
            key_display="1…9",
            tooltip="The line of that number",
        ),
        Binding("up", "step(-1)", "Up", id="numbered.up", show=False, tooltip="The line above"),
        Binding("down", "step(1)", "Down", id="numbered.down", show=False, tooltip="The one below"),
        Binding("enter", "go_on", "Go on", id="numbered.go-on", tooltip="Go on with what it says"),
    ]
    DEFAULT_CSS = """
    NumberedLines { height: auto; }
    """

    takes_ahead: ClassVar[bool] = False
    """Whether a digit is told of that may be for a line that is not there yet."""

    class Taken(Message):
        """A line was taken; ``index`` counts from 0."""

        def __init__(self, lines: NumberedLines, index: int) -> None:
            super().__init__()
            self.lines = lines
            self.index = index

        @property
        def control(self) -> NumberedLines:
            """Whose line."""
            return self.lines

    class WentOn(Message):
        """Enter was pressed on none of the lines."""

        def __init__(self, lines: NumberedLines) -> None:
            super().__init__()
            self.lines = lines

        @property
        def control(self) -> NumberedLines:
            """Where."""
            return self.lines

    class Pointed(Message):
        """The arrows went to that line, or to none of them; ``index`` counts from 0."""

        def __init__(self, lines: NumberedLines, index: int | None) -> None:
            super().__init__()
            self.lines = lines
            self.index = index

        @property
        def control(self) -> NumberedLines:
            """Whose line."""
            return self.lines

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._lines: tuple[str, ...] = ()
        self._chosen: int | None = None
        self._at: int | None = None

    @property
    def at(self) -> int | None:
        """The line that the arrows went to, from 0; None where they went to none."""
        return self._at

    def show(self, lines: Sequence[str], chosen: int | None = None) -> None:
        """Show these, one of them marked as taken."""
        self._lines = tuple(lines[:_MOST])
        self._chosen, self._at = chosen, None
        least = self.styles.min_height
        needed = max(len(self._lines), least.cells or 0 if least else 0)
        self.refresh(layout=needed != self.size.height)

    def render(self) -> RenderResult:
        """One line each, in exactly the width there is."""
        return Content("\n").join(self._line(at, text) for at, text in enumerate(self._lines))

    def _line(self, at: int, text: str) -> Content:
        mark = "▸" if at == self._chosen else " "
        body = fit(f"{mark}{at + 1}  {text}", self.size.width)
        if at == self._at:
            return Content.styled(body, "$block-cursor-foreground on $block-cursor-background")
        style = "bold $primary" if at == self._chosen else "bold"
        return Content.styled(body[:2], style) + Content(body[2:])

    def action_take(self) -> None:
        """Bound for the help and the footer; the digit itself is read in ``on_key``."""

    def on_key(self, event: events.Key) -> None:
        """A digit takes its line."""
        if event.character is None or event.character not in "123456789":
            return
        event.stop()
        event.prevent_default()
        self._take(int(event.character) - 1)

    def action_step(self, step: int) -> None:
        """Go to the line above or below; above the first one it is none of them."""
        places = [None, *range(len(self._lines))]
        at = max(0, min(places.index(self._at) + step, len(places) - 1))
        self._at = places[at]
        self.refresh()
        self.post_message(self.Pointed(self, self._at))

    def action_go_on(self) -> None:
        """Take the line that the arrows went to, or go on."""
        if self._at is not None:
            self._take(self._at)
        else:
            self.post_message(self.WentOn(self))

    def on_click(self, event: events.Click) -> None:
        """A click takes the line."""
        self._take(event.y)

    def _take(self, index: int) -> None:
        if index < len(self._lines) or self.takes_ahead:
            self._at = None
            self.refresh()
            self.post_message(self.Taken(self, index))
