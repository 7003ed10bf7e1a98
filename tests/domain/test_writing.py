"""How a clinic writes clocks and dates: what is written is read as the same again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic_tui.domain.bar.bar import understand
from clinic_tui.domain.bar.words import Index, Names
from clinic_tui.domain.clinic.writing import (
    DateOrder,
    Writing,
    first_of_week,
    usual_writing,
    week_number,
    write_as,
)
from clinic_tui.domain.times.dates import parse_date
from clinic_tui.domain.times.days import read_day
from clinic_tui.domain.times.timeofday import read_date, read_time
from clinic_tui.domain.times.walltime import (
    clock,
    plain_clock,
    say_date,
    say_day,
    say_near_day,
    say_weekdays,
)

TODAY = date(2026, 11, 23)
AMERICAN = Writing(12, 6, DateOrder.MONTH_FIRST)


def test_a_clock_of_twelve_hours() -> None:
    write_as(AMERICAN)
    said = {minute: clock(minute) for minute in (0, 545, 719, 720, 785, 1439, 1440)}
    assert list(said.values()) == [
        "12:00am", "9:05am", "11:59am", "12:00pm", "1:05pm", "11:59pm", "12:00am",
    ]  # fmt: skip
    assert [read_time(clock(minute)) for minute in range(1440)] == list(range(1440))
    assert plain_clock(545) == "09:05"


@pytest.mark.parametrize(
    ("order", "day", "near"),
    [
        (None, "Tue 24 Nov 2026", "Tue 24 Nov"),
        (DateOrder.DAY_FIRST, "Tue 24 Nov 2026", "Tue 24 Nov"),
        (DateOrder.MONTH_FIRST, "Tue Nov 24, 2026", "Tue Nov 24"),
        (DateOrder.YEAR_FIRST, "Tue 2026-11-24", "Tue 11-24"),
    ],
)
def test_a_date_is_read_as_it_is_written(order: DateOrder | None, day: str, near: str) -> None:
    write_as(Writing(date_order=order))
    assert say_day(date(2026, 11, 24)) == day
    assert say_near_day(date(2026, 11, 24)) == near
    for ahead in range(366):
        one = TODAY + timedelta(days=ahead)
        assert read_date(say_day(one), TODAY, "DE") == one
        assert parse_date(say_date(one), "US", TODAY) == one


def test_numbers_are_read_in_the_clinics_order_and_else_in_the_regions() -> None:
    def read(text: str, region: str) -> str:
        return read_day(text, TODAY, region).isoformat()

    assert (read("3/4", "DE"), read("3/4", "US")) == ("2027-04-03", "2027-03-04")
    for order, third_of_april in (
        (DateOrder.DAY_FIRST, "3/4"),
        (DateOrder.MONTH_FIRST, "4/3"),
        (DateOrder.YEAR_FIRST, "4/3"),
    ):
        write_as(Writing(date_order=order))
        assert read(third_of_april, "US") == read(third_of_april, "DE") == "2027-04-03"
        # Whatever the order, a dot is written after the day and a year of four digits leads.
        assert read("3.4.", "US") == "2027-04-03" or order is DateOrder.YEAR_FIRST
        assert read("2027/4/3", "US") == "2027-04-03"
    names = Names(Index(()), Index(()), Index(()))
    write_as(AMERICAN)
    assert understand("nov 24", names, TODAY, "US").meaning.day == date(2026, 11, 24)
    assert understand("11/24", names, TODAY, "US").meaning.day == date(2026, 11, 24)
    write_as(Writing())
    # Where nobody writes so, somebody is called that.
    assert understand("nov 24", names, TODAY, "DE").meaning.patient == "nov"
    assert understand("mar 15", names, TODAY, "DE").meaning.patient == "mar"


def test_weeks_begin_where_the_clinics_do() -> None:
    for first, begins in (
        (0, date(2026, 11, 23)),
        (6, date(2026, 11, 22)),
        (5, date(2026, 11, 21)),
    ):
        write_as(Writing(first_weekday=first))
        assert first_of_week(TODAY) == begins
        assert week_number(begins) == 48
    assert say_weekdays({0, 5, 6}) == "Sat, Sun, Mon"


@pytest.mark.parametrize(
    ("region", "writing"),
    [
        ("DE", Writing(24, 0, DateOrder.DAY_FIRST)),
        ("US", AMERICAN),
        ("GB", Writing(24, 0, DateOrder.DAY_FIRST)),
        ("JP", Writing(24, 6, DateOrder.YEAR_FIRST)),
        ("EG", Writing(12, 5, DateOrder.DAY_FIRST)),
        ("AU", Writing(12, 0, DateOrder.DAY_FIRST)),
    ],
)
def test_what_is_usual_in_a_country(region: str, writing: Writing) -> None:
    assert usual_writing(region) == writing
