"""Patients found, one a line in aligned columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message

from ....domain.patients.contact import show_phone
from ....domain.patients.search import FoundPatient
from ....domain.times.walltime import say_date
from ..cells import fit
from .line_list import LineList

_DIGIT = 2
_SIGN, _BORN, _NUMBER, _PHONE = 2, 13, 12, 18
_SHORTEST_NAME = 24


class PatientList(LineList[FoundPatient]):
    """A list to choose a patient from: name, birth date, record number, phone.

    An alert shows as "!" before the name. Where the list is narrow the phone is left out.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Choose", id="patients.choose", tooltip="Take this patient"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "patient-list--line",
        "patient-list--faint",
        "patient-list--alert",
        "patient-list--highlighted",
    }
    DEFAULT_CSS = """
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
        self._region = ""
        self._digits: dict[int, str] = {}

    def show(self, patients: Sequence[FoundPatient], *, region: str) -> None:
        """Show these, the first under the cursor. ``region`` decides how phones are written."""
        same = (tuple(patients), region, {}, 0) == (
            self.lines,
            self._region,
            self._digits,
            self._row,
        )
        self._region, self._digits = region, {}
        if not same:
            self.put(patients)

    def number(self) -> None:
        """Put a digit before each of the first nine."""
        self._digits = {one.patient_id: f"{n}" for n, one in enumerate(self.lines[:9], start=1)}
        self.refresh()

    def choose(self, line: FoundPatient) -> None:
        """Tell which patient was taken."""
        self.post_message(self.Chosen(line))

    def highlight(self) -> Style | None:
        """In focus or not: the search line moves it, too."""
        return self.get_component_rich_style("patient-list--highlighted")

    def segments(self, line: FoundPatient, width: int, style: Style | None) -> list[Segment]:
        """The name stands out, the rest is faint."""
        digit = self._digits.get(line.patient_id, "").ljust(_DIGIT) if self._digits else ""
        alert, name, *others = self._columns(line, width - len(digit))
        if style is not None:
            return [Segment("".join((digit, alert, name, *others)), style)]
        warning = self.get_component_rich_style("patient-list--alert")
        plain = self.get_component_rich_style("patient-list--line")
        faint = self.get_component_rich_style("patient-list--faint")
        return [
            *([Segment(digit, plain)] if digit else ()),
            Segment(alert, warning),
            Segment(name, plain),
            Segment("".join(others), faint),
        ]

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
    return "" if day is None else say_date(day)


@lru_cache(1024)
def _phone(number: str, region: str) -> str:
    return show_phone(number, region) if number else ""
