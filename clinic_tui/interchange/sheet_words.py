"""What stands in a line of a day sheet, on paper and as text."""

from __future__ import annotations

from ..domain.codes import Status
from ..domain.overview.calendar_visits import CalendarVisit
from ..domain.text import full_name


def name_on_sheet(visit: CalendarVisit) -> str:
    """Whose visit it is, or why there is no name, and what is to be known of it."""
    name = "busy" if visit.busy else full_name(visit.given_name, visit.family_name)
    if visit.held_until is not None:
        name = f"held by {visit.held_by}"
    signs = ("did not come", visit.status is Status.NOSHOW), ("overbooked", visit.overbooked)
    return name + "".join(f" ({word})" for word, holds in signs if holds)
