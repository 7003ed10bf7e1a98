"""A search line: letters are typed, arrows move in the list below it, Enter goes into that."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from ..typing_ahead import keys_follow, keys_wait
from .steady import SteadyInput


class FindLine(SteadyInput):
    """The screen around it has the actions ``move``, ``page`` and ``enter_list``.

    Where it ``is_answered``, whoever looks for what is typed tells when that is found: Enter, and
    what is typed behind it, waits for it and never goes into what was found before. Arrows wait
    for it, too.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "enter", "Open", id="find.open", tooltip="Leave the search"),
        Binding("up", "move(-1)", "Up", id="find.up", show=False, tooltip="One up"),
        Binding("down", "move(1)", "Down", id="find.down", show=False, tooltip="One down"),
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

    def __init__(self, placeholder: str, *, is_answered: bool = False) -> None:
        super().__init__(placeholder=placeholder, id="find", select_on_focus=False)
        self._is_answered = is_answered
        self._answered = ""
        self._entered: str | None = None
        self._moved: tuple[str, int] = "", 0
        """How many lines on, in what that text finds."""

    @property
    def _is_ahead(self) -> bool:
        return self._is_answered and self.value != self._answered

    def begin_again(self) -> None:
        """Go to the line; what stands there goes as soon as something new is typed."""
        self.focus()
        self.action_select_all()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter works where there is a list to go into, or may be one."""
        if action == "enter":
            return self._is_ahead or self.screen.check_action("enter_list", ())
        return super().check_action(action, parameters)

    async def action_enter(self) -> None:
        """Into what was found, as soon as it is."""
        if self._is_ahead:
            self._entered = self.value
            keys_wait(self)
        else:
            await self.run_action("screen.enter_list")

    async def action_move(self, lines: int) -> None:
        """Another line of what is found, as soon as it is."""
        if self._is_ahead:
            text, moved = self._moved
            self._moved = self.value, lines + (moved if text == self.value else 0)
        else:
            await self.run_action(f"screen.move({lines})")

    async def answer(self, text: str) -> None:
        """What that text finds is shown; arrows and Enter that waited for it do their work."""
        self._answered = text
        moved_in, lines = self._moved
        if moved_in != self.value or moved_in == text:
            self._moved = "", 0
        if lines and moved_in == text == self.value:
            await self.run_action(f"screen.move({lines})")
        entered = self._entered
        if entered is None:
            return
        if entered != self.value:
            self._entered = None
        elif entered == text:
            self._entered = None
            await self.run_action("screen.enter_list")
            keys_follow(self)

    def give_up(self) -> None:
        """What is typed could not be looked for."""
        if self._entered is not None:
            self._entered = None
            keys_follow(self)
