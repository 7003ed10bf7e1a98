"""The line that says it all: who, and if one likes with whom, when and how long."""

from __future__ import annotations

from typing import ClassVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from ...domain.bar.bar import Kind, Understood
from .steady import SteadyInput

_DIGITS = "123456789"
_EDITING = ("backspace", "delete", "ctrl+")


class WhoLine(SteadyInput):
    """The search line: letters search, arrows move in the list below, Enter takes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "find('take')", "Take", id="who.take", tooltip="Take this patient"),
        Binding("up", "find('up')", "Up", id="who.up", show=False, tooltip="The one above"),
        Binding("down", "find('down')", "Down", id="who.down", show=False, tooltip="The one below"),
        Binding(
            "pageup",
            "find('page_up')",
            "Page up",
            id="who.page-up",
            show=False,
            tooltip="A page up",
        ),
        Binding(
            "pagedown",
            "find('page_down')",
            "Page down",
            id="who.page-down",
            show=False,
            tooltip="A page down",
        ),
    ]

    chooses = False
    """Whether a digit takes one of those found, and is not typed."""

    class Pressed(Message):
        """A key that is not for the line but for what it found."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Overtyped(Message):
        """Something else is typed in place of all that stood there."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    gives_way = False
    """Whether what stands there is a draft: typed over, it is somebody else's turn."""

    def __init__(self, *, id: str, placeholder: str) -> None:
        super().__init__(
            id=id, placeholder=placeholder, highlighter=_Shown(), select_on_focus=False
        )

    def on_key(self, event: events.Key) -> None:
        """A digit is for what was found, while one is asked for; whatever else is typed ends that.

        At once, not when it is heard of: digits may come right behind it.
        """
        if self._gives_way():
            typed = (event.character or "") if event.is_printable else ""
            if typed or event.key in ("backspace", "delete"):
                event.stop()
                event.prevent_default()
                self.post_message(self.Overtyped(typed))
            return
        if not self.chooses:
            return
        if event.is_printable and event.character and event.character in _DIGITS:
            event.stop()
            event.prevent_default()
            self.post_message(self.Pressed(event.character))
        elif event.is_printable or event.key.startswith(_EDITING):
            self.chooses = False

    def begin_again(self) -> None:
        """Go to the line; what stands there goes as soon as something new is typed."""
        self.focus()
        self.action_select_all()

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted is typed."""
        if self._gives_way():
            event.stop()
            event.prevent_default()
            self.post_message(self.Overtyped(event.text))

    def _gives_way(self) -> bool:
        """Whether the very next key may take its place: any other key leaves it as it is."""
        gives_way = self.gives_way and self.value != "" and self.selected_text == self.value
        self.gives_way = False
        return gives_way

    def action_find(self, key: str) -> None:
        """Hand it on."""
        self.post_message(self.Pressed(key))

    def show_read(self, read: Understood | None) -> None:
        """Show what was taken for what, as long as that very line stands there."""
        shown = self.highlighter
        if isinstance(shown, _Shown):
            shown.line, shown.read = self.value, read
        self.refresh()


class _Shown(Highlighter):
    """Underlines what cannot be read; what is not the patient's is bold."""

    line = ""
    read: Understood | None = None

    def highlight(self, text: Text) -> None:
        if self.read is None or not self.line or not text.plain.startswith(self.line):
            return
        for token in self.read.tokens:
            if token.kind is Kind.UNREAD:
                text.stylize("underline", token.start, token.end)
            elif token.kind is not Kind.PATIENT:
                text.stylize("bold", token.start, token.end)
