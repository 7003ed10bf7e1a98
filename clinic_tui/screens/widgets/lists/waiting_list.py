"""The waitlist's places, one a line in aligned columns under the headings of their parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from ....domain.codes import Urgency
from ....domain.waitlist.who_waits import Waiting
from ...waitlist.words import HINTS, URGENCY_SIGNS, stands, waited, when, whom
from ..cells import fit
from .parted_list import Heading, PartedList

_SIGN, _WAITED, _NARROW = 3, 6, 18
_HINTS = {part.value: hint for part, hint in HINTS.items()}
WaitingLine = Heading | Waiting


@dataclass(frozen=True, slots=True)
class _Widths:
    """How many cells each column has, the gap behind it included; 0 where it is not shown."""

    name: int
    visit: int
    whom: int
    when: int
    stands: int
    note: int

    @classmethod
    def of(cls, width: int) -> _Widths:
        """As the terminal is wide."""
        visit, whom, when, stands, note = (
            (18, 20, 28, 34, 22) if width >= 150
            else (18, 20, 0, 33, 0) if width >= 96
            else (13, 13, 0, _NARROW, 0)
        )  # fmt: skip
        name = width - _SIGN - _WAITED - visit - whom - when - stands - note
        return cls(name, visit, whom, when, stands, note)


class WaitingList(PartedList[Waiting]):
    """Who waits, for how long, for what, with whom, and what fits next or is being offered."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "screen.open", "Open", id="waitlist.open", show=False,
            tooltip="The visit that is to be earlier, or what they wait for",
        ),
    ]  # fmt: skip
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"waiting-list--{name}" for name in ("offered", "urgent")
    }
    DEFAULT_CSS = """
    WaitingList > .waiting-list--offered { color: $primary; }
    WaitingList > .waiting-list--urgent { color: $warning; text-style: bold; }
    """

    class Opened(Message):
        """A place is wanted in full, by a double click."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._now, self._zone = datetime.now(UTC), "UTC"
        self._hinted: set[str] = set()

    def id_of(self, line: Waiting) -> int:
        """A place's number."""
        return line.entry_id

    def show(
        self,
        lines: Sequence[WaitingLine],
        now: datetime,
        zone: str,
        *,
        words: Sequence[str],
        on: int | None,
    ) -> None:
        """Show these, the cursor on the place ``on``; ``words`` are for an empty list."""
        self._now, self._zone = now, zone
        headings = [line.title for line in reversed(lines) if isinstance(line, Heading)]
        self._hinted = set({_HINTS[title]: title for title in headings}.values())
        self.fill(lines, words=words, on=on)

    def count_down(self, now: datetime) -> None:
        """It is later: draw what runs out anew."""
        self._now = now
        if any(isinstance(line, Waiting) and line.offer is not None for line in self._lines):
            self.refresh()

    def choose(self, line: WaitingLine) -> None:
        """Tell that it is wanted."""
        if isinstance(line, Waiting):
            self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        """Put the cursor there; with a double click open it."""
        event.prevent_default()
        row = event.y + self.scroll_offset.y
        if row < len(self._lines) and not isinstance(self._lines[row], Heading):
            self._go_to(row)
            if event.chain == 2:
                self.action_choose()

    def segments(self, line: WaitingLine, width: int, style: Style | None) -> list[Segment]:
        """The first heading says what the last column is, and the first where it is another."""
        if not isinstance(line, Heading):
            return self.drawn(line, width, style)
        widths = _Widths.of(width)
        right = widths.stands + widths.note
        title = f" {line.title}  "
        count = fit(line.hint, width - len(title) - right)
        hint = _HINTS[line.title] if line.title in self._hinted else ""
        return [
            Segment(title, self.look("heading")),
            Segment(count + fit(hint, right), self.look("hint")),
        ]

    def drawn(self, line: Waiting, width: int, style: Style | None) -> list[Segment]:
        """The name stands out, and so does what is urgent or runs out."""
        sign, name, waits, *what, state, note = self._columns(line, width)
        if style is not None:
            return [Segment("".join((sign, name, waits, *what, state, note)), style)]
        plain, faint, special = self.look("line"), self.look("faint"), self.get_component_rich_style
        urgent = line.urgency is Urgency.URGENT
        return [
            Segment(sign, special("waiting-list--urgent") if urgent else plain),
            Segment(name, plain),
            Segment(waits + "".join(what), faint),
            Segment(state, special("waiting-list--offered") if line.offer else plain),
            Segment(note, faint),
        ]

    def _columns(self, one: Waiting, width: int) -> tuple[str, ...]:
        """Together exactly as wide as the list."""
        widths, zone, now = _Widths.of(width), self._zone, self._now
        return (
            f"{URGENCY_SIGNS[one.urgency]} ",
            fit(one.patient, widths.name - 2) + "  ",
            fit(waited(one, now).rjust(_WAITED - 1), _WAITED - 1) + " ",
            " " + fit(one.visit_type, widths.visit - 2) + " ",
            fit(whom(one), widths.whom - 1) + " ",
            _column(when(one, zone, now), widths.when),
            _column(stands(one, zone, now, roomy=widths.stands > _NARROW), widths.stands),
            _column(one.note, widths.note),
        )


def _column(text: str, cells: int) -> str:
    return fit(text, cells - 1) + " " if cells else ""
