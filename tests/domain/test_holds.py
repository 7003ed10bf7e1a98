"""Holds: an opening kept for a desk; one that ran out stands in nobody's way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.codes import Status
from clinic_tui.domain.errors import (
    BadInput,
    HoldsAlready,
    NotFound,
    NotPermitted,
    OutsideHours,
    Refusal,
    SlotTaken,
)
from clinic_tui.domain.models import AuditEntry, UndoStep, table
from clinic_tui.domain.openings.openings import OpeningSearch, find_openings
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.holds import (
    HOLD_FOR,
    Hold,
    HoldRequest,
    hold_opening,
    release_desk,
    release_hold,
    renew_hold,
)
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from tests.small_clinic import NOW, SmallClinic

from .given import APPOINTMENTS, NOBODY, add_visit, at, at_once, booking, refused, visit

_AUDIT, _STEPS = table(AuditEntry), table(UndoStep)
_LATER = NOW + HOLD_FOR
"""When what was held at NOW has run out."""


def _request(clinic: SmallClinic, desk: str = "one", **given: Any) -> HoldRequest:
    wanted: dict[str, Any] = {
        "doctor_id": clinic.lee,
        "visit_type_id": clinic.follow_up,
        "starts_at": at("10:00"),
        "desk": desk,
    }
    return HoldRequest(**(wanted | given))


def _hold(clinic: SmallClinic, database: Database, desk: str = "one", **given: Any) -> Hold:
    """The receptionist holds Lee at 10:00, unless something else is given."""
    request = _request(clinic, desk, **given)
    return database.transact(hold_opening, clinic.receptionist, request, NOW)


def _holds(session: Session) -> list[datetime]:
    query = select(APPOINTMENTS.c.starts_at).where(APPOINTMENTS.c.status == Status.HELD)
    return list(session.scalars(query.order_by(APPOINTMENTS.c.starts_at)))


def test_a_hold_keeps_others_out(clinic: SmallClinic, database: Database) -> None:
    """Of the doctor, the patient and the room; a refusal says who holds it and offers others."""
    hold = _hold(clinic, database, patient_id=clinic.maria, room_id=clinic.room_one)
    assert (hold.doctor_id, hold.starts_at, hold.ends_at, hold.held_until) == (
        clinic.lee, at("10:00"), at("10:20"), NOW + timedelta(minutes=3),
    )  # fmt: skip
    ana = clinic.receptionist
    wish = booking(clinic, patient_id=clinic.sam)
    refusal = refused(database, SlotTaken, book_appointment, ana, wish, NOW)
    assert str(refusal) == "Dr Lee is held by ana Mon 23 Nov 2026 10:00–10:20."
    assert refusal.alternatives[0].starts_at == at("10:20")
    wish = booking(clinic, doctor_id=clinic.okafor)
    refusal = refused(database, SlotTaken, book_appointment, ana, wish, NOW)
    assert "held by ana" in str(refusal)
    wish = booking(clinic, doctor_id=clinic.okafor, patient_id=clinic.sam, room_id=clinic.room_one)
    refusal = refused(database, SlotTaken, book_appointment, ana, wish, NOW)
    assert str(refusal) == "Room 1 is held by ana Mon 23 Nov 2026 10:00–10:20."
    found = database.read(
        find_openings, ana, OpeningSearch(clinic.follow_up, at("10:00"), (clinic.lee,)), NOW
    )
    assert found.openings[0].starts_at == at("10:20")


def test_a_patient_does_not_hear_who_holds_it(clinic: SmallClinic, database: Database) -> None:
    _hold(clinic, database)
    refusal = refused(database, SlotTaken, book_appointment, clinic.patient, booking(clinic), NOW)
    assert str(refusal) == "Dr Lee is taken Mon 23 Nov 2026 10:00–10:20."


def test_buffers_are_held_too(clinic: SmallClinic, database: Database) -> None:
    _hold(clinic, database, visit_type_id=clinic.new_patient)
    wish = booking(clinic, starts_at=at("10:40"))
    refused(database, SlotTaken, book_appointment, clinic.receptionist, wish, NOW)
    row = database.read(lambda session: session.execute(select(APPOINTMENTS)).one())
    assert (row.blocked_from, row.blocked_until) == (at("09:55"), at("10:50"))


def test_a_hold_becomes_a_visit(clinic: SmallClinic, database: Database) -> None:
    """The same row, with all that a booking brings: notices, trail, and a way back."""
    hold = _hold(clinic, database)
    wish = booking(clinic, hold_id=hold.hold_id, note="Knee")
    answer = database.transact(book_appointment, clinic.receptionist, wish, NOW)
    assert answer.appointment_id == hold.hold_id
    assert answer.notices > 0
    row = database.read(visit, hold.hold_id)
    assert (row.status, row.patient_id, row.note) == (Status.BOOKED, clinic.maria, "Knee")
    assert (row.held_by, row.held_desk, row.held_until) == (None, None, None)
    again = database.transact(book_appointment, clinic.receptionist, wish, NOW)
    assert again.appointment_id == answer.appointment_id
    operations = database.read(
        lambda session: session.scalars(select(_STEPS.c.operation).order_by(_STEPS.c.id)).all()
    )
    assert operations == ["book"]


def test_a_hold_may_become_a_visit_elsewhere(clinic: SmallClinic, database: Database) -> None:
    """It was said otherwise at last; where that is taken the hold stands as before."""
    hold = _hold(clinic, database, visit_type_id=clinic.new_patient)
    database.transact(add_visit, clinic, at("11:00"))
    wish = booking(clinic, hold_id=hold.hold_id, starts_at=at("11:00"))
    refusal = refused(database, SlotTaken, book_appointment, clinic.receptionist, wish, NOW)
    assert len(refusal.alternatives) == 3
    wish = replace(wish, starts_at=at("10:50"), minutes=10)
    answer = database.transact(book_appointment, clinic.receptionist, wish, NOW)
    assert answer.appointment_id == hold.hold_id
    row = database.read(visit, hold.hold_id)
    assert (row.starts_at, row.blocked_until) == (at("10:50"), at("11:00"))
    assert row.visit_type_id == clinic.follow_up


def test_a_hold_does_not_help_where_the_patient_is_taken(
    clinic: SmallClinic, database: Database
) -> None:
    hold = _hold(clinic, database)
    database.transact(
        add_visit, clinic, at("10:10"), doctor_id=clinic.okafor, patient_id=clinic.maria
    )
    wish = booking(clinic, hold_id=hold.hold_id)
    refusal = refused(database, SlotTaken, book_appointment, clinic.receptionist, wish, NOW)
    assert str(refusal).startswith("Maria Garcia has a visit with Dr Okafor")


def test_somebody_elses_hold_is_no_help(clinic: SmallClinic, database: Database) -> None:
    hold = _hold(clinic, database)
    wish = booking(clinic, hold_id=hold.hold_id)
    refusal = refused(database, SlotTaken, book_appointment, clinic.doctor_lee, wish, NOW)
    assert "held by ana" in str(refusal)


def test_a_hold_that_ran_out_and_is_gone(clinic: SmallClinic, database: Database) -> None:
    """Booked as any other if it is free, or else refused with alternatives."""
    first, second = _hold(clinic, database), _hold(clinic, database, "two", starts_at=at("11:00"))
    for hold in (first, second):
        database.transact(release_hold, clinic.receptionist, hold.hold_id, NOW)
    database.transact(add_visit, clinic, at("11:00"))
    wish = booking(clinic, hold_id=first.hold_id)
    answer = database.transact(book_appointment, clinic.receptionist, wish, NOW)
    assert answer.starts_at == at("10:00")
    late = booking(clinic, hold_id=NOBODY, patient_id=clinic.sam, starts_at=at("11:00"))
    refusal = refused(database, SlotTaken, book_appointment, clinic.receptionist, late, NOW)
    assert refusal.alternatives


def test_one_that_ran_out_but_stands_is_still_mine(clinic: SmallClinic, database: Database) -> None:
    hold = _hold(clinic, database)
    wish = booking(clinic, hold_id=hold.hold_id)
    answer = database.transact(book_appointment, clinic.receptionist, wish, _LATER)
    assert answer.appointment_id == hold.hold_id


def _book_it(clinic: SmallClinic, database: Database) -> None:
    wish = booking(clinic, patient_id=clinic.sam, room_id=clinic.room_one)
    database.transact(book_appointment, clinic.doctor_lee, wish, _LATER)


def _book_elsewhere(clinic: SmallClinic, database: Database) -> None:
    """The patient and the room are what was held."""
    wish = booking(clinic, doctor_id=clinic.park, room_id=clinic.room_one)
    database.transact(book_appointment, clinic.doctor_park, wish, _LATER)


def _move_there(clinic: SmallClinic, database: Database) -> None:
    other = database.transact(add_visit, clinic, at("14:00"))
    wish = MoveRequest(other, clinic.lee, at("10:10"), 20, None)
    database.transact(move_appointment, clinic.doctor_lee, wish, _LATER)


def _hold_over_it(clinic: SmallClinic, database: Database) -> None:
    request = _request(clinic, "two", starts_at=at("09:50"))
    database.transact(hold_opening, clinic.doctor_lee, request, _LATER)


def _book_another_hold_there(clinic: SmallClinic, database: Database) -> None:
    request = _request(clinic, "two", starts_at=at("11:00"))
    other = database.transact(hold_opening, clinic.doctor_lee, request, NOW)
    wish = booking(clinic, hold_id=other.hold_id)
    answer = database.transact(book_appointment, clinic.doctor_lee, wish, _LATER)
    assert answer.appointment_id == other.hold_id


@pytest.mark.parametrize(
    "use", [_book_it, _book_elsewhere, _move_there, _hold_over_it, _book_another_hold_there]
)
def test_one_that_ran_out_stands_in_nobodys_way(
    clinic: SmallClinic, database: Database, use: Callable[[SmallClinic, Database], None]
) -> None:
    """The instant that it runs out, and not a moment before."""
    hold = _hold(clinic, database, patient_id=clinic.maria, room_id=clinic.room_one)
    use(clinic, database)
    assert hold.starts_at not in database.read(_holds)


def test_a_moment_before_it_runs_out_it_stands(clinic: SmallClinic, database: Database) -> None:
    _hold(clinic, database)
    before = _LATER - timedelta(microseconds=1)
    wish = booking(clinic)
    refused(database, SlotTaken, book_appointment, clinic.doctor_lee, wish, before)
    found = database.read(
        find_openings,
        clinic.receptionist,
        OpeningSearch(clinic.follow_up, at("10:00"), (clinic.lee,)),
        _LATER,
    )
    assert found.openings[0].starts_at == at("10:00")


def test_renewing(clinic: SmallClinic, database: Database) -> None:
    """As often as its dialog is open; the trail hears of holding and of giving back alone."""
    hold = _hold(clinic, database)
    soon = NOW + timedelta(minutes=2)
    renewed = database.transact(renew_hold, clinic.receptionist, hold.hold_id, soon)
    assert renewed == replace(hold, held_until=soon + HOLD_FOR)
    wish = booking(clinic)
    refused(database, SlotTaken, book_appointment, clinic.doctor_lee, wish, _LATER)
    database.transact(release_hold, clinic.receptionist, hold.hold_id, _LATER)
    entries = database.read(
        lambda session: session.execute(
            select(_AUDIT.c.operation, _AUDIT.c.doctor_id, _AUDIT.c.details)
            .where(_AUDIT.c.operation.in_(("hold", "renew", "release")))
            .order_by(_AUDIT.c.id)
        ).all()
    )
    assert [tuple(entry) for entry in entries] == [
        ("hold", clinic.lee, {"hold": hold.hold_id}),
        ("release", clinic.lee, {"hold": hold.hold_id}),
    ]
    refused(database, NotFound, release_hold, clinic.receptionist, hold.hold_id, NOW)


def test_a_number_that_another_desk_has_by_now(clinic: SmallClinic, database: Database) -> None:
    """SQLite gives the number of a hold that is gone again: it is not what this desk holds."""
    ana, hold = clinic.receptionist, _hold(clinic, database, "two", starts_at=at("11:00"))
    for operation in (renew_hold, release_hold):
        refused(database, NotFound, operation, ana, hold.hold_id, NOW, "one")
    wish = booking(clinic, hold_id=hold.hold_id, desk="one")
    booked = database.transact(book_appointment, ana, wish, NOW)
    assert booked.appointment_id != hold.hold_id
    assert database.read(_holds) == [at("11:00")]
    database.transact(release_hold, ana, hold.hold_id, NOW, "two")
    assert database.read(_holds) == []


def test_what_ran_out_is_forgotten(clinic: SmallClinic, database: Database) -> None:
    """An hour later, by whoever holds something; until then a desk that slept has it back."""
    ana, hold = clinic.receptionist, _hold(clinic, database)
    elsewhere = _request(clinic, "two", doctor_id=clinic.okafor, starts_at=at("15:00"))
    soon = _LATER + timedelta(minutes=59)
    database.transact(hold_opening, ana, elsewhere, soon)
    assert database.transact(renew_hold, ana, hold.hold_id, soon) == replace(
        hold, held_until=soon + HOLD_FOR
    )
    late = soon + HOLD_FOR + timedelta(hours=1)
    other = _request(clinic, "three", doctor_id=clinic.park, starts_at=at("16:00"))
    database.transact(hold_opening, ana, other, late)
    assert database.read(_holds) == [at("16:00")]


def test_one_opening_at_a_time(clinic: SmallClinic, database: Database) -> None:
    """Of a desk; the same one again is renewed, another takes its place where it is named."""
    hold = _hold(clinic, database)
    other = _request(clinic, starts_at=at("11:00"))
    ana = clinic.receptionist
    refusal = refused(database, HoldsAlready, hold_opening, ana, other, NOW)
    assert "10:00–10:20" in str(refusal)
    refused(database, HoldsAlready, hold_opening, ana, replace(other, replaces=NOBODY), NOW)
    assert _hold(clinic, database) == hold
    _hold(clinic, database, "two", starts_at=at("11:20"))
    theirs = _request(clinic, doctor_id=clinic.park)
    database.transact(hold_opening, clinic.doctor_park, theirs, NOW)

    moved = _hold(clinic, database, starts_at=at("10:10"), replaces=hold.hold_id)
    assert moved.starts_at == at("10:10")
    assert database.read(_holds) == [at("10:00"), at("10:10"), at("11:20")]
    taken = _request(clinic, starts_at=at("11:30"), replaces=moved.hold_id)
    refused(database, SlotTaken, hold_opening, ana, taken, NOW)
    late = _hold(clinic, database, starts_at=at("16:00"), replaces=moved.hold_id)
    after = database.transact(hold_opening, ana, _request(clinic, starts_at=at("15:00")), _LATER)
    assert after.starts_at == at("15:00")
    assert late.starts_at not in database.read(_holds)


def test_a_desk_leaves(clinic: SmallClinic, database: Database) -> None:
    """All that it holds is given back; what others hold, or it for another account, stays."""
    _hold(clinic, database)
    _hold(clinic, database, "two", starts_at=at("11:00"))
    assert database.transact(release_desk, clinic.doctor_lee, "one", NOW) == 0
    assert database.transact(release_desk, clinic.receptionist, "one", NOW) == 1
    assert database.transact(release_desk, clinic.receptionist, "one", NOW) == 0
    assert database.read(_holds) == [at("11:00")]


def test_signing_out_gives_back(clinic: SmallClinic, database: Database) -> None:
    ana, ben = Desk(database, lambda: NOW), Desk(database, lambda: NOW)
    assert ana.name != ben.name
    for desk, clock in ((ana, "10:00"), (ben, "11:00")):
        desk.sign_in_as(clinic.receptionist)
        desk.run_now(hold_opening, _request(clinic, desk.name, starts_at=at(clock)), NOW)
    ana.sign_out()
    assert not ana.is_signed_in
    assert database.read(_holds) == [at("11:00")]


def test_signing_out_where_nothing_can_be_given_back(
    clinic: SmallClinic, database: Database
) -> None:
    """An admin may hold nothing; a database that is gone keeps nobody signed in."""
    desk = Desk(database, lambda: NOW)
    desk.sign_in_as(clinic.admin)
    desk.sign_out()
    assert not desk.is_signed_in


def test_patients_hold_for_themselves_alone(clinic: SmallClinic, database: Database) -> None:
    own = _request(clinic, patient_id=clinic.maria)
    hold = database.transact(hold_opening, clinic.patient, own, NOW)
    for given in ({"patient_id": clinic.sam}, {"patient_id": None}):
        request = replace(own, desk="two", starts_at=at("11:00"), **given)
        refused(database, NotPermitted, hold_opening, clinic.patient, request, NOW)
    theirs = database.transact(
        hold_opening, clinic.receptionist, _request(clinic, starts_at=at("14:00")), NOW
    )
    for operation in (renew_hold, release_hold):
        refused(database, NotPermitted, operation, clinic.patient, theirs.hold_id, NOW)
        refusal = refused(database, NotPermitted, operation, clinic.receptionist, hold.hold_id, NOW)
        assert str(refusal) == "That opening is held by Maria Garcia."


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (NotFound, {"doctor_id": NOBODY}),
        (NotFound, {"patient_id": NOBODY}),
        (NotFound, {"patient_id": 0}),
        (NotFound, {"visit_type_id": NOBODY}),
        (NotFound, {"room_id": NOBODY}),
        (BadInput, {"minutes": 0}),
        (BadInput, {"minutes": 13 * 60}),
        (BadInput, {"starts_at": at("08:00")}),
        (BadInput, {"starts_at": datetime(2026, 11, 24, 10, 0)}),  # noqa: DTZ001
        (BadInput, {"starts_at": at("10:00") + timedelta(seconds=1)}),
        (BadInput, {"starts_at": datetime(9999, 12, 31, 23, 0, tzinfo=UTC)}),
        (OutsideHours, {"starts_at": at("12:30")}),
    ],
)
def test_bad_input(
    clinic: SmallClinic, database: Database, kind: type[Refusal], given: dict[str, Any]
) -> None:
    _hold(clinic, database, starts_at=at("16:00"))
    request = _request(clinic, "two", **given)
    refused(database, kind, hold_opening, clinic.receptionist, request, NOW)


def test_a_hold_is_no_visit(clinic: SmallClinic, database: Database) -> None:
    hold = _hold(clinic, database)
    booked = database.transact(add_visit, clinic, at("14:00"))
    for operation in (renew_hold, release_hold):
        refused(database, NotFound, operation, clinic.receptionist, booked, NOW)
    wish = booking(clinic, hold_id=booked, starts_at=at("11:00"))
    answer = database.transact(book_appointment, clinic.receptionist, wish, NOW)
    assert answer.appointment_id not in (booked, hold.hold_id)


def test_one_desk_twice_at_once(clinic: SmallClinic, database: Database) -> None:
    """Two keys pressed at one desk at the same moment: one hold."""
    for number in range(4):
        requests = [
            _request(clinic, f"desk {number}", starts_at=at(clock, number + 1))
            for clock in ("10:00", "11:00")
        ]
        answers = at_once(
            database, *((hold_opening, clinic.receptionist, one, NOW) for one in requests)
        )
        assert {type(answer) for answer in answers} == {Hold, HoldsAlready}
    assert len(database.read(_holds)) == 4


def test_an_expired_hold_is_booked_while_another_books_it(
    clinic: SmallClinic, database: Database
) -> None:
    """Exactly one of the two gets it, and the other is told."""
    for day in range(1, 5):
        hold = _hold(clinic, database, f"desk {day}", starts_at=at("10:00", day))
        mine = booking(clinic, starts_at=hold.starts_at, hold_id=hold.hold_id)
        theirs = booking(clinic, starts_at=hold.starts_at, patient_id=clinic.sam)
        calls = [
            (book_appointment, clinic.receptionist, mine, _LATER),
            (book_appointment, clinic.doctor_lee, theirs, _LATER),
        ]
        answers = at_once(database, *calls)
        assert sum(isinstance(answer, SlotTaken) for answer in answers) == 1, answers
        assert sum(isinstance(answer, Refusal) for answer in answers) == 1
    assert database.read(_holds) == []
