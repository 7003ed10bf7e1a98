"""The line of keys: what it names works, by key and by mouse."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from clinic_tui.screens.widgets.key_line import KeyLine


class Keys(App[None]):
    """Three keys, of which the second is not offered and the third not at the moment."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [  # noqa: RUF012 - as Textual has it
        Binding("b,B", "did('booked')", "Book", tooltip="Book a visit"),
        Binding("m", "move", "Move"),
        Binding("x", "lift", "Lift"),
        Binding("d", "did('cancelled')", "日 Cancel"),
        Binding("h", "did('hidden')", "Hidden", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.may_move = False

    def compose(self) -> ComposeResult:
        """Something, and the line."""
        yield Static("Something")
        yield KeyLine()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Moving is offered once it may be done; lifting is shown and does nothing."""
        if action == "lift":
            return None
        return self.may_move if action == "move" else True

    def action_did(self, what: str) -> None:
        """Take note."""
        self.done.append(what)

    def action_move(self) -> None:
        """Take note."""
        self.done.append("moved")


def line_of(app: App[None]) -> str:
    return app.query_one(KeyLine).render_line(0).text.rstrip()


async def test_it_names_what_works_now_each_once() -> None:
    app = Keys()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert line_of(app) == "b Book x Lift d 日 Cancel"
        app.may_move = True
        app.screen.refresh_bindings()
        await pilot.pause()
        await pilot.pause()
        assert line_of(app) == "b Book m Move x Lift d 日 Cancel"


async def test_a_click_presses_the_key_under_it() -> None:
    app = Keys()
    async with app.run_test() as pilot:
        await pilot.pause()
        for x in (0, 5, 7, 11, 14, 19, 23, 40):
            await pilot.click(KeyLine, offset=(x, 0))
            await pilot.pause()
        # Between the two: what is shown and cannot be done; at the end: nothing.
        assert app.done == ["booked", "booked", "cancelled", "cancelled", "cancelled"]


async def test_the_mouse_over_a_key_says_more_of_it() -> None:
    app = Keys()
    async with app.run_test() as pilot:
        await pilot.pause()
        line = app.query_one(KeyLine)
        await pilot.hover(KeyLine, offset=(2, 0))
        assert line.tooltip == "Book a visit"
        await pilot.hover(KeyLine, offset=(60, 0))
        assert line.tooltip is None
