"""Lines of doctors and specialties, in columns as wide as their lists."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets.option_list import Option

from ..domain.doctors import ListedDoctor
from ..domain.specialties import ListedSpecialty
from .widgets.cells import fit
from .widgets.lines import Lines

_FAINT = "$foreground 60%"


class DoctorList(Lines):
    """The doctors found; where this is in focus, letters act."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.open_day", "Day", id="doctors.day", tooltip="In the calendar"),
    ]

    def move(self, lines: int) -> None:
        """Up or down, for keys that are pressed elsewhere."""
        if self.option_count:
            row = (self.highlighted or 0) + lines
            self.highlighted = min(max(row, 0), self.option_count - 1)


def doctor_line(doctor: ListedDoctor, width: int, colours: dict[str, str]) -> Option:
    """Colour, name, what they are for where there is room, and a word where they are retired."""
    names = ", ".join(filter(None, (doctor.family_name, doctor.given_name)))
    retired = "" if doctor.active else " retired"
    rest = width - 2 - len(retired)
    for_what = min(28, rest // 2) if rest > 36 else 0
    line = Content.assemble(
        Content.styled("■ ", colours.get(f"ink-{doctor.colour}", "")),
        fit(names, rest - for_what - 1) + " ",
        fit(", ".join(doctor.specialties), for_what),
        retired,
    )
    return Option(
        line if doctor.active else Content.styled(line.plain, _FAINT), str(doctor.doctor_id)
    )


def specialty_line(specialty: ListedSpecialty, width: int) -> Option:
    """The name, and how many see patients."""
    number = f" {specialty.doctors}"
    line = Content(fit(specialty.name, width - len(number)) + number)
    return Option(line, str(specialty.specialty_id))
