"""One minute of one doctor explained: what is there, or why a visit cannot be booked there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..clinic.settings import load_settings
from ..clinic.terms import Fit, fit_of
from ..codes import Reason, Status
from ..errors import BadInput, BeyondHorizon, KeptForOthers, NotFound, ObstacleKind, TooSoon
from ..hours.bounds import out_of_bounds
from ..hours.not_working import why_closed
from ..hours.schedule import DoctorSchedule
from ..models import VisitType, table
from ..overview.calendar import DayColumn, doctors_day
from ..staff.who_does import doctors_for
from ..times.dates import check_day
from ..times.walltime import local_day, say_time
from ..visits.conflicts import Place
from .why import Asked, explained

_TYPES = table(VisitType)
_MINUTE = timedelta(minutes=1)
_CLOSED = {ObstacleKind.AWAY: Reason.AWAY, ObstacleKind.HOLIDAY: Reason.HOLIDAY}
_OUT_OF_BOUNDS = {
    TooSoon: Reason.TOO_SOON,
    BeyondHorizon: Reason.BEYOND_HORIZON,
    KeptForOthers: Reason.RESERVED,
}


@dataclass(frozen=True, slots=True)
class Cell:
    """Why one minute is as it is: a code, and a sentence as the line under the cursor says it.

    Of a hold, the account that has it and when it runs out by itself (aware UTC).
    """

    reason: Reason
    sentence: str
    held_by: str = ""
    held_until: datetime | None = None


def explain_cell(
    session: Session,
    actor: Actor,
    doctor_id: int,
    at: datetime,
    visit_type_id: int | None,
    now: datetime,
) -> Cell:
    """What is at that instant with that doctor, and whether a visit of that type could be.

    Refused: ``NotPermitted``; ``NotFound`` for an unknown doctor or visit type, or one that the
    doctor does not do; ``BadInput`` for a time without its zone.
    """
    require(actor, Permission.SEE_CALENDAR)
    if at.tzinfo is None:
        raise BadInput("Start", "A time without its zone cannot be placed.")
    check_day(at, "Start")
    settings = load_settings(session)
    fit, wanted = _wanted(session, doctor_id, visit_type_id)
    column, schedule = doctors_day(
        session, settings, actor, doctor_id, local_day(at, settings.zone), now
    )
    reason, sentence = explained(column, at, settings.zone, now, wanted)
    if reason is Reason.HELD:
        (held, *_) = (one for one in column.visits if one.starts_at <= at < one.ends_at)
        return Cell(reason, sentence, held.held_by, held.held_until)
    if reason is Reason.NO_HOURS:
        return _closed(schedule, column.doctor, at, sentence)
    if reason not in (Reason.FREE, Reason.NO_GAP_LONG_ENOUGH):
        return Cell(reason, sentence)
    place = Place(doctor_id, 0, None, visit_type_id or 0, at, fit, actor, now)
    if (other := _why_not_booked(column, schedule, place)) and (
        reason is Reason.FREE or other.reason is not Reason.NO_GAP_LONG_ENOUGH
    ):
        return other
    return Cell(reason, sentence)


def _why_not_booked(column: DayColumn, schedule: DoctorSchedule, place: Place) -> Cell | None:
    """Of a minute that is free, why such a visit cannot begin there."""
    if place.starts_at + _MINUTE <= place.asked_at:
        return Cell(Reason.TOO_SOON, "That time has passed.")
    refusal = out_of_bounds(schedule, place, column.doctor)
    if refusal is not None and type(refusal) in _OUT_OF_BOUNDS:
        return Cell(_OUT_OF_BOUNDS[type(refusal)], str(refusal))
    if refusal is None and _too_near(column, place):
        fit = place.fit
        where = f"{column.doctor} {say_time(place.starts_at, schedule.days.zone)}"
        needs = f"needs {fit.minutes} min, {fit.before} before it and {fit.after} after it"
        return Cell(Reason.NO_GAP_LONG_ENOUGH, f"{where} — free, but such a visit {needs}.")
    return None


def _wanted(
    session: Session, doctor_id: int, visit_type_id: int | None
) -> tuple[Fit, Asked | None]:
    """The measure of the visit type and what it is called; of none, that of a moment."""
    if visit_type_id is None:
        return Fit(1, 0, 0), None
    fit = fit_of(session, visit_type_id, None)
    if not doctors_for(session, visit_type_id, doctor_ids=(doctor_id,)):
        raise NotFound("That doctor does not do this visit type.")
    name = session.scalar(select(_TYPES.c.name).where(_TYPES.c.id == visit_type_id))
    return fit, Asked(name or "", fit.minutes)


def _closed(schedule: DoctorSchedule, doctor: str, at: datetime, sentence: str) -> Cell:
    """Time in which the doctor does not work: away, a holiday, or no hours."""
    obstacle = why_closed(schedule, at, at + _MINUTE, doctor)
    reason = _CLOSED.get(obstacle.kind, Reason.NO_HOURS)
    return Cell(reason, sentence if reason is Reason.NO_HOURS else f"{obstacle.text}.")


def _too_near(column: DayColumn, place: Place) -> bool:
    """Whether the visit or its buffers meet what stands before or after that minute."""
    return any(
        visit.blocked_from < place.blocked_until and place.blocked_from < visit.blocked_until
        for visit in column.visits
        if visit.status is not Status.NOSHOW
    )
