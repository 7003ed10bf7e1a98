"""Where the visits of an absence plan can go, worked out in memory.

Schedules and taken time are read once for everybody concerned; the visits are then placed one
after another, each keeping clear of what was proposed for those before it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from .absence_causes import Cause, DoctorAway, HoursChanged, RoomOut, schedules_under
from .absence_lines import Decision, PlanLine, Wish
from .access import Actor, Permission, may
from .codes import Fate, Prefer, Status
from .conflicts import Place
from .errors import Opening
from .fitting import fits, starts_on
from .models import Doctor, Room, table
from .placing import fit_of
from .requests import MOVABLE
from .schedule import DoctorSchedule
from .settings import ClinicSettings
from .taken_time import TakenTime, load_taken
from .text import doctor_name, full_name
from .walltime import from_seconds, local_day
from .who_does import doctors_for

_DOCTORS, _ROOMS = table(Doctor), table(Room)
_FEW = 3
"""As many openings as one reads aloud, with the doctor and with colleagues each."""


class Planner:
    """Everybody's schedules and taken time around the visits of one plan."""

    def __init__(
        self,
        session: Session,
        cause: Cause,
        wish: Wish,
        settings: ClinicSettings,
        asked: tuple[Actor, datetime],
        rows: Sequence[Row[Any]],
        known: Mapping[int, Decision],
    ) -> None:
        self._cause, self._wish, self._settings = cause, wish, settings
        self._actor, self._now = asked
        self._rows = rows
        self.places: dict[int, Place] = {}
        alike = isinstance(cause, DoctorAway | HoursChanged) and wish.prefer is not Prefer.CALL
        self._colleagues = {
            pair: doctors_for(session, pair[1], like=pair[0])
            for pair in ({(row.doctor_id, row.visit_type_id) for row in rows} if alike else ())
        }
        self._rooms = _rooms(session, cause)
        self._names = {row.doctor_id: _doctor(row) for row in rows}
        self._names |= {one: name for few in self._colleagues.values() for one, name in few.items()}
        moves = [one for one in known.values() if one.starts_at is not None]
        self._names |= _named(session, {one.doctor_id for one in moves} - self._names.keys())
        starts = [max(row.starts_at, self._now) for row in rows]
        starts += [one.starts_at for one in moves if one.starts_at is not None]
        between = min(starts), max(starts) + timedelta(days=max(wish.days, 1) + 1)
        self._schedules = self._load_schedules(session, between)
        self._taken = self._load_taken(session, between, moves)

    def _load_schedules(
        self, session: Session, between: tuple[datetime, datetime]
    ) -> dict[int, DoctorSchedule]:
        return schedules_under(session, self._cause, self._settings, self._names, between)

    def _load_taken(
        self, session: Session, between: tuple[datetime, datetime], moves: Iterable[Decision]
    ) -> TakenTime:
        patients = {row.patient_id for row in self._rows}
        asked = [room for row in self._rows for room in self._rooms_for(row)]
        asked += [one.room_id for one in moves]
        rooms = {room for room in asked if room is not None}
        return load_taken(session, self._names, patients, rooms, between, self._now)

    def decided(self, known: Mapping[int, Decision]) -> dict[int, PlanLine]:
        """The lines whose decisions can be had, by visit."""
        leaving = [one for one in known.values() if one.fate in (Fate.MOVE, Fate.CANCEL)]
        self._taken.give_back({one.appointment_id for one in leaving})
        lines = {}
        for row in self._rows:
            decision = known.get(row.id)
            if decision is None:
                continue
            if decision.fate is not Fate.MOVE:
                lines[row.id] = replace(self._line(row, decision.fate), tell=decision.tell)
                continue
            place = self._place(row, decision.doctor_id or 0, decision.room_id)
            place = replace(place, starts_at=decision.starts_at or row.starts_at)
            if self._can_be_had(row, place):
                lines[row.id] = self._moved(row, place)
        return lines

    def proposed(self, row: Row[Any]) -> PlanLine:
        """What becomes of a visit about which nothing is decided."""
        if row.status not in MOVABLE:
            return self._line(row, Fate.KEEP, "is in the room now")
        if not self._may_move(row):
            return self._line(row, Fate.CALL, "you may not move that visit")
        if self._wish.prefer is Prefer.CALL:
            return self._line(row, Fate.CALL)
        ways = [self._with_same_doctor, self._with_colleague]
        if self._wish.prefer is Prefer.COLLEAGUE or row.status is Status.ARRIVED:
            ways.reverse()
        for way in ways:
            place = way(row)
            if place is not None:
                return self._moved(row, place)
        return self._line(row, Fate.CALL, self._why_none(row))

    def _can_be_had(self, row: Row[Any], place: Place) -> bool:
        in_use = place.room_id is None or place.room_id in self._rooms
        schedule = self._schedules.get(place.doctor_id)
        return in_use and schedule is not None and fits(schedule, self._taken, place, row)

    def openings(self, row: Row[Any]) -> tuple[Opening, ...]:
        """Where such a visit fits, for whoever decides about it: with its doctor on three days,
        then with three colleagues, those of its own day first. None where it may not be moved.
        """
        if row.status not in MOVABLE or not self._may_move(row):
            return ()
        found = [*islice(self._by_same_doctor(row), _FEW), *islice(self._by_colleagues(row), _FEW)]
        return tuple(self._opening(row, place) for place in found)

    def _may_move(self, row: Row[Any]) -> bool:
        whose = {"doctor_id": row.doctor_id, "patient_id": row.patient_id}
        return may(self._actor, Permission.BOOK, **whose)

    def _with_same_doctor(self, row: Row[Any]) -> Place | None:
        """Where it stands, in another room, or else the doctor's next opening from then on."""
        return next(self._by_same_doctor(row), None)

    def _by_same_doctor(self, row: Row[Any]) -> Iterator[Place]:
        """Where it stands, in another room, if that can be; then the first place of each day."""
        if not (row.doctor_active and row.fits_doctor):
            return
        places = [self._place(row, row.doctor_id, room) for room in self._rooms_for(row)]
        if (same_time := self._first_that_fits(row, places)) is not None:
            yield same_time
        not_before = max(row.starts_at, self._now).timestamp()
        day = local_day(row.starts_at, self._settings.zone)
        for number in range(same_time is not None, self._wish.days + 1):
            found = [
                (start, order)
                for order, place in enumerate(places)
                for start in self._starts(place, day + timedelta(days=number))
                if start >= not_before
            ]
            if found:
                start, order = min(found)
                yield replace(places[order], starts_at=from_seconds(start))

    def _by_colleagues(self, row: Row[Any]) -> Iterator[Place]:
        """Day by day the place of each colleague nearest to that time of day, and of these the
        nearest first.
        """
        day = local_day(row.starts_at, self._settings.zone)
        for number in range(self._wish.days + 1):
            # An hour off where the clock changes in between, which only orders them.
            wanted = int((row.starts_at + timedelta(days=number)).timestamp())
            nearest: list[tuple[int, int, Place]] = []
            for doctor in self._colleagues_for(row):
                places = [self._place(row, doctor, room) for room in self._rooms_for(row)]
                found = [
                    (abs(start - wanted), start, order)
                    for order, place in enumerate(places)
                    for start in self._starts(place, day + timedelta(days=number))
                ]
                if found:
                    far, start, order = min(found)
                    place = replace(places[order], starts_at=from_seconds(start))
                    nearest.append((far, len(nearest), place))
            yield from (place for _, _, place in sorted(nearest, key=lambda one: one[:2]))

    def _with_colleague(self, row: Row[Any]) -> Place | None:
        """A colleague at the very time, or else the nearest opening of one on that day."""
        places = [
            self._place(row, doctor, room)
            for doctor in self._colleagues_for(row)
            for room in self._rooms_for(row)
        ]
        ahead = row.starts_at >= self._now
        if ahead and (same_time := self._first_that_fits(row, places)) is not None:
            return same_time
        wanted = int(row.starts_at.timestamp())
        day = local_day(row.starts_at, self._settings.zone)
        found = [
            (abs(start - wanted), start, order)
            for order, place in enumerate(places)
            for start in self._starts(place, day)
        ]
        if not found:
            return None
        _, start, order = min(found)
        return replace(places[order], starts_at=from_seconds(start))

    def _first_that_fits(self, row: Row[Any], places: Iterable[Place]) -> Place | None:
        return next((place for place in places if self._can_be_had(row, place)), None)

    def _starts(self, place: Place, day: date) -> Iterator[int]:
        schedule = self._schedules[place.doctor_id]
        return starts_on(schedule, self._taken, place, day, self._settings.grid_minutes)

    def _colleagues_for(self, row: Row[Any]) -> list[int]:
        """Those who do such a visit and to whom the actor may move it, by name."""
        few = self._colleagues.get((row.doctor_id, row.visit_type_id), {})
        allowed = (
            one
            for one in few
            if may(self._actor, Permission.BOOK, doctor_id=one, patient_id=row.patient_id)
        )
        return sorted(allowed, key=lambda one: (few[one], one))

    def _rooms_for(self, row: Row[Any]) -> Sequence[int | None]:
        """The room that it has, or any other where that is not to be used."""
        if row.room_id is None or row.room_id in self._rooms:
            return (row.room_id,)
        return tuple(self._rooms)

    def _place(self, row: Row[Any], doctor_id: int, room_id: int | None) -> Place:
        return Place(
            doctor_id,
            row.patient_id,
            room_id,
            row.visit_type_id,
            row.starts_at,
            # The clinic's own doing: no notice is asked for, only the horizon holds.
            replace(fit_of(row), horizon=row.horizon_days),
            self._actor,
            self._now,
            row.id,
        )

    def _moved(self, row: Row[Any], place: Place) -> PlanLine:
        self._taken.take(place)
        self.places[row.id] = place
        return replace(self._line(row, Fate.MOVE), to=self._opening(row, place))

    def _opening(self, row: Row[Any], place: Place) -> Opening:
        return Opening(
            place.doctor_id,
            self._names[place.doctor_id],
            place.starts_at,
            place.ends_at,
            place.room_id,
            row.room if place.room_id == row.room_id else self._rooms.get(place.room_id or 0),
        )

    def _line(self, row: Row[Any], fate: Fate, why: str = "") -> PlanLine:
        return PlanLine(
            0,
            row.id,
            row.sequence,
            row.status,
            row.patient_id,
            full_name(row.patient_given, row.patient_family),
            row.visit_type,
            row.doctor_id,
            _doctor(row),
            row.room,
            row.starts_at,
            row.ends_at,
            fate,
            why=why,
        )

    def _why_none(self, row: Row[Any]) -> str:
        days = "a day" if self._wish.days == 1 else f"{self._wish.days} days"
        own = f"{_doctor(row)} has no opening within {days}"
        if not isinstance(self._cause, DoctorAway | HoursChanged):
            return own
        if self._colleagues_for(row):
            return f"{own}, and no colleague one that day"
        if self._colleagues.get((row.doctor_id, row.visit_type_id)):
            return f"{own}, and only the front desk moves it to a colleague"
        return f"{own}, and no colleague does “{row.visit_type}”"


def _doctor(row: Row[Any]) -> str:
    return doctor_name(row.title, row.doctor_given, row.doctor_family)


def _rooms(session: Session, cause: Cause) -> dict[int, str]:
    """The rooms in use, by name, without one that is just going out of use."""
    query = select(_ROOMS.c.id, _ROOMS.c.name).where(_ROOMS.c.active).order_by(_ROOMS.c.name)
    gone = cause.room_id if isinstance(cause, RoomOut) else None
    return {row.id: row.name for row in session.execute(query) if row.id != gone}


def _named(session: Session, doctors: Collection[int | None]) -> dict[int, str]:
    if not doctors:
        return {}
    columns = _DOCTORS.c
    rows = session.execute(
        select(columns.id, columns.title, columns.given_name, columns.family_name).where(
            columns.id.in_(doctors)
        )
    )
    return {row.id: doctor_name(*row[1:]) for row in rows}
