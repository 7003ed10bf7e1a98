"""The choices that a series leaves: which of its visits, and what of its dates on holidays."""

from __future__ import annotations

from enum import StrEnum


class OnHoliday(StrEnum):
    """What becomes of a date on a holiday or on a day when the clinic is closed."""

    SKIP = "skip"
    MOVE = "move"


class Scope(StrEnum):
    """Which visits of a series a change is about, seen from one of them."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"
