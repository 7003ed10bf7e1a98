"""Why a search found nothing: a code, and a sentence for staff. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..clinic.clinic_days import ClinicDays
from ..clinic.settings import ClinicSettings
from ..clinic.terms import Fit
from ..codes import Reason
from ..hours.schedule import DoctorSchedule
from ..times.walltime import local_day, say_day, say_moment
from .sought import Looked, Wanted


def why_none(settings: ClinicSettings, wanted: Wanted, looked: Looked) -> tuple[Reason, str]:
    """The reason that comes first: whoever does it, when they work, what is free of that."""
    if wanted.latest <= wanted.asked_at:
        return Reason.TOO_SOON, "That time has passed."
    if not wanted.doctors:
        return Reason.NO_HOURS, "No doctor asked for does that visit type."
    if not looked.worked:
        return _why_not_worked(settings, wanted, looked)
    return _why_not_free(wanted, looked)


def too_soon(fit: Fit, now: datetime, zone: str) -> str:
    """What is said of a start within the notice that a visit type asks for."""
    # Up to the next whole minute, at which a visit can start.
    first = say_moment(fit.earliest(now) + timedelta(minutes=1, microseconds=-1), zone)
    return f"That visit type is booked at least {say_notice(fit.notice)} ahead: from {first} on."


def beyond_horizon(fit: Fit, now: datetime, zone: str) -> str:
    """What is said of a start past the horizon of a visit type."""
    last = say_day(local_day(now, zone) + timedelta(days=fit.horizon or 0))
    return f"That visit type is booked at most {fit.horizon} days ahead: up to {last}."


def say_notice(minutes: int) -> str:
    """A notice in the largest unit that says it exactly: "2 days", "36 h", "90 min"."""
    for unit, name in ((1440, "day"), (60, "h")):
        if minutes % unit == 0:
            count = minutes // unit
            return f"{count} {name}{'s' * (name == 'day' and count != 1)}"
    return f"{minutes} min"


def _why_not_worked(settings: ClinicSettings, wanted: Wanted, looked: Looked) -> tuple[Reason, str]:
    zone, schedules = settings.zone, list(looked.schedules.values())
    too_early = wanted.earliest, min(looked.earliest, wanted.latest)
    if looked.earliest >= wanted.latest or _any_works(wanted, schedules, *too_early):
        return Reason.TOO_SOON, too_soon(wanted.fit, wanted.asked_at, zone)
    too_late = looked.latest, wanted.latest
    if looked.latest <= looked.earliest or _any_works(wanted, schedules, *too_late):
        return Reason.BEYOND_HORIZON, beyond_horizon(wanted.fit, wanted.asked_at, zone)
    whose, several = _who(wanted)
    between = looked.earliest, looked.latest
    there = [DoctorSchedule(one.days, one.weekly, one.extra) for one in schedules]
    always = [DoctorSchedule(ClinicDays(zone), one.weekly, one.extra) for one in schedules]
    if _any_works(wanted, there, *between):
        return Reason.AWAY, "Every doctor is away then." if several else f"{whose} is away then."
    if _any_works(wanted, always, *between):
        return Reason.HOLIDAY, "There are only holidays or closed days then."
    if several:
        return Reason.NO_HOURS, "None of the doctors works then."
    return Reason.NO_HOURS, f"{whose} does not work then."


def _why_not_free(wanted: Wanted, looked: Looked) -> tuple[Reason, str]:
    whose, several = _who(wanted)
    needed, gap = wanted.fit.minutes, looked.gap // 60
    if gap < needed <= looked.kept_gap // 60:
        return Reason.RESERVED, "What is free then is reserved for other visit types."
    if gap >= needed and wanted.rooms is not None:
        rooms = " and ".join(wanted.rooms.values()) if len(wanted.rooms) == 1 else "Every room"
        return Reason.FULLY_BOOKED, f"{rooms} is taken whenever there is time free then."
    if gap == 0:
        return Reason.FULLY_BOOKED, (
            "All the doctors are fully booked then."
            if several
            else f"{whose} is fully booked then."
        )
    if gap < needed:
        return Reason.NO_GAP_LONG_ENOUGH, (
            f"The longest time free then is {gap} min; the visit needs {needed}."
        )
    return Reason.NO_GAP_LONG_ENOUGH, (
        f"There is time free then, but nowhere {needed} min where such a visit may start."
    )


def _who(wanted: Wanted) -> tuple[str, bool]:
    return next(iter(wanted.doctors.values())), len(wanted.doctors) > 1


def _any_works(
    wanted: Wanted, schedules: list[DoctorSchedule], since: datetime, until: datetime
) -> bool:
    """Whether any doctor works at a time asked for."""
    if since >= until:
        return False
    first, last = since.timestamp(), until.timestamp()
    return any(
        start < last and first < end
        for schedule in schedules
        for day in wanted.days(since, until, schedule.days.zone)
        for start, end in wanted.runs(schedule, day)
    )
