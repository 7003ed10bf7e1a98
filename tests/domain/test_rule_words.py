"""How often a series repeats, as people say it."""

from __future__ import annotations

from datetime import date

import pytest

from clinic_tui.domain.errors import BadInput
from clinic_tui.domain.series.recurrence import days_of, read_rule
from clinic_tui.domain.series.rule_words import rule_from, say_rule

TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("every", "ends", "rule", "said"),
    [
        ("week", "10", "FREQ=WEEKLY;INTERVAL=1;COUNT=10", "every week, 10 times"),
        ("Every 2 Weeks", "6 times", "FREQ=WEEKLY;INTERVAL=2;COUNT=6", "every 2 weeks, 6 times"),
        ("other week", "x3", "FREQ=WEEKLY;INTERVAL=2;COUNT=3", "every 2 weeks, 3 times"),
        ("monthly", "1", "FREQ=MONTHLY;INTERVAL=1;COUNT=1", "every month, once"),
        (
            "mon, thu", "until 24dec", "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TH;UNTIL=20261224",
            "every week on Mon, Thu, until Thu 24 Dec 2026",
        ),
        (
            "2 weeks on mon-wed", "+2w", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE;UNTIL=20261208",
            "every 2 weeks on Mon, Tue, Wed, until Tue 8 Dec 2026",
        ),
        ("daily", "5 visits", "FREQ=DAILY;INTERVAL=1;COUNT=5", "every day, 5 times"),
        (
            "rrule:freq=monthly;byday=1mo;count=4", "", "FREQ=MONTHLY;BYDAY=1MO;COUNT=4",
            "FREQ=MONTHLY;BYDAY=1MO;COUNT=4",
        ),
    ],
)  # fmt: skip
def test_rules_are_read_as_they_are_said_and_said_again(
    every: str, ends: str, rule: str, said: str
) -> None:
    read = rule_from(every, ends, TUESDAY, "DE")
    assert read == rule
    assert read_rule(read).text == rule
    assert say_rule(rule) == said
    assert days_of(read_rule(rule), TUESDAY, 600, "Europe/Berlin")


@pytest.mark.parametrize(
    ("every", "ends", "field", "sentence"),
    [
        ("", "10", "Every", "how often?"),
        ("now and then", "10", "Every", "“now and then” is none"),
        ("some weeks", "10", "Every", "“some weeks” is none"),
        ("0 weeks", "10", "Every", "“0 weeks” is none"),
        ("month on mon", "10", "Every", "for weeks only"),
        ("week on funday", "10", "Every", "is none"),
        ("week", "", "Ends", "until when?"),
        ("week", "often", "Ends", "“often” is neither"),
        ("week", "until 23nov2026", "Ends", "lies before the first day"),
        ("FREQ=WEEKLY;COUNT=2", "10", "Ends", "says itself how it ends"),
        ("FREQ=HOURLY;COUNT=2", "", "Rule", "one time of the day"),
    ],
)
def test_what_is_no_rule_is_refused_in_a_sentence(
    every: str, ends: str, field: str, sentence: str
) -> None:
    with pytest.raises(BadInput) as refused:
        rule_from(every, ends, TUESDAY, "DE")
    assert refused.value.field == field
    assert sentence in str(refused.value)
