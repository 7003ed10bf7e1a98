"""Hours as people write them are read exactly, or refused in a sentence that names the day."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_tui.domain.errors import BadInput
from clinic_tui.domain.hours.schedule import Hours
from clinic_tui.domain.hours.text import (
    Ranges,
    WeekOfHours,
    parse_ranges,
    parse_week,
    say_length,
    say_ranges,
    say_validity,
    type_ranges,
    weeks_of,
)

MORNING, AFTERNOON = (540, 720), (780, 1020)


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("9-12, 13:00-17:00", (MORNING, AFTERNOON)),
        ("9-12 13-17", (MORNING, AFTERNOON)),
        ("13-17,9-12", (MORNING, AFTERNOON)),
        ("9 to 12 and 13 until 17", (MORNING, AFTERNOON)),
        ("9 – 12; 13—17", (MORNING, AFTERNOON)),
        ("0900-1200 1300-1700", (MORNING, AFTERNOON)),
        ("9am-12pm & 1 pm - 5 PM", (MORNING, AFTERNOON)),
        ("9.30-12h15", ((570, 735),)),
        ("18-24:00", ((1080, 1440),)),
        ("0-24", ((0, 1440),)),
        ("12am-1am", ((0, 60),)),
        ("9-12,12-13", ((540, 720), (720, 780))),
        ("٩-١٢", (MORNING,)),
        ("", ()),
        ("  ", ()),
        ("-", ()),
        ("Closed", ()),
    ],
)
def test_reads_what_people_type(text: str, ranges: Ranges) -> None:
    assert parse_ranges(text, "Monday") == ranges


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("9-5", "Monday: “9-5” does not end after it starts; 9-17?"),
        ("9-9", "“9-9” does not end after it starts; 9-21?"),
        ("22-6", "a night shift is two ranges"),
        ("9-12, 11-13", "Monday: 09:00–12:00 and 11:00–13:00 overlap."),
        ("9-25", "“25” is no time; a day goes from 0:00 to 24:00."),
        ("9-24:30", "“24:30” is no time"),
        ("9:75-12", "“9:75” is no time"),
        ("13pm-5pm", "“13pm” is no time; with am or pm hours go from 1 to 12."),
        ("9", "“9” is no range of hours; write 9-12, 13:00-17:30 or closed."),
        ("9-", "“9-” is no range of hours"),
        ("9-12-13", "“9-12-13” is no range of hours"),
        ("morning", "“morning” is no range of hours"),
        ("9-12 closed", "“closed” is no range of hours"),
        ("9-12 [/]", "“[/]” is no range of hours"),
        ("²-3", "is no range of hours"),
    ],
)
def test_refuses_the_rest_naming_the_day(text: str, says: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_ranges(text, "Monday")
    assert says in str(refused.value)
    assert refused.value.field == "Monday"


def week(**named: Ranges) -> tuple[Ranges, ...]:
    """Seven days of which only those named have hours."""
    return tuple(named.get(name, ()) for name in ("mo", "tu", "we", "th", "fr", "sa", "su"))


BOTH = (MORNING, AFTERNOON)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri 9-12 13-17", week(mo=BOTH, tu=BOTH, we=BOTH, th=BOTH, fr=BOTH)),
        ("weekdays: 9-12, 13-17", week(mo=BOTH, tu=BOTH, we=BOTH, th=BOTH, fr=BOTH)),
        ("Tue 9-12; Thursday 13-17", week(tu=(MORNING,), th=(AFTERNOON,))),
        ("mon, wed and fri 9-12", week(mo=(MORNING,), we=(MORNING,), fr=(MORNING,))),
        ("sat to mon 9-12", week(sa=(MORNING,), su=(MORNING,), mo=(MORNING,))),
        ("every day 0-24", (((0, 1440),),) * 7),
        ("mon 9-12 mon 13-17", week(mo=BOTH)),
        ("mon 9-12, tue closed", week(mo=(MORNING,))),
        ("", week()),
    ],
)
def test_reads_a_week(text: str, days: tuple[Ranges, ...]) -> None:
    assert parse_week(text) == days


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("9-12", "“9-12” of which days? Write mon-fri 9-12."),
        ("mon", "Monday has no hours"),
        ("mon 9-12 fri", "Friday has no hours"),
        ("mon-someday 9-12", "“mon-someday” is no weekday"),
        ("m 9-12", "“m” is no weekday"),
        ("mon 9-12 closed", "“closed” is no weekday"),
        ("closed", "“closed” is no weekday"),
        ("mon-wed 9-12 tue 11-13", "Tuesday: 09:00–12:00 and 11:00–13:00 overlap."),
        ("wed 9-5", "Wednesday: “9-5” does not end after it starts"),
    ],
)
def test_refuses_a_week_naming_the_day(text: str, says: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_week(text)
    assert says in str(refused.value)


minutes = st.integers(min_value=0, max_value=1440)


@given(st.lists(minutes, unique=True, max_size=8))
def test_what_is_written_to_be_edited_is_read_back(edges: list[int]) -> None:
    edges = sorted(edges)[: len(edges) // 2 * 2]
    ranges = tuple(zip(edges[::2], edges[1::2], strict=True))
    assert parse_ranges(type_ranges(ranges)) == ranges
    if ranges:
        assert parse_ranges(say_ranges(ranges)) == ranges


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        for starts, ends in parse_ranges(text):
            assert 0 <= starts < ends <= 1440
        parse_week(text)
    except BadInput as refused:
        assert str(refused)  # noqa: PT017 - either is right; anything else is not


def test_rows_become_weeks_and_rows_again() -> None:
    always = [Hours(0, 780, 1020), Hours(0, 540, 720), Hours(4, 540, 720)]
    saturdays = [Hours(5, 540, 720, date(2026, 9, 7), None, 2)]
    first, second = weeks_of([*saturdays, *always])
    assert first == WeekOfHours(week(mo=BOTH, fr=(MORNING,)))
    assert second.valid_from == date(2026, 9, 7)
    assert {*first.hours(), *second.hours()} == {*always, *saturdays}
    assert first.minutes == 600


def test_days_with_the_same_hours_are_said_together() -> None:
    shown = WeekOfHours(week(mo=BOTH, tu=BOTH, th=(MORNING,)))
    assert shown.alike() == (
        ("Mon–Tue", BOTH),
        ("Wed", ()),
        ("Thu", (MORNING,)),
        ("Fri–Sun", ()),
    )
    assert WeekOfHours().alike() == (("Mon–Sun", ()),)


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (WeekOfHours(), "every week"),
        (WeekOfHours(every_weeks=2, valid_from=date(2026, 9, 7)), "every 2nd week, from Mon 7 Sep"),
        (WeekOfHours(every_weeks=12), "every 12th week"),
        (WeekOfHours(valid_until=date(2026, 12, 31)), "until Thu 31 Dec 2026"),
    ],
)
def test_says_when_a_week_holds(shown: WeekOfHours, words: str) -> None:
    assert words in say_validity(shown)


def test_says_lengths() -> None:
    assert [say_length(minutes) for minutes in (0, 30, 60, 2100, 450)] == [
        "0 h",
        "30 min",
        "1 h",
        "35 h",
        "7 h 30 min",
    ]
