"""The days of the whole clinic: its zone, public holidays of its region, its own closed days."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.util import find_spec, module_from_spec


@dataclass(frozen=True, slots=True)
class Closed:
    """Days, both included, on which the whole clinic is closed."""

    first_day: date
    last_day: date
    name: str


@dataclass(frozen=True, slots=True)
class ClinicDays:
    """What holds for every doctor: the zone, public holidays, the clinic's own closed days."""

    zone: str
    holiday_country: str | None = None
    holiday_subdivision: str | None = None
    closed: tuple[Closed, ...] = ()

    def holiday(self, day: date) -> str | None:
        """The name of the public holiday on that date, if there is one."""
        if self.holiday_country is None:
            return None
        return public_holidays(self.holiday_country, self.holiday_subdivision, day.year).get(day)

    def closure(self, day: date) -> str | None:
        """The name of the clinic's own closed day on that date, if there is one."""
        for closed in self.closed:
            if closed.first_day <= day <= closed.last_day:
                return closed.name
        return None


@cache
def public_holidays(country: str, subdivision: str | None, year: int) -> dict[date, str]:
    """Date → name of the public holidays of a region in one year.

    ``country`` is ISO 3166-1, ``subdivision`` the second half of its ISO 3166-2 code. Refused
    with ``NotImplementedError`` by the library where it does not know the region.
    """
    import holidays  # noqa: PLC0415 - 50 ms that only a clinic with a holiday region spends

    _leave_out_the_other_countries()
    found = holidays.country_holidays(country, subdiv=subdivision, years=year, language="en_US")
    return {day: str(name) for day, name in found.items()}


def _leave_out_the_other_countries() -> None:
    """Let a country be imported alone.

    The library looks for one country in a package that imports all 250 of them, for 60 ms and
    20 MB; taken as a folder of modules the same package imports what is asked for.
    """
    name = "holidays.countries"
    spec = find_spec(name)
    if spec is not None:
        sys.modules.setdefault(name, module_from_spec(spec))
