"""Situations from other schedulers' test suites, given as plain numbers: what we answer to them.

Cases of policy “universal” bind every correct scheduler. The others follow a choice: each such
policy stands here with what our rules (PRODUCT.md, “Rules decided once”) say to it, and each case
that we answer differently is named. A case of a kind or a policy not listed fails.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clinic_tui.domain.clinic.clinic_days import ClinicDays
from clinic_tui.domain.hours.schedule import DoctorSchedule, Extra, Hours
from clinic_tui.domain.times.spans import Span, intersect, merge, subtract, sweep
from clinic_tui.domain.times.walltime import instant, local, local_day, minute_of_day

FOLDER = os.environ.get("CLINIC_FIELD_DATA")
_DAY = timedelta(days=1)

NOT_YET = {
    # Reading calendars.
    *("rie-dst-02", "rie-48-01", "rie-48-04", "rie-tz-02", "rie-tz-05", "rie-tz-06"),
    # Series of visits that repeat daily.
    *("bh-day-01", "bh-day-04"),
}
"""Universal cases of what this program does not do yet."""

_GRID = (
    "grid=largest of 60/30/20/15/10/5 min dividing the step (else 1), counted from the local"
    " full hour"
)
POLICIES = {
    _GRID: "agrees: openings start on the clinic's grid, which divides the hour",
    "greedy packing, input order of ranges must not change the count": "agrees: rule 4",
    "optimised start = the start of the range is moved to the coarsest grid that loses no slot": (
        "differs: the grid is a setting and never moves; agrees where the range starts on it"
    ),
    f"{_GRID}; external busy time gets only the new booking's before-buffer": "agrees: rule 7",
    f"{_GRID}; after-buffer of the old and before-buffer of the new booking add up": (
        "agrees: rule 7"
    ),
    "per-day limits count in the host zone": "differs: there are no limits a day",
    "an override 00:00-00:00 closes the day": "differs: rule 5; a closed day or time off does",
    "ranges touching the query window are returned unclipped (Medplum clips, see mp-sched)": (
        "differs: rule 4 clips"
    ),
    "adjacent ranges over midnight merge": "agrees: rule 4",
    "travel periods change the zone of the weekly hours": "differs: rule 1, the clinic's zone",
    "end<=start means next day": "differs: rule 5, a night shift is two ranges",
    "an ambiguous start takes the earlier instant": "agrees: rule 2",
    "a start inside the gap moves forward by the gap": "agrees: rule 2",
    "an instant is blocked when the number of bookings over it reaches the smallest capacity"
    " among them and the candidate": "differs: a doctor sees one patient at a time",
    "FHIR Slot.status": "agrees: rule 10, a hold occupies; time off takes hours away",
    "grid is counted from local midnight": "differs: the grid divides the hour and starts with it",
    "ambiguous -> later instant (Medplum: earlier)": "differs: rule 2, the earlier",
    "no hours defined = always open": "differs: rule 6, no hours means closed",
    "every-N-weeks counted from the start date (= RRULE WKST of the start weekday; the default"
    " WKST=MO differs)": "differs: rule 9, weeks start on Monday; agrees where that is the same",
}

DIFFERENT = {
    "cal-slots-24": "its second range starts 10 minutes past a grid of 20",
    "cal-ranges-04": "rule 5",
    "cal-ranges-05": "rule 4",
    "mp-sched-02": "rule 5",
    "ts-next-02": "rule 2",
    "bh-svc-05": "rule 6",
    "bh-week-02": "rule 9",
    "bh-week-05": "rule 9",
}
"""Cases that our rules answer differently; a test sees that they really do."""

NOT_OURS = {
    *("mp-sched-22", "mp-sched-24", "mp-sched-26", "mp-sched-29", "mp-sched-30"),  # capacity
    *("mp-sched-40", "mp-sched-42", "mp-sched-44", "mp-sched-47"),  # a grid with an offset, of 50
    "cal-sched-15",  # limits a day
    "cal-ranges-13",  # travel
}
"""Cases of a choice for which this program has no setting to try them with."""


def at(text: str, zone: str = "UTC") -> datetime:
    """An instant; a text without an offset is the zone's wall time."""
    read = datetime.fromisoformat(text)
    if read.tzinfo is not None:
        return read.astimezone(UTC)
    return instant(read.date(), read.hour * 60 + read.minute, zone)


def seconds(text: str) -> int:
    """An instant since 1970, up to the minute: peers write 23:59:59.999 where we write 24:00."""
    return -int(-at(text).timestamp() // 60) * 60


def spans(ranges: Iterable[tuple[str, str]]) -> list[Span]:
    """Ranges of instants as spans."""
    return [(seconds(start), seconds(end)) for start, end in ranges]


def minute(wall: str) -> int:
    """Minutes since midnight."""
    return int(wall[:2]) * 60 + int(wall[3:])


def weekly(hours: list[dict[str, Any]]) -> tuple[Hours, ...]:
    """Weekly hours; peers count days from Sunday."""
    return tuple(
        Hours((day - 1) % 7, minute(one["start"]), minute(one["end"]))
        for one in hours
        for day in one["days"]
    )


def hours_to_ranges(given: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Hours and single dates; asked for between two instants, or by their dates."""
    extra = [
        Extra(date.fromisoformat(one["date"]), minute(one["start"]), minute(one["end"]))
        for one in given.get("overrides", ())
    ]
    schedule = DoctorSchedule(ClinicDays(given["tz"]), weekly(given["hours"]), tuple(extra))
    from_, until = (datetime.fromtimestamp(seconds(given[key]), UTC) for key in ("from", "to"))
    if "first_end" in expected:
        first, last = (local_day(one, given["tz"]) for one in (from_, until))
        days = (first + number * _DAY for number in range((last - first).days + 1))
        ends = [end for day in days for _, end in schedule.spans(day)]
        return ends[0] == seconds(expected["first_end"]) != seconds(expected["not_end"])
    found = schedule.between(from_, until)
    if "first" in expected:
        return found[:1] == spans([expected["first"]])
    return found == spans(expected["ranges"])


def swept(given: dict[str, Any], runs: list[Span], busy: list[Span]) -> list[int]:
    """The starts at which a visit of that length fits."""
    step = given["step_min"] or given["length_min"]
    grid = next((size for size in (60, 30, 20, 15, 10, 5) if step % size == 0), 1)
    earliest = seconds(given["now"]) + given["min_notice_min"] * 60
    offset = local(datetime.fromtimestamp(runs[0][0], UTC), given["tz"]).utcoffset()
    return sweep(
        merge(runs),
        sorted(busy),
        length=given["length_min"] * 60,
        before=given.get("before_buffer_min", 0) * 60,
        after=given.get("after_buffer_min", 0) * 60,
        earliest=earliest,
        latest=runs[-1][1],
        align=grid * 60,
        offset=int((offset or timedelta()).total_seconds()),
        stride=step * 60,
    )


def is_as_expected(starts: list[int], zone: str, expected: dict[str, Any]) -> bool:
    """Whether the starts are all that a case says of them."""
    walls = {local(datetime.fromtimestamp(one, UTC), zone).isoformat()[:16] for one in starts}
    said: dict[str, Callable[[Any], bool]] = {
        "count": lambda count: len(starts) == count,
        "min_count": lambda count: len(starts) >= count,
        "starts": lambda these: starts == [seconds(one) for one in these],
        "first": lambda first: starts[0] == seconds(first),
        "last": lambda last: starts[-1] == seconds(last),
        "contains": lambda these: {seconds(one) for one in these} <= set(starts),
        "no_local": lambda these: not walls & set(these),
        "none_before_notice": lambda _: starts[0] == seconds(expected["first"]),
    }
    return all(said[key](value) for key, value in expected.items())


def grid_slots(given: dict[str, Any], expected: dict[str, Any]) -> bool:
    assert given["offset_min"] == 0
    return is_as_expected(swept(given, spans(given["ranges"]), []), given["tz"], expected)


def day_slots(given: dict[str, Any], expected: dict[str, Any]) -> bool:
    assert given["offset_min"] == 0
    day = date.fromisoformat(given["date"])
    runs = DoctorSchedule(ClinicDays(given["tz"]), weekly(given["hours"])).runs(day)
    after = given["after_buffer_min"] * 60
    booked = [(start, end + after) for start, end in spans(given["bookings"])]
    return is_as_expected(swept(given, runs, booked + spans(given["busy"])), given["tz"], expected)


def subtracted(given: dict[str, Any], expected: dict[str, Any]) -> bool:
    left = subtract(spans(given["available"]), spans(given["blocked"]))
    return left == spans(expected["ranges"])


def intersected(given: dict[str, Any], expected: dict[str, Any]) -> bool:
    one, other = given["sets"]
    return intersect(spans(one), spans(other)) == spans(expected["ranges"])


def merged(given: dict[str, Any], expected: dict[str, Any]) -> bool:
    return merge(spans(given["ranges"])) == spans(expected["ranges"])


def status_blocks(given: dict[str, Any], expected: dict[str, Any]) -> bool:
    busy = spans([(given["slot"]["start"], given["slot"]["end"])])
    return subtract(spans(given["available"]), busy) == spans(expected["ranges"])


def aligned(given: dict[str, Any], expected: dict[str, Any]) -> bool:
    assert given["offset_min"] == 0
    start, step = int(at(given["instant"]).timestamp()), given["step_min"] * 60
    found = sweep(
        [(start, start + 2 * step)],
        [],
        length=step,
        before=0,
        after=0,
        earliest=start,
        latest=start + 1,
        align=step,
        offset=0,
        stride=step,
    )
    return (found == [start]) is expected["aligned"]


def week_later(start: datetime, weeks: int, zone: str) -> datetime:
    """The same wall time, weeks later."""
    day = local_day(start, zone) + weeks * 7 * _DAY
    return instant(day, minute_of_day(start, zone), zone)


def weekly_shift(given: dict[str, Any], expected: dict[str, Any]) -> bool:
    return week_later(at(given["start"]), given["weeks"], given["tz"]) == at(expected["instant"])


def same_wall_clock(given: dict[str, Any], expected: dict[str, Any]) -> bool:
    first, second = (at(one) for one in given["instants"])
    walls = {minute_of_day(one, given["tz"]) for one in (first, second)}
    return (len(walls) == 1) is expected["is_weekly"]


def weekly_shift_property(given: dict[str, Any], expected: dict[str, Any]) -> bool:
    assert expected == {"wall_clock_kept_or_absent": True}
    zone, jump = given["tz"], at(given["transition"])
    first, last, step = (given[f"anchor_{key}"] for key in ("from_days", "to_days", "step_min"))
    for number in range(first * 1440, last * 1440, step):
        anchor = jump + timedelta(minutes=number)
        for weeks in given["weeks"]:
            later = week_later(anchor, weeks, zone)
            wall = local(anchor, zone).replace(tzinfo=None) + weeks * 7 * _DAY
            kept = local(later, zone).replace(tzinfo=None) == wall
            if not kept and _happens(wall, later, zone):
                return False
    return True


def _happens(wall: datetime, near: datetime, zone: str) -> bool:
    around = (near + timedelta(minutes=number) for number in range(-180, 181))
    return any(local(one, zone).replace(tzinfo=None) == wall for one in around)


def next_wall_time(given: dict[str, Any], expected: dict[str, Any]) -> bool:
    after, zone = at(given["after"]), given["tz"]
    hours = weekly([{"days": given["days"], "start": given["time"], "end": "24:00"}])
    days = (local_day(after, zone) + number * _DAY for number in range(8))
    found = next(
        start
        for day in days
        if any(one.on(day) for one in hours)
        and (start := instant(day, minute(given["time"]), zone)) > after
    )
    wall = local(found, zone).isoformat()[:16]
    return (found, wall) == (at(expected["instant"]), expected["local"])


def patient_conflict(given: dict[str, Any], expected: dict[str, Any]) -> bool:
    wanted = spans([(given["candidate"]["start"], given["candidate"]["end"])])
    visits = spans((one["start"], one["end"]) for one in given["existing"])
    conflicts: int = expected["conflicts"]
    return sum(bool(intersect([visit], wanted)) for visit in visits) == conflicts


def service_hours_conflict(given: dict[str, Any], expected: dict[str, Any]) -> bool:
    names = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
    hours = [
        Hours(names.index(one["day"]), minute(one["start"]), minute(one["end"]))
        for one in given["weekly"]
    ]
    if given["daily"]:
        hours += [Hours(day, *(minute(wall) for wall in given["daily"])) for day in range(7)]  # type: ignore[arg-type]
    schedule = DoctorSchedule(ClinicDays("UTC"), tuple(hours))
    conflicting = [
        number
        for number, one in enumerate(given["candidates"])
        if not schedule.works_throughout(at(one["start"]), at(one["end"]))
    ]
    return conflicting == list(expected["conflicting"])


def weekly_recurrence(given: dict[str, Any], expected: dict[str, Any]) -> bool:
    names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
    first = date.fromisoformat(given["start"][:10])
    hours = [
        Hours(names.index(name), 0, 1440, first, None, given["interval"]) for name in given["days"]
    ]
    ahead = (first + number * _DAY for number in range(1000))
    worked = [day.isoformat() for day in ahead if any(one.on(day) for one in hours)]
    dates = worked[: given["count"]]
    return dates == list(expected.get("dates", dates)) and dates[-1] == expected.get(
        "last", dates[-1]
    )


ANSWERS: dict[str, Callable[[dict[str, Any], dict[str, Any]], bool]] = {
    "hours_to_ranges": hours_to_ranges,
    "grid_slots": grid_slots,
    "day_slots": day_slots,
    "subtract": subtracted,
    "intersect": intersected,
    "merge": merged,
    "status_blocks": status_blocks,
    "aligned": aligned,
    "weekly_shift": weekly_shift,
    "weekly_series_same_wall_clock": same_wall_clock,
    "weekly_shift_property": weekly_shift_property,
    "next_wall_time": next_wall_time,
    "patient_conflict": patient_conflict,
    "service_hours_conflict": service_hours_conflict,
    "weekly_recurrence": weekly_recurrence,
}


def read_cases() -> list[dict[str, Any]]:
    """Every case of the field, or none where there is no folder."""
    if FOLDER is None:
        return []
    path = Path(FOLDER) / "peer_slot_cases.json"
    cases: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return cases


CASES = {case["id"]: case for case in read_cases()}
needs_cases = pytest.mark.skipif(
    not CASES, reason="CLINIC_FIELD_DATA names no folder with facts from the field"
)


@needs_cases
@pytest.mark.parametrize("name", sorted(CASES.keys() - NOT_YET - NOT_OURS))
def test_what_we_answer(name: str) -> None:
    case = CASES[name]
    agrees = ANSWERS[case["kind"]](case["input"], case["expected"])
    assert agrees == (name not in DIFFERENT)


@needs_cases
def test_every_case_has_its_place() -> None:
    chosen = {name for name, case in CASES.items() if case["policy"] != "universal"}
    assert {CASES[name]["policy"].removeprefix("policy:") for name in chosen} == POLICIES.keys()
    assert DIFFERENT.keys() | NOT_OURS <= chosen
    assert CASES.keys() - chosen >= NOT_YET
