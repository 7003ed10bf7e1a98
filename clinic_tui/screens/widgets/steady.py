"""Text that changes often, beside much that does not."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Input, Static


class Steady(Static):
    """A text whose change moves nothing around it, unless it needs more lines or fewer.

    Laying a screen out again costs several times what drawing one text does.
    """

    virtual_size = Reactive(Size(0, 0), layout=False, repaint=False)
    """Textual's own asks for another layout right after each one."""

    def put(self, content: Content, *, keeps_room: bool = False) -> None:
        """Show this instead; with ``keeps_room`` lines that it does not need stay empty."""
        width, height = self.size
        needed = content.get_height({}, width) if width else 0
        fits = needed <= height if keeps_room else needed == height
        self.update(content, layout=not (width and fits))


class SteadyLine(Static):
    """A text whose room never changes; it is drawn only when it says something else."""

    def put(self, content: Content) -> None:
        """Show this instead."""
        if not (isinstance(self.content, Content) and content.is_same(self.content)):
            self.update(content, layout=False)


class SteadyInput(Input):
    """A line to type into whose width does not depend on what is typed."""

    virtual_size = Reactive(Size(0, 0), layout=False)
    """Textual's own has the whole screen laid out anew with every letter."""
