"""Dates as people type them: each read in one way, by region where there are two."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_tui.domain.errors import BadInput
from clinic_tui.domain.times.dates import check_birth_date, check_day, clean_birth_date, parse_date

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "region", "day"),
    [
        ("1984-03-12", "DE", date(1984, 3, 12)),
        ("1984-3-2", "US", date(1984, 3, 2)),
        ("12.03.1984", "DE", date(1984, 3, 12)),
        ("12.3.84", "US", date(1984, 3, 12)),
        ("12/03/1984", "GB", date(1984, 3, 12)),
        ("12/03/1984", "US", date(1984, 12, 3)),
        ("12-3-84", "GB", date(1984, 3, 12)),
        ("12-3-84", "US", date(1984, 12, 3)),
        ("13/03/1984", "US", None),
        ("03/13/1984", "US", date(1984, 3, 13)),
        ("03/13/1984", "GB", None),
        ("12mar84", "DE", date(1984, 3, 12)),
        ("12 March 1984", "US", date(1984, 3, 12)),
        ("12-MAR-1984", "US", date(1984, 3, 12)),
        (" 12mar1984 ", "DE", date(1984, 3, 12)),
        ("12xyz84", "DE", None),
        ("12/03.1984", "DE", None),
        ("12031984", "DE", None),
        ("29.02.2023", "DE", None),
        ("29.02.2024", "DE", date(2024, 2, 29)),
        ("31.04.1984", "DE", None),
        ("0.0.1984", "DE", None),
        ("0000-01-01", "DE", None),
        ("12.03.0000", "DE", None),
        ("1984", "DE", None),
        ("", "DE", None),
        ("tomorrow", "DE", None),
        ("12 mar", "DE", None),
    ],
)
def test_dates(text: str, region: str, day: date | None) -> None:
    assert parse_date(text, region, TODAY) == day


@pytest.mark.parametrize(
    ("digits", "year"), [("26", 2026), ("27", 1927), ("00", 2000), ("99", 1999)]
)
def test_two_digits_are_the_past_hundred_years(digits: str, year: int) -> None:
    assert parse_date(f"12.03.{digits}", "DE", TODAY) == date(year, 3, 12)


@given(st.dates(), st.sampled_from(["DE", "US", "GB"]))
def test_what_is_written_in_full_is_read_back(day: date, region: str) -> None:
    months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    for text in (
        day.isoformat(),
        f"{day.day}.{day.month}.{day.year:04}",
        f"{day.day}{months[day.month - 1]}{day.year:04}",
    ):
        assert parse_date(text, region, TODAY) == day


@given(st.text(max_size=12), st.sampled_from(["DE", "US"]))
def test_anything_else_is_no_date(text: str, region: str) -> None:
    """Whatever is typed: a date or None, never an error."""
    assert parse_date(text, region, TODAY) is None or any(char.isdigit() for char in text)


def test_birth_dates() -> None:
    assert clean_birth_date(" ", "DE", TODAY) is None
    assert clean_birth_date("23.11.2026", "DE", TODAY) == TODAY
    assert clean_birth_date("1.1.1896", "DE", TODAY) == date(1896, 1, 1)
    for wrong in ("24.11.2026", "31.12.1895", "soon", "30.2.1984"):
        with pytest.raises(BadInput) as refusal:
            clean_birth_date(wrong, "DE", TODAY)
        assert refusal.value.field == "Birth date"
    with pytest.raises(BadInput):
        check_birth_date(TODAY + timedelta(days=1), TODAY)


def test_days_that_can_be_used() -> None:
    for day in (date(1900, 1, 1), date(2199, 12, 31), datetime(2199, 12, 31, 23, 59, tzinfo=UTC)):
        check_day(day, "Day")
    for day in (date.min, date(1899, 12, 31), date(2200, 1, 1), date.max):
        with pytest.raises(BadInput) as refusal:
            check_day(day, "Until")
        assert refusal.value.field == "Until"
