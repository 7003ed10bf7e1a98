"""Help: the keys of the screen under it, made from its bindings, searchable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen, Screen
from textual.widgets import DataTable, Input, Static

from ..domain.text import search_key


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


class HelpScreen(ModalScreen[None]):
    """Type to narrow, Esc to go back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1", "dismiss", "Back", id="help.back", tooltip="Back to the screen")
    ]

    def __init__(self, title: str, lines: Iterable[KeyLine]) -> None:
        super().__init__()
        self._title = title
        self._lines = list(lines)

    def compose(self) -> ComposeResult:
        """A search line over the table of keys."""
        with Vertical(classes="box wide"):
            yield Static(f"Keys of {self._title}", classes="title", markup=False)
            yield Input(placeholder="type to search", id="help-search")
            yield DataTable(id="keys", cursor_type="none", show_header=False)
            yield Static("Esc goes back", classes="hint", markup=False)

    def on_mount(self) -> None:
        """All keys at first."""
        table = self.query_one("#keys", DataTable)
        table.add_columns("key", "does", "more")
        table.can_focus = False
        self._show("")

    @on(Input.Changed, "#help-search")
    def narrow(self, event: Input.Changed) -> None:
        """Only what speaks of the word typed."""
        self._show(event.value)

    def _show(self, text: str) -> None:
        wanted = search_key(text)
        table = self.query_one("#keys", DataTable)
        table.clear()
        for line in self._lines:
            if wanted in search_key(f"{line.keys} {line.does} {line.more}"):
                table.add_row(
                    Text(line.keys, style="bold"), Text(line.does), Text(line.more, style="dim")
                )
