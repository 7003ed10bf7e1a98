"""Numbers greater than any column holds are answered alike on both databases."""

from __future__ import annotations

import pytest

from .conftest import Clinic

HUGE = ("2147483648", "99999999999999", "9" * 20, "9" * 60)
AT = ("--at", "fri 16:00")


@pytest.mark.parametrize("number", HUGE)
def test_numbers_greater_than_a_column_holds(ana: Clinic, number: str) -> None:
    for words in (
        ("agenda", "--doctor", number),
        ("openings", "--type", "follow", "--doctor", number),
        ("openings", "--type", number),
        ("hours", "show", number),
        ("hours", "set", number, "mon 9-12"),
        ("book", "--patient", number, "--doctor", "lee", "--type", "follow", *AT),
        ("book", "--patient", "garcia", "--doctor", number, "--type", "follow", *AT),
        ("book", "--patient", "garcia", "--doctor", "lee", "--type", number, *AT),
        (
            *("book", "--patient", "garcia", "--doctor", "lee"),
            "--type",
            "follow",
            "--room",
            number,
            *AT,
        ),
    ):
        assert number in ana.refused(*words)
    for usage in (
        ("cancel", number),
        ("move", number, *AT),
        ("check-in", number),
        ("openings", "--type", "follow", "--limit", number),
    ):
        said = ana(*usage)
        assert (said.code, said.out) == (2, "")
        assert "less than or equal to" in said.err
    book = ("book", "--patient", "garcia", "--doctor", "lee", "--type", "follow", *AT)
    assert "Length: “" in ana.refused(*book, "--minutes", number)


@pytest.mark.parametrize("number", HUGE)
def test_measures_greater_than_a_column_holds(ada: Clinic, number: str) -> None:
    for words in ((number,), ("20", "--before", number), ("20", "--after", number)):
        said = ada("visit-type", "add", "Skin check", *words)
        assert (said.code, said.out) == (1, "")
        assert "minutes" in said.err
