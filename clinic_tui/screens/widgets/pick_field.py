"""A field filled by typing part of a name; what fits drops down below it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from ...domain.errors import BadInput
from ...domain.text import search_key, showable
from ..safe import safe
from ..typing_ahead import keys_follow, keys_wait
from .steady import SteadyInput


@dataclass(frozen=True, slots=True)
class Pick:
    """One thing to pick: its id, its name, and what tells it apart."""

    value: int
    name: str
    detail: str = ""


Find = Callable[[str], Awaitable[Sequence[Pick]]]
"""What fits a text; everything there is for an empty one."""


def among(picks: Sequence[Pick]) -> Find:
    """Find by the beginnings of words among picks that are all known."""

    async def find(text: str) -> Sequence[Pick]:
        wanted = search_key(text).split()
        if text.strip() and not wanted:
            return ()
        return [
            pick
            for pick in picks
            if all(f" {word}" in f" {search_key(f'{pick.name} {pick.detail}')}" for word in wanted)
        ]

    return find


class PickField(Widget):
    """Type, arrows, Enter. What fits best counts while one is still typing.

    ``value`` is the id picked, or None where the field is empty or nothing fits.
    """

    DEFAULT_CSS = """
    PickField { height: 1; width: 1fr; }
    PickField > Input { width: 100%; }
    PickField > OptionList {
        overlay: screen;
        constrain: inside inside;
        display: none;
        width: auto;
        min-width: 30;
        max-width: 60;
        height: auto;
        max-height: 9;
        padding: 0;
        border: none;
        background: $boost;
        color: $foreground;
        scrollbar-size: 1 1;
    }
    PickField.-open > OptionList { display: block; }
    """

    class Changed(Message):
        """Something else is picked."""

        def __init__(self, field: PickField) -> None:
            super().__init__()
            self.field = field

        @property
        def control(self) -> PickField:
            """The field, so that handlers can name it."""
            return self.field

    class Entered(Message):
        """Enter was pressed on what is picked."""

        def __init__(self, field: PickField) -> None:
            super().__init__()
            self.field = field

        @property
        def control(self) -> PickField:
            """The field."""
            return self.field

    class Line(SteadyInput):
        """The line that is typed into; arrows move in what dropped down."""

        BINDINGS: ClassVar[list[BindingType]] = [
            Binding("down", "step(1)", "Next", id="pick.down", show=False, tooltip="The next one"),
            Binding("up", "step(-1)", "Last", id="pick.up", show=False, tooltip="The one before"),
            Binding("enter", "enter", "Take", id="pick.take", show=False, tooltip="Take this one"),
            Binding("escape", "close", "Close", id="pick.close", show=False, tooltip="Close it"),
        ]

        @property
        def _field(self) -> PickField:
            field = self.parent
            assert isinstance(field, PickField)  # noqa: S101 - composed there alone
            return field

        def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
            """Esc closes what is open and otherwise leaves the dialog."""
            if action == "close":
                return self._field.is_open
            return super().check_action(action, parameters)

        def action_step(self, step: int) -> None:
            """The next or the last that fits."""
            self._field.step(step)

        def action_enter(self) -> None:
            """Take it."""
            self._field.enter()

        def action_close(self) -> None:
            """Close what dropped down."""
            self._field.close()

        def on_blur(self) -> None:
            """Write the name of what is picked in full."""
            self._field.settle()

    def __init__(self, find: Find, *, id: str, placeholder: str = "") -> None:
        super().__init__(id=id)
        self._find = find
        self._placeholder = placeholder
        self._picks: Sequence[Pick] = ()
        self._picked: Pick | None = None
        self._finding = False
        self._entered = False

    def compose(self) -> ComposeResult:
        """The line, and the list that drops down over what is below."""
        yield self.Line(id=f"{self.id}-text", placeholder=self._placeholder)
        options = OptionList()
        options.can_focus = False
        yield options

    @property
    def value(self) -> int | None:
        """The id of what is picked."""
        return self._picked.value if self._picked else None

    @property
    def picked(self) -> Pick | None:
        """What is picked."""
        return self._picked

    @property
    def picked_name(self) -> str:
        """Its name, or nothing."""
        return self._picked.name if self._picked else ""

    def read(self, name: str) -> int | None:
        """The id picked; ``BadInput`` naming the field where what is typed fits nothing."""
        if self._picked is None and self.text.strip():
            raise BadInput(name, f"{name}: nothing is called “{self.text.strip()}”.")
        return self.value

    @property
    def text(self) -> str:
        """What stands in the line."""
        return self._line.value

    @property
    def is_open(self) -> bool:
        """Whether the list is down."""
        return self.has_class("-open")

    @property
    def _line(self) -> PickField.Line:
        return self.query_one(PickField.Line)

    @property
    def _options(self) -> OptionList:
        return self.query_one(OptionList)

    def fill(self, pick: Pick | None) -> None:
        """Put something into the field without telling anybody."""
        self._picked = pick
        with self.prevent(Input.Changed):
            self._line.value = showable(pick.name) if pick else ""

    def invite(self, placeholder: str) -> None:
        """Say this where nothing is picked."""
        self._line.placeholder = placeholder

    def look_among(self, find: Find) -> None:
        """Look elsewhere from now on."""
        self._find = find

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        """Every letter narrows; an empty line picks nothing."""
        event.stop()
        self._finding = True
        if not event.value.strip():
            self._pick(None)
        self.find_picks(event.value)

    @work(exclusive=True, group="find-picks")
    async def find_picks(self, text: str) -> None:
        """Drop down what fits. The best of it is picked where something was typed."""
        self._picks = await self._find(text)
        self._finding = False
        self._options.set_options(Option(_shown(pick)) for pick in self._picks)
        self.set_class(bool(self._picks) and self._line.has_focus, "-open")
        if text.strip():
            self._point_at(0)
        elif self._picked in self._picks:
            self._point_at(self._picks.index(self._picked))
        if self._entered:
            self._entered = False
            self.enter()
            keys_follow(self)
        elif not self._line.has_focus:
            self.settle()

    def step(self, step: int) -> None:
        """Drop everything down, or go to the next one in what dropped down."""
        at = self._options.highlighted
        if not self.is_open:
            self._finding = True
            self.find_picks("")
        elif self._picks:
            self._point_at(0 if at is None else (at + step) % len(self._picks))

    def enter(self) -> None:
        """Take what is picked; what is still being looked for is waited for."""
        if self._finding:
            self._entered = True
            keys_wait(self)
            return
        self.settle()
        self.post_message(self.Entered(self))

    def close(self) -> None:
        """Close the list; what is typed stays."""
        self.remove_class("-open")

    def settle(self) -> None:
        """Close the list and write the name of what is picked; what fits nothing stays typed."""
        self.close()
        if self._picked is not None and not self._finding:
            with self.prevent(Input.Changed):
                self._line.value = showable(self._picked.name)

    @on(OptionList.OptionSelected)
    def clicked(self, event: OptionList.OptionSelected) -> None:
        """A click takes it."""
        event.stop()
        self._point_at(event.option_index)
        self.enter()

    def _point_at(self, at: int | None) -> None:
        at = at if self._picks else None
        self._options.highlighted = at
        self._pick(None if at is None else self._picks[at])

    def _pick(self, pick: Pick | None) -> None:
        if pick is None or pick != self._picked:
            self._picked = pick
            self.post_message(self.Changed(self))


def _shown(pick: Pick) -> Content:
    return Content.assemble(
        safe(pick.name), Content.styled(f"  {showable(pick.detail)}", "$foreground 60%")
    )
