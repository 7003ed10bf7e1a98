"""Each guard taken away once: the race that holds with it goes wrong, and the check says so.

A test that cannot fail proves nothing. Booking inserts first and asks afterwards, so that taking
away PostgreSQL's constraints or SQLite's triggers on INSERT shows with the program's own
operations. Moves look before they update, under locks or as the one writer, and would keep
SQLite's triggers on UPDATE from ever being heard: those are driven by bare UPDATEs.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic_tui import engine as engine_room
from clinic_tui.database import Database
from clinic_tui.domain.access import Actor
from clinic_tui.domain.errors import SlotTaken
from clinic_tui.domain.models import Appointment, table
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.domain.visits.guards import GUARDS
from tests.domain.given import add_visit
from tests.small_clinic import NOW, SmallClinic

from .racing import NO_OVERLAPS, Lane, Racers, overlaps
from .test_booking_races import one_patient_each, slots, take_every_slot

_APPOINTMENTS = table(Appointment)
_OWNERS = ("doctor", "patient", "room")
_FIRST_DAY = NOW.date() + timedelta(days=7)
_STARTS = slots(3, _FIRST_DAY)


def share(lane: Lane, clinic: SmallClinic, owner: str, patients: list[int]) -> None:
    """Book at the same starts: all with one doctor, or for one patient, or in one room."""
    doctors = (clinic.lee, clinic.okafor, clinic.park)
    for starts_at in _STARTS:
        request = BookingRequest(
            clinic.lee if owner == "doctor" else doctors[lane.number % 3],
            clinic.follow_up,
            starts_at,
            patient_id=clinic.maria if owner == "patient" else patients[lane.number],
            room_id=clinic.room_one if owner == "room" else None,
        )
        lane.run(book_appointment, request, NOW)


def _drop(session: Session, guard: str) -> None:
    """Take the guard of inserting away."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"ALTER TABLE appointments DROP CONSTRAINT {guard}"))
    else:
        session.execute(text(f"DROP TRIGGER {guard}_insert"))


@pytest.mark.parametrize("owner", _OWNERS)
def test_without_the_guard_bookings_overlap(
    clinic: SmallClinic, database: Database, racers: Racers, owner: str
) -> None:
    (guard,) = (name for name in GUARDS if owner in name)
    patients = database.transact(one_patient_each, clinic)
    database.transact(_drop, guard)
    racers.race(share, database, clinic.receptionist, clinic, owner, patients)
    found = database.read(overlaps)
    assert found[owner] > 0
    assert found == NO_OVERLAPS | {owner: found[owner]}


def put_there(session: Session, _actor: Actor, visit: int, columns: dict[str, Any]) -> None:
    """A bare UPDATE, as no operation of the program does it."""
    try:
        session.execute(update(_APPOINTMENTS).where(_APPOINTMENTS.c.id == visit).values(columns))
    except IntegrityError as error:
        raise SlotTaken("A guard refused.") from error


def crowd(lane: Lane, visits: list[int], columns: dict[str, Any]) -> None:
    """Put one's own visit where everybody puts theirs."""
    lane.run(put_there, visits[lane.number], columns)


def _apart(session: Session, clinic: SmallClinic, owner: str) -> list[int]:
    """A visit of each racer, an hour apart, that share a doctor or a patient or a room."""
    doctors = (clinic.okafor, clinic.park)
    patients = one_patient_each(session, clinic)
    return [
        add_visit(
            session,
            clinic,
            NOW + timedelta(days=30, hours=number),
            doctor_id=clinic.lee if owner == "doctor" else doctors[number % 2],
            patient_id=clinic.maria if owner == "patient" else patient_id,
            room_id=clinic.room_one if owner == "room" else None,
        )
        for number, patient_id in enumerate(patients)
    ]


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize("owner", _OWNERS)
def test_without_the_trigger_updates_overlap(
    clinic: SmallClinic, database: Database, racers: Racers, owner: str
) -> None:
    (guard,) = (name for name in GUARDS if owner in name)
    visits = database.transact(_apart, clinic, owner)
    place = dict(
        zip(
            ("blocked_from", "starts_at", "ends_at", "blocked_until"),
            (*(_STARTS[:1] * 2), *([_STARTS[0] + timedelta(minutes=20)] * 2)),
            strict=True,
        )
    )
    answers = racers.race(crowd, database, clinic.receptionist, visits, place)
    assert Counter(answer.outcome for answer in answers)["SlotTaken"] >= len(visits) - 2
    assert database.read(overlaps) == NO_OVERLAPS

    database.transact(lambda session: session.execute(text(f"DROP TRIGGER {guard}_update")))
    racers.race(crowd, database, clinic.receptionist, visits, place)
    found = database.read(overlaps)
    assert found[owner] > 0
    assert found == NO_OVERLAPS | {owner: found[owner]}


def _begin_plainly(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def begin_plainly(database: Database) -> None:
    """As SQLAlchemy and SQLite do by themselves: read first, and ask to write when it comes up."""
    event.remove(database.engine, "begin", engine_room._begin_sqlite)
    event.listen(database.engine, "begin", _begin_plainly)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_without_immediate_desks_are_turned_away(
    clinic: SmallClinic, database: Database, racers: Racers
) -> None:
    patients = database.transact(one_patient_each, clinic)
    given = (
        take_every_slot,
        database,
        clinic.receptionist,
        clinic,
        slots(10, _FIRST_DAY),
        patients,
    )
    answers = racers.race(*given, prepare=begin_plainly)
    assert Counter(answer.outcome for answer in answers)["ClinicUnavailable"] > 0


def _kept_on_a_power_cut(connection: Connection) -> bool:
    """Whether what was committed is on the disk before the commit is answered."""
    synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
    journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    return (journal, synchronous) == ("wal", 2)


@pytest.mark.own_database
@pytest.mark.parametrize("kind", ["sqlite"])
def test_every_commit_is_on_the_disk(database: Database) -> None:
    """NORMAL loses answered bookings on a power cut, and nothing else would ever show it."""
    with database.engine.connect() as connection:
        assert _kept_on_a_power_cut(connection)

    def hurry(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA synchronous = NORMAL")

    database.engine.dispose()
    event.listen(database.engine, "connect", hurry)
    with database.engine.connect() as hurried:
        assert not _kept_on_a_power_cut(hurried)
