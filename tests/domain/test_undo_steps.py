"""One step after another: whose, how many, in which words, and once for one request."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.clinic.rooms import add_room
from clinic_tui.domain.codes import Status
from clinic_tui.domain.errors import BadInput, ChangedMeanwhile, NotFound, NotPermitted
from clinic_tui.domain.models import Account, AuditEntry, UndoStep, table
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.history import patient_record
from clinic_tui.domain.staff.passwords import StoredPassword
from clinic_tui.domain.staff.sign_ins import signed_in
from clinic_tui.domain.undo.undo import undo_last, undoable
from clinic_tui.domain.undo.ways_back import made
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from tests.small_clinic import NOW, SmallClinic

from .acts import BACK_AND_FORTH, prepare
from .given import add_visit, at, booking, refused, visit
from .undoing import booked, both_of, cancelled, moved, send, undo, untrue

_AUDIT, _STEPS = table(AuditEntry), table(UndoStep)


def test_walking_back(clinic: SmallClinic, database: Database) -> None:
    """Each undo goes one further back, also over steps of the same visit."""
    number = booked(clinic, database)
    moved(clinic, database, number)
    moved(clinic, database, number, doctor_id=clinic.park, starts_at=at("15:00", 3))
    cancelled(clinic, database, number)
    listed = [one.sentence for one in database.read(undoable, clinic.receptionist, NOW)]
    assert listed == [
        "Cancelled Maria Garcia, Thu 26 Nov 2026 15:00, Dr Park",
        "Moved Maria Garcia from Wed 25 Nov 2026 11:00, Dr Lee to Thu 26 Nov 2026 15:00, Dr Park",
        "Moved Maria Garcia from Tue 24 Nov 2026 10:00 to Wed 25 Nov 2026 11:00",
        "Booked Maria Garcia, Tue 24 Nov 2026 10:00, Dr Lee",
    ]
    stood = []
    for turn in range(4):
        database.transact(send)
        undo(database, clinic.receptionist, f"u{turn}")
        assert database.read(untrue, NOW) == []
        row = database.read(visit, number)
        stood.append((row.status.value, row.doctor_id, row.starts_at))
    assert stood == [
        ("booked", clinic.park, at("15:00", 3)),
        ("booked", clinic.lee, at("11:00", 2)),
        ("booked", clinic.lee, at("10:00", 1)),
        ("entered-in-error", clinic.lee, at("10:00", 1)),
    ]
    assert database.read(undoable, clinic.receptionist, NOW) == ()
    refused(database, NotFound, undo_last, clinic.receptionist, NOW, "more")


def test_only_ones_own(clinic: SmallClinic, database: Database) -> None:
    number = booked(clinic, database)
    refused(database, NotFound, undo_last, clinic.doctor_lee, NOW, "u")
    assert database.read(undoable, clinic.doctor_lee, NOW) == ()
    assert database.read(visit, number).status is Status.BOOKED


def test_the_last_twenty_of_a_day(clinic: SmallClinic, database: Database) -> None:
    for turn in range(22):
        database.transact(add_room, clinic.admin, f"Room {turn + 10}", NOW)
    database.transact(add_room, clinic.admin, "Room 99", NOW - timedelta(days=2))
    assert len(database.read(undoable, clinic.admin, NOW)) == 20
    undo(database, clinic.admin)
    mine = _STEPS.c.account_id == clinic.admin.account_id
    kept = database.read(lambda s: s.scalar(select(func.count()).where(mine)))
    assert kept == 20


def test_signing_in_forgets_old_steps(clinic: SmallClinic, database: Database) -> None:
    booked(clinic, database)
    accounts = table(Account)
    mine = clinic.receptionist.account_id
    stored = database.read(
        lambda s: s.scalar(select(accounts.c.password_hash).where(accounts.c.id == mine))
    )
    later = NOW + timedelta(days=1, minutes=1)
    database.transact(signed_in, StoredPassword(mine, str(stored)), later)
    assert database.read(lambda s: s.scalar(select(func.count()).select_from(_STEPS))) == 0


def test_several_visits_all_or_none(clinic: SmallClinic, database: Database) -> None:
    """As of a series: where one of them has been changed the other stays, too."""

    def both(session: Session) -> list[int]:
        numbers = [add_visit(session, clinic, at(clock, 1)) for clock in ("10:00", "11:00")]
        way_back = made(numbers, Status.BOOKED).stored()
        step = {"account_id": clinic.receptionist.account_id, "at": NOW, "operation": "series"}
        session.execute(insert(_STEPS).values(**step, way_back=way_back))
        return numbers

    first, second = database.transact(both)
    request = MoveRequest(second, clinic.lee, at("11:00", 2), 20, None)
    database.transact(move_appointment, clinic.doctor_lee, request, NOW)
    refused(database, ChangedMeanwhile, undo_last, clinic.receptionist, NOW, "u")
    assert database.read(visit, first).status is Status.BOOKED


def test_one_request_one_answer(clinic: SmallClinic, database: Database) -> None:
    first = booked(clinic, database)
    second = booked(clinic, database, starts_at=at("11:00", 1))
    answer = undo(database, clinic.receptionist, "once")
    assert undo(database, clinic.receptionist, "once") == answer
    statuses = [database.read(visit, number).status for number in (first, second)]
    assert statuses == [Status.BOOKED, Status.ENTERED_IN_ERROR]
    refused(database, BadInput, undo_last, clinic.doctor_lee, NOW, "once")


def test_it_is_in_the_trail(clinic: SmallClinic, database: Database) -> None:
    """As an act of its own, which is no step to undo."""
    number = booked(clinic, database)
    undo(database, clinic.receptionist)
    entry = database.read(
        lambda s: s.execute(select(_AUDIT).where(_AUDIT.c.operation == "undo")).one()
    )
    assert (entry.appointment_id, entry.patient_id, entry.doctor_id) == (
        number, clinic.maria, clinic.lee,
    )  # fmt: skip
    assert entry.details["of"] == "book"
    refused(database, NotFound, undo_last, clinic.receptionist, NOW, "redo")


def test_a_patient_registered_with_the_booking_stays(
    clinic: SmallClinic, database: Database
) -> None:
    request = BookingRequest(
        clinic.lee, clinic.follow_up, at("10:00", 1), new_patient=PatientDetails("Weiß", "Bo")
    )
    booked = database.transact(book_appointment, clinic.receptionist, request, NOW)
    undo(database, clinic.receptionist)
    record = database.read(patient_record, clinic.receptionist, booked.patient_id, NOW)
    assert (record.name, record.history) == ("Bo Weiß", ())


def test_an_undone_booking_opens_no_record(clinic: SmallClinic, database: Database) -> None:
    """A doctor sees patients who have a visit with them; an error is none."""
    request = booking(clinic, patient_id=clinic.sam)
    database.transact(book_appointment, clinic.doctor_lee, request, NOW)
    database.read(patient_record, clinic.doctor_lee, clinic.sam, NOW)
    undo(database, clinic.doctor_lee)
    with pytest.raises(NotPermitted):
        database.read(patient_record, clinic.doctor_lee, clinic.sam, NOW)


def test_what_an_account_did_as_it_is_listed(clinic: SmallClinic, database: Database) -> None:
    actor = both_of(clinic)
    database.transact(prepare, clinic)
    now = at("13:30")
    for name in ("arrive", "time off", "change patient", "add doctor", "add room",
                 "register", "close", "add visit type"):  # fmt: skip
        database.transact(BACK_AND_FORTH[name], clinic, actor)
    assert [one.sentence for one in database.read(undoable, actor, now)] == [
        "Added the visit type Check",
        "Closed the clinic: Party",
        "Registered Bo Weiß",
        "Added the room Cellar",
        "Added Dr Sato",
        "Changed the data of Mia García",
        "Added time off of Dr Lee",
        "Marked Mia García, Mon 23 Nov 2026 13:00, Dr Lee, as “arrived”",
    ]
