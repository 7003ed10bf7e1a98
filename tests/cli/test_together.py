"""Several visits on one day, in words."""

from __future__ import annotations

import pytest

from .conftest import Clinic

WHO = ("--patient", "garcia", "--day", "tue")
PAIR = (*WHO, "--visit", "new patient @okafor", "--visit", "f/up @ Dr Park #room 1")


def test_found_and_booked(ana: Clinic) -> None:
    assert ana.ok("together", "find", *PAIR, "--limit", "2").splitlines() == [
        "1  Tue 24 Nov 2026 09:00 Dr Okafor, 09:40 Dr Park",
        "2  Tue 24 Nov 2026 09:40 Dr Okafor, 10:20 Dr Park",
    ]
    found = ana("together", "find", *PAIR, "--least-gap", "30", "--any-order", "--json").json
    assert [one["starts_at"] for one in found[0]] == [
        "2026-11-24T09:00:00+01:00",
        "2026-11-24T10:10:00+01:00",
    ]
    assert ana.ok("together", "book", *PAIR, "--choice", "2").splitlines() == [
        "1  Maria Garcia, Tue 24 Nov 2026, 09:40, Dr Okafor.",
        "2  Maria Garcia, Tue 24 Nov 2026, 10:20, Dr Park, Room 1.",
        "9 messages queued.",
    ]
    booked = ana("together", "book", *PAIR, "--json").json
    assert [one["visit"] for one in booked] == [3, 4]
    assert booked[0]["starts_at"] == "2026-11-24T10:40:00+01:00"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--visit", "f/up"), "Two or three visits are sought together."),
        (("--visit", "f/up", "--visit", "@lee"), "Visit: “@lee” is none"),
        (("--visit", "f/up", "--visit", "surgery"), "There is no visit type “surgery”."),
        (("--visit", "f/up", "--visit", "f/up @house"), "There is no doctor “house”."),
        (("--visit", "f/up", "--visit", "f/up #9"), "There is no room “9”."),
        (("--visit", "f/up", "--visit", "f/up", "--least-gap", "-5"), "0 to 480 minutes"),
        (("--visit", "f/up", "--visit", "f/up", "--last-day", "2027-12-01"), "up to 100 days"),
        (("--visit", "new @park", "--visit", "f/up"), "No doctor who is meant does that"),
    ],
)
def test_each_wrong_word_gets_its_sentence(
    ana: Clinic, words: tuple[str, ...], sentence: str
) -> None:
    for verb in ("find", "book"):
        refused = ana.refused("together", verb, *WHO, *words)
        assert sentence in refused
        assert len(refused.splitlines()) == 1


def test_a_day_on_which_nobody_works(ana: Clinic) -> None:
    saturday = ("--patient", "garcia", "--day", "sat", "--last-day", "sat")
    pair = ("--visit", "f/up", "--visit", "vacc")
    assert ana.ok("together", "find", *saturday, *pair) == "There is no such day in that time.\n"
    assert "not so many ways" in ana.refused("together", "book", *saturday, *pair)
