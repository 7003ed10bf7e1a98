"""Days as the desk says them."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_tui.domain.errors import BadInput
from clinic_tui.domain.times.days import read_day

TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", TUESDAY),
        ("Tomorrow", date(2026, 11, 25)),
        ("yesterday", date(2026, 11, 23)),
        ("24", TUESDAY),
        ("23", date(2026, 12, 23)),
        ("31", date(2026, 12, 31)),
        ("1.", date(2026, 12, 1)),
        ("3rd", date(2026, 12, 3)),
        ("24/11", TUESDAY),
        ("24.11.", TUESDAY),
        ("23.11.", date(2027, 11, 23)),
        ("29/2", date(2028, 2, 29)),
        ("24nov", TUESDAY),
        (" 5  December ", date(2026, 12, 5)),
        ("24.11.2026", TUESDAY),
        ("3.2.27", date(2027, 2, 3)),
        ("3 feb 27", date(2027, 2, 3)),
        ("2026-11-24", TUESDAY),
        ("1999-01-04", date(1999, 1, 4)),
        ("tue", TUESDAY),
        ("we", date(2026, 11, 25)),
        ("monday", date(2026, 11, 30)),
        ("+3d", date(2026, 11, 27)),
        ("-1d", date(2026, 11, 23)),
        ("+2w", date(2026, 12, 8)),
        ("+3m", date(2027, 2, 24)),
        ("+1y", date(2027, 11, 24)),
        ("w48", date(2026, 11, 23)),
        ("week 3", date(2027, 1, 18)),
        ("\u0662\u0664", TUESDAY),
        ("w53", date(2026, 12, 28)),
    ],
)
def test_read(text: str, day: date) -> None:
    assert read_day(text, TUESDAY, "DE") == day


def test_region_decides_what_a_slash_means() -> None:
    assert read_day("3/4", TUESDAY, "GB") == date(2027, 4, 3)
    assert read_day("3/4", TUESDAY, "US") == date(2027, 3, 4)


def test_a_month_from_the_last_day_is_the_last_day() -> None:
    assert read_day("+1m", date(2027, 1, 31), "DE") == date(2027, 2, 28)
    assert read_day("-2m", date(2027, 1, 31), "DE") == date(2026, 11, 30)


@pytest.mark.parametrize(
    "text",
    [
        "", "t", "x", "0", "32", "31/11", "30 feb", "24 marzipan", "24/13", "+2", "2w", "next tue",
        "w0", "w54", "24 11", "-9999y", "+9999y", "24//11",
    ],
)  # fmt: skip
def test_refused_rather_than_guessed(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_day(text, TUESDAY, "DE")
    assert "write 24, 24nov, tue, +2w or 2026-11-24" in str(refused.value)


def test_far_away_is_refused() -> None:
    with pytest.raises(BadInput, match="more than 30 years away"):
        read_day("1900-01-01", TUESDAY, "DE")
    with pytest.raises(BadInput, match="more than 30 years away"):
        read_day("24.11.99", TUESDAY, "DE")


@given(st.text(max_size=12), st.dates(date(1970, 1, 1), date(2100, 1, 1)))
def test_anything_is_a_day_or_a_sentence(text: str, today: date) -> None:
    with contextlib.suppress(BadInput):
        read_day(text, today, "DE")
