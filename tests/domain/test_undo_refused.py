"""What cannot be undone any more, and why: nothing is changed then."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete, select, update

from clinic_tui.database import Database
from clinic_tui.domain.access import Permission, Role
from clinic_tui.domain.clinic.rooms import add_room, change_room
from clinic_tui.domain.codes import Status
from clinic_tui.domain.errors import (
    AlreadyExists,
    BadInput,
    ChangedMeanwhile,
    NotFound,
    NotPermitted,
    OutsideHours,
    SlotTaken,
    WrongStatus,
)
from clinic_tui.domain.hours.hours import add_extra_hours, doctor_hours, set_weekly_hours
from clinic_tui.domain.hours.time_off import add_time_off, remove_time_off
from clinic_tui.domain.models import Specialty, UndoStep, table
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.domain.staff.accounts import AccountDetails, add_account
from clinic_tui.domain.staff.doctors import add_doctor, change_doctor, doctor_details
from clinic_tui.domain.undo.undo import leave_last, undo_last, undoable
from clinic_tui.domain.visits import flow
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from tests.small_clinic import NOW, WEEK, SmallClinic

from .acts import BACK_AND_FORTH, NEW_DOCTOR, SATURDAY, prepare
from .given import APPOINTMENTS, add_visit, at, booking, refused, visit
from .undoing import booked, both_of, cancelled, moved, send, undo, untrue
from .waiting import offer, wait

_STEPS = table(UndoStep)


def test_the_place_is_gone(clinic: SmallClinic, database: Database) -> None:
    number = booked(clinic, database)
    moved(clinic, database, number)
    other = booking(clinic, starts_at=at("10:00", 1), patient_id=clinic.sam)
    database.transact(book_appointment, clinic.doctor_lee, other, NOW)
    refusal = refused(database, SlotTaken, undo_last, clinic.receptionist, NOW, "u")
    assert str(refusal) == "Dr Lee is taken Tue 24 Nov 2026 10:00–10:20."
    assert len(refusal.alternatives) == 3
    assert database.read(visit, number).starts_at == at("11:00", 2)


def test_the_hours_are_gone(clinic: SmallClinic, database: Database) -> None:
    number = booked(clinic, database)
    cancelled(clinic, database, number)
    database.transact(add_time_off, clinic.admin, clinic.lee, at("00:00", 1), at("00:00", 2), NOW)
    refusal = refused(database, OutsideHours, undo_last, clinic.receptionist, NOW, "u")
    assert refusal.alternatives


def test_somebody_changed_it_since(clinic: SmallClinic, database: Database) -> None:
    number = booked(clinic, database)
    request = MoveRequest(number, clinic.lee, at("11:00", 2), 20, None)
    database.transact(move_appointment, clinic.doctor_lee, request, NOW)
    refused(database, ChangedMeanwhile, undo_last, clinic.receptionist, NOW, "u")


def test_what_stays_is_gone_past_only_where_that_is_asked_for(
    clinic: SmallClinic, database: Database
) -> None:
    """An older step waits behind it; one about the same visit stays closed for good."""
    ana = clinic.receptionist
    first = booked(clinic, database)
    second = booked(clinic, database, starts_at=at("14:00", 1), patient_id=clinic.sam)
    moved(clinic, database, second)
    request = MoveRequest(second, clinic.lee, at("15:00", 3), 20, None)
    database.transact(move_appointment, clinic.doctor_lee, request, NOW)
    for turn, sentence in enumerate(("Moved Sam Okoye", "Booked Sam Okoye")):
        refused(database, ChangedMeanwhile, undo_last, ana, NOW, f"u{turn}")
        newest, older, *_ = database.read(undoable, ana, NOW)
        assert newest.sentence.startswith(sentence)
        refused(database, ChangedMeanwhile, leave_last, ana, older.step_id, NOW)
        refused(database, NotFound, leave_last, clinic.admin, newest.step_id, NOW)
        database.transact(leave_last, ana, newest.step_id, NOW)
    undo(database, ana)
    assert database.read(visit, first).status is Status.ENTERED_IN_ERROR
    assert database.read(visit, second).starts_at == at("15:00", 3)
    refused(database, NotFound, leave_last, ana, 1, NOW)


def test_a_patients_own_move_stands_until_the_clinic_has_confirmed_it(
    clinic: SmallClinic, database: Database
) -> None:
    """Taken back, what the clinic had booked is booked again, and nobody believes otherwise."""
    number = booked(clinic, database)
    request = MoveRequest(number, clinic.lee, at("11:00", 2), 20, None)
    for turn, sent in enumerate((False, True)):
        if sent:
            database.transact(send)
        database.transact(move_appointment, clinic.patient, replace(request, key=f"m{turn}"), NOW)
        assert database.read(visit, number).status is Status.PENDING
        undo(database, clinic.patient, f"u{turn}")
        row = database.read(visit, number)
        assert (row.status, row.starts_at) == (Status.BOOKED, at("10:00", 1))
        assert database.read(untrue, NOW) == []
    database.transact(move_appointment, clinic.patient, replace(request, key="m"), NOW)
    database.transact(flow.confirm_request, clinic.receptionist, number, NOW, "yes")
    refused(database, ChangedMeanwhile, undo_last, clinic.patient, NOW, "u")


def test_another_hold_of_the_number_of_what_was_offered(
    clinic: SmallClinic, database: Database
) -> None:
    """As SQLite gives it again, here by hand: an offer's hold belongs to no desk."""
    offer(clinic, database, wait(clinic, database))
    mine = {"held_by": clinic.receptionist.account_id, "held_desk": "one"}
    held = update(APPOINTMENTS).where(APPOINTMENTS.c.status == Status.HELD).values(mine)
    database.transact(lambda s: s.execute(held))
    refused(database, ChangedMeanwhile, undo_last, clinic.receptionist, NOW, "u")


def test_somebody_has_checked_them_in_since(clinic: SmallClinic, database: Database) -> None:
    number = booked(clinic, database, starts_at=at("10:00"))
    database.transact(flow.arrive, clinic.doctor_lee, number, NOW, "here")
    refused(database, ChangedMeanwhile, undo_last, clinic.receptionist, NOW, "u")


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("book", Role.ADMIN),
        ("check in", Role.ADMIN),
        ("confirm", Role.ADMIN),
        ("add room", Role.RECEPTIONIST),
        ("extra hours", Role.PATIENT),
        ("register", Role.PATIENT),
        ("change patient", Role.PATIENT),
        ("time off", Role.DOCTOR),
        ("lift", Role.ADMIN),
        ("merge", Role.DOCTOR),
        ("wait", Role.ADMIN),
    ],
)
def test_who_may_not_do_it_any_more(
    clinic: SmallClinic, database: Database, name: str, role: Role
) -> None:
    actor = both_of(clinic)
    database.transact(prepare, clinic)
    database.transact(BACK_AND_FORTH[name], clinic, actor)
    today = replace(actor, roles=frozenset({role}), grants=frozenset(), doctor_id=clinic.park)
    refused(database, NotPermitted, undo_last, today, NOW, "u")


def test_an_overbooking_comes_back_by_who_may_overbook(
    clinic: SmallClinic, database: Database
) -> None:
    number = database.transact(
        add_visit, clinic, at("10:00", 1), patient_id=clinic.maria, overbooked=True,
        overbook_reason="pain",
    )  # fmt: skip
    database.transact(add_visit, clinic, at("10:00", 1), patient_id=clinic.sam)
    moved(clinic, database, number)
    database.transact(
        lambda s: s.execute(
            update(APPOINTMENTS).where(APPOINTMENTS.c.id == number).values(overbooked=False)
        )
    )
    refused(database, NotPermitted, undo_last, clinic.receptionist, NOW, "u")
    granted = replace(clinic.receptionist, grants=frozenset({Permission.OVERBOOK}))
    undo(database, granted)
    row = database.read(visit, number)
    assert (row.overbooked, row.overbook_reason) == (True, "pain")


def test_what_is_over_stays(clinic: SmallClinic, database: Database) -> None:
    """Begun is not over: a slip may still be taken back then."""
    number = booked(clinic, database, starts_at=at("09:10"))
    refused(database, WrongStatus, undo_last, clinic.receptionist, at("09:30"), "late")
    undo(database, clinic.receptionist, now=at("09:29"))
    assert database.read(visit, number).status is Status.ENTERED_IN_ERROR


def test_a_time_that_has_passed_is_not_booked_again(
    clinic: SmallClinic, database: Database
) -> None:
    number = booked(clinic, database, starts_at=at("09:10"))
    cancelled(clinic, database, number)
    refused(database, BadInput, undo_last, clinic.receptionist, at("09:30"), "late")


def test_hours_in_which_visits_stand_by_now(clinic: SmallClinic, database: Database) -> None:
    minutes = (600, 720)
    database.transact(add_extra_hours, clinic.receptionist, clinic.lee, SATURDAY, *minutes, NOW)
    for patient, clock in ((clinic.maria, "10:00"), (clinic.sam, "11:00")):
        request = booking(clinic, starts_at=at(clock, 5), patient_id=patient)
        database.transact(book_appointment, clinic.doctor_lee, request, NOW)
    refusal = refused(database, OutsideHours, undo_last, clinic.receptionist, NOW, "u")
    assert str(refusal) == "2 visits stand in those hours by now."


def test_visits_that_time_off_had_stranded_may_be_stranded_again(
    clinic: SmallClinic, database: Database
) -> None:
    database.transact(add_visit, clinic, at("10:00", 1))
    database.transact(add_time_off, clinic.admin, clinic.lee, at("09:00", 1), at("12:00", 1), NOW)
    hours = database.read(doctor_hours, clinic.admin, clinic.lee)
    away = hours.time_off[0].time_off_id
    database.transact(remove_time_off, clinic.receptionist, clinic.lee, away, NOW)
    undo(database, clinic.receptionist)
    assert database.read(doctor_hours, clinic.admin, clinic.lee) == hours


@pytest.mark.parametrize("whose", ["lee", "okafor"])
def test_hours_come_back_beside_others_that_were_given_their_number(
    clinic: SmallClinic, database: Database, whose: str
) -> None:
    """As SQLite gives it again: those are others."""
    away, since = (at("09:00", 1), at("12:00", 1)), (at("13:00", 1), at("14:00", 1))
    database.transact(add_time_off, clinic.admin, clinic.lee, *away, NOW)
    (mine,) = database.read(doctor_hours, clinic.admin, clinic.lee).time_off
    database.transact(remove_time_off, clinic.receptionist, clinic.lee, mine.time_off_id, NOW)
    doctor = getattr(clinic, whose)
    database.transact(add_time_off, clinic.admin, doctor, *since, NOW)
    undo(database, clinic.receptionist)
    found = {
        (one.starts_at, one.ends_at)
        for whom in (clinic.lee, doctor)
        for one in database.read(doctor_hours, clinic.admin, whom).time_off
    }
    assert found == {away, since}


def test_hours_that_somebody_else_has_set_since(clinic: SmallClinic, database: Database) -> None:
    """Also where there were none in between."""
    database.transact(set_weekly_hours, clinic.receptionist, clinic.lee, (), NOW)
    database.transact(set_weekly_hours, clinic.admin, clinic.lee, WEEK, NOW)
    refused(database, ChangedMeanwhile, undo_last, clinic.receptionist, NOW, "u")


def test_a_patient_who_has_a_visit_by_now(clinic: SmallClinic, database: Database) -> None:
    details = PatientDetails("Weiß", "Bo")
    patient = database.transact(register_patient, clinic.receptionist, details, NOW)
    request = booking(clinic, patient_id=patient)
    database.transact(book_appointment, clinic.doctor_lee, request, NOW)
    refusal = refused(database, ChangedMeanwhile, undo_last, clinic.receptionist, NOW, "u")
    assert str(refusal) == "It is in use by now: it cannot be undone."


def test_a_name_that_another_has_by_now(clinic: SmallClinic, database: Database) -> None:
    database.transact(change_room, clinic.admin, clinic.room_one, "Attic", NOW, active=True)
    other = database.transact(
        add_account, clinic.admin, AccountDetails("bo", "Bo", frozenset({Role.ADMIN})), "-", NOW
    )
    database.transact(add_room, replace(clinic.admin, account_id=other), "Room 1", NOW)
    refused(database, AlreadyExists, undo_last, clinic.admin, NOW, "u")


def test_a_specialty_that_others_have_by_now_stays(clinic: SmallClinic, database: Database) -> None:
    database.transact(add_doctor, clinic.admin, NEW_DOCTOR, NOW)
    database.transact(lambda s: s.execute(delete(_STEPS).where(_STEPS.c.operation != "add_doctor")))
    other = database.transact(
        add_account, clinic.admin, AccountDetails("bo", "Bo", frozenset({Role.ADMIN})), "-", NOW
    )
    details = replace(
        database.read(doctor_details, clinic.admin, clinic.park), specialties=("Paediatrics",)
    )
    database.transact(
        change_doctor, replace(clinic.admin, account_id=other), clinic.park, details, NOW
    )
    undo(database, clinic.admin)
    names = database.read(lambda s: s.scalars(select(table(Specialty).c.name)).all())
    assert "Paediatrics" in names
