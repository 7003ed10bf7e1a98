"""The clinic's quiet hours: when only what is pressing is said."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from ..codes import NoticeKind
from ..times.walltime import instant, local_day, minute_of_day

PRESSING = timedelta(hours=12)
"""What changed about a visit that is so near is said in quiet hours, too."""
TO_STAFF = (NoticeKind.AGENDA, NoticeKind.RESET)
"""What staff have asked for at that very hour leaves in quiet hours, too."""


def is_quiet(clinic: Row[Any], now: datetime) -> bool:
    """Whether it is quiet then, by the clinic's clock; also across midnight."""
    if clinic.quiet_from is None or clinic.quiet_until is None:
        return False
    minute = minute_of_day(now, clinic.zone)
    if clinic.quiet_from <= clinic.quiet_until:
        return bool(clinic.quiet_from <= minute < clinic.quiet_until)
    return bool(minute >= clinic.quiet_from or minute < clinic.quiet_until)


def leaves_at(clinic: Row[Any], notice: Row[Any], now: datetime) -> datetime:
    """When a message that waits leaves: when it is due, or at the end of the quiet hours then."""
    due_at: datetime = notice.due_at
    at = max(due_at, now)
    near = notice.starts_at is not None and notice.starts_at < at + PRESSING
    pressing = near and notice.kind is not NoticeKind.REMINDER
    if pressing or notice.kind in TO_STAFF or not is_quiet(clinic, at):
        return due_at
    day, minute = local_day(at, clinic.zone), clinic.quiet_until
    if minute_of_day(at, clinic.zone) >= minute:
        day += timedelta(days=1)
    return instant(day, minute, clinic.zone)
