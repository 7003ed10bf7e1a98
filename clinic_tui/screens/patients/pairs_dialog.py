"""Who may be on record twice: pairs of records, the most likely first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from ...domain.patients.duplicates import DuplicatePair
from ...domain.patients.search import FoundPatient
from ..base import Dialog
from ..safe import own
from ..styles import style_sheet
from ..typing_ahead import another_follows
from ..widgets.cells import fit, widest
from ..widgets.key_line import KeyLine
from ..widgets.lists.line_list import LineList
from ..wording import say_birth_date

_BORN, _WHY = 13, 27
_SHORTEST_NAME, _NAME_ALONE = 20, 17


class PairList(LineList[DuplicatePair]):
    """Both names, birth dates where there is room, and what speaks for its being one person."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Compare", id="pairs.compare", tooltip="Both, side by side"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"pairs--line", "pairs--why", "pairs--highlighted"}
    DEFAULT_CSS = """
    PairList > .pairs--line { color: $foreground; }
    PairList > .pairs--why { color: $foreground 70%; }
    PairList > .pairs--highlighted {
        background: $block-cursor-background; color: $block-cursor-foreground;
    }
    """

    @dataclass
    class Chosen(Message):
        """A pair was taken."""

        pair: DuplicatePair

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._why = _WHY

    def put(self, lines: Sequence[DuplicatePair]) -> None:
        """Show these; what speaks for each in full where that leaves room for names and dates."""
        self._why = widest(line.why for line in lines)
        super().put(lines)

    def choose(self, line: DuplicatePair) -> None:
        """Tell which."""
        self.post_message(self.Chosen(line))

    def highlight(self) -> Style | None:
        """The pair that Enter compares."""
        return self.get_component_rich_style("pairs--highlighted")

    def segments(self, line: DuplicatePair, width: int, style: Style | None) -> list[Segment]:
        """Two people in columns of one width, then why."""
        room = max(_WHY, self._why)
        if room > width - 1 - 2 * (_BORN + _SHORTEST_NAME):
            room = min(room, width - 1 - 2 * _NAME_ALONE)
        half = (width - 1 - room) // 2
        people = f" {_person(line.one, half)}{_person(line.other, half)}"
        why = fit(line.why, width - 1 - 2 * half)
        if style is not None:
            return [Segment(people + why, style)]
        plain = self.get_component_rich_style("pairs--line")
        return [Segment(people, plain), Segment(why, self.get_component_rich_style("pairs--why"))]


def _person(one: FoundPatient, width: int) -> str:
    """The name, and the birth date where that leaves room for a name."""
    names = ", ".join(filter(None, (one.family_name, one.given_name)))
    if width < _BORN + _SHORTEST_NAME:
        return fit(names, width - 1) + " "
    born = say_birth_date(one.birth_date) if one.birth_date else ""
    return f"{fit(names, width - _BORN - 1)} {fit(born, _BORN)}"


class PairsDialog(Dialog[DuplicatePair]):
    """Whom there may be twice; answers with the pair to compare."""

    CSS_PATH = style_sheet("plan")
    TITLE_IN_HELP = "who may be on record twice"

    def __init__(self, pairs: Sequence[DuplicatePair]) -> None:
        super().__init__()
        self._pairs = pairs

    def compose(self) -> ComposeResult:
        """The most likely first."""
        with Vertical(classes="box plan") as box:
            box.border_title = "On record twice?"
            yield PairList(id="pairs")
            yield Static(
                own("The most likely first. Enter compares; nothing is done yet."), id="says"
            )
        yield KeyLine()

    def on_mount(self) -> None:
        """At the first."""
        found = self.query_one(PairList)
        found.styles.height = min(max(3, self.app.size.height - 6), max(3, len(self._pairs)))
        found.put(self._pairs)
        found.focus()

    def on_pair_list_chosen(self, event: PairList.Chosen) -> None:
        """These two."""
        another_follows(self)
        self.dismiss(event.pair)
