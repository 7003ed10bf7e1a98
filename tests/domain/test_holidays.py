"""Public holidays come from the library, one country at a time."""

from __future__ import annotations

import subprocess
import sys

import holidays
import pytest

from clinic_tui.domain.clinic.clinic_days import public_holidays

_LOOK = """
import sys
from clinic_tui.domain.clinic.clinic_days import public_holidays
public_holidays("DE", "BE", 2026)
print(sum(name.startswith("holidays.countries.") for name in sys.modules))
"""


@pytest.mark.parametrize(
    ("country", "subdivision"), [("DE", "BE"), ("US", "NY"), ("GB", None), ("GU", None)]
)
def test_they_are_the_library_s(country: str, subdivision: str | None) -> None:
    """Guam's are made of those of the United States."""
    theirs = holidays.country_holidays(country, subdiv=subdivision, years=2026, language="en_US")
    assert public_holidays(country, subdivision, 2026) == {
        day: str(name) for day, name in theirs.items()
    }


def test_a_country_comes_without_the_others() -> None:
    """All 250 would make whoever opens the program wait for 60 ms."""
    answer = subprocess.run(
        [sys.executable, "-c", _LOOK], capture_output=True, text=True, check=True
    )
    assert int(answer.stdout) < 5


@pytest.mark.parametrize(("country", "subdivision"), [("XX", None), ("DE", "XX")])
def test_an_unknown_region_is_refused(country: str, subdivision: str | None) -> None:
    with pytest.raises(NotImplementedError):
        public_holidays(country, subdivision, 2026)
