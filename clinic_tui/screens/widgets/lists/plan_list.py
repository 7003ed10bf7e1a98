"""The visits in the way of an absence, one a line: where each stands, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style

from ....domain.absence.lines import PlanLine
from ....domain.codes import Fate
from ....domain.errors import Opening
from ....domain.times.walltime import local_day, say_time
from ...signs import STATUS_SIGNS
from ...wording import clock_cells, near_date_cells, say_short_day
from ..cells import fit, shares, widest
from .deciding_list import DecidingList

_SIGN = 4
_LEAST = (15, 10, 29)
"""Cells that patient, visit type and fate have, however much the others want."""
_ANEW, _BY_HAND = "≠", "•"
_FATES = {Fate.CALL: "call", Fate.CANCEL: "cancelled", Fate.KEEP: "stays"}


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A line of a plan, and who it is from: decided by hand, or proposed anew after a refusal."""

    line: PlanLine
    by_hand: bool = False
    anew: bool = False

    def decided(self, fate: Fate, to: Opening | None = None) -> PlanRow:
        """The same visit with another fate, by hand."""
        return replace(self, line=replace(self.line, fate=fate, to=to, why="", tell=False),
                       by_hand=True)  # fmt: skip

    @property
    def wants_somebody(self) -> bool:
        """Nothing was found for it, or what was found is gone, and nobody has looked at it yet."""
        return not self.by_hand and (self.anew or self.line.fate is Fate.CALL)


class PlanList(DecidingList[PlanRow]):
    """Signs, start, patient, visit type and fate, in columns; those to call about stand out, and
    so do those who are here already.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "plan-list--line", "plan-list--faint", "plan-list--call", "plan-list--anew",
        "plan-list--here", "plan-list--highlighted",
    }  # fmt: skip
    DEFAULT_CSS = """
    PlanList > .plan-list--line { color: $foreground; }
    PlanList > .plan-list--faint { color: $foreground 70%; }
    PlanList > .plan-list--call { color: $warning; }
    PlanList > .plan-list--anew { color: $error; text-style: bold; }
    PlanList > .plan-list--here { color: $accent; text-style: bold; }
    PlanList > .plan-list--highlighted {
        background: $block-cursor-background; color: $block-cursor-foreground;
    }
    """

    def __init__(self, zone: str, *, id: str) -> None:
        super().__init__(zone, id=id)
        self._one_day = True
        self._wanted = (0, 0, 0)

    def show(self, rows: Sequence[PlanRow], at: int) -> None:
        """Show these, with the day where there are several."""
        self._one_day = len({local_day(row.line.starts_at, self._zone) for row in rows}) < 2
        self._wanted = (
            widest(row.line.patient for row in rows) + 2,
            widest(row.line.visit_type for row in rows) + 2,
            widest(say_fate(row.line, self._zone) for row in rows),
        )
        super().show(rows, at)

    def highlight(self) -> Style | None:
        """The line that keys act on."""
        return self.get_component_rich_style("plan-list--highlighted")

    def segments(self, line: PlanRow, width: int, style: Style | None) -> list[Segment]:
        """What needs somebody in colour, and told by a sign or a word as well."""
        sign, visit, fate = self._columns(line, width)
        if style is not None:
            return [Segment(f"{sign}{visit}{fate}", style)]
        look = "faint" if line.line.fate is Fate.KEEP and not line.line.here else "line"
        look = "call" if line.line.fate is Fate.CALL else look
        look = "anew" if line.anew and not line.by_hand else look
        plain = self.get_component_rich_style("plan-list--line")
        loud = self.get_component_rich_style(f"plan-list--{look}")
        return [
            Segment(sign[:-2], loud),
            Segment(sign[-2:], self.get_component_rich_style("plan-list--here")),
            Segment(visit, plain),
            Segment(fate, loud),
        ]

    def _columns(self, row: PlanRow, width: int) -> tuple[str, str, str]:
        line = row.line
        when = say_time(line.starts_at, self._zone)
        if not self._one_day:
            when = f"{say_short_day(line.starts_at, self._zone)} {when}"
        moment = clock_cells() + (2 if self._one_day else near_date_cells() + 3)
        least = list(map(min, _LEAST, self._wanted))
        more = [wanted - has for wanted, has in zip(self._wanted, least, strict=True)]
        shared = shares(width - _SIGN - moment - sum(least), *more)
        name, kind, fate = (has + gets for has, gets in zip(least, shared, strict=True))
        sign = _BY_HAND if row.by_hand else _ANEW if row.anew else " "
        here = STATUS_SIGNS[line.status] if line.here else " "
        return (
            f" {sign}{here} ",
            fit(when, moment)
            + fit(line.patient, name - 1)
            + " "
            + fit(line.visit_type, kind - 1)
            + " ",
            fit(say_fate(line, self._zone), fate),
        )


def say_fate(line: PlanLine, zone: str) -> str:
    """ "→ Tue 24 Nov 09:20 Dr Lee", to another room alone "→ Room 2", or why it goes nowhere."""
    to = line.to
    if to is not None:
        stays = (to.doctor_id, to.starts_at) == (line.doctor_id, line.starts_at)
        return f"→ {to.room or 'no room'}" if stays else f"→ {say_opening(to, zone, line.room)}"
    fate = "here: decide" if line.here and line.fate is Fate.CALL else _FATES[line.fate]
    parts = (fate, "written to" if line.tell else "", line.why)
    return " · ".join(filter(None, parts))


def say_opening(opening: Opening, zone: str, room: str | None) -> str:
    """ "Tue 24 Nov 09:20 Dr Lee", without the year, which is plain within the weeks of a plan;
    with the room where that is another than ``room``.
    """
    starts_at = opening.starts_at
    said = f"{say_short_day(starts_at, zone)} {say_time(starts_at, zone)} {opening.doctor}"
    return f"{said}, {opening.room}" if opening.room and opening.room != room else said
