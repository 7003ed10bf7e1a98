"""What is said once a step is undone: what never left is withdrawn, what did is set right."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_tui.database import Database
from clinic_tui.domain.codes import Status
from clinic_tui.domain.overview.calendar import calendar_day
from clinic_tui.domain.patients.history import patient_record
from clinic_tui.domain.visits import flow
from tests.small_clinic import NOW, SmallClinic

from .given import add_visit, at, told, visit
from .undoing import booked, cancelled, moved, send, undo, untrue


def test_a_booking_undone_in_grace_is_told_to_nobody(
    clinic: SmallClinic, database: Database
) -> None:
    number = booked(clinic, database)
    undone = undo(database, clinic.receptionist)
    assert undone.sentence == (
        "Undone: the booking of Maria Garcia, Tue 24 Nov 2026 10:00, Dr Lee."
    )
    assert (undone.operation, undone.visit, undone.notices) == ("book", None, 0)
    assert database.read(visit, number).status is Status.ENTERED_IN_ERROR
    assert database.read(told, number) == []
    day = database.read(calendar_day, clinic.receptionist, NOW.date() + timedelta(days=1), NOW)
    assert not any(column.visits for column in day.columns)
    record = database.read(patient_record, clinic.receptionist, clinic.maria, NOW)
    assert (record.history, record.next_visit) == ((), None)


def test_a_booking_undone_after_it_was_told_is_called_off(
    clinic: SmallClinic, database: Database
) -> None:
    number = booked(clinic, database)
    database.transact(send)
    assert undo(database, clinic.receptionist).notices == 3
    expected = ["cancelled email", f"cancelled email doctor {clinic.lee}", "cancelled sms"]
    assert database.read(told, number) == expected


def test_moved_there_and_back_in_grace_says_nothing(
    clinic: SmallClinic, database: Database
) -> None:
    number = booked(clinic, database)
    database.transact(send, confirmations_only=True)
    moved(clinic, database, number)
    undone = undo(database, clinic.receptionist)
    assert undone.sentence == ("Undone: Maria Garcia is back at Tue 24 Nov 2026 10:00, Dr Lee.")
    assert undone.visit is not None
    assert undone.visit.starts_at == at("10:00", 1)
    assert database.read(told, number) == ["reminder email", "reminder sms"]


def test_a_move_undone_before_the_booking_was_told_confirms_the_first_place(
    clinic: SmallClinic, database: Database
) -> None:
    number = booked(clinic, database)
    first = database.read(told, number)
    moved(clinic, database, number, doctor_id=clinic.park)
    undo(database, clinic.receptionist)
    assert database.read(told, number) == first
    assert database.read(untrue, NOW) == []


def test_a_move_undone_after_it_was_told_is_told_again(
    clinic: SmallClinic, database: Database
) -> None:
    """Who lost it hears that it is back, who had got it that it is gone."""
    number = booked(clinic, database)
    database.transact(send)
    moved(clinic, database, number, doctor_id=clinic.park)
    database.transact(send)
    undo(database, clinic.receptionist)
    assert database.read(told, number) == [
        f"cancelled email doctor {clinic.park}",
        "changed email",
        "changed sms",
        f"confirmation email doctor {clinic.lee}",
        "reminder email",
        "reminder sms",
    ]  # fmt: skip
    assert database.read(untrue, NOW) == []


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (False, []),
        (True, ["confirmation email", "confirmation email doctor 1", "confirmation sms"]),
    ],
)
def test_a_cancellation_undone(
    clinic: SmallClinic, database: Database, sent: bool, expected: list[str]
) -> None:
    number = booked(clinic, database)
    database.transact(send, confirmations_only=True)
    cancelled(clinic, database, number)
    if sent:
        database.transact(send)
    undone = undo(database, clinic.receptionist)
    assert "is back at Tue 24 Nov 2026 10:00" in undone.sentence
    reminders = ["reminder email", "reminder sms"]
    assert database.read(told, number) == [*expected, *reminders]
    row = database.read(visit, number)
    assert (row.status, row.cancelled_by, row.cancel_reason) == (Status.BOOKED, None, "")


def test_a_yes_undone_after_it_was_told(clinic: SmallClinic, database: Database) -> None:
    """And it can be said once more."""
    number = database.transact(
        add_visit, clinic, at("10:00", 1), patient_id=clinic.maria, status=Status.PENDING
    )
    database.transact(flow.confirm_request, clinic.receptionist, number, NOW, "yes")
    database.transact(send, confirmations_only=True)
    undo(database, clinic.receptionist)
    assert database.read(visit, number).status is Status.PENDING
    assert len([one for one in database.read(told, number) if "cancelled" in one]) == 3
    database.transact(flow.confirm_request, clinic.receptionist, number, NOW, "yes again")
    assert database.read(visit, number).status is Status.BOOKED


def test_a_yes_undone_before_it_was_told(clinic: SmallClinic, database: Database) -> None:
    """Nobody hears of it, and it can be said, taken back and said once more."""
    number = database.transact(
        add_visit, clinic, at("10:00", 1), patient_id=clinic.maria, status=Status.PENDING
    )
    said = []
    for yes in ("yes", "yes again", "yes after all"):
        database.transact(flow.confirm_request, clinic.receptionist, number, NOW, yes)
        said.append(database.read(told, number))
        undo(database, clinic.receptionist, key=f"not {yes}")
        assert database.read(visit, number).status is Status.PENDING
        assert database.read(told, number) == []
    assert said[0]
    assert said == [said[0]] * 3


def test_checked_in_by_mistake_before_the_booking_was_told(
    clinic: SmallClinic, database: Database
) -> None:
    number = booked(clinic, database, starts_at=at("15:00"))
    first = database.read(told, number)
    database.transact(flow.check_in, clinic.receptionist, number, NOW, "in")
    assert database.read(told, number) == []
    undo(database, clinic.receptionist)
    assert database.read(told, number) == first


def test_a_visit_closed_too_early_is_not_called_off(
    clinic: SmallClinic, database: Database
) -> None:
    number = booked(clinic, database, starts_at=at("15:00"))
    database.transact(send)
    database.transact(flow.check_in, clinic.receptionist, number, NOW, "in")
    database.transact(flow.finish, clinic.receptionist, number, NOW, "out")
    undone = undo(database, clinic.receptionist)
    assert undone.sentence.endswith("is in the room again.")
    assert database.read(told, number) == []
