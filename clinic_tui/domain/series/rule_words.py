"""Rules of repetition as people say them: "2 weeks", "mon, thu"; "10 times", "until 24dec". Pure.

Read exactly or refused in a sentence; what was understood is shown before anything is done.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from ..errors import BadInput
from ..hours.text import parse_weekdays
from ..times.timeofday import read_date
from ..times.walltime import say_day, say_weekdays
from .recurrence import read_rule

_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_UNITS = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}
_ALONE = {"daily": "day", "weekly": "week", "monthly": "month", "yearly": "year"}
_NUMBERS = {"other": 2, "second": 2, "third": 3, "fourth": 4}
_EVERY = re.compile(r"(?:(\d{1,3}|[a-z]+) )?(day|week|month|year)s?(?: (?:on )?(.+))?")
_COUNT = re.compile(r"(?:x ?)?(\d{1,9})(?: ?(?:x|times|visits?))?")
_PLAIN_DAYS = re.compile(r"(?:[A-Z]{2})(?:,[A-Z]{2})*")


def rule_from(every: str, ends: str, first_day: date, region: str) -> str:
    """The RFC 5545 rule that is meant, with its end.

    ``every``: "week", "2 weeks", "month", "mon, thu", "2 weeks on mon, thu", with "every" before
    it or not; a rule as RFC 5545 writes it is taken as it is, and has its own end. ``ends``:
    "10", "10 times", "24dec", "until 24dec", days counted from ``first_day`` as ``read_date``
    does. Refused with ``BadInput`` ("Every", "Ends"): everything else.
    """
    if "=" in every:
        if ends.strip():
            raise BadInput("Ends", "Ends: a rule that is written out says itself how it ends.")
        return read_rule(every).text
    return f"{_repeats(every)};{_ends(ends, first_day, region)}"


def say_rule(rule: str) -> str:
    """A rule in words: "every 2 weeks on Mon, Thu, 10 times"; a rarer one as it is written."""
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    frequency = parts.pop("FREQ")
    unit = next(name for name, code in _UNITS.items() if code == frequency)
    number, days = parts.pop("INTERVAL", "1"), parts.pop("BYDAY", "")
    ends = _say_end(parts.pop("COUNT", ""), parts.pop("UNTIL", ""))
    parts.pop("WKST", None)
    named = unit == "week" and _PLAIN_DAYS.fullmatch(days) is not None
    if parts or (days and not named):
        return rule
    often = f"every {unit}" if number == "1" else f"every {number} {unit}s"
    on = f" on {say_weekdays(map(_CODES.index, days.split(',')))}" if days else ""
    return f"{often}{on}{ends}"


def _repeats(text: str) -> str:
    wanted = " ".join(text.lower().split())
    for word in ("every ", "each "):
        wanted = wanted.removeprefix(word)
    match = _EVERY.fullmatch(_ALONE.get(wanted, wanted))
    if match is None:
        return f"FREQ=WEEKLY;INTERVAL=1;BYDAY={_days(wanted, text)}"
    number = _NUMBERS.get(match[1] or "", 0) or (int(match[1]) if _digits(match[1]) else 0)
    if match[1] is not None and not number:
        raise _no_rule(text)
    on = ""
    if match[3] is not None:
        if match[2] != "week":
            raise BadInput("Every", "Every: weekdays are named for weeks only: 2 weeks on mon.")
        on = f";BYDAY={_days(match[3], text)}"
    return f"FREQ={_UNITS[match[2]]};INTERVAL={number or 1}{on}"


def _digits(text: str | None) -> bool:
    return text is not None and text.isdecimal()


def _days(text: str, said: str) -> str:
    try:
        return ",".join(_CODES[day] for day in sorted(parse_weekdays(text)))
    except BadInput as refusal:
        raise _no_rule(said) from refusal


def _ends(text: str, first_day: date, region: str) -> str:
    wanted = " ".join(text.lower().split())
    match = _COUNT.fullmatch(wanted)
    if match is not None:
        return f"COUNT={int(match[1])}"
    try:
        last = read_date(wanted.removeprefix("until ").removeprefix("til "), first_day, region)
    except BadInput as refusal:
        said = (
            f"“{text.strip()}” is neither; write" if wanted else "how often, or until when? Write"
        )
        raise BadInput("Ends", f"Ends: {said} 10 times or until 24dec.") from refusal
    if last < first_day:
        raise BadInput("Ends", f"Ends: {say_day(last)} lies before the first day.")
    return f"UNTIL={last:%Y%m%d}"


def _say_end(count: str, until: str) -> str:
    if count:
        return ", once" if count == "1" else f", {count} times"
    return f", until {say_day(datetime.strptime(until[:8], '%Y%m%d').date())}"  # noqa: DTZ007


def _no_rule(text: str) -> BadInput:
    said = f"“{text.strip()}” is none; write" if text.strip() else "how often? Write"
    return BadInput("Every", f"Every: {said} week, 2 weeks, month, or mon, thu.")
