"""When doctors work and where a visit fits: the rules decided once, and brute force beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_tui.database import Database
from clinic_tui.domain.clinic.clinic_days import ClinicDays, Closed
from clinic_tui.domain.clinic.terms import check_length
from clinic_tui.domain.clinic.visit_types import VisitTypeDetails, change_visit_type
from clinic_tui.domain.errors import BadInput
from clinic_tui.domain.hours.hours import doctor_hours, set_weekly_hours
from clinic_tui.domain.hours.schedule import Away, DoctorSchedule, Extra, Hours
from clinic_tui.domain.times.spans import Span, intersect, merge, subtract, sweep
from clinic_tui.domain.times.walltime import clock_changes, day_bounds, instant, local
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment

from ..small_clinic import NOW, SmallClinic

BERLIN = "Europe/Berlin"
MONDAY = date(2026, 11, 23)
_HOUR = 3600
_DAY = timedelta(days=1)

spans = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8)


def minutes(of: Iterable[Span]) -> set[int]:
    """The model of some spans: every number in them."""
    return {number for start, end in of for number in range(start, end)}


def in_order_and_apart(of: list[Span]) -> bool:
    """Whether the spans are few: none empty, none touching the next."""
    flat = [number for span in of for number in span]
    return flat == sorted(set(flat))


@given(spans)
def test_merging_keeps_the_time(some: list[Span]) -> None:
    assert minutes(merge(some)) == minutes(some)
    assert in_order_and_apart(merge(some))


@given(spans, spans)
def test_subtracting_and_intersecting(one: list[Span], other: list[Span]) -> None:
    assert minutes(subtract(one, other)) == minutes(one) - minutes(other)
    assert minutes(intersect(one, other)) == minutes(one) & minutes(other)
    assert in_order_and_apart(subtract(one, other))
    assert in_order_and_apart(intersect(one, other))


# The rules decided once


def at(day: date, wall: str, zone: str = BERLIN) -> datetime:
    """The instant at which the clinic's clock shows that time."""
    hour, minute = wall.split(":")
    return instant(day, int(hour) * 60 + int(minute), zone)


def seconds(day: date, wall: str, zone: str = BERLIN) -> int:
    """The same in seconds since 1970."""
    return int(at(day, wall, zone).timestamp())


def weekly(*ranges: str, days: Iterable[int] = range(7)) -> tuple[Hours, ...]:
    """Hours such as "09:00-12:00" on those weekdays."""

    walls = [[int(wall[:2]) * 60 + int(wall[3:]) for wall in one.split("-")] for one in ranges]
    return tuple(Hours(day, from_, until) for day in days for from_, until in walls)


def test_weekly_hours_are_wall_time() -> None:
    schedule = DoctorSchedule(ClinicDays(BERLIN), weekly("09:00-12:00"))
    winter, summer = schedule.spans(date(2026, 1, 7)), schedule.spans(date(2026, 7, 7))
    assert winter == [(seconds(date(2026, 1, 7), "08:00", "UTC"), winter[0][0] + 3 * _HOUR)]
    assert summer == [(seconds(date(2026, 7, 7), "07:00", "UTC"), summer[0][0] + 3 * _HOUR)]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 4, 5), ("00:00", "01:00", "02:00", "03:00")),
        (date(2026, 10, 4), ("00:00", "01:00", "03:00")),
    ],
)
def test_openings_stay_on_the_hour_when_the_clock_changes_by_half_of_one(
    day: date, expected: tuple[str, ...]
) -> None:
    zone = "Australia/Lord_Howe"
    runs = DoctorSchedule(ClinicDays(zone), weekly("00:00-04:00")).spans(day)
    offset, changes = clock_changes(day, zone)
    found = starts(
        runs, [], length=900, align=_HOUR, stride=_HOUR, offset=offset, changes=changes,
        earliest=0, latest=runs[0][1],
    )  # fmt: skip
    assert found == [seconds(day, clock, zone) for clock in expected]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (BERLIN, date(2026, 3, 29), 23),
        (BERLIN, date(2026, 10, 25), 25),
        ("America/Havana", date(2026, 3, 8), 23),
        ("America/Havana", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Asia/Kathmandu", MONDAY, 24),
    ],
)
def test_a_day_is_worked_as_long_as_it_lasts(zone: str, day: date, hours: float) -> None:
    schedule = DoctorSchedule(ClinicDays(zone), weekly("00:00-24:00"))
    [(start, end)] = schedule.spans(day)
    assert end - start == hours * _HOUR
    midnight, next_midnight = day_bounds(day, zone)
    openings = sweep(
        [(start, end)],
        [],
        length=1800,
        before=0,
        after=0,
        earliest=start,
        latest=end,
        align=1800,
        offset=int((local(midnight, zone).utcoffset() or timedelta()).total_seconds()),
        stride=1800,
    )
    assert len(openings) == hours * 2
    assert schedule.works_throughout(midnight, next_midnight)
    assert schedule.between(midnight - _DAY, next_midnight + _DAY) == [
        (start - 24 * _HOUR, end + 24 * _HOUR)
    ]


def test_a_wall_time_that_comes_twice_or_never() -> None:
    back, forward = date(2026, 10, 25), date(2026, 3, 29)
    schedule = DoctorSchedule(ClinicDays(BERLIN), weekly("02:30-06:00"))
    first_half_past_two = seconds(back, "00:30", "UTC")
    assert schedule.spans(back) == [(first_half_past_two, first_half_past_two + 4 * _HOUR + 1800)]
    half_past_three = seconds(forward, "01:30", "UTC")
    assert schedule.spans(forward) == [(half_past_three, half_past_three + 2 * _HOUR + 1800)]
    skipped = DoctorSchedule(ClinicDays(BERLIN), weekly("02:00-03:00"))
    assert skipped.spans(forward) == []


def test_a_date_that_never_was_is_no_extra_day() -> None:
    schedule = DoctorSchedule(ClinicDays("Pacific/Apia"), weekly("00:00-24:00"))
    before = at(date(2011, 12, 29), "00:00", "Pacific/Apia")
    after = at(date(2011, 12, 31), "24:00", "Pacific/Apia")
    assert after - before == timedelta(days=2)
    assert schedule.works_throughout(before, after)
    assert schedule.spans(date(2011, 12, 30)) == []


def test_intervals_are_half_open() -> None:
    schedule = DoctorSchedule(ClinicDays(BERLIN), weekly("09:00-12:00"))
    assert schedule.works_throughout(at(MONDAY, "09:00"), at(MONDAY, "12:00"))
    assert not schedule.works_throughout(at(MONDAY, "08:59"), at(MONDAY, "09:20"))
    assert not schedule.works_throughout(at(MONDAY, "11:50"), at(MONDAY, "12:01"))
    assert schedule.between(at(MONDAY, "12:00"), at(MONDAY, "13:00")) == []


def test_ranges_that_touch_are_one_run() -> None:
    schedule = DoctorSchedule(ClinicDays(BERLIN), weekly("09:00-12:00", "12:00-15:00"))
    assert schedule.spans(MONDAY) == [(seconds(MONDAY, "09:00"), seconds(MONDAY, "15:00"))]
    assert schedule.works_throughout(at(MONDAY, "11:50"), at(MONDAY, "12:10"))


def test_a_run_never_spans_a_break() -> None:
    schedule = DoctorSchedule(ClinicDays(BERLIN), weekly("09:00-12:00", "12:05-15:00"))
    assert len(schedule.spans(MONDAY)) == 2
    assert not schedule.works_throughout(at(MONDAY, "11:50"), at(MONDAY, "12:10"))


def test_a_night_shift_is_one_run_of_two_ranges() -> None:
    night = (*weekly("22:00-24:00", days=[0]), *weekly("00:00-06:00", days=[1]))
    schedule = DoctorSchedule(ClinicDays(BERLIN), night)
    tuesday = MONDAY + _DAY
    evening, morning = seconds(MONDAY, "22:00"), seconds(tuesday, "06:00")
    assert schedule.spans(MONDAY) == [(evening, seconds(tuesday, "00:00"))]
    assert schedule.runs(MONDAY) == [(evening, morning)]
    assert schedule.runs(tuesday) == [(seconds(tuesday, "00:00"), morning)]
    assert schedule.works_throughout(at(MONDAY, "23:30"), at(tuesday, "00:30"))
    assert schedule.between(at(MONDAY, "12:00"), at(tuesday, "12:00")) == [(evening, morning)]


def test_what_is_asked_for_is_clipped() -> None:
    schedule = DoctorSchedule(ClinicDays(BERLIN), weekly("09:00-12:00", "13:00-17:00"))
    assert schedule.between(at(MONDAY, "11:00"), at(MONDAY, "14:00")) == [
        (seconds(MONDAY, "11:00"), seconds(MONDAY, "12:00")),
        (seconds(MONDAY, "13:00"), seconds(MONDAY, "14:00")),
    ]


@pytest.mark.parametrize(
    ("starts", "ends", "sentence"),
    [
        (540, 540, "must end after they start"),
        (720, 540, "a night shift is two ranges"),
        (1320, 360, "a night shift is two ranges"),
        (540, 1441, "a day ends at 24:00"),
        (-1, 540, "must end after they start"),
    ],
)
def test_hours_that_are_refused(
    clinic: SmallClinic, database: Database, starts: int, ends: int, sentence: str
) -> None:
    before = database.read(doctor_hours, clinic.admin, clinic.lee)
    with pytest.raises(BadInput, match=sentence) as refusal:
        database.transact(
            set_weekly_hours, clinic.admin, clinic.lee, (Hours(0, starts, ends),), NOW
        )
    assert refusal.value.field == "Hours"
    assert database.read(doctor_hours, clinic.admin, clinic.lee) == before


def test_a_night_shift_to_24_00_is_taken(clinic: SmallClinic, database: Database) -> None:
    night = (Hours(0, 1320, 1440), Hours(1, 0, 360))
    database.transact(set_weekly_hours, clinic.admin, clinic.lee, night, NOW)
    assert database.read(doctor_hours, clinic.admin, clinic.lee).weekly == night


def test_no_hours_means_closed() -> None:
    schedule = DoctorSchedule(ClinicDays(BERLIN))
    assert schedule.between(at(MONDAY, "00:00"), at(MONDAY, "24:00")) == []
    assert not schedule.works_throughout(at(MONDAY, "09:00"), at(MONDAY, "09:20"))


def starts(runs: list[Span], busy: list[Span], **changed: Any) -> list[int]:
    """A sweep in minutes: a visit of 20 every 5, unless something is changed."""
    given_ = {
        "length": 20,
        "before": 0,
        "after": 0,
        "earliest": 0,
        "latest": 1440,
        "align": 5,
        "offset": 0,
        "stride": 20,
        **changed,
    }
    return sweep(runs, busy, **given_)


def test_buffers_add_up_and_are_the_doctors() -> None:
    # A visit from 60 to 80 with 5 after it blocks to 85; 10 before the next keep them 15 apart.
    assert starts([(60, 200)], [(60, 85)], before=10)[0] == 95
    assert starts([(0, 100)], [(60, 85)], after=10, stride=5)[-1] == 30
    # Buffers may stand outside the hours; a visit may touch one without buffers.
    assert starts([(60, 80)], [], before=30, after=30) == [60]
    assert starts([(60, 100)], [(60, 80)]) == [80]


def test_a_visit_keeps_the_length_it_was_booked_with(
    clinic: SmallClinic, database: Database
) -> None:
    request = BookingRequest(clinic.lee, clinic.new_patient, at(MONDAY, "10:00"), clinic.maria)
    booked = database.transact(book_appointment, clinic.receptionist, request, NOW)
    longer = VisitTypeDetails("New patient", "new", 60, 30, 30)
    database.transact(change_visit_type, clinic.admin, clinic.new_patient, longer, NOW)
    length = (booked.ends_at - booked.starts_at) // timedelta(minutes=1)
    assert length == 40
    # Moved to 40 minutes with buffers of 5 and 10, not 30 and 30, it fits between 14:00 and 15:00.
    for start in ("13:40", "15:00"):
        other = BookingRequest(clinic.lee, clinic.follow_up, at(MONDAY, start), clinic.jonas)
        database.transact(book_appointment, clinic.receptionist, other, NOW)
    move = MoveRequest(booked.appointment_id, clinic.lee, at(MONDAY, "14:10"), length, None)
    moved = database.transact(move_appointment, clinic.receptionist, move, NOW)
    assert moved.ends_at - moved.starts_at == timedelta(minutes=40)


@pytest.mark.parametrize("length", [4, 721, 0, -20])
def test_a_visit_lasts_5_minutes_to_12_hours(length: int) -> None:
    assert [check_length(5), check_length(720)] == [5, 720]
    with pytest.raises(BadInput, match="5 minutes to 12 hours") as refusal:
        check_length(length)
    assert refusal.value.field == "Length"


def test_every_second_week_counts_from_monday() -> None:
    # From Wednesday 25 Nov 2026: that week counts, the Monday of the next does not.
    mondays_and_thursdays = [
        Hours(day, 540, 720, valid_from=date(2026, 11, 25), every_weeks=2) for day in (0, 3)
    ]
    worked = [
        MONDAY + number * _DAY
        for number in range(28)
        if any(hours.on(MONDAY + number * _DAY) for hours in mondays_and_thursdays)
    ]
    assert [day.isoformat() for day in worked] == [
        "2026-11-26",
        "2026-12-07",
        "2026-12-10",
    ]


def test_hours_hold_between_inclusive_dates() -> None:
    hours = Hours(0, 540, 720, MONDAY, MONDAY + 14 * _DAY)
    worked = [week for week in range(-2, 5) if hours.on(MONDAY + week * 7 * _DAY)]
    assert worked == [0, 1, 2]


@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(0, 800),
    st.integers(1, 5),
    st.integers(0, 6),
    st.none() | st.integers(0, 800),
)
def test_weeks_are_counted_as_the_calendar_does(
    first: date, after: int, every: int, weekday: int, until: int | None
) -> None:
    day = first + after * _DAY
    last = None if until is None else first + until * _DAY
    hours = Hours(weekday, 540, 720, first, last, every)
    monday = date.fromisocalendar(*first.isocalendar()[:2], 1)
    weeks = {monday + number * every * 7 * _DAY for number in range(120)}
    this_monday = date.fromisocalendar(*day.isocalendar()[:2], 1)
    assert hours.on(day) == (
        day.isoweekday() == weekday + 1 and this_monday in weeks and (last is None or day <= last)
    )
    assert not hours.on(first - _DAY)


# Holidays, closed days, extra hours, time off


def test_a_holiday_takes_weekly_hours_but_not_extra_hours() -> None:
    christmas = date(2026, 12, 25)
    days = ClinicDays(BERLIN, "DE", "BE")
    schedule = DoctorSchedule(days, weekly("09:00-12:00"), (Extra(christmas, 600, 660),))
    assert days.holiday(christmas) == "Christmas Day"
    assert schedule.spans(christmas) == [(seconds(christmas, "10:00"), seconds(christmas, "11:00"))]
    assert len(schedule.spans(date(2026, 12, 24))) == 1
    # Women's Day is a holiday in Berlin and not in Bavaria.
    womens_day = date(2027, 3, 8)
    assert schedule.spans(womens_day) == []
    assert replace(schedule, days=ClinicDays(BERLIN, "DE", "BY"), _known={}).spans(womens_day)


def test_a_closed_day_takes_all() -> None:
    closed = Closed(MONDAY, MONDAY + _DAY, "Moving house")
    days = ClinicDays(BERLIN, closed=(closed,))
    schedule = DoctorSchedule(days, weekly("09:00-12:00"), (Extra(MONDAY, 600, 660),))
    assert [len(schedule.spans(MONDAY + number * _DAY)) for number in (-1, 0, 1, 2)] == [1, 0, 0, 1]
    assert days.closure(MONDAY + _DAY) == "Moving house"


def test_time_off_takes_all() -> None:
    away = Away(seconds(MONDAY, "10:00"), seconds(MONDAY, "16:00"))
    schedule = DoctorSchedule(
        ClinicDays(BERLIN), weekly("09:00-12:00"), (Extra(MONDAY, 900, 1020),), (away,)
    )
    assert schedule.spans(MONDAY) == [
        (seconds(MONDAY, "09:00"), seconds(MONDAY, "10:00")),
        (seconds(MONDAY, "16:00"), seconds(MONDAY, "17:00")),
    ]


# Brute force

HALF_HOURS = st.integers(0, 47).flatmap(
    lambda first: st.tuples(st.just(first * 30), st.integers(first + 1, 48).map(lambda n: n * 30))
)
ZONES_AND_DAYS = st.sampled_from(
    [
        (BERLIN, date(2026, 3, 29)),
        (BERLIN, date(2026, 10, 25)),
        ("America/Havana", date(2026, 3, 8)),
        ("America/Havana", date(2026, 11, 1)),
        ("Australia/Lord_Howe", date(2026, 4, 5)),
        ("Asia/Kathmandu", MONDAY),
    ]
)


@given(
    ZONES_AND_DAYS,
    st.lists(st.tuples(st.integers(0, 6), HALF_HOURS), max_size=8),
    st.lists(st.tuples(st.integers(-2, 2), HALF_HOURS), max_size=3),
    st.lists(st.tuples(st.integers(-96, 96), st.integers(1, 48)), max_size=3),
    st.none() | st.integers(-2, 2),
    st.integers(-96, 96),
    st.integers(1, 96),
)
def test_between_against_every_half_hour(
    where: tuple[str, date],
    hours: list[tuple[int, tuple[int, int]]],
    extra: list[tuple[int, tuple[int, int]]],
    away: list[tuple[int, int]],
    closed: int | None,
    first: int,
    length: int,
) -> None:
    zone, middle = where
    midnight = int(instant(middle, 0, zone).timestamp())
    closures = [] if closed is None else [middle + closed * _DAY]
    schedule = DoctorSchedule(
        ClinicDays(zone, closed=tuple(Closed(day, day, "closed") for day in closures)),
        tuple(Hours(weekday, *walls) for weekday, walls in hours),
        tuple(Extra(middle + number * _DAY, *walls) for number, walls in extra),
        tuple(Away(midnight + at * 1800, midnight + (at + n) * 1800) for at, n in away),
    )
    worked: set[int] = set()
    for day in (middle + number * _DAY for number in range(-5, 6)):
        if day in closures:
            continue
        walls = [walls for weekday, walls in hours if weekday == day.weekday()]
        walls += [walls for number, walls in extra if middle + number * _DAY == day]
        for pair in walls:
            from_, until = (int(instant(day, wall, zone).timestamp()) for wall in pair)
            worked |= set(range(from_, until, 900))
    for one in schedule.away:
        worked -= set(range(one.starts, one.ends, 900))
    start, end = midnight + first * 1800, midnight + (first + length) * 1800
    found = schedule.between(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))
    assert in_order_and_apart(found)
    quarters = {number for one in found for number in range(*one, 900)}
    assert quarters == worked & set(range(start, end, 900))
    runs_through = schedule.works_throughout(
        datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
    )
    assert runs_through == (set(range(start, end, 900)) <= worked)


@settings(max_examples=600)
@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(-9, 50), st.integers(-5, 15)), max_size=5),
    st.integers(1, 12),
    st.integers(0, 6),
    st.integers(0, 6),
    st.integers(-5, 30),
    st.integers(15, 60),
    st.sampled_from([1, 2, 5, 10]),
    st.integers(-10, 10),
    st.booleans(),
)
def test_sweep_against_every_minute(
    ranges: list[Span],
    taken: list[tuple[int, int]],
    length: int,
    before: int,
    after: int,
    earliest: int,
    latest: int,
    align: int,
    offset: int,
    spaced: bool,
) -> None:
    runs = merge(ranges)
    # A span may be shorter than nothing: the time that a patient without buffers is taken.
    busy = sorted((start, start + lasts) for start, lasts in taken)
    stride = max(length, align) if spaced else align
    found = starts(
        runs,
        busy,
        length=length,
        before=before,
        after=after,
        earliest=earliest,
        latest=latest,
        align=align,
        offset=offset,
        stride=stride,
    )
    expected: list[int] = []
    for start in range(earliest, latest):
        if (start + offset) % align or (expected and start < expected[-1] + stride):
            continue
        inside = any(first <= start and start + length <= last for first, last in runs)
        clear = all(
            start + length + after <= first or last <= start - before for first, last in busy
        )
        if inside and clear:
            expected.append(start)
    assert found == expected


def test_openings_start_on_the_local_hour_in_kathmandu() -> None:
    zone = "Asia/Kathmandu"
    runs = DoctorSchedule(ClinicDays(zone), weekly("08:10-11:00")).spans(MONDAY)
    found = starts(
        runs,
        [],
        length=_HOUR,
        align=_HOUR,
        stride=_HOUR,
        offset=20_700,
        earliest=0,
        latest=runs[0][1],
    )
    assert found == [seconds(MONDAY, "09:00", zone), seconds(MONDAY, "10:00", zone)]
