"""Moving a series: one of its visits, it and those that follow, or all that are still ahead.

All of them in one transaction through ``rearranging``, with one way back for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..errors import BadInput, CannotBook, SlotTaken
from ..hours.bounds import refuse_out_of_bounds
from ..hours.roster import load_schedules
from ..openings.taken_time import load_taken
from ..times.walltime import MINUTES_PER_DAY, instant, local_day, minute_of_day
from ..visits.block_booking import as_a_whole
from ..visits.conflicts import alternatives
from ..visits.facts import Purpose, facts_by_parties
from ..visits.moving import announce_move, moved_values
from ..visits.obstacles import named_visits, obstacle_of
from ..visits.parties import Parties, place_for
from ..visits.placing import fit_to_move, place_columns
from ..visits.rearranging import VisitChange, rearrange
from ..visits.requests import new_key
from ..waitlist.earlier import stand_otherwise
from ..waitlist.filling import freed_time, slot_of
from .details import SeriesDetails, seen_by
from .scope import (
    answer_series,
    done_before,
    locked_visits,
    record_series,
    series_of,
    those_ahead,
)
from .words import Scope

_FURTHEST = 366
_NOT_MOVED = "nothing of the series was moved"


@dataclass(frozen=True, slots=True)
class SeriesMove:
    """Where visits of a series go; what is None stays for each visit as it is.

    ``minute`` is the wall clock's time in minutes from midnight, on the day on which each visit
    stands, ``days`` later (or earlier). ``no_room`` takes the room away.
    """

    appointment_id: int
    scope: Scope
    minute: int | None = None
    days: int = 0
    doctor_id: int | None = None
    room_id: int | None = None
    no_room: bool = False
    minutes: int | None = None
    key: str = field(default_factory=new_key)


def move_series(
    session: Session, actor: Actor, request: SeriesMove, now: datetime
) -> SeriesDetails:
    """Move the visit, it and the following ones, or all that are ahead; answers with the series.

    All of them or none, each told as of a move of its own; the answer says of each time that they
    leave who on the waitlist fits it. Refused: as moving one is, naming the
    first that cannot stand; ``BadInput`` where nothing would change, for a time outside the day
    and for more than 366 days; ``WrongStatus`` where no visit meant is ahead any more.
    """
    visit, series = series_of(session, actor, request.appointment_id)
    if request.doctor_id is not None:
        require(actor, Permission.BOOK, doctor_id=request.doctor_id, patient_id=visit.patient_id)
    before = locked_visits(session, actor, series, visit, request.scope, now)
    if done_before(session, actor, "move_series", request.key, visit.id):
        return seen_by(actor, series)
    _check(request)
    ahead = those_ahead(before, visit, request.scope, now, "moved")
    changes = _moves(session, actor, request, series, ahead, now)
    told = {}
    for change in changes:
        if change.standing is not None:
            place, facts = change.standing
            status, sequence = change.values["status"], change.values["sequence"]
            told[change.before.id] = announce_move(
                session, change.before, place, facts, status, sequence
            )
    try:
        rearrange(session, changes)
    except CannotBook as refusal:
        raise as_a_whole(refusal, _NOT_MOVED) from refusal
    left = stand_otherwise(session, changes, now)
    record_series(session, actor, "move_series", request.key, now, visit, series, changes, left)
    freed = {
        change.before.id: freed_time(
            session,
            slot_of(change.before),
            change.standing[1].settings,
            actor,
            now,
            change.before.patient_id,
        )
        for change in changes
        if change.standing is not None
    }
    return answer_series(session, actor, visit, told, freed)


def _check(request: SeriesMove) -> None:
    if request.minute is not None and not 0 <= request.minute < MINUTES_PER_DAY:
        raise BadInput("Time", "A visit starts between 00:00 and 23:59.")
    if abs(request.days) > _FURTHEST:
        raise BadInput("Days", f"A series moves by at most {_FURTHEST} days.")
    if request.no_room and request.room_id is not None:
        raise BadInput("Room", "Either a room or none.")


def _moves(
    session: Session,
    actor: Actor,
    request: SeriesMove,
    series: SeriesDetails,
    ahead: Sequence[Row[Any]],
    now: datetime,
) -> list[VisitChange]:
    """Where each of them goes, open and not taken; those that stand there already left out."""
    known = facts_by_parties(
        session, (_goes_to(request, one) for one in ahead), request.key, Purpose.MOVE
    )
    zone = next(iter(known.values())).settings.zone
    standing = []
    for one in ahead:
        parties = _goes_to(request, one)
        fit = fit_to_move(one, known[parties].usual, request.minutes)
        starts_at = _starts_at(request, one, series.minute, zone)
        place = place_for(parties, starts_at, fit, actor, now, one.id)
        if any(one._mapping[name] != value for name, value in place_columns(place).items()):
            standing.append((one, place, known[parties]))
    if not standing:
        raise BadInput("Start", "The visits stand there already.")
    changes = [
        VisitChange(one, moved_values(actor, one, place, zone), (place, facts))
        for one, place, facts in standing
    ]
    _refuse_unless_free(session, changes, now)
    return changes


def _goes_to(request: SeriesMove, before: Row[Any]) -> Parties:
    room_id = before.room_id if request.room_id is None else request.room_id
    return Parties(
        before.doctor_id if request.doctor_id is None else request.doctor_id,
        before.patient_id,
        before.visit_type_id,
        None if request.no_room else room_id,
    )


def _starts_at(request: SeriesMove, before: Row[Any], series_minute: int, zone: str) -> datetime:
    """When the visit starts; at the time that is meant, where the clocks changed it for a day."""
    if request.minute is None and request.days == 0:
        starts_at: datetime = before.starts_at
        return starts_at
    day = local_day(before.starts_at, zone)
    minute = request.minute
    if minute is None:
        as_meant = instant(day, series_minute, zone) == before.starts_at
        minute = series_minute if as_meant else minute_of_day(before.starts_at, zone)
    return instant(day + timedelta(days=request.days), minute, zone)


def _refuse_unless_free(session: Session, changes: Sequence[VisitChange], now: datetime) -> None:
    """The friendly look, before anything is lifted: hours, and who stands there besides them."""
    going = [change.standing for change in changes if change.standing is not None]
    settings = going[0][1].settings
    places = [place for place, _ in going]
    between = min(place.starts_at for place in places), max(place.ends_at for place in places)
    doctors = {place.doctor_id for place in places}
    schedules = load_schedules(session, settings, doctors, *between)
    rooms = {place.room_id for place in places if place.room_id is not None}
    taken = load_taken(session, doctors, [places[0].patient_id], rooms, between, now)
    before = {change.before.id: change.before for change in changes}
    for place, facts in going:
        try:
            schedule, stood = schedules[place.doctor_id], before[place.appointment_id or 0]
            refuse_out_of_bounds(session, settings, schedule, place, facts.doctor, stood)
        except CannotBook as refusal:
            raise as_a_whole(refusal, _NOT_MOVED) from refusal
        met = [one for one in taken.in_the_way(place) if one not in before]
        if met:
            visits = named_visits(session, met).values()
            found = tuple(obstacle_of(one, place, settings.zone) for one in visits)
            others = alternatives(session, settings, place, facts.doctor)
            sentence = f"{found[0].text}." if found else "That time was taken just now."
            raise as_a_whole(SlotTaken(sentence, found, others), _NOT_MOVED)
