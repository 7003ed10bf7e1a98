"""Series: visits that repeat by a rule, looked at before they are booked, booked all or none.

The visits keep the time that the wall clock shows over changes of the clocks. Each has messages
of its own and can be moved or cancelled alone; it keeps its place in the series all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..audit import answered, record
from ..clinic.terms import check_length
from ..errors import BadInput, CannotBook, Refusal
from ..models import Series, SeriesVisit, table
from ..text import clean_text
from ..times.dates import check_day
from ..times.walltime import MINUTES_PER_DAY, local_day, say_day
from ..undo.row_changes import new_rows
from ..visits.appointments import BookedAppointment
from ..visits.block_booking import NewVisit, as_a_whole, book_all, way_back_from
from ..visits.facts import Purpose, facts_of
from ..visits.parties import Parties, lock_in_order
from ..visits.requests import new_key
from .details import SeriesDetails, SeriesVisitStands, load_series
from .plan import Pattern, SeriesDate, plan_dates
from .recurrence import MAX_VISITS, Rule, days_of, read_rule
from .words import OnHoliday

_SERIES, _VISITS = table(Series), table(SeriesVisit)
_OPERATION = "book_series"
_NOT_BOOKED = "nothing of the series was booked"


@dataclass(frozen=True, slots=True)
class ChosenDate:
    """One of the rule's days that is wanted.

    At the rule's time, or at ``starts_at`` (an aware instant), as the alternative that was offered.
    """

    day: date
    starts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SeriesRequest:
    """Who, with whom, what, and when again and again.

    ``rule`` is an RFC 5545 RRULE that names days from ``first_day`` on; ``minute`` is the wall
    clock's time of each, in minutes from midnight. ``minutes`` None takes the visit type's
    length. ``chosen`` empty means every date that no holiday skips.
    """

    patient_id: int
    doctor_id: int
    visit_type_id: int
    first_day: date
    minute: int
    rule: str
    minutes: int | None = None
    room_id: int | None = None
    on_holiday: OnHoliday = OnHoliday.SKIP
    note: str = ""
    chosen: tuple[ChosenDate, ...] = ()
    key: str = field(default_factory=new_key)


def preview_series(
    session: Session, actor: Actor, request: SeriesRequest, now: datetime
) -> tuple[SeriesDate, ...]:
    """Each date of the series: whether it fits, why not, and what would; writes nothing.

    Refused: ``NotPermitted``; ``NotFound`` and ``BadInput`` for what is named wrongly, for a rule
    that is none, has no end, or names more than 100 visits or days beyond two years.
    """
    pattern, rule = _pattern(session, actor, request, now)
    return _dates(session, pattern, rule, request)


def book_series(
    session: Session, actor: Actor, request: SeriesRequest, now: datetime
) -> SeriesDetails:
    """Book all dates of the series, or the chosen ones; or refuse and write nothing.

    One entry in the trail and one way back for all. Refused as ``preview_series`` is, and with
    ``SlotTaken`` or ``OutsideHours`` naming the first date that does not fit, now or when it
    comes to writing, with what is nearest to it. A request with a key that was already answered
    gets that answer again.
    """
    pattern, rule = _pattern(session, actor, request, now)
    note = clean_text(request.note, "Note")
    if pattern.facts.answered_with and (answer := _answered(session, actor, request.key)):
        return answer
    dates = [one for one in _dates(session, pattern, rule, request) if one.starts_at]
    refusal = _refusal(dates)
    if refusal is None:
        lock_in_order(session, pattern.parties)
    # Whoever has the time may be a twin of this request, which has ended by now.
    if answer := _answered(session, actor, request.key):
        return answer
    if refusal is not None:
        raise refusal
    new = [NewVisit(pattern.place(one.starts_at), pattern.facts) for one in dates if one.starts_at]
    booked = book_all(session, actor, new, note, now, _NOT_BOOKED)
    series_id = _insert(session, request, rule, dates, booked, now)
    record(
        session,
        actor,
        _OPERATION,
        now,
        key=request.key,
        appointment_id=booked[0].appointment_id,
        patient_id=request.patient_id,
        doctor_id=request.doctor_id,
        way_back=way_back_from(
            booked,
            new_rows(session, _SERIES, id=series_id),
            new_rows(session, _VISITS, series_id=series_id),
        ),
        series=series_id,
        visits=len(booked),
    )
    stands = (SeriesVisitStands(one.day, visit) for one, visit in zip(dates, booked, strict=True))
    begins = request.first_day, request.minute
    return SeriesDetails(series_id, request.patient_id, rule.text, *begins, tuple(stands))


def _pattern(
    session: Session, actor: Actor, request: SeriesRequest, now: datetime
) -> tuple[Pattern, Rule]:
    """What all dates have in common; refused is what is wrong with all of them."""
    require(actor, Permission.BOOK, doctor_id=request.doctor_id, patient_id=request.patient_id)
    rule = read_rule(request.rule)
    check_day(request.first_day, "First day")
    if not 0 <= request.minute < MINUTES_PER_DAY:
        raise BadInput("Time", "A visit starts between 00:00 and 23:59.")
    parties = Parties(request.doctor_id, request.patient_id, request.visit_type_id, request.room_id)
    facts = facts_of(session, parties, request.key, Purpose.BOOK)
    minutes = facts.usual.minutes if request.minutes is None else request.minutes
    fit = replace(facts.usual, minutes=check_length(minutes))
    if facts.answered_with is None and request.first_day < local_day(now, facts.settings.zone):
        raise BadInput("First day", "The first day has passed.")
    pattern = Pattern(parties, facts, fit, request.minute, request.on_holiday, actor, now)
    return pattern, rule


def _dates(
    session: Session, pattern: Pattern, rule: Rule, request: SeriesRequest
) -> tuple[SeriesDate, ...]:
    days = days_of(rule, request.first_day, request.minute, pattern.zone)
    if not request.chosen:
        return plan_dates(session, pattern, days)
    if len(request.chosen) > MAX_VISITS:
        raise BadInput("Dates", f"A series has at most {MAX_VISITS} visits.")
    chosen: dict[date, datetime | None] = {}
    for one in sorted(request.chosen, key=lambda one: one.day):
        if one.day not in days:
            raise BadInput("Dates", f"{say_day(one.day)} is no day of that series.")
        if one.day in chosen:
            raise BadInput("Dates", f"{say_day(one.day)} was chosen twice.")
        if one.starts_at is not None:
            pattern.place(one.starts_at)  # Refused is what cannot be placed at all.
        chosen[one.day] = one.starts_at
    return plan_dates(session, pattern, days, chosen)


def _refusal(dates: list[SeriesDate]) -> Refusal | None:
    """The refusal of the first date that does not fit; None where all of them do."""
    if not dates:
        return BadInput("Dates", "All dates of that series fall on holidays.")
    for one in dates:
        if isinstance(one.refusal, CannotBook):
            refusal = one.refusal
            near = () if one.alternative is None else (one.alternative,)
            return as_a_whole(type(refusal)(str(refusal), refusal.obstacles, near), _NOT_BOOKED)
        if one.refusal is not None:
            return BadInput("Dates", f"{say_day(one.day)}: {one.refusal}")
    return None


def _insert(
    session: Session,
    request: SeriesRequest,
    rule: Rule,
    dates: list[SeriesDate],
    booked: tuple[BookedAppointment, ...],
    now: datetime,
) -> int:
    series_id: int = session.execute(
        insert(_SERIES)
        .values(
            patient_id=request.patient_id,
            rule=rule.text,
            first_day=request.first_day,
            minute=request.minute,
            created_at=now,
        )
        .returning(_SERIES.c.id)
    ).scalar_one()
    session.execute(
        insert(_VISITS),
        [
            {"appointment_id": visit.appointment_id, "series_id": series_id, "day": one.day}
            for one, visit in zip(dates, booked, strict=True)
        ],
    )
    return series_id


def _answered(session: Session, actor: Actor, key: str) -> SeriesDetails | None:
    """The answer that this very request got before, as its visits stand now."""
    led_to = answered(session, actor, _OPERATION, key)
    return None if led_to is None else load_series(session, led_to)
