"""Openings agree with a model that tries every minute, and every opening found can be booked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.clinic.visit_types import VisitTypeDetails, change_visit_type
from clinic_tui.domain.codes import Spread, Status
from clinic_tui.domain.errors import BadInput, NotFound, Refusal
from clinic_tui.domain.models import (
    Clinic,
    Closure,
    ExtraHours,
    ReservedHours,
    TimeOff,
    VisitType,
    WeeklyHours,
    table,
)
from clinic_tui.domain.openings.openings import OpeningSearch, find_openings
from clinic_tui.domain.staff.doctors import change_doctor, doctor_details
from clinic_tui.domain.staff.specialties import list_specialties
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from tests.small_clinic import DERMATOLOGY, NOW, SmallClinic

from .given import NOBODY, add_visit, at, booking, refused

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_NAMES = ("Dr Lee", "Dr Okafor")
_FREES = (Status.CANCELLED, Status.NOSHOW, Status.ENTERED_IN_ERROR)
ZONES = (
    *("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "UTC"),
    "Australia/Lord_Howe",  # Its clocks change by half an hour.
)
FIRST_DAYS = (
    date(2027, 3, 13),  # New York's clocks go forward on the 14th
    date(2027, 3, 27),  # Berlin's on the 28th
    date(2027, 10, 30),  # and back on the 31st
    date(2027, 11, 6),  # New York's back on the 7th
    date(2027, 4, 3),  # Lord Howe's back on the 4th
    date(2027, 10, 2),  # and forward on the 3rd
    date(2027, 12, 24),
)
GERMAN_HOLIDAYS = (
    date(2027, 10, 3),
    date(2027, 3, 26),
    date(2027, 3, 29),
    date(2027, 12, 25),
    date(2027, 12, 26),
)


@dataclass(frozen=True)
class Kept:
    """Hours kept for the type sought or for another: day, from, to (minutes), and the release."""

    day: int
    starts: int
    ends: int
    ours: bool
    release_minute: int | None
    release_hours: int | None


@dataclass(frozen=True)
class Ranges:
    """A doctor's weekly and extra hours and time off, as plain numbers.

    Weekly and extra: (day, from, to), days counted from the first, minutes of the day. Off:
    (from, to) in minutes since the first midnight.
    """

    weekly: tuple[tuple[int, int, int], ...]
    reserved: tuple[Kept, ...]
    extra: tuple[tuple[int, int, int], ...]
    off: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Block:
    """A visit: whose, when (in minutes since the first midnight), how long, its buffers."""

    doctor: int
    starts: int
    minutes: int
    before: int
    after: int
    status: Status
    room: int | None


@dataclass(frozen=True)
class Situation:
    """A clinic of two doctors over a few days, and what is sought there."""

    zone: str
    first: date
    grid: int
    doctors: tuple[Ranges, Ranges]
    blocks: tuple[Block, ...]
    closed: int | None
    holidays: bool
    before: int
    after: int
    minutes: int
    search_from: int
    search_for: int
    now: int
    limit: int
    spaced: bool
    days: frozenset[int]
    hours: tuple[int, int]
    notice: int
    horizon: int | None
    rooms: int


_QUARTERS = st.sampled_from((0, 96)) | st.integers(0, 96)
_RANGE = st.tuples(_QUARTERS, _QUARTERS).map(
    lambda pair: (min(pair) * 15, max(pair) * 15) if pair[0] != pair[1] else (0, 1440)
)
_KEPT = st.builds(
    lambda day, hours, ours, release: Kept(day, hours[0], hours[1], ours, release[0], release[1]),
    st.integers(0, 2),
    _RANGE,
    st.booleans(),
    st.sampled_from(((None, None), (0, None), (480, None), (None, 1), (None, 30))),
)
_RANGES = st.builds(
    Ranges,
    reserved=st.just(()) | st.lists(_KEPT, max_size=2, unique_by=lambda one: one.ours).map(tuple),
    weekly=st.lists(
        st.tuples(st.integers(-1, 3), _RANGE).map(lambda one: (one[0], *one[1])),
        min_size=1,
        max_size=8,
    ).map(tuple),
    extra=st.lists(
        st.tuples(st.integers(0, 2), _RANGE).map(lambda one: (one[0], *one[1])), max_size=2
    ).map(tuple),
    off=st.lists(
        st.tuples(st.integers(0, 3 * 1440), st.integers(1, 900)).map(
            lambda one: (one[0], one[0] + one[1])
        ),
        max_size=2,
    ).map(tuple),
)
_BUFFERS = st.sampled_from((0, 0, 5, 10, 25))
_BLOCKS = st.builds(
    Block,
    doctor=st.integers(0, 1),
    starts=st.integers(-600, 3 * 1440),
    minutes=st.integers(5, 300),
    before=_BUFFERS,
    after=_BUFFERS,
    status=st.sampled_from(Status),
    room=st.none() | st.integers(0, 1),
)
SITUATIONS = st.builds(
    Situation,
    zone=st.sampled_from(ZONES),
    first=st.sampled_from(FIRST_DAYS),
    grid=st.sampled_from((5, 10, 15, 20, 30, 60)),
    doctors=st.tuples(_RANGES, _RANGES),
    blocks=st.lists(_BLOCKS, max_size=8).map(tuple),
    closed=st.none() | st.integers(0, 2),
    holidays=st.booleans(),
    before=_BUFFERS,
    after=_BUFFERS,
    minutes=st.sampled_from((5, 20, 20, 45, 120, 720)),
    search_from=st.integers(0, 1440),
    search_for=st.integers(1, 2 * 1440),
    now=st.integers(-60, 1440),
    limit=st.integers(1, 60),
    spaced=st.booleans(),
    days=st.just(frozenset()) | st.frozensets(st.integers(0, 2)),
    hours=st.just((0, 1440)) | _RANGE,
    notice=st.sampled_from((0, 0, 5, 90, 1440)),
    horizon=st.sampled_from((None, None, 1, 2)),
    # None asked for, one, or either of two.
    rooms=st.sampled_from((0, 0, 1, 2)),
)


def _instant(day: date, minute: int, zone: str) -> datetime:
    """When a clock on the wall shows that: the first time of two, later by the gap if never."""
    wall = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)) + timedelta(minutes=minute)
    return wall.replace(fold=0).astimezone(UTC)


@dataclass
class Model:
    """The same, minute by minute: no sweep, no runs, no clipping."""

    situation: Situation

    def at(self, minute: int) -> datetime:
        """Minutes after the first midnight, as they pass and not as the clock shows them."""
        return _instant(self.situation.first, 0, self.situation.zone) + minute * _MINUTE

    def weekday(self, number: int) -> int:
        """The weekday of a day, counted from the first."""
        return (self.situation.first + number * _DAY).weekday()

    def works(self, doctor: int) -> set[datetime]:
        """Every minute that a doctor works, from the day before to the days after."""
        one, zone = self.situation.doctors[doctor], self.situation.zone
        minutes: set[datetime] = set()
        for number in range(-1, 6):
            day = self.situation.first + number * _DAY
            walls = [(starts, ends) for extra, starts, ends in one.extra if extra == number]
            if not (self.situation.holidays and day in GERMAN_HOLIDAYS):
                walls += [
                    (starts, ends)
                    for on, starts, ends in one.weekly
                    if self.weekday(on) == day.weekday()
                ]
            if number == self.situation.closed:
                walls = []
            for starts, ends in walls:
                minute, until = _instant(day, starts, zone), _instant(day, ends, zone)
                while minute < until:
                    minutes.add(minute)
                    minute += _MINUTE
        for starts, ends in one.off:
            minutes -= {self.at(minute) for minute in range(starts, ends)}
        return minutes

    def taken(self, doctor: int) -> set[datetime]:
        """Every minute in which a doctor is taken by visits or their buffers."""
        return {
            self.at(minute)
            for block in self.standing()
            if block.doctor == doctor and block.status not in _FREES
            for minute in range(
                block.starts - block.before, block.starts + block.minutes + block.after
            )
        }

    def standing(self) -> list[Block]:
        """The visits that can stand beside those before them."""
        blocks: list[Block] = []
        for block in self.situation.blocks:
            met = any(
                block.status not in _FREES
                and other.status not in _FREES
                and (
                    (
                        other.doctor == block.doctor
                        and block.starts - block.before < other.starts + other.minutes + other.after
                        and other.starts - other.before < block.starts + block.minutes + block.after
                    )
                    or (
                        other.room == block.room is not None
                        and block.starts < other.starts + other.minutes
                        and other.starts < block.starts + block.minutes
                    )
                )
                for other in blocks
            )
            if not met:
                blocks.append(block)
        return blocks

    def kept(self, doctor: int) -> set[datetime]:
        """Every minute of a doctor that is reserved for another visit type."""
        zone, now = self.situation.zone, self.at(self.situation.now)
        others: set[datetime] = set()
        ours: set[datetime] = set()
        for one in self.situation.doctors[doctor].reserved:
            for number in range(-1, 6):
                day = self.situation.first + number * _DAY
                if day.weekday() != self.weekday(one.day):
                    continue
                begins = _instant(day, one.starts, zone)
                minutes = range((_instant(day, one.ends, zone) - begins) // _MINUTE)
                opens = None
                if one.release_minute is not None:
                    opens = _instant(day, one.release_minute, zone)
                elif one.release_hours is not None:
                    opens = begins - timedelta(hours=one.release_hours)
                if one.ours:
                    ours |= {begins + minute * _MINUTE for minute in minutes}
                elif opens is None or now < opens:
                    others |= {begins + minute * _MINUTE for minute in minutes}
        return others - ours

    def rooms_free(self, start: datetime) -> bool:
        """Whether there is a room as asked for throughout."""
        sought = self.situation
        end = start + sought.minutes * _MINUTE
        return sought.rooms == 0 or any(
            not any(
                block.room == room
                and block.status not in _FREES
                and self.at(block.starts) < end
                and start < self.at(block.starts + block.minutes)
                for block in self.standing()
            )
            for room in range(sought.rooms)
        )

    def asked(self, start: datetime) -> bool:
        """Whether a visit then is on a weekday, at a time and as far ahead as asked for."""
        sought, now = self.situation, self.at(self.situation.now)
        day = start.astimezone(ZoneInfo(sought.zone)).date()
        if sought.days and day.weekday() not in {self.weekday(one) for one in sought.days}:
            return False
        if sought.hours != (0, 1440):
            first, last = (_instant(day, minute, sought.zone) for minute in sought.hours)
            if start < first or start + sought.minutes * _MINUTE > last:
                return False
        if sought.horizon is not None:
            today = now.astimezone(ZoneInfo(sought.zone)).date()
            if start >= _instant(today + (sought.horizon + 1) * _DAY, 0, sought.zone):
                return False
        return start >= now + sought.notice * _MINUTE

    def openings(self) -> list[tuple[datetime, str]]:
        """The first starts, with the doctor's name."""
        sought, found = self.situation, []
        length = sought.minutes
        for doctor, name in enumerate(_NAMES):
            works, taken = self.works(doctor) - self.kept(doctor), self.taken(doctor)
            last = None
            start = self.at(max(sought.search_from, sought.now))
            until = self.at(sought.search_from + sought.search_for)
            while start < until:
                wall = start.astimezone(ZoneInfo(sought.zone))
                far_enough = not sought.spaced or last is None or start - last >= length * _MINUTE
                if (
                    far_enough
                    and self.asked(start)
                    and self.rooms_free(start)
                    and (wall.hour * 60 + wall.minute) % sought.grid == 0
                    and all(start + minute * _MINUTE in works for minute in range(length))
                    and not any(
                        start + minute * _MINUTE in taken
                        for minute in range(-sought.before, length + sought.after)
                    )
                ):
                    found.append((start, name))
                    last = start
                start += _MINUTE
        return sorted(found)[: sought.limit]


def _fill(session: Session, clinic: SmallClinic, model: Model) -> None:
    """Write the situation into the tables of the small clinic."""
    here = model.situation
    for emptied in (WeeklyHours, ExtraHours, TimeOff, Closure):
        session.execute(delete(table(emptied)))
    session.execute(
        update(table(Clinic)).values(
            zone=here.zone, grid_minutes=here.grid, holiday_country="DE" if here.holidays else None
        )
    )
    session.execute(
        update(table(VisitType))
        .where(table(VisitType).c.id == clinic.follow_up)
        .values(
            buffer_before=here.before,
            buffer_after=here.after,
            notice_minutes=here.notice,
            horizon_days=here.horizon,
        )
    )
    if here.closed is not None:
        day = here.first + here.closed * _DAY
        session.execute(
            insert(table(Closure)).values(first_day=day, last_day=day, name="Stocktaking")
        )
    ids = (clinic.lee, clinic.okafor)
    for doctor_id, one in zip(ids, here.doctors, strict=True):
        rows: list[tuple[type, dict[str, Any]]] = [
            *(
                (
                    WeeklyHours,
                    {
                        "weekday": model.weekday(day),
                        "starts": starts,
                        "ends": ends,
                        "every_weeks": 1,
                    },
                )
                for day, starts, ends in one.weekly
            ),
            *(
                (ExtraHours, {"day": here.first + day * _DAY, "starts": starts, "ends": ends})
                for day, starts, ends in one.extra
            ),
            *(
                (TimeOff, {"starts_at": model.at(starts), "ends_at": model.at(ends)})
                for starts, ends in one.off
            ),
            *((ReservedHours, _reserved(clinic, model, kept)) for kept in one.reserved),
        ]
        for entity, columns in rows:
            session.execute(insert(table(entity)).values(doctor_id=doctor_id, **columns))
    patients = (clinic.maria, clinic.jonas)
    for block in model.standing():
        add_visit(
            session,
            clinic,
            model.at(block.starts),
            minutes=block.minutes,
            before=block.before,
            after=block.after,
            doctor_id=ids[block.doctor],
            patient_id=patients[block.doctor],
            status=block.status,
            room_id=None if block.room is None else (clinic.room_one, clinic.room_two)[block.room],
            held_until=model.at(10 * 1440) if block.status is Status.HELD else None,
        )


def _reserved(clinic: SmallClinic, model: Model, kept: Kept) -> dict[str, Any]:
    return {
        "visit_type_id": clinic.follow_up if kept.ours else clinic.vaccination,
        "weekday": model.weekday(kept.day),
        "starts": kept.starts,
        "ends": kept.ends,
        "release_minute": kept.release_minute,
        "release_hours": kept.release_hours,
    }


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(situation=SITUATIONS)
def test_every_minute_tried_gives_the_same(
    clinic: SmallClinic, database: Database, situation: Situation
) -> None:
    model = Model(situation)
    search = OpeningSearch(
        clinic.follow_up,
        model.at(situation.search_from),
        (clinic.lee, clinic.okafor),
        until=model.at(situation.search_from + situation.search_for),
        minutes=situation.minutes,
        limit=situation.limit,
        spread=Spread.SPACED if situation.spaced else Spread.PLAIN,
        weekdays=frozenset(model.weekday(day) for day in situation.days),
        day_from=situation.hours[0],
        day_until=situation.hours[1],
        room_id=clinic.room_one if situation.rooms == 1 else None,
        any_room=situation.rooms == 2,
    )
    now = model.at(situation.now)
    with Session(database.engine) as session:
        _fill(session, clinic, model)
        try:
            answer = find_openings(session, clinic.receptionist, search, now)
        except BadInput:
            assert situation.now >= situation.search_from + situation.search_for
            return
        found = answer.openings
        assert [(one.starts_at, one.doctor) for one in found] == model.openings()
        assert bool(found) != bool(answer.reason and answer.why_none.endswith("."))
        assert all(bool(one.room_id) == bool(situation.rooms) for one in found)
        for one in found[:3]:
            assert one.ends_at - one.starts_at == situation.minutes * _MINUTE
            request = BookingRequest(
                one.doctor_id, clinic.follow_up, one.starts_at, patient_id=clinic.sam,
                minutes=situation.minutes, room_id=one.room_id,
            )  # fmt: skip
            with session.begin_nested() as undo:
                book_appointment(session, clinic.receptionist, request, now)
                undo.rollback()


def test_the_next_openings(clinic: SmallClinic, database: Database) -> None:
    """By time and then by name; one visit apart, or at every start of the grid."""
    search = OpeningSearch(clinic.follow_up, NOW, limit=4)
    found = database.read(find_openings, clinic.patient, search, NOW).openings
    assert [(one.starts_at, one.doctor) for one in found] == [
        (at("09:00"), "Dr Lee"),
        (at("09:00"), "Dr Okafor"),
        (at("09:00"), "Dr Park"),
        (at("09:20"), "Dr Lee"),
    ]
    every = replace(search, doctor_ids=(clinic.lee,), spread=Spread.PLAIN)
    found = database.read(find_openings, clinic.patient, every, NOW).openings
    assert [one.starts_at for one in found] == [
        at(clock) for clock in ("09:00", "09:10", "09:20", "09:30")
    ]
    later = replace(every, from_at=at("10:05"))
    assert database.read(find_openings, clinic.patient, later, NOW).openings[0].starts_at == at(
        "10:10"
    )
    now = at("10:11") + timedelta(seconds=1)
    assert database.read(find_openings, clinic.patient, every, now).openings[0].starts_at == at(
        "10:20"
    )
    exactly = at("10:20") + timedelta(microseconds=1)
    assert database.read(find_openings, clinic.patient, every, exactly).openings[0].starts_at == at(
        "10:30"
    )


def test_who_is_asked(clinic: SmallClinic, database: Database) -> None:
    """Who does the type; of a specialty; among some; nobody who has retired."""

    def whose(**given: Any) -> set[int]:
        wanted: dict[str, Any] = {"visit_type_id": clinic.follow_up, "from_at": NOW} | given
        search = OpeningSearch(**wanted)
        found = database.read(find_openings, clinic.receptionist, search, NOW).openings
        return {one.doctor_id for one in found}

    assert whose() == {clinic.lee, clinic.okafor, clinic.park}
    assert whose(visit_type_id=clinic.new_patient) == {clinic.lee, clinic.okafor}
    (skin,) = (
        one for one in database.read(list_specialties, clinic.admin) if one.name == DERMATOLOGY
    )
    assert whose(specialty_id=skin.specialty_id) == {clinic.park}
    assert whose(specialty_id=NOBODY) == set()
    assert whose(doctor_ids=(clinic.okafor, NOBODY)) == {clinic.okafor}
    gone = replace(database.read(doctor_details, clinic.admin, clinic.lee), active=False)
    database.transact(change_doctor, clinic.admin, clinic.lee, gone, NOW)
    assert whose() == {clinic.okafor, clinic.park}


def test_a_full_book_is_looked_through_to_its_end(clinic: SmallClinic, database: Database) -> None:
    """Nothing for 60 days is no error; a longer look finds what is there."""

    def close(session: Session) -> None:
        session.execute(
            insert(table(Closure)).values(
                first_day=NOW.date(), last_day=NOW.date() + 100 * _DAY, name="Rebuilding"
            )
        )

    database.transact(close)
    search = OpeningSearch(clinic.follow_up, NOW)
    assert database.read(find_openings, clinic.receptionist, search, NOW).openings == ()
    longer = replace(search, until=NOW + 400 * _DAY)
    (first, *_) = database.read(find_openings, clinic.receptionist, longer, NOW).openings
    assert first.starts_at == at("09:00", 101)


WRONG: dict[str, tuple[type[Refusal], dict[str, Any]]] = {
    "no such type": (NotFound, {"visit_type_id": NOBODY}),
    "no such doctor": (NotFound, {"doctor_ids": (NOBODY,)}),
    "0 minutes": (BadInput, {"minutes": 0}),
    "13 hours": (BadInput, {"minutes": 780}),
    "no zone": (BadInput, {"from_at": NOW.replace(tzinfo=None)}),
    "no zone at the end": (BadInput, {"until": at("10:00", 1).replace(tzinfo=None)}),
    "backwards": (BadInput, {"until": NOW}),
    "for ever": (BadInput, {"until": NOW + 401 * _DAY}),
    "after the calendar": (BadInput, {"from_at": datetime.max.replace(tzinfo=UTC)}),
    "before the calendar": (BadInput, {"from_at": datetime.min.replace(tzinfo=UTC)}),
    "none": (BadInput, {"limit": 0}),
    "too many": (BadInput, {"limit": 201}),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_searches(clinic: SmallClinic, database: Database, case: str) -> None:
    kind, given = WRONG[case]
    wanted: dict[str, Any] = {"visit_type_id": clinic.follow_up, "from_at": NOW} | given
    refused(database, kind, find_openings, clinic.receptionist, OpeningSearch(**wanted), NOW)


def test_a_retired_type_has_no_openings(clinic: SmallClinic, database: Database) -> None:
    retired = VisitTypeDetails("Follow-up", "f/up", 20, active=False)
    database.transact(change_visit_type, clinic.admin, clinic.follow_up, retired, NOW)
    search = OpeningSearch(clinic.follow_up, NOW)
    refused(database, NotFound, find_openings, clinic.receptionist, search, NOW)


def test_what_was_taken_meanwhile_is_no_opening(clinic: SmallClinic, database: Database) -> None:
    search = OpeningSearch(clinic.follow_up, NOW, (clinic.lee,))
    for _ in range(3):
        (first, *_) = database.read(find_openings, clinic.receptionist, search, NOW).openings
        request = booking(clinic, starts_at=first.starts_at)
        database.transact(book_appointment, clinic.receptionist, request, NOW)
    (first, *_) = database.read(find_openings, clinic.receptionist, search, NOW).openings
    assert first.starts_at == at("10:00")
