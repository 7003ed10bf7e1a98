"""Everybody's time around the visits of an absence plan, and where each of them could go.

Schedules and taken time are read once for everybody concerned and then looked at in memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, may
from ..clinic.settings import ClinicSettings
from ..codes import HERE, Prefer
from ..errors import Opening
from ..models import Doctor, Room, table
from ..openings.fitting import fits, starts_on
from ..openings.taken_time import TakenTime, load_taken
from ..staff.who_does import doctors_for
from ..times.walltime import from_seconds, local_day
from ..visits.conflicts import Place
from ..visits.placing import fit_booked
from .causes import Cause, DoctorAway, HoursChanged, RoomOut, schedules_under
from .lines import Decision, PlanWish

_DOCTORS, _ROOMS = table(Doctor), table(Room)


class Ways:
    """Where visits can go: with their own doctors, with colleagues, in which rooms.

    What is proposed is taken (``take``), so that the visits after it keep clear of it.
    """

    def __init__(
        self,
        session: Session,
        cause: Cause,
        wish: PlanWish,
        settings: ClinicSettings,
        asked: tuple[Actor, datetime],
        rows: Sequence[Row[Any]],
        moves: Sequence[Decision],
    ) -> None:
        self._cause, self._wish, self._settings = cause, wish, settings
        self._actor, self._now = asked
        alike = isinstance(cause, DoctorAway | HoursChanged) and wish.prefer is not Prefer.CALL
        self._colleagues = {
            pair: doctors_for(session, pair[1], like=pair[0])
            for pair in ({(row.doctor_id, row.visit_type_id) for row in rows} if alike else ())
        }
        self._rooms = _rooms(session, cause)
        self._names = {row.doctor_id: row.shown_name for row in rows}
        self._names |= {one: name for few in self._colleagues.values() for one, name in few.items()}
        self._names |= _named(session, {one.doctor_id for one in moves} - self._names.keys())
        starts = [max(row.starts_at, self._now) for row in rows]
        starts += [one.starts_at for one in moves if one.starts_at is not None]
        between = min(starts), max(starts) + timedelta(days=max(wish.days, 1) + 1)
        self._schedules = schedules_under(session, cause, settings, self._names, between)
        self._taken = self._load_taken(session, between, rows, moves)

    def _load_taken(
        self,
        session: Session,
        between: tuple[datetime, datetime],
        rows: Sequence[Row[Any]],
        moves: Iterable[Decision],
    ) -> TakenTime:
        patients = {row.patient_id for row in rows}
        asked = [room for row in rows for room in self._rooms_for(row)]
        asked += [one.room_id for one in moves]
        rooms = {room for room in asked if room is not None}
        return load_taken(session, self._names, patients, rooms, between, self._now)

    def give_back(self, appointment_ids: Collection[int]) -> None:
        """The time of visits that leave it counts as free."""
        self._taken.give_back(set(appointment_ids))

    def take(self, place: Place) -> None:
        """That place is nobody else's any more."""
        self._taken.take(place)

    def can_be_had(self, row: Row[Any], place: Place) -> bool:
        """Whether the visit can stand there."""
        in_use = place.room_id is None or place.room_id in self._rooms
        schedule = self._schedules.get(place.doctor_id)
        return in_use and schedule is not None and fits(schedule, self._taken, place, row)

    def may_move(self, row: Row[Any]) -> bool:
        """Whether the actor may move that visit."""
        whose = {"doctor_id": row.doctor_id, "patient_id": row.patient_id}
        return may(self._actor, Permission.BOOK, **whose)

    def with_same_doctor(self, row: Row[Any]) -> Place | None:
        """Where it stands, in another room, or else the doctor's next opening from then on."""
        return next(self.by_same_doctor(row), None)

    def with_same_doctor_today(self, row: Row[Any]) -> Place | None:
        """The same for who is here already; None where that is on another day."""
        place = self.with_same_doctor(row)
        zone = self._settings.zone
        if place is None or local_day(place.starts_at, zone) != local_day(row.starts_at, zone):
            return None
        return place

    def by_same_doctor(self, row: Row[Any]) -> Iterator[Place]:
        """Where it stands, in another room, if that can be; then the first place of each day."""
        if not (row.doctor_active and row.fits_doctor):
            return
        places = [self.place_of(row, row.doctor_id, room) for room in self._rooms_for(row)]
        same_time = self._first_that_fits(row, places) if row.ends_at > self._now else None
        if same_time is not None:
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

    def by_colleagues(self, row: Row[Any]) -> Iterator[Place]:
        """Day by day the place of each colleague nearest to that time of day, and of these the
        nearest first.
        """
        day = local_day(row.starts_at, self._settings.zone)
        for number in range(self._wish.days + 1):
            # An hour off where the clock changes in between, which only orders them.
            wanted = int((row.starts_at + timedelta(days=number)).timestamp())
            nearest: list[tuple[int, Place]] = []
            for doctor in self._colleagues_for(row):
                places = [self.place_of(row, doctor, room) for room in self._rooms_for(row)]
                found = self._nearest(places, day + timedelta(days=number), wanted)
                if found is not None:
                    nearest.append(found)
            yield from (place for _, place in sorted(nearest, key=lambda one: one[0]))

    def with_colleague(self, row: Row[Any]) -> Place | None:
        """A colleague at the very time, or else the nearest opening of one on that day."""
        places = [
            self.place_of(row, doctor, room)
            for doctor in self._colleagues_for(row)
            for room in self._rooms_for(row)
        ]
        ahead = row.starts_at >= self._now
        if ahead and (same_time := self._first_that_fits(row, places)) is not None:
            return same_time
        day = local_day(row.starts_at, self._settings.zone)
        found = self._nearest(places, day, int(row.starts_at.timestamp()))
        return None if found is None else found[1]

    def place_of(self, row: Row[Any], doctor_id: int, room_id: int | None) -> Place:
        """The place with that doctor and room at the visit's own time."""
        return Place(
            doctor_id,
            row.patient_id,
            room_id,
            row.visit_type_id,
            row.starts_at,
            # The clinic's own doing: no notice is asked for, only the horizon holds.
            replace(fit_booked(row), horizon=row.horizon_days),
            self._actor,
            self._now,
            row.id,
        )

    def opening(self, row: Row[Any], place: Place) -> Opening:
        """That place, as it is offered."""
        return Opening(
            place.doctor_id,
            self._names[place.doctor_id],
            place.starts_at,
            place.ends_at,
            place.room_id,
            row.room if place.room_id == row.room_id else self._rooms.get(place.room_id or 0),
        )

    def why_none(self, row: Row[Any]) -> str:
        """The sentence about a visit that fits nowhere."""
        days = "within a day" if self._wish.days == 1 else f"within {self._wish.days} days"
        own = f"{row.shown_name} has no opening {'today' if row.status in HERE else days}"
        if not isinstance(self._cause, DoctorAway | HoursChanged):
            return own
        if self._colleagues_for(row):
            return f"{own}, and no colleague one that day"
        if self._colleagues.get((row.doctor_id, row.visit_type_id)):
            return f"{own}, and only the front desk moves it to a colleague"
        return f"{own}, and no colleague does “{row.visit_type}”"

    def _first_that_fits(self, row: Row[Any], places: Iterable[Place]) -> Place | None:
        return next((place for place in places if self.can_be_had(row, place)), None)

    def _nearest(self, places: Sequence[Place], day: date, wanted: int) -> tuple[int, Place] | None:
        """Of all that is free there on that date what is nearest to that second, and how near."""
        found = [
            (abs(start - wanted), start, order)
            for order, place in enumerate(places)
            for start in self._starts(place, day)
        ]
        if not found:
            return None
        far, start, order = min(found)
        return far, replace(places[order], starts_at=from_seconds(start))

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


def _rooms(session: Session, cause: Cause) -> dict[int, str]:
    """The rooms in use, by name, without one that is just going out of use."""
    query = select(_ROOMS.c.id, _ROOMS.c.name).where(_ROOMS.c.active).order_by(_ROOMS.c.name)
    gone = cause.room_id if isinstance(cause, RoomOut) else None
    return {row.id: row.name for row in session.execute(query) if row.id != gone}


def _named(session: Session, doctors: Collection[int | None]) -> dict[int, str]:
    if not doctors:
        return {}
    query = select(_DOCTORS.c.id, _DOCTORS.c.shown_name).where(_DOCTORS.c.id.in_(doctors))
    return dict(session.execute(query).all())
