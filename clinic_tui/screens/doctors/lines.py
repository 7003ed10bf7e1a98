"""Lines of doctors and specialties, in columns as wide as their lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets.option_list import Option

from ...domain.staff.doctors import ListedDoctor
from ...domain.staff.specialties import ListedSpecialty
from ..widgets.cells import fit, shares, widest
from ..widgets.lists.lines import Lines

_FAINT = "$foreground 60%"
_RETIRED = " retired"
_ROOMY = 36
"""From so many cells on, what they are for has a column of its own."""


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


def doctor_lines(
    doctors: Sequence[ListedDoctor], width: int, colours: dict[str, str]
) -> Iterator[Option]:
    """Colour, name, what they are for where there is room, and a word where they are retired."""
    some_retired = not all(one.active for one in doctors)
    rest = width - 2 - len(_RETIRED) * some_retired
    wanted = (widest(map(_names, doctors)) + 2, widest(map(_for_what, doctors)))
    name, for_what = shares(rest, *wanted) if rest > _ROOMY else (rest, 0)
    for one in doctors:
        line = Content.assemble(
            Content.styled("■ ", colours.get(f"ink-{one.colour}", "")),
            fit(_names(one), name - 1) + " ",
            fit(_for_what(one), for_what),
            "" if one.active else _RETIRED,
        )
        yield Option(line if one.active else Content.styled(line.plain, _FAINT), str(one.doctor_id))


def _names(doctor: ListedDoctor) -> str:
    """With the number where the desk needs it, because others have every name of theirs."""
    number = f" ({doctor.doctor_id})"
    names = ", ".join(filter(None, (doctor.family_name, doctor.given_name)))
    return names + number if doctor.name.endswith(number) else names


def _for_what(doctor: ListedDoctor) -> str:
    return ", ".join(doctor.specialties)


def specialty_line(specialty: ListedSpecialty, width: int) -> Option:
    """The name, and how many see patients."""
    number = f" {specialty.doctors}"
    line = Content(fit(specialty.name, width - len(number)) + number)
    return Option(line, str(specialty.specialty_id))
