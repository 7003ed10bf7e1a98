"""Moving: the same visit elsewhere; what was said of the old place; and a refusal moves nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.clinic.visit_types import VisitTypeDetails, change_visit_type
from clinic_tui.domain.codes import NoticeStatus, Status
from clinic_tui.domain.errors import (
    BadInput,
    CannotBook,
    ChangedMeanwhile,
    NotFound,
    NotPermitted,
    OutsideHours,
    Refusal,
    SlotTaken,
    WrongStatus,
)
from clinic_tui.domain.models import AuditEntry, table
from clinic_tui.domain.staff.doctors import change_doctor, doctor_details
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.flow import arrive, confirm_request
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from tests.small_clinic import NOW, SmallClinic

from .given import NOBODY, OUTBOX, add_visit, at, booking, everything, refused, told, visit

_AUDIT = table(AuditEntry)
_LATER = NOW + timedelta(hours=1)


def _book(clinic: SmallClinic, database: Database, **given: Any) -> int:
    """Maria's follow-up with Lee on Tuesday at 10:00."""
    request = booking(clinic, **({"starts_at": at("10:00", 1)} | given))
    return database.transact(book_appointment, clinic.receptionist, request, NOW).appointment_id


def _to(clinic: SmallClinic, appointment_id: int, **given: Any) -> MoveRequest:
    wanted: dict[str, Any] = {
        "doctor_id": clinic.lee,
        "starts_at": at("10:00", 1),
        "minutes": 20,
        "room_id": None,
    }
    return MoveRequest(appointment_id, **(wanted | given))


def _sent(database: Database) -> None:
    """Everything queued so far has left."""
    database.transact(
        lambda session: session.execute(update(OUTBOX).values(status=NoticeStatus.SENT))
    )


def test_a_move_keeps_the_visit(clinic: SmallClinic, database: Database) -> None:
    visit_id = _book(clinic, database, note="Knee", room_id=clinic.room_one)
    before = database.read(visit, visit_id)
    wanted = _to(
        clinic, visit_id, doctor_id=clinic.okafor, starts_at=at("14:00", 2), minutes=35,
        room_id=clinic.room_two, seen_sequence=0,
    )  # fmt: skip
    answer = database.transact(move_appointment, clinic.receptionist, wanted, _LATER)
    after = database.read(visit, visit_id)
    changed = {name for name in before._mapping if before._mapping[name] != after._mapping[name]}
    assert changed == {
        "doctor_id", "room_id", "starts_at", "ends_at", "blocked_from", "blocked_until", "sequence",
    }  # fmt: skip
    assert (after.doctor_id, after.room_id, after.sequence) == (clinic.okafor, clinic.room_two, 1)
    assert (after.starts_at, after.ends_at) == (at("14:00", 2), at("14:35", 2))
    assert (answer.appointment_id, answer.sequence, answer.doctor) == (visit_id, 1, "Dr Okafor")
    assert (answer.starts_at, answer.ends_at) == (after.starts_at, after.ends_at)
    entry = database.read(
        lambda session: session.execute(
            select(_AUDIT).where(_AUDIT.c.request_key == wanted.key)
        ).one()
    )
    assert (entry.operation, entry.appointment_id, entry.at) == ("move", visit_id, _LATER)


def test_the_old_time_is_free_and_the_new_one_taken(
    clinic: SmallClinic, database: Database
) -> None:
    visit_id = _book(clinic, database)
    wanted = _to(clinic, visit_id, starts_at=at("14:00", 1))
    database.transact(move_appointment, clinic.receptionist, wanted, NOW)
    _book(clinic, database, patient_id=clinic.jonas)
    taken = booking(clinic, patient_id=clinic.sam, starts_at=at("14:10", 1))
    refused(database, SlotTaken, book_appointment, clinic.receptionist, taken, NOW)


def test_its_own_time_counts_as_free(clinic: SmallClinic, database: Database) -> None:
    visit_id = _book(clinic, database, room_id=clinic.room_one)
    for starts_at, minutes in ((at("10:10", 1), 20), (at("10:00", 1), 60), (at("10:30", 1), 5)):
        wanted = _to(
            clinic, visit_id, starts_at=starts_at, minutes=minutes, room_id=clinic.room_one
        )
        answer = database.transact(move_appointment, clinic.receptionist, wanted, NOW)
        assert answer.ends_at - answer.starts_at == timedelta(minutes=minutes)


def test_buffers_go_along(clinic: SmallClinic, database: Database) -> None:
    """As they were booked, whatever the type says now; the length is what the mover says."""
    visit_id = _book(clinic, database, visit_type_id=clinic.new_patient)
    other = VisitTypeDetails("New patient", "new", 30, 0, 0)
    database.transact(change_visit_type, clinic.admin, clinic.new_patient, other, NOW)
    wanted = _to(clinic, visit_id, starts_at=at("14:00", 1), minutes=25)
    database.transact(move_appointment, clinic.receptionist, wanted, NOW)
    row = database.read(visit, visit_id)
    assert (row.blocked_from, row.blocked_until) == (at("13:55", 1), at("14:35", 1))


def test_a_retired_type_can_be_moved(clinic: SmallClinic, database: Database) -> None:
    visit_id = _book(clinic, database)
    retired = VisitTypeDetails("Follow-up", "f/up", 20, active=False)
    database.transact(change_visit_type, clinic.admin, clinic.follow_up, retired, NOW)
    wanted = _to(clinic, visit_id, starts_at=at("14:00", 1))
    database.transact(move_appointment, clinic.receptionist, wanted, NOW)


def test_a_retired_doctor_is_moved_from_and_not_to(clinic: SmallClinic, database: Database) -> None:
    visit_id = _book(clinic, database)
    details = database.read(doctor_details, clinic.admin, clinic.lee)
    gone = replace(details, active=False)
    database.transact(change_doctor, clinic.admin, clinic.lee, gone, NOW)
    stays = _to(clinic, visit_id, starts_at=at("14:00", 1))
    refused(database, BadInput, move_appointment, clinic.receptionist, stays, NOW)
    goes = replace(stays, doctor_id=clinic.okafor)
    database.transact(move_appointment, clinic.receptionist, goes, NOW)


REFUSED: dict[str, tuple[type[Refusal], Any]] = {
    "taken by the doctor": (SlotTaken, lambda _: {"starts_at": at("11:00", 1)}),
    "taken by the patient": (
        SlotTaken,
        lambda c: {"doctor_id": c.park, "starts_at": at("15:10", 1)},
    ),
    "taken in the room": (
        SlotTaken,
        lambda c: {"starts_at": at("14:00", 1), "room_id": c.room_one},
    ),
    "longer into the next": (SlotTaken, lambda _: {"minutes": 61}),
    "at lunch": (OutsideHours, lambda _: {"starts_at": at("12:30", 1)}),
    "longer than the day": (OutsideHours, lambda _: {"starts_at": at("16:50", 1)}),
    "where it stands": (BadInput, lambda _: {}),
    "into the past": (BadInput, lambda _: {"starts_at": at("08:00")}),
    "without a zone": (BadInput, lambda _: {"starts_at": at("11:30", 1).replace(tzinfo=None)}),
    "0 minutes": (BadInput, lambda _: {"minutes": 0}),
    "13 hours": (BadInput, lambda _: {"minutes": 780}),
    "to nobody": (NotFound, lambda _: {"doctor_id": NOBODY}),
    "into no room": (NotFound, lambda _: {"room_id": NOBODY}),
    "to who does not do it": (
        BadInput,
        lambda c: {"doctor_id": c.park, "appointment_id": 2},
    ),
    "no visit": (NotFound, lambda _: {"appointment_id": NOBODY}),
    "seen elsewhere": (
        ChangedMeanwhile,
        lambda _: {"starts_at": at("14:00", 1), "seen_sequence": 7},
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_move_moves_nothing(clinic: SmallClinic, database: Database, case: str) -> None:
    def fill(session: Session) -> None:
        add_visit(session, clinic, at("10:00", 1), patient_id=clinic.maria)
        add_visit(session, clinic, at("11:00", 1), visit_type_id=clinic.new_patient, minutes=40)
        add_visit(
            session, clinic, at("14:10", 1), doctor_id=clinic.park, room_id=clinic.room_one,
            patient_id=clinic.sam,
        )  # fmt: skip
        add_visit(session, clinic, at("15:00", 1), doctor_id=clinic.okafor, patient_id=clinic.maria)

    database.transact(fill)
    kind, given = REFUSED[case]
    changes = {"appointment_id": 1} | given(clinic)
    wanted = replace(_to(clinic, 1), **changes)
    refusal = refused(database, kind, move_appointment, clinic.receptionist, wanted, NOW)
    if not isinstance(refusal, CannotBook):
        return
    assert refusal.obstacles
    assert 1 <= len(refusal.alternatives) <= 3
    for other in refusal.alternatives:
        elsewhere = replace(wanted, doctor_id=other.doctor_id, starts_at=other.starts_at)
        with Session(database.engine) as session:
            answer = move_appointment(session, clinic.receptionist, elsewhere, NOW)
            assert (answer.starts_at, answer.ends_at) == (other.starts_at, other.ends_at)
            session.rollback()


def test_a_visit_does_not_stand_in_the_way_of_its_alternatives(
    clinic: SmallClinic, database: Database
) -> None:
    """Its own time is free among what is offered, save for the very place where it stands."""
    visit_id = _book(clinic, database)
    _book(clinic, database, patient_id=clinic.jonas, starts_at=at("09:40", 1))
    early = _to(clinic, visit_id, starts_at=at("09:50", 1))
    refusal = refused(database, SlotTaken, move_appointment, clinic.receptionist, early, NOW)
    with_lee = [other for other in refusal.alternatives if other.doctor_id == clinic.lee]
    assert [other.starts_at for other in with_lee] == [at("10:20", 1), at("10:40", 1)]
    longer = replace(early, minutes=30)
    refusal = refused(database, SlotTaken, move_appointment, clinic.receptionist, longer, NOW)
    assert refusal.alternatives[0].starts_at == at("10:00", 1)

    _book(clinic, database, doctor_id=clinic.okafor, patient_id=clinic.sam)
    across = _to(clinic, visit_id, doctor_id=clinic.okafor)
    refusal = refused(database, SlotTaken, move_appointment, clinic.receptionist, across, NOW)
    assert clinic.lee not in {other.doctor_id for other in refusal.alternatives}


@pytest.mark.parametrize(
    "status", [Status.CHECKED_IN, Status.FULFILLED, Status.CANCELLED, Status.NOSHOW]
)
def test_only_visits_ahead_move(clinic: SmallClinic, database: Database, status: Status) -> None:
    visit_id = database.transact(add_visit, clinic, at("10:00", 1), status=status)
    wanted = _to(clinic, visit_id, starts_at=at("14:00", 1))
    refused(database, WrongStatus, move_appointment, clinic.receptionist, wanted, NOW)


def test_who_arrived_is_expected_again_on_another_day(
    clinic: SmallClinic, database: Database
) -> None:
    visit_id = database.transact(add_visit, clinic, at("10:00"))
    database.transact(arrive, clinic.receptionist, visit_id, NOW, "arrived")
    same_day = _to(clinic, visit_id, doctor_id=clinic.okafor, starts_at=at("10:30"))
    answer = database.transact(move_appointment, clinic.receptionist, same_day, NOW)
    assert answer.status is Status.ARRIVED
    assert database.read(visit, visit_id).arrived_at == NOW
    next_day = _to(clinic, visit_id, starts_at=at("10:30", 1))
    answer = database.transact(move_appointment, clinic.receptionist, next_day, NOW)
    row = database.read(visit, visit_id)
    assert (answer.status, row.status, row.arrived_at) == (Status.BOOKED, Status.BOOKED, None)


def test_the_patients_yes_was_to_the_old_time(clinic: SmallClinic, database: Database) -> None:
    visit_id = database.transact(add_visit, clinic, at("10:00", 1), confirmed_at=NOW)
    wanted = _to(clinic, visit_id, starts_at=at("14:00", 1))
    database.transact(move_appointment, clinic.receptionist, wanted, NOW)
    assert database.read(visit, visit_id).confirmed_at is None


def test_somebody_else_moved_it_first(clinic: SmallClinic, database: Database) -> None:
    visit_id = _book(clinic, database)
    first = _to(clinic, visit_id, starts_at=at("14:00", 1), seen_sequence=0)
    second = replace(first, starts_at=at("15:00", 1), key="second")
    database.transact(move_appointment, clinic.receptionist, first, NOW)
    refused(database, ChangedMeanwhile, move_appointment, clinic.receptionist, second, NOW)
    unseen = replace(second, seen_sequence=None)
    database.transact(move_appointment, clinic.receptionist, unseen, NOW)


def test_the_same_request_moves_once(clinic: SmallClinic, database: Database) -> None:
    visit_id = _book(clinic, database)
    wanted = _to(clinic, visit_id, starts_at=at("14:00", 1), seen_sequence=0)
    first = database.transact(move_appointment, clinic.receptionist, wanted, NOW)
    after = database.read(everything)
    again = database.transact(move_appointment, clinic.receptionist, wanted, _LATER)
    assert replace(again, notices=first.notices) == first
    assert database.read(everything) == after


def test_a_move_undone_is_told_each_time(clinic: SmallClinic, database: Database) -> None:
    """From A to B and back to A: three messages, though two of them name the same start."""
    visit_id = _book(clinic, database)
    _sent(database)
    for clock in ("14:00", "10:00"):
        wanted = _to(clinic, visit_id, starts_at=at(clock, 1))
        answer = database.transact(move_appointment, clinic.receptionist, wanted, NOW)
        assert answer.notices == 5
        assert database.read(told, visit_id) == [
            "changed email",
            f"changed email doctor {clinic.lee}",
            "changed sms",
            "reminder email",
            "reminder sms",
        ]
        _sent(database)


def test_a_doctor_moves_own_visits_to_nobody_else(clinic: SmallClinic, database: Database) -> None:
    visit_id = _book(clinic, database)
    own = _to(clinic, visit_id, starts_at=at("14:00", 1))
    database.transact(move_appointment, clinic.doctor_lee, own, NOW)
    away = _to(clinic, visit_id, doctor_id=clinic.okafor)
    refused(database, NotPermitted, move_appointment, clinic.doctor_lee, away, NOW)
    refused(database, NotPermitted, move_appointment, clinic.doctor_park, own, NOW)


def test_a_request_stays_one_and_nobody_hears_of_it(
    clinic: SmallClinic, database: Database
) -> None:
    request = booking(clinic, starts_at=at("10:00", 1))
    asked = database.transact(book_appointment, clinic.patient, request, NOW)
    wanted = _to(clinic, asked.appointment_id, starts_at=at("14:00", 1))
    answer = database.transact(move_appointment, clinic.receptionist, wanted, NOW)
    assert (answer.status, answer.notices) == (Status.PENDING, 0)
    assert database.read(told, asked.appointment_id) == []


def test_a_visit_moved_by_its_patient_is_a_request_again(
    clinic: SmallClinic, database: Database
) -> None:
    """Its doctor, who heard of it, hears that it is lost; the rest is said once it is confirmed."""
    visit_id = _book(clinic, database)
    _sent(database)
    for wanted, lost in (
        (_to(clinic, visit_id, starts_at=at("14:00", 1), doctor_id=clinic.park), True),
        (_to(clinic, visit_id, starts_at=at("10:00", 1), doctor_id=clinic.park), False),
    ):
        answer = database.transact(move_appointment, clinic.patient, wanted, NOW)
        assert (answer.status, answer.notices) == (Status.PENDING, int(lost))
        assert database.read(told, visit_id) == [f"cancelled email doctor {clinic.lee}"]
        row = database.read(visit, visit_id)
        assert (row.status, row.starts_at) == (Status.PENDING, wanted.starts_at)
    confirmed = database.transact(confirm_request, clinic.receptionist, visit_id, NOW, "confirm")
    assert (confirmed.status, confirmed.notices) == (Status.BOOKED, 5)


def test_a_request_that_its_doctor_has_again_is_a_change_to_them(
    clinic: SmallClinic, database: Database
) -> None:
    """They have not been told yet that they lost it, and are not any more."""
    visit_id = _book(clinic, database)
    _sent(database)
    away = _to(clinic, visit_id, starts_at=at("14:00", 1), doctor_id=clinic.park)
    database.transact(move_appointment, clinic.patient, away, NOW)
    back = _to(clinic, visit_id, starts_at=at("15:00", 1))
    database.transact(move_appointment, clinic.receptionist, back, NOW)
    database.transact(confirm_request, clinic.receptionist, visit_id, NOW, "confirm")
    lee = [one for one in database.read(told, visit_id) if one.endswith(f"doctor {clinic.lee}")]
    assert lee == [f"changed email doctor {clinic.lee}"]


def test_who_had_arrived_and_asks_for_another_time_is_not_here(
    clinic: SmallClinic, database: Database
) -> None:
    visit_id = _book(clinic, database, starts_at=at("14:00"))
    database.transact(arrive, clinic.receptionist, visit_id, NOW, "arrive")
    wanted = _to(clinic, visit_id, starts_at=at("15:00"))
    database.transact(move_appointment, clinic.patient, wanted, NOW)
    row = database.read(visit, visit_id)
    assert (row.status, row.arrived_at) == (Status.PENDING, None)
