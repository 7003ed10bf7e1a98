"""Times, lengths and days as typed; and what the clocks do to them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from clinic_tui.domain.errors import BadInput
from clinic_tui.domain.times.timeofday import read_date, read_length, read_time, start_of

TODAY = date(2026, 11, 23)
"""A Monday."""
BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("15", 900),
        ("9", 540),
        ("0", 0),
        ("3pm", 900),
        ("3 PM", 900),
        ("12am", 0),
        ("12pm", 720),
        ("3:20pm", 920),
        ("15:20", 920),
        ("15.20", 920),
        ("15h20", 920),
        ("1520", 920),
        ("920", 560),
        (" 09:05 ", 545),
        ("23:59", 1439),
    ],
)
def test_a_time_is_read(text: str, minute: int) -> None:
    assert read_time(text) == minute


@pytest.mark.parametrize(
    "text", ["", "24", "24:00", "15:60", "15:2", "13pm", "0am", "soon", "152000"]
)
def test_what_is_no_time_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadInput, match=r"^Time: ") as caught:
        read_time(text)
    assert caught.value.field == "Time"


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("20", 20),
        ("20m", 20),
        ("20 min", 20),
        ("90", 90),
        ("1h", 60),
        ("1h30", 90),
        ("1 h 30 min", 90),
        ("1:30", 90),
        ("2 hours", 120),
        ("720", 720),
    ],
)
def test_a_length_is_read(text: str, minutes: int) -> None:
    assert read_length(text) == minutes


@pytest.mark.parametrize("text", ["", "h", "m", "long", "1.5h", "-20", "1:75", "20 20"])
def test_what_is_no_length_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadInput, match=r"^Length: ") as caught:
        read_length(text)
    assert caught.value.field == "Length"


@pytest.mark.parametrize("text", ["Tue 24 Nov 2026", "tuesday, 24 nov", "24", "tomorrow", "tue"])
def test_a_day_is_read_with_its_weekday_or_without(text: str) -> None:
    assert read_date(text, TODAY, "DE") == date(2026, 11, 24)


def test_a_date_on_another_weekday_is_refused() -> None:
    with pytest.raises(BadInput, match="it is Tue 24 Nov 2026"):
        read_date("Wed 24 Nov 2026", TODAY, "DE")


def test_an_ordinary_start_needs_no_note() -> None:
    start = start_of(date(2026, 11, 24), 900, BERLIN)
    assert start.at == datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
    assert start.note == ""


def test_a_skipped_time_moves_on_and_says_so() -> None:
    start = start_of(date(2027, 3, 28), 150, BERLIN)
    assert start.at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert start.note == "The clocks skip 02:30 on Sun 28 Mar 2027: 03:30 is meant."


def test_a_time_that_comes_twice_is_the_first_and_says_so() -> None:
    start = start_of(date(2026, 10, 25), 150, BERLIN)
    assert start.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert start.note == "02:30 comes twice on Sun 25 Oct 2026: the first is meant."
    assert start.again == start.at + timedelta(hours=1)
