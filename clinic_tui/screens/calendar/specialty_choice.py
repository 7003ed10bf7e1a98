"""Which doctors the calendar shows: all of them, or those of one specialty."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ...domain.staff.specialties import ListedSpecialty
from ..base import Dialog
from ..safe import own, safe
from ..widgets.key_line import KeyLine


class SpecialtyChoice(Dialog[int]):
    """A list to choose from; answers with a specialty's id, with 0 for all of them."""

    def __init__(self, specialties: Sequence[ListedSpecialty], chosen: int) -> None:
        super().__init__()
        self._specialties = specialties
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """All, then each specialty with the number of its doctors."""
        with Vertical(classes="box"):
            yield Static(own("Which doctors"), classes="title")
            yield OptionList(
                Option("0  All doctors", id="0"),
                *(
                    Option(
                        safe(f"{_digit(number)}  {found.name} ({found.doctors})"),
                        id=str(found.specialty_id),
                    )
                    for number, found in enumerate(self._specialties, start=1)
                ),
                id="specialties",
            )
            yield Static(own("Enter shows them, a digit too"), classes="hint")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin at what is shown now."""
        found = self.query_one("#specialties", OptionList)
        found.highlighted = found.get_option_index(str(self._chosen))

    def on_key(self, event: events.Key) -> None:
        """A digit chooses."""
        if event.key.isdecimal() and int(event.key) <= len(self._specialties):
            event.stop()
            number = int(event.key)
            self.dismiss(self._specialties[number - 1].specialty_id if number else 0)

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Answer with the one that was chosen."""
        self.dismiss(int(event.option_id or 0))


def _digit(number: int) -> str:
    """What chooses that line; past nine there are only the arrows."""
    return str(number) if number < 10 else " "
