"""KeyLine: the keys that work now, in the last line of the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from ..reading import is_closing
from ..safe import as_own

if TYPE_CHECKING:
    from textual.binding import ActiveBinding
    from textual.screen import Screen


_KEY = "bold $footer-key-foreground"


class KeyLine(Widget):
    """Each key and what it does; a click presses it.

    One line, drawn at once. Textual's footer is a widget for every key, mounted and laid out
    anew with the whole screen whenever one of them changes, which costs more than all else that
    is done for a key pressed.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyLine {
        dock: bottom;
        height: 1;
        background: $footer-background;
        color: $footer-description-foreground;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        pointer: pointer;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[ActiveBinding, ...] = ()

    def on_mount(self) -> None:
        """Learn what the screen has found out about its keys."""
        self.screen.bindings_updated_signal.subscribe(self, self._learn)

    def _learn(self, _screen: Screen[object]) -> None:
        # A terminal that has lost the focus would have other keys: they stay as they were.
        if self.app.app_focus:
            self.call_after_refresh(self._show_keys)

    def _show_keys(self) -> None:
        if not self.is_attached or is_closing(self):
            return  # The dialog has been answered meanwhile, or the program is ending.
        by_action: dict[str, ActiveBinding] = {}
        for active in self.screen.active_bindings.values():
            if active.binding.show:
                by_action.setdefault(active.binding.action, active)
        shown = tuple(by_action.values())
        if shown != self._shown:
            self._shown = shown
            self.refresh()

    def render(self) -> RenderResult:
        """The line."""
        parts = (part for active in self._shown for part in self._parts(active))
        return as_own(Content.assemble(*parts))

    def _parts(self, active: ActiveBinding) -> tuple[Content, Content]:
        dim = "" if active.enabled else "dim"
        key = Content.styled(self.app.get_key_display(active.binding), _KEY)
        does = Content(f" {active.binding.description} ")
        return key.stylize(dim), does.stylize(dim)

    def _under(self, x: int) -> ActiveBinding | None:
        """The key that stands at that cell."""
        for active in self._shown:
            x -= sum(cell_len(part.plain) for part in self._parts(active))
            if x < 0:
                return active
        return None

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say more about the key under the mouse."""
        active = self._under(event.x)
        self.tooltip = (active.tooltip or None) if active else None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Press the key under the mouse."""
        active = self._under(event.x)
        if active is not None:
            self.app.simulate_key(active.binding.key)
