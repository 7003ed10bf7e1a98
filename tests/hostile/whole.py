"""Whether all that matters of a screen is in sight: every key, field, label and sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.cells import cell_len
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from clinic_tui.screens.header import ClinicHeader
from clinic_tui.screens.widgets.key_line import KeyLine

_MOST_KEYS = 8
IN_FULL_ELSEWHERE = {
    "BookingDialog says": "in the fields above it",
    "CalendarScreen why": "Enter opens the visit; a doctor's name is on F5",
    "CallList summary": "on F5; how many they are stands before it",
    "FreedPanel done": "in the visit itself",
    "MoveDialog says": "in the fields above it",
    "PlanDialog about": "in the visit itself",
    "RequestsDialog about": "Enter opens the visit",
    "ScopeDialog whose": "in the visit, which lies under it",
    "WaitlistScreen about": "p opens the patient's record",
    "WaitlistScreen fits": "on F5; when it would be stands before it",
}
"""Sentences that end in an ellipsis, or with their last line, where names are long, and where the
names stand.
"""


def hidden_parts(pilot: Pilot[int]) -> Iterator[str]:
    """What of the screen in front cannot be seen, nor be scrolled to."""
    screen = pilot.app.screen
    name = type(screen).__name__
    for widget in screen.walk_children(Widget):
        if widget.is_attached and _is_shown(widget):
            for flaw in _flaws(screen, widget):
                yield f"{name} {screen.size.width}×{screen.size.height}: {flaw}"


def _is_shown(widget: Widget) -> bool:
    """It has a place in what was laid out last, and nothing around it is hidden."""
    laid_out = widget in widget.screen._compositor.full_map
    return laid_out and all(one.display and one.visible for one in widget.ancestors_with_self[:-1])


def _flaws(screen: Screen[Any], widget: Widget) -> Iterator[str]:
    where = screen._compositor.find_widget(widget)
    seen = where.region.intersection(where.clip)
    called = f"{type(widget).__name__}#{widget.id or ' '.join(widget.classes)}"
    if isinstance(widget, KeyLine):
        yield from _of_keys(widget)
    elif isinstance(widget, ClinicHeader) and cell_len(str(widget.render())) > widget.size.width:
        yield f"the clock is cut off: {widget.render()}"
    elif widget is screen.focused and isinstance(widget, Input | Button) and seen != where.region:
        yield f"{called} has the focus and is not all in sight"
    elif not widget.children and where.region and not _reached(widget, where.region, seen):
        yield f"{called} is cut: {seen} of {where.region}"
    if isinstance(widget, Input) and cell_len(str(widget.placeholder)) > widget.content_size.width:
        yield f"{called} has {widget.content_size.width} cells for {widget.placeholder!r}"
    if isinstance(widget, Static) and not widget.children:
        yield from _of_text(widget, called)


def _reached(widget: Widget, region: Region, seen: Region) -> bool:
    """Whether all of it is seen, or comes into sight by scrolling what shows that it scrolls."""
    around = [one for one in widget.ancestors if isinstance(one, Widget)]
    high = seen.height == region.height or any(one.show_vertical_scrollbar for one in around)
    wide = seen.width == region.width or any(one.show_horizontal_scrollbar for one in around)
    return high and wide


def _of_keys(line: KeyLine) -> Iterator[str]:
    shown = line._shown
    if len(shown) > _MOST_KEYS:
        yield f"{len(shown)} keys"
    wide = cell_len(str(line.render()).rstrip())
    if wide > line.size.width:
        yield f"keys {wide} cells wide: {line.render()}"


def _of_text(widget: Static, called: str) -> Iterator[str]:
    """Its lines need no more room than it has."""
    text = str(widget.visual)
    room = widget.content_size
    rules = widget.styles.get_render_rules()
    nowrap = widget.styles.text_wrap == "nowrap"
    place = f"{type(widget.screen).__name__} {widget.id or ' '.join(widget.classes)}"
    elsewhere = place in IN_FULL_ELSEWHERE
    needed = widget.visual.get_height(rules, room.width) if room.width else 0
    if needed > room.height and (nowrap or not elsewhere):
        yield f"{called} has {room.height} of {needed} lines: {text[:60]!r}"
    widest = max((cell_len(line) for line in text.split("\n")), default=0)
    if nowrap and widest > room.width and not elsewhere:
        yield f"{called} is cut at {room.width} of {widest}: {text[:100]!r}"
