"""The carry tray: lifted visits stay booked until they are put down elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from clinic_tui.database import Database
from clinic_tui.domain.access import Role
from clinic_tui.domain.codes import CancelledBy, Status
from clinic_tui.domain.errors import (
    BadInput,
    CarriedAlready,
    ChangedMeanwhile,
    NotFound,
    NotPermitted,
    Refusal,
    SlotTaken,
    WrongStatus,
)
from clinic_tui.domain.models import AuditEntry, Carried, UndoStep, table
from clinic_tui.domain.staff.accounts import AccountDetails, add_account
from clinic_tui.domain.staff.sign_ins import current_actor
from clinic_tui.domain.undo.undo import undo_last
from clinic_tui.domain.visits.cancelling import CancelRequest, cancel_appointment
from clinic_tui.domain.visits.flow import check_in
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from clinic_tui.domain.visits.requests import new_key
from clinic_tui.domain.visits.tray import carried, lift, put_back, put_down
from tests.small_clinic import NOW, SmallClinic

from .given import NOBODY, add_visit, at, at_once, refused, visit

_AUDIT, _STEPS, _TRAY = table(AuditEntry), table(UndoStep), table(Carried)


def _add(clinic: SmallClinic, database: Database, clock: str = "10:00", **given: Any) -> int:
    return database.transact(add_visit, clinic, at(clock), **given)


def _lifted(clinic: SmallClinic, database: Database) -> int:
    visit_id = _add(clinic, database)
    database.transact(lift, clinic.receptionist, visit_id, NOW)
    return visit_id


def _to(clinic: SmallClinic, visit_id: int, **given: Any) -> MoveRequest:
    wanted: dict[str, Any] = {
        "doctor_id": clinic.lee, "starts_at": at("14:00"), "minutes": 20, "room_id": None,
    }  # fmt: skip
    return MoveRequest(visit_id, **(wanted | given))


def test_lifted_and_put_down(clinic: SmallClinic, database: Database) -> None:
    """It is booked where it was until then; both can be undone."""
    ana = clinic.receptionist
    visit_id = _lifted(clinic, database)
    (mine,) = database.read(carried, ana)
    assert (mine.visit.appointment_id, mine.lifted_at, mine.moved_meanwhile) == (
        visit_id, NOW, False,
    )  # fmt: skip
    assert database.read(visit, visit_id).starts_at == at("10:00")
    wish = _to(clinic, visit_id)
    answer = database.transact(put_down, ana, wish, NOW)
    assert (answer.starts_at, answer.sequence) == (at("14:00"), 1)
    assert database.transact(put_down, ana, wish, NOW).sequence == 1
    assert database.read(carried, ana) == ()
    operations = database.read(
        lambda s: s.scalars(select(_AUDIT.c.operation).order_by(_AUDIT.c.id.desc()).limit(2)).all()
    )
    assert operations == ["put_down", "lift"]
    assert database.read(lambda s: s.scalars(select(_STEPS.c.operation)).all()) == [
        "lift",
        "put_down",
    ]


def test_put_back(clinic: SmallClinic, database: Database) -> None:
    visit_id = _lifted(clinic, database)
    before = database.read(visit, visit_id)
    database.transact(put_back, clinic.receptionist, visit_id, NOW)
    assert database.read(carried, clinic.receptionist) == ()
    assert database.read(visit, visit_id) == before
    for operation, wish in ((put_back, visit_id), (put_down, _to(clinic, visit_id))):
        refused(database, NotFound, operation, clinic.receptionist, wish, NOW)


def test_nobody_else_lifts_it(clinic: SmallClinic, database: Database) -> None:
    """Unless they take it over, and then the first has it no more."""
    visit_id = _lifted(clinic, database)
    details = AccountDetails("ben", "Ben Sol", frozenset({Role.RECEPTIONIST}))
    account_id = database.transact(add_account, clinic.admin, details, "hash", NOW)
    ben = database.read(
        lambda s: current_actor(s, replace(clinic.admin, account_id=account_id, mark=""))
    )
    refusal = refused(database, CarriedAlready, lift, ben, visit_id, NOW)
    assert str(refusal) == "Ana Brandt carries that visit."
    for operation, wish in ((put_back, visit_id), (put_down, _to(clinic, visit_id))):
        refused(database, NotFound, operation, ben, wish, NOW)
    database.transact(lift, ben, visit_id, NOW, take_over=True)
    assert database.read(carried, clinic.receptionist) == ()
    details_of = database.read(
        lambda s: s.scalars(select(_AUDIT.c.details).order_by(_AUDIT.c.id.desc()).limit(1)).one()
    )
    assert details_of == {"taken_from": clinic.receptionist.account_id}
    assert database.transact(put_down, ben, _to(clinic, visit_id), NOW).sequence == 1


def test_a_patient_does_not_hear_who_carries_it(clinic: SmallClinic, database: Database) -> None:
    visit_id = _add(clinic, database, patient_id=clinic.maria)
    database.transact(lift, clinic.receptionist, visit_id, NOW)
    refusal = refused(database, CarriedAlready, lift, clinic.patient, visit_id, NOW)
    assert str(refusal) == "Somebody carries that visit."


def test_two_lift_at_once(clinic: SmallClinic, database: Database) -> None:
    for clock in ("10:00", "11:00", "14:00"):
        visit_id = _add(clinic, database, clock)
        answers = at_once(
            database,
            (lift, clinic.receptionist, visit_id, NOW),
            (lift, clinic.doctor_lee, visit_id, NOW),
        )
        assert sum(isinstance(answer, CarriedAlready) for answer in answers) == 1, answers


def test_moved_by_somebody_else_meanwhile(clinic: SmallClinic, database: Database) -> None:
    """Putting it down says so; lifted again it can be."""
    ana = clinic.receptionist
    visit_id = _lifted(clinic, database)
    moved = _to(clinic, visit_id, starts_at=at("11:00"))
    database.transact(move_appointment, clinic.doctor_lee, moved, NOW)
    assert database.read(carried, ana)[0].moved_meanwhile
    refused(database, ChangedMeanwhile, put_down, ana, _to(clinic, visit_id), NOW)
    database.transact(lift, ana, visit_id, NOW)
    assert database.transact(put_down, ana, _to(clinic, visit_id), NOW).sequence == 2


def test_a_visit_that_ends_is_carried_no_more(clinic: SmallClinic, database: Database) -> None:
    cancelled, seen = _lifted(clinic, database), _add(clinic, database, "11:00")
    database.transact(lift, clinic.receptionist, seen, NOW)
    wish = CancelRequest(cancelled, CancelledBy.PATIENT)
    database.transact(cancel_appointment, clinic.doctor_lee, wish, NOW)
    database.transact(check_in, clinic.doctor_lee, seen, NOW, new_key())
    assert database.read(lambda s: s.execute(select(_TRAY)).all()) == []
    for visit_id in (cancelled, seen):
        refused(database, WrongStatus, put_down, clinic.receptionist, _to(clinic, visit_id), NOW)


def test_a_refused_one_stays_on_the_tray(clinic: SmallClinic, database: Database) -> None:
    visit_id = _lifted(clinic, database)
    _add(clinic, database, "14:00", patient_id=clinic.sam)
    wish = _to(clinic, visit_id)
    refusal = refused(database, SlotTaken, put_down, clinic.receptionist, wish, NOW)
    assert len(refusal.alternatives) == 3
    assert len(database.read(carried, clinic.receptionist)) == 1


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.FULFILLED, Status.NOSHOW])
def test_only_what_can_be_moved_is_lifted(
    clinic: SmallClinic, database: Database, status: Status
) -> None:
    visit_id = _add(clinic, database, status=status)
    refused(database, WrongStatus, lift, clinic.receptionist, visit_id, NOW)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (NotFound, {"doctor_id": NOBODY}),
        (NotFound, {"appointment_id": NOBODY}),
        (BadInput, {"minutes": 0}),
        (BadInput, {"minutes": 13 * 60}),
        (BadInput, {"starts_at": at("08:00")}),
        (BadInput, {"starts_at": at("14:00").replace(tzinfo=None)}),
        (BadInput, {"starts_at": at("10:00")}),
    ],
)
def test_bad_input(
    clinic: SmallClinic, database: Database, kind: type[Refusal], given: dict[str, Any]
) -> None:
    wish = replace(_to(clinic, _lifted(clinic, database)), **given)
    refused(database, kind, put_down, clinic.receptionist, wish, NOW)
    refused(database, NotFound, lift, clinic.receptionist, NOBODY, NOW)


def test_an_admin_carries_nothing(clinic: SmallClinic, database: Database) -> None:
    visit_id = _add(clinic, database)
    refused(database, NotPermitted, lift, clinic.admin, visit_id, NOW)
    with pytest.raises(NotPermitted):
        database.read(carried, clinic.admin)


def test_taken_off_and_cancelled_it_is_carried_again_where_it_stands(
    clinic: SmallClinic, database: Database
) -> None:
    """Undoing the cancellation counts on the visit's changes: that is nobody's move."""
    ana = clinic.receptionist
    number = _lifted(clinic, database)
    database.transact(put_back, ana, number, NOW)
    request = CancelRequest(number, CancelledBy.PATIENT)
    database.transact(cancel_appointment, ana, request, NOW)
    for key in ("the cancellation", "the putting back"):
        database.transact(undo_last, ana, NOW, key)
    (mine,) = database.read(carried, ana)
    assert not mine.moved_meanwhile
