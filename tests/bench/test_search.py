"""Finding patients as one types: every key is a query."""

from __future__ import annotations

import random

import pytest

from clinic_tui.desk import Desk
from clinic_tui.domain.patients.search import find_patients
from tests.bench.books import CROWD, LARGE, Size
from tests.bench.conftest import DeskAt
from tests.bench.measure import Report, in_words, percentile, timed
from tests.bench.people import FAMILIES, GIVEN, Person, people
from tests.small_clinic import NOW

_LINES = 300


def typed_lines(size: Size) -> list[str]:
    """What a desk types in a day, each kind as often: common and rare, one word and two."""
    chance = random.Random(5)
    everybody: list[Person] = list(people(size.patients))
    lines = []
    for number in range(_LINES):
        person = chance.choice(everybody)
        common = (FAMILIES if number % 2 else GIVEN)[number % 12]
        rare = chance.choice(FAMILIES if number % 2 else GIVEN)
        family, given = person.family_name, person.given_name
        lines += [
            common[: number % 5 + 1],
            rare[: number % 5 + 1],
            f"{family[: number % 5 + 1]} {given[: number % 3 + 1]}",
            f"{given} {family}",
            f"{common} {chance.choice(GIVEN[:12])}",
            person.phones[0][-4:],
            f"{person.birth_date:%d.%m.%Y}",
            f"{family[:3]} {person.birth_date:%d.%m.%Y}",
            person.record_number,
            f"{rare}xq",
        ]
    return lines


@pytest.mark.parametrize(("size", "most_ms"), [(LARGE, 10), (CROWD, 15)], ids=str)
def test_a_search_is_quick(
    kind: str, desk_at: DeskAt, report: Report, size: Size, most_ms: float
) -> None:
    desk, lines = desk_at(kind, size), typed_lines(size)

    def measure() -> tuple[float, str]:
        times = [timed(_find, desk, line) for line in lines]
        slowest = max(zip(times, lines, strict=True))
        return percentile(times, 95), f"{in_words(times)}, worst {slowest[0]:.3g} “{slowest[1]}”"

    what = f"{kind}: patient search among {size.patients:,}, p95"
    report.hold(what, "ms", most_ms, measure)


def _find(desk: Desk, line: str) -> None:
    desk.read_now(find_patients, line, NOW)
