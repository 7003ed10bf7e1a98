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


@pytest.mark.parametrize("number", [HUGE[0], HUGE[-1]])
def test_lengths_and_counts_greater_than_any(ana: Clinic, number: str) -> None:
    what = ("--doctor", "lee", "--type", "follow")
    book = ("book", "--patient", "garcia", *what, *AT)
    assert "Length: “" in ana.refused(*book, "--minutes", number)
    series = ("series", "preview", "--patient", "garcia", *what, "--time", "9")
    together = ("together", "find", "--patient", "garcia", "--visit", "follow", "--visit", "vacc")
    for words in (
        ("why", number, "fri 16:00"),
        ("why", "lee", f"fri {number}"),
        ("agenda", "--day", number),
        ("hold", *what, *AT, "--minutes", number),
        (*series, "--every", "week", "--times", number),
        (*series, "--rule", f"FREQ=WEEKLY;COUNT={number}"),
        (*series, "--every", f"{number} weeks", "--times", "2"),
        (*together, "--most-gap", number),
        (*together, "--least-gap", f"-{number}"),
        ("waitlist", "fits", "--doctor", "lee", *AT, "--minutes", number),
        ("absence", "plan", "lee", "--from", number),
        ("patient", "merge", "--keep", number, "--merge", "garcia"),
        ("hours", "reserve", "lee", "new", "mon 9-10", "--open-before", number),
    ):
        assert len(ana.refused(*words).splitlines()) == 1
    rule = ("--rule", "FREQ=WEEKLY;COUNT=2")
    booked = ana("series", "book", *series[2:], *rule, "--day", "tue", "--json").json["visits"]
    on = ("series", "move", str(booked[0]["visit"]), "--scope", "all", "--days", number)
    assert "moves by at most 366 days" in ana.refused(*on)


_NUMBERED = (
    ("cancel",), ("move", *AT), ("check-in",), ("swap", "1"), ("release",), ("tray", "lift"),
    ("reinstate",),
    ("tray", "put-down", *AT), ("tray", "put-back"), ("series", "show"),
    ("series", "move", "--scope", "all"), ("series", "cancel", "--scope", "all"),
    ("waitlist", "accept"), ("waitlist", "decline"), ("waitlist", "withdraw"),
    ("waitlist", "offer", "--doctor", "lee", *AT), ("waitlist", "add", "--earlier"),
    ("patient", "part"), ("absence", "accept", "lee", "--today", "--keep"),
    ("hold", "--doctor", "lee", "--type", "follow", *AT, "--replace"),
    ("book", "--patient", "lind", "--doctor", "lee", "--type", "follow", *AT, "--hold"),
)  # fmt: skip


def test_what_is_no_number_of_a_row(run: Clinic) -> None:
    """Wrong usage, on whichever database: none is opened for it."""
    for words in _NUMBERED:
        for number in (*HUGE, "0", "x", "-1"):
            end = () if words[-1].startswith("--") else ("--",)
            said = run(*words, *end, number)
            assert (said.code, said.out) == (2, ""), words
            assert f"“{number}” is none of the numbers that clinic gives." in said.err
    said = run("openings", "--type", "follow", "--limit", HUGE[-1])
    assert (said.code, said.out) == (2, "")
    assert "less than or equal to 200" in said.err


@pytest.mark.parametrize("number", HUGE)
def test_measures_greater_than_a_column_holds(ada: Clinic, number: str) -> None:
    for words in ((number,), ("20", "--before", number), ("20", "--after", number)):
        said = ada("visit-type", "add", "Skin check", *words)
        assert (said.code, said.out) == (1, "")
        assert "minutes" in said.err
