"""Help: the keys of the screen under it, made from its bindings, searchable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen, Screen
from textual.widgets import DataTable, Input, Static

from ..domain.text import search_key
from .names_hidden import OverAScreen
from .safe import OWN, own
from .widgets.key_line import KeyLine as Footer

_LEAST = 12
"""Cells that what a key does is given on the narrowest terminal."""


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key and what it does."""

    keys: str
    does: str
    more: str


def key_lines(screen: Screen[object]) -> list[KeyLine]:
    """The keys that work on a screen now, each action once.

    What the screen does comes first, then what every screen does, then how one moves in the part
    that has the focus, then the program's own.
    """

    def rank(active: ActiveBinding) -> tuple[int, bool]:
        everywhere = (active.binding.id or "").startswith("clinic.")
        return (active.node is not screen) + (active.node is screen.app), everywhere

    lines: dict[str, KeyLine] = {}
    for active in sorted(screen.active_bindings.values(), key=rank):
        binding = active.binding
        if binding.id is None or not active.enabled:
            continue  # Textual's own, such as Tab, have no id: ours all do.
        shown = screen.app.get_key_display(binding)
        known = lines.get(binding.action)
        keys = f"{known.keys} {shown}" if known else shown
        lines[binding.action] = KeyLine(keys, binding.description, active.tooltip)
    return list(lines.values())


class HelpScreen(ModalScreen[None], OverAScreen):
    """Type to narrow, Esc to go back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1", "dismiss", "Back", id="help.back", tooltip="Back to the screen"),
        Binding("down", "scroll_keys(1)", "Down", id="help.down", tooltip="Further keys"),
        Binding("up", "scroll_keys(-1)", "Up", id="help.up", tooltip="The keys before"),
    ]

    def __init__(self, title: str, lines: Iterable[KeyLine]) -> None:
        super().__init__()
        self._title = title
        self._lines = list(lines)

    def compose(self) -> ComposeResult:
        """A search line over the table of keys."""
        with Vertical(classes="box wide"):
            yield Static(own(f"Keys · {self._title}"), classes="title")
            yield Input(placeholder="type to search, ↓ for further keys", id="help-search")
            yield DataTable(id="keys", cursor_type="none", show_header=False)
            yield Static(own("No key does that. Esc goes back."), id="none", classes="hint")
        yield Footer()

    def on_mount(self) -> None:
        """The keys have the arrows although the search line has the focus."""
        self.query_one("#keys", DataTable).can_focus = False

    @on(Input.Changed, "#help-search")
    def narrow(self, _event: Input.Changed) -> None:
        """Only what speaks of the word typed."""
        self._show()

    def on_resize(self, _event: events.Resize) -> None:
        """What a key does is broken into as many lines as it takes."""
        self.call_after_refresh(self._show)

    def action_scroll_keys(self, by: int) -> None:
        """Further keys, or those before."""
        self.query_one("#keys", DataTable).scroll_relative(y=by, animate=False)

    def _show(self) -> None:
        wanted = search_key(self.query_one("#help-search", Input).value)
        lines = [
            line
            for line in self._lines
            if wanted in search_key(f"{line.keys} {line.does} {line.more}")
        ]
        self.query_one("#none").display = not lines
        table = self.query_one("#keys", DataTable)
        table.display = bool(lines)
        table.clear(columns=True)
        keys = max((cell_len(line.keys) for line in self._lines), default=0)
        does = max((cell_len(line.does) for line in self._lines), default=0)
        rest = table.scrollable_content_region.width - keys - does - 6 * table.cell_padding
        for name, width in (("key", keys), ("does", does), ("more", max(_LEAST, rest))):
            table.add_column(name, width=width)
        for line in lines:
            cells = Text(line.keys, style="bold"), Text(line.does), Text(line.more, style="dim")
            for words in cells:
                words.stylize(OWN)
            table.add_row(*cells, height=None)
