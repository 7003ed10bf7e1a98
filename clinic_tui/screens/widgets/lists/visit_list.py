"""The visits of one patient, one a line in aligned columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message

from ....domain.patients.history import PastVisit
from ....domain.times.walltime import say_moment
from ....domain.visits.status_words import STATUS_WORDS
from ...signs import STATUS_SIGNS
from ...wording import clock_cells, date_cells
from ..cells import fit, fit_doctor
from .line_list import LineList

_LENGTH, _STATUS = 8, 16


class VisitList(LineList[PastVisit]):
    """Sign, start, length, type, doctor and status; where this is in focus, letters act."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Visit", id="patients.visit", tooltip="Open that visit"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"visit-list--line", "visit-list--highlighted"}
    DEFAULT_CSS = """
    VisitList > .visit-list--line { color: $foreground; }
    VisitList:focus > .visit-list--highlighted {
        background: $block-cursor-background;
        color: $block-cursor-foreground;
        text-style: $block-cursor-text-style;
    }
    """

    @dataclass
    class Chosen(Message):
        """A visit was taken, by key or by mouse."""

        visit: PastVisit

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._zone = "UTC"

    def show(self, visits: Sequence[PastVisit], zone: str) -> None:
        """Show these, the first under the cursor; times are those of that zone.

        Where the visit under the cursor is one of them, it stays there.
        """
        self._zone, before = zone, self.highlighted
        self.put(visits)
        ids = [visit.appointment_id for visit in visits]
        if before is not None and before.appointment_id in ids[1:]:
            self._go_to(ids.index(before.appointment_id))

    def choose(self, line: PastVisit) -> None:
        """Tell which visit was taken."""
        self.post_message(self.Chosen(line))

    def highlight(self) -> Style | None:
        """Only where keys go to it: elsewhere Enter means something else."""
        return self.get_component_rich_style("visit-list--highlighted") if self.has_focus else None

    def segments(self, line: PastVisit, width: int, style: Style | None) -> list[Segment]:
        """All of it in one style."""
        text = f" {_columns(line, width - 2, self._zone)} "
        return [Segment(text, style or self.get_component_rich_style("visit-list--line"))]


def _columns(visit: PastVisit, width: int, zone: str) -> str:
    minutes = int((visit.ends_at - visit.starts_at).total_seconds() // 60)
    moment = date_cells() + clock_cells() + 3
    rest = max(20, width - 2 - moment - _LENGTH - _STATUS)
    doctor = min(26, rest // 2)
    line = (
        f"{STATUS_SIGNS[visit.status]} "
        + fit(say_moment(visit.starts_at, zone), moment)
        + f"{minutes} min".rjust(_LENGTH - 2).ljust(_LENGTH)
        + fit(visit.visit_type, rest - doctor - 1)
        + " "
        + fit_doctor(visit.doctor, doctor - 1)
        + " "
        + fit(STATUS_WORDS[visit.status], _STATUS)
    )
    return set_cell_size(line, width)
