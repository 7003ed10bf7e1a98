"""A search line over a list of patients that it drives: who a visit is for."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from .steady import SteadyInput


class WhoLine(SteadyInput):
    """The search line: letters search, arrows move in the list below, Enter takes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "find('take')", "Take", id="who.take", tooltip="Take this patient"),
        Binding("up", "find('up')", "Up", id="who.up", show=False, tooltip="The one above"),
        Binding("down", "find('down')", "Down", id="who.down", show=False, tooltip="One below"),
        Binding(
            "pageup", "find('page_up')", "Up", id="who.page-up", show=False, tooltip="A page up"
        ),
        Binding(
            "pagedown", "find('page_down')", "Down", id="who.page-down", show=False, tooltip="Down"
        ),
    ]

    class Pressed(Message):
        """A key that is not for the line but for what it found."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def action_find(self, key: str) -> None:
        """Hand it on."""
        self.post_message(self.Pressed(key))
