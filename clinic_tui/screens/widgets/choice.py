"""One of a few words on one line: arrows go through them, a first letter jumps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from ..safe import safe

Option = tuple[str, str]
"""What is stored, and the word that is shown for it."""


class Choice(Widget, can_focus=True):
    """A field that takes one of a few words; ``value`` is what is stored for the one shown."""

    DEFAULT_CSS = """
    Choice { height: 1; width: 1fr; padding: 0 1; background: $panel; }
    Choice:focus { background: $primary 25%; text-style: bold; }
    Choice:disabled { color: $foreground 40%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "right,space", "step(1)", "Next", id="choice.next", show=False, tooltip="Next word"
        ),
        Binding("left", "step(-1)", "Last", id="choice.last", show=False, tooltip="Word before"),
    ]
    value: reactive[str] = reactive("")

    class Changed(Message):
        """Another word was chosen."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

        @property
        def control(self) -> Choice:
            """The field, so that handlers can name it."""
            return self.choice

    def __init__(self, options: Sequence[Option], value: str, *, id: str) -> None:
        super().__init__(id=id)
        self._options = tuple(options)
        self.set_reactive(Choice.value, value)

    def render(self) -> RenderResult:
        """The word, behind its colour where it is one."""
        word = dict(self._options).get(self.value, self.value)
        ink = self.app.theme_variables.get(f"ink-{self.value}")
        swatch = Content.styled("■ ", ink) if ink else Content("")
        return Content.assemble(swatch, safe(word), "  ‹ ›" if self.has_focus else "")

    def action_step(self, step: int) -> None:
        """Go through the words, round and round."""
        values = [value for value, _ in self._options]
        at = values.index(self.value) if self.value in values else -1
        self._choose(values[(at + step) % len(values)])

    def on_click(self) -> None:
        """A click takes the next word."""
        self.action_step(1)

    def on_key(self, event: events.Key) -> None:
        """A letter takes the next word that begins with it."""
        if not event.is_printable or event.character is None:
            return
        values = [value for value, _ in self._options]
        at = values.index(self.value) if self.value in values else -1
        for value, word in (*self._options[at + 1 :], *self._options[: at + 1]):
            if word.casefold().startswith(event.character.casefold()):
                event.stop()
                self._choose(value)
                return

    def _choose(self, value: str) -> None:
        if value != self.value:
            self.value = value
            self.post_message(self.Changed(self))
