"""``*`` hides what is patients', on every screen at once, and so does a desk that nobody is at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from .typing_ahead import TypingAhead
from .widgets.find_line import FindLine

if TYPE_CHECKING:
    from .hiding import HidingNames

_TOUCHES = (events.Key, events.Paste, events.MouseDown)
_LOOKED_AT_EVERY = 5.0


class HidesNames(TypingAhead):
    """An app that can draw everything without what is patients'.

    What ``*`` hides only ``*`` shows again; what is hidden because nobody was there, after
    ``hide_names_after`` seconds, the first key or click shows, and does nothing else.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "asterisk",
            "hide_names",
            "Hide names",
            id="app.hide-names",
            show=False,
            priority=True,
            tooltip="Patients' names, numbers and birth dates, or show them",
        ),
    ]

    def __init__(self, hide_names_after: float | None = None) -> None:
        super().__init__()
        self.hiding: HidingNames | None = None
        """The filter that hides them, while it does."""
        self._hide_names_after = hide_names_after
        self._touched_at = monotonic()
        self._nobody_there = False

    def on_mount(self) -> None:
        """Look from time to time whether anybody is there."""
        if self._hide_names_after is not None:
            self.set_interval(_LOOKED_AT_EVERY, self.hide_names_if_idle)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """``*`` is typed where it may be meant: into a password, or after what is in a field."""
        if action == "hide_names":
            field = self.focused
            return not isinstance(field, Input) or (
                not field.password and (not field.value or isinstance(field, FindLine))
            )
        return super().check_action(action, parameters)

    def action_hide_names(self) -> None:
        """Hide what is patients', or show it again."""
        self._hide_names(self.hiding is None)

    def hide_names_if_idle(self) -> None:
        """Hide it, and what stands in fields, once nobody has pressed a key for long enough."""
        if self._hide_names_after is None or self.hiding is not None:
            return
        if monotonic() - self._touched_at >= self._hide_names_after:
            fields = (field for screen in self.drawn_screens() for field in screen.query(Input))
            self._hide_names(True, [field.value for field in fields if not field.password])
            self._nobody_there = True

    async def on_event(self, event: events.Event) -> None:
        """Somebody is there: the first key is for seeing what is there."""
        if isinstance(event, _TOUCHES) and not event.is_forwarded:
            self._touched_at = monotonic()
            if self._nobody_there:
                self._hide_names(False)
                return
        await super().on_event(event)

    def _hide_names(self, hidden: bool, typed: Iterable[str] = ()) -> None:
        """Draw all there is anew, with the names or without."""
        from .hiding import HidingNames  # noqa: PLC0415 - once it is wanted

        self.hiding = HidingNames(typed) if hidden else None
        self._nobody_there = False
        self.draw_anew()

    def draw_anew(self) -> None:
        """Draw all there is once more."""
        for screen in self.drawn_screens():
            for widget in screen.walk_children(Widget, with_self=True):
                widget.refresh()

    def drawn_screens(self) -> Iterator[Screen[Any]]:
        """The screens and dialogs of all modes: each keeps the lines that it has drawn."""
        for stack in self._screen_stacks.values():
            yield from stack


class OverAScreen(Widget):
    """Lies over a screen and draws what is under it: that is hidden already.

    It comes without its styles' marks, so that the program's own words could not be told any more.
    """

    def get_line_filters(self) -> Sequence[LineFilter]:
        """All but what hides."""
        hiding = self.app.hiding if isinstance(self.app, HidesNames) else None
        return [one for one in super().get_line_filters() if one is not hiding]
