"""What a series of visits would be like: each of its dates, whether it fits, what else would.

The schedule is read once for the whole range, and so is everything that takes time in it: a plan
of a hundred dates costs as many queries as one of three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from ..access import Actor
from ..clinic.terms import Fit
from ..errors import Obstacle, ObstacleKind, Opening, Refusal, SlotTaken
from ..hours.bounds import out_of_bounds
from ..hours.roster import load_schedules
from ..hours.schedule import DoctorSchedule
from ..openings.fitting import starts_on
from ..openings.taken_time import TakenTime, load_taken
from ..times.timeofday import start_of
from ..times.walltime import day_bounds, from_seconds, local_day, say_day, say_span
from ..visits.conflicts import Place
from ..visits.facts import Facts
from ..visits.obstacles import named_visits, obstacle_of
from ..visits.parties import Parties, place_for
from .words import OnHoliday

_NEAR_DAYS = 14
"""How far from the day wanted an alternative may lie."""
_DAYS_TO_MOVE = 31
"""How long a doctor's closed days may last for a visit to be moved past them."""
_AROUND = timedelta(days=_DAYS_TO_MOVE + _NEAR_DAYS + 1)


@dataclass(frozen=True, slots=True)
class SeriesDate:
    """One date of a series: ``day`` is the rule's, ``starts_at`` (aware UTC) where it would stand.

    Both times are None where a holiday is skipped. ``note`` says what a holiday or a change of
    the clocks does to it. It fits where ``refusal`` is None; else ``alternative`` is the opening
    nearest to it, if there is one within two weeks. All that fit and all alternatives together
    can be had.
    """

    day: date
    starts_at: datetime | None
    ends_at: datetime | None
    note: str = ""
    refusal: Refusal | None = None
    alternative: Opening | None = None

    @property
    def fits(self) -> bool:
        """Whether a visit can stand there."""
        return self.starts_at is not None and self.refusal is None


@dataclass(frozen=True, slots=True)
class Pattern:
    """What all visits of a series have in common, and who asks for it when."""

    parties: Parties
    facts: Facts
    fit: Fit
    minute: int
    on_holiday: OnHoliday
    actor: Actor
    now: datetime

    @property
    def zone(self) -> str:
        """The zone of the clinic's clock."""
        return self.facts.settings.zone

    def place(self, starts_at: datetime) -> Place:
        """Where a visit that starts then would stand; refused as a booking is."""
        return place_for(self.parties, starts_at, self.fit, self.actor, self.now)


@dataclass(slots=True)
class _Draft:
    """A date while it is looked at; ``met`` are the appointments in its way."""

    day: date
    starts_at: datetime | None = None
    note: str = ""
    moved: bool = False
    place: Place | None = None
    refusal: Refusal | None = None
    met: list[int] = field(default_factory=list)


def plan_dates(
    session: Session,
    pattern: Pattern,
    days: Sequence[date],
    chosen: Mapping[date, datetime | None] | None = None,
) -> tuple[SeriesDate, ...]:
    """What becomes of each of the days, in order.

    ``chosen`` (among ``days``) leaves out the others, says where a visit stands instead of at the
    rule's time, and takes a holiday as meant.
    """
    wanted = dict.fromkeys(days) if chosen is None else chosen
    starts = [day_bounds(day, pattern.zone)[0] for day in days]
    starts += [at for at in wanted.values() if at is not None]
    between = min(starts) - _AROUND, max(starts) + _AROUND
    parties = pattern.parties
    schedule = load_schedules(
        session, pattern.facts.settings, [parties.doctor_id], *between
    )[parties.doctor_id]  # fmt: skip
    rooms = () if parties.room_id is None else (parties.room_id,)
    taken = load_taken(
        session, [parties.doctor_id], [parties.patient_id], rooms, between, pattern.now
    )
    drafts = [_draft(pattern, schedule, day, at, chosen is not None) for day, at in wanted.items()]
    # What a holiday moves gives way to what is there on its own day.
    for draft in sorted(drafts, key=lambda one: one.moved):
        _look(pattern, schedule, taken, draft)
    _name(session, pattern, drafts)
    return tuple(_date_of(pattern, schedule, taken, draft) for draft in drafts)


def _draft(
    pattern: Pattern, schedule: DoctorSchedule, day: date, at: datetime | None, as_meant: bool
) -> _Draft:
    """Where the date would stand; nowhere if it is skipped."""
    if at is not None:
        return _Draft(day, at)
    holiday = None if as_meant else _holiday(schedule, day)
    if holiday is None:
        start = start_of(day, pattern.minute, pattern.zone)
        return _Draft(day, start.at, start.note)
    said = f"{say_day(day)} is no working day: {holiday}"
    if pattern.on_holiday is OnHoliday.SKIP:
        return _Draft(day, None, f"{said}.")
    later = (day + timedelta(days=number) for number in range(1, _DAYS_TO_MOVE + 1))
    moved_to = next((one for one in later if schedule.spans(one)), None)
    if moved_to is None:
        start = start_of(day, pattern.minute, pattern.zone)
        return _Draft(day, start.at, start.note)
    start = start_of(moved_to, pattern.minute, pattern.zone)
    note = f"{said}; moved to {say_day(moved_to)}. {start.note}".rstrip()
    return _Draft(day, start.at, note, moved=True)


def _holiday(schedule: DoctorSchedule, day: date) -> str | None:
    """The name of the closed day or holiday on which this doctor does not work, if it is one."""
    closed = schedule.days.closure(day)
    if closed is not None or schedule.spans(day):
        return closed
    return schedule.days.holiday(day)


def _look(pattern: Pattern, schedule: DoctorSchedule, taken: TakenTime, draft: _Draft) -> None:
    """See whether the date fits, and count its place as taken if it does."""
    if draft.starts_at is None:
        return
    try:
        place = draft.place = pattern.place(draft.starts_at)
    except Refusal as refusal:
        draft.refusal = refusal
        return
    draft.refusal = out_of_bounds(schedule, place, pattern.facts.doctor)
    if draft.refusal is not None:
        return
    draft.met = taken.in_the_way(place)
    if not draft.met:
        taken.take(place)


def _name(session: Session, pattern: Pattern, drafts: Sequence[_Draft]) -> None:
    """Word the refusals of all dates that meet other visits, whose names are read at once."""
    visits = named_visits(session, (one for draft in drafts for one in draft.met if one))
    for draft in drafts:
        if draft.met and draft.place is not None:
            place = draft.place
            found = tuple(
                obstacle_of(visits[one], place, pattern.zone) if one else _own(pattern, place)
                for one in draft.met
                if not one or one in visits
            )
            sentence = f"{found[0].text}." if found else "That time was taken just now."
            draft.refusal = SlotTaken(sentence, found)


def _own(pattern: Pattern, place: Place) -> Obstacle:
    span = say_span(place.starts_at, place.ends_at, pattern.zone)
    text = f"{pattern.facts.patient} has another visit of this series {span}"
    return Obstacle(ObstacleKind.PATIENT, place.starts_at, place.ends_at, text)


def _date_of(
    pattern: Pattern, schedule: DoctorSchedule, taken: TakenTime, draft: _Draft
) -> SeriesDate:
    if draft.starts_at is None:
        return SeriesDate(draft.day, None, None, draft.note)
    ends_at = draft.starts_at + timedelta(minutes=pattern.fit.minutes)
    alternative = None
    if draft.refusal is not None and draft.place is not None:
        alternative = _nearest(pattern, schedule, taken, draft.place)
    return SeriesDate(
        draft.day, draft.starts_at, ends_at, draft.note, draft.refusal, alternative
    )  # fmt: skip


def _nearest(
    pattern: Pattern, schedule: DoctorSchedule, taken: TakenTime, place: Place
) -> Opening | None:
    """The opening of the same doctor nearest to a place that cannot be had, taken from now on."""
    wanted = int(place.starts_at.timestamp())
    day = local_day(place.starts_at, pattern.zone)
    grid = pattern.facts.settings.grid_minutes
    for number in range(_NEAR_DAYS + 1):
        around = {day - timedelta(days=number), day + timedelta(days=number)}
        starts = [at for one in around for at in starts_on(schedule, taken, place, one, grid)]
        if starts:
            nearest = min(starts, key=lambda at: (abs(at - wanted), at))
            found = pattern.place(from_seconds(nearest))
            taken.take(found)
            return Opening(
                place.doctor_id, pattern.facts.doctor, found.starts_at, found.ends_at
            )  # fmt: skip
    return None
