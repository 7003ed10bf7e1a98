"""Patients found, one a line in aligned columns; drawn line by line, so that typing stays fast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ...domain.contact import show_phone
from ...domain.patient_search import FoundPatient
from ...domain.walltime import say_day
from .cells import fit

_SIGN, _BORN, _NUMBER, _PHONE = 2, 13, 12, 18
_SHORTEST_NAME = 24


class PatientList(ScrollView, can_focus=True):
    """A list to choose a patient from: name, birth date, record number, phone.

    An alert shows as "!" before the name. Where the list is narrow the phone is left out.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "up", "Up", id="patients.up", show=False, tooltip="The patient above"),
        Binding("down", "down", "Down", id="patients.down", show=False, tooltip="The one below"),
        Binding(
            "pageup", "page(-1)", "Page up", id="patients.page-up", show=False, tooltip="A page up"
        ),
        Binding(
            "pagedown",
            "page(1)",
            "Page down",
            id="patients.page-down",
            show=False,
            tooltip="A page down",
        ),
        Binding("enter", "choose", "Choose", id="patients.choose", tooltip="Take this patient"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "patient-list--line",
        "patient-list--faint",
        "patient-list--alert",
        "patient-list--highlighted",
    }
    DEFAULT_CSS = """
    PatientList { height: 1fr; background: $surface; overflow-x: hidden; scrollbar-size: 1 1; }
    PatientList > .patient-list--line { color: $foreground; }
    PatientList > .patient-list--faint { color: $foreground 70%; }
    PatientList > .patient-list--alert { color: $warning; text-style: bold; }
    PatientList > .patient-list--highlighted {
        background: $block-cursor-background;
        color: $block-cursor-foreground;
    }
    """

    @dataclass
    class Chosen(Message):
        """A patient was taken, by key or by mouse."""

        patient: FoundPatient

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._patients: tuple[FoundPatient, ...] = ()
        self._region = ""
        self._row = 0

    @property
    def highlighted(self) -> FoundPatient | None:
        """The patient under the cursor; None where the list is empty."""
        return self._patients[self._row] if self._patients else None

    def show(self, patients: Sequence[FoundPatient], *, region: str) -> None:
        """Show these, the first under the cursor. ``region`` decides how phones are written."""
        self._patients, self._region, self._row = tuple(patients), region, 0
        self._make_scrollable()
        if self.scroll_offset.y:
            self.scroll_to(0, 0, animate=False, force=True)
        self.refresh()

    def on_resize(self) -> None:
        """What fitted may not fit any more."""
        self._make_scrollable()

    def _make_scrollable(self) -> None:
        """Scroll where there are more than fit; else leave the size alone: it costs a layout."""
        count = len(self._patients)
        self.virtual_size = Size(0, count if count > self.container_size.height else 0)

    def action_up(self) -> None:
        """The patient above."""
        self._go_to(self._row - 1)

    def action_down(self) -> None:
        """The patient below."""
        self._go_to(self._row + 1)

    def action_page(self, pages: int) -> None:
        """Up or down by what is seen at once."""
        self._go_to(self._row + pages * max(1, self.size.height - 1))

    def action_choose(self) -> None:
        """Take the patient under the cursor."""
        if self.highlighted is not None:
            self.post_message(self.Chosen(self.highlighted))

    def on_click(self, event: events.Click) -> None:
        """Take the patient who was clicked."""
        row = event.y + self.scroll_offset.y
        if row < len(self._patients):
            self._go_to(row)
            self.action_choose()

    def _go_to(self, row: int) -> None:
        before, self._row = self._row, max(0, min(row, len(self._patients) - 1))
        for changed in (before, self._row):
            self.refresh(Region(0, changed - self.scroll_offset.y, self.size.width, 1))
        self.scroll_to_region(
            Region(0, self._row, self.size.width, 1), animate=False, force=True, x_axis=False
        )

    def render_line(self, y: int) -> Strip:
        """One patient, or nothing below the last."""
        row, width = y + self.scroll_offset.y, self.size.width
        if row >= len(self._patients):
            return Strip.blank(width, self.rich_style)
        alert, *rest = self._columns(self._patients[row], width)
        if row == self._row:
            style = self.get_component_rich_style("patient-list--highlighted")
            return Strip([Segment("".join((alert, *rest)), style)], width)
        warning = self.get_component_rich_style("patient-list--alert")
        plain = self.get_component_rich_style("patient-list--line")
        faint = self.get_component_rich_style("patient-list--faint")
        name, *others = rest
        segments = [Segment(alert, warning), Segment(name, plain), Segment("".join(others), faint)]
        return Strip(segments, width)

    def _columns(self, patient: FoundPatient, width: int) -> tuple[str, ...]:
        """Alert sign, name, birth date, number and phone, together as wide as the list."""
        with_phone = width >= _SIGN + _SHORTEST_NAME + _BORN + _NUMBER + _PHONE
        name_width = width - _SIGN - _BORN - _NUMBER - _PHONE * with_phone
        names = [patient.family_name, patient.given_name]
        return (
            " !"[bool(patient.alert)].ljust(_SIGN),
            fit(", ".join(filter(None, names)), name_width - 2) + "  ",
            _born(patient.birth_date).rjust(_BORN - 2) + "  ",
            fit(patient.record_number, _NUMBER - 2) + "  ",
            fit(_phone(patient.phone, self._region), _PHONE) if with_phone else "",
        )


def _born(day: date | None) -> str:
    return "" if day is None else say_day(day).partition(" ")[2]


@lru_cache(1024)
def _phone(number: str, region: str) -> str:
    return show_phone(number, region) if number else ""
