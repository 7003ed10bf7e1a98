"""Rules and their days: agreement with another implementation's cases, and what is no rule here."""

from __future__ import annotations

import json
import os
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from clinic_tui.domain.errors import BadInput
from clinic_tui.domain.series.recurrence import MAX_VISITS, days_of, occurrences, read_rule

FIRST = date(2026, 11, 24)
NINE = 9 * 60


def _days(rule: str, first: date = FIRST) -> list[str]:
    return [day.isoformat() for day in days_of(read_rule(rule), first, NINE, "Europe/Berlin")]


def _field_cases() -> list[dict[str, Any]]:
    folder = os.environ.get("CLINIC_FIELD_DATA")
    if not folder:
        pytest.skip("CLINIC_FIELD_DATA is not set: the cases from the field are not there")
    cases: list[dict[str, Any]] = json.loads(
        (Path(folder) / "ical" / "rrule_cases.json").read_text(encoding="utf-8")
    )
    assert len(cases) == 57
    return cases


def _moment(written: str) -> datetime:
    digits = written.rstrip("Z").replace("T", "").ljust(14, "0")
    return datetime.strptime(digits, "%Y%m%d%H%M%S")  # noqa: DTZ007 - a clock's face


def test_every_case_from_the_field() -> None:
    """libical's instances, for rules of every frequency; the clock of its cases is UTC's."""
    for case in _field_cases():
        expected = [_moment(written) for written in case["instances"].split(",")]
        found = occurrences(case["rrule"], _moment(case["dtstart"]), "UTC")
        assert list(islice(found, len(expected) + 1)) == expected, case["id"]


def test_the_cases_from_the_field_that_a_series_can_have() -> None:
    """The same days; refused is only what is too long or repeats within a day."""
    same = 0
    for case in _field_cases():
        rule, first = case["rrule"], _moment(case["dtstart"])
        expected = [_moment(written) for written in case["instances"].split(",")]
        within_a_day = any(word in rule for word in ("SECOND", "MINUTE", "HOUR"))
        too_long = (expected[-1] - first).days > 730 or len(expected) > MAX_VISITS
        if within_a_day or too_long:
            with pytest.raises(BadInput):
                days_of(read_rule(rule), first.date(), first.hour * 60, "UTC")
        else:
            days = days_of(read_rule(rule), first.date(), first.hour * 60, "UTC")
            assert list(days) == [moment.date() for moment in expected], case["id"]
            same += 1
    assert same == 28


def test_the_first_day_counts_only_where_the_rule_names_it() -> None:
    assert _days("FREQ=WEEKLY;COUNT=2") == ["2026-11-24", "2026-12-01"]
    assert _days("FREQ=WEEKLY;BYDAY=FR;COUNT=2") == ["2026-11-27", "2026-12-04"]


def test_every_second_week_counts_from_monday() -> None:
    assert _days("RRULE:freq=weekly;interval=2;byday=mo,su;count=3") == [
        "2026-11-29",
        "2026-12-07",
        "2026-12-13",
    ]


def test_the_last_day_is_in() -> None:
    assert _days("FREQ=DAILY;UNTIL=20261125") == ["2026-11-24", "2026-11-25"]
    # 08:00 UTC is the ninth hour in Berlin, in winter.
    assert _days("FREQ=DAILY;UNTIL=20261125T080000Z") == ["2026-11-24", "2026-11-25"]
    assert _days("FREQ=DAILY;UNTIL=20261125T075959Z") == ["2026-11-24"]
    assert _days("FREQ=DAILY;UNTIL=20261125T085959") == ["2026-11-24"]


def test_the_thirtieth_of_february_and_the_twenty_ninth() -> None:
    assert _days("FREQ=YEARLY;COUNT=1;BYMONTH=2;BYMONTHDAY=29", date(2027, 3, 1)) == ["2028-02-29"]
    with pytest.raises(BadInput, match="names no day"):
        _days("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1")


def test_as_many_and_as_far_as_may_be() -> None:
    assert len(_days("FREQ=DAILY;COUNT=100")) == 100
    assert _days("FREQ=YEARLY;COUNT=3")[-1] == "2028-11-24"


REFUSED = {
    "": "A rule looks like",
    "weekly": "A rule looks like",
    "FREQ=WEEKLY;;COUNT=3": "A rule looks like",
    "FREQ=WEEKLY;COUNT=3;COUNT=4": "each part once",
    "COUNT=3": "A rule says FREQ=",
    "FREQ=FORTNIGHTLY;COUNT=3": "A rule says FREQ=",
    "FREQ=HOURLY;COUNT=3": "one time of the day",
    "FREQ=MINUTELY;COUNT=3": "one time of the day",
    "FREQ=SECONDLY;COUNT=3": "one time of the day",
    "FREQ=DAILY;BYHOUR=9,10;COUNT=3": "one time of the day",
    "FREQ=WEEKLY": "one of them",
    "FREQ=WEEKLY;COUNT=3;UNTIL=20270101": "one of them",
    "FREQ=WEEKLY;COUNT=0": "COUNT takes",
    "FREQ=WEEKLY;COUNT=-3": "COUNT takes",
    "FREQ=WEEKLY;COUNT=three": "COUNT takes",
    "FREQ=WEEKLY;COUNT=٣": "COUNT takes",
    "FREQ=WEEKLY;COUNT=10000": "at most 100 visits",
    "FREQ=DAILY;COUNT=101": "at most 100 visits",
    "FREQ=DAILY;UNTIL=20270401": "at most 100 visits",
    "FREQ=YEARLY;COUNT=4": "within 2 years",
    "FREQ=WEEKLY;UNTIL=99991231": "within 2 years",
    "FREQ=WEEKLY;UNTIL=soon": "UNTIL is a day",
    "FREQ=WEEKLY;UNTIL=20270230": "UNTIL is a day",
    "FREQ=WEEKLY;UNTIL=20270101T250000Z": "UNTIL is a day",
    "FREQ=WEEKLY;UNTIL=00010101T000000Z": "names no day",
    "FREQ=WEEKLY;UNTIL=20261123": "names no day",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3": "names no day",
    "FREQ=WEEKLY;INTERVAL=0;COUNT=3": "INTERVAL takes",
    "FREQ=WEEKLY;INTERVAL=367;COUNT=3": "INTERVAL takes",
    "FREQ=WEEKLY;BYDAY=XX;COUNT=3": "BYDAY takes",
    "FREQ=WEEKLY;BYDAY=1MO;COUNT=3": "only within a month or a year",
    "FREQ=MONTHLY;BYDAY=0MO;COUNT=3": "BYDAY takes",
    "FREQ=MONTHLY;BYMONTHDAY=0;COUNT=3": "BYMONTHDAY takes",
    "FREQ=MONTHLY;BYMONTHDAY=32;COUNT=3": "BYMONTHDAY takes",
    "FREQ=YEARLY;BYMONTH=-1;COUNT=3": "BYMONTH takes 1 to 12.",
    "FREQ=YEARLY;BYMONTH=;COUNT=3": "A rule looks like",
    "FREQ=WEEKLY;BYMONTHDAY=3;COUNT=3": "does not go with",
    "FREQ=MONTHLY;BYWEEKNO=3;COUNT=3": "goes with FREQ=YEARLY",
    "FREQ=MONTHLY;BYYEARDAY=3;COUNT=3": "goes with FREQ=YEARLY",
    "FREQ=MONTHLY;BYSETPOS=1;COUNT=3": "BYSETPOS chooses",
    "FREQ=WEEKLY;WKST=1;COUNT=3": "WKST takes",
    "FREQ=YEARLY;BYEASTER=1;COUNT=3": "is no part of a rule",
    "FREQ=WEEKLY;COUNT=3;X=" + "1" * 200: "at most 200 characters",
}


@pytest.mark.parametrize("rule", REFUSED)
def test_what_is_no_rule_of_a_series(rule: str) -> None:
    with pytest.raises(BadInput, match=REFUSED[rule]) as caught:
        _days(rule)
    assert caught.value.field == "Rule"
