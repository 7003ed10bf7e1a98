"""The clinic's quiet hours: when only what is pressing is said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from .walltime import minute_of_day


def is_quiet(clinic: Row[Any], now: datetime) -> bool:
    """Whether it is quiet then, by the clinic's clock; also across midnight."""
    if clinic.quiet_from is None or clinic.quiet_until is None:
        return False
    minute = minute_of_day(now, clinic.zone)
    if clinic.quiet_from <= clinic.quiet_until:
        return bool(clinic.quiet_from <= minute < clinic.quiet_until)
    return bool(minute >= clinic.quiet_from or minute < clinic.quiet_until)
