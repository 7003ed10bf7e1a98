"""How ages and birth dates are worded on every screen."""

from __future__ import annotations

from datetime import date

from ..domain.walltime import say_day


def say_birth_date(day: date) -> str:
    """A birth date, which needs no weekday: "9 Mar 1984"."""
    return say_day(day).partition(" ")[2]


def say_age(born: date, today: date) -> str:
    """How old somebody is: in days, months and years as people count them."""
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if months < 1:
        return _count((today - born).days, "day")
    if months < 24:
        return _count(months, "month")
    return f"{months // 12} years"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
