"""A search line: letters are typed, arrows move in the list below it, Enter goes into that."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from .steady import SteadyInput


class FindLine(SteadyInput):
    """The screen around it has the actions ``move``, ``page`` and ``enter_list``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.enter_list", "Open", id="find.open", tooltip="Leave the search"),
        Binding("up", "screen.move(-1)", "Up", id="find.up", show=False, tooltip="One up"),
        Binding("down", "screen.move(1)", "Down", id="find.down", show=False, tooltip="One down"),
        Binding(
            "pageup", "screen.page(-1)", "Page up", id="find.page-up", show=False, tooltip="A page"
        ),
        Binding(
            "pagedown",
            "screen.page(1)",
            "Page down",
            id="find.page-down",
            show=False,
            tooltip="A page",
        ),
    ]

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, id="find", select_on_focus=False)

    def begin_again(self) -> None:
        """Go to the line; what stands there goes as soon as something new is typed."""
        self.focus()
        self.action_select_all()
