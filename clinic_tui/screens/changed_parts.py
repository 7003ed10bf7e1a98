"""Drawing only what has changed: of a screen, the widgets and the lines in which something has."""

from __future__ import annotations

from collections.abc import Iterable

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip


class ChangedParts(Compositor):
    """Asks no widget for lines on which nothing changed.

    Textual's own asks all of them between the first line that changed and the last for all of
    their lines, kept or not, the screen itself among them: with a letter typed at the top and a
    word that changes at the bottom that is most of what the letter costs.
    """

    _changed: tuple[Region, ...] = ()

    def render_partial_update(self) -> ChopsUpdate | None:
        """What goes to the terminal for the parts that changed."""
        self._changed = tuple(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._changed = ()

    def _get_renders(
        self, crop: Region | None = None
    ) -> Iterable[tuple[Region, Region, list[Strip]]]:
        """Where each widget is, which of it is seen, and the lines of that.

        Nothing but these is looked at afterwards: what is sent lies within what changed.
        """
        if not self._changed:
            yield from super()._get_renders(crop)
            return
        changed = list(self._changed)
        for widget, (region, clip) in self.visible_widgets.items():  # From the front to the back.
            seen = region.intersection(clip)
            parts = [seen.intersection(one) for one in changed if seen.overlaps(one)]
            if not parts:
                continue
            top = min(part.y for part in parts)
            lines = max(part.bottom for part in parts) - top
            drawn = Region(seen.x, top, seen.width, lines)
            yield region, drawn, widget.render_lines(drawn.translate(-region.offset))
            changed = [one for one in changed if not seen.contains_region(one)]
            if not changed:
                return  # Of what is behind nothing is seen.
