"""Merging against what is being written for the patient: nothing is left with the merged record.

What is written first follows; what comes second finds the record merged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.access import Role
from clinic_tui.domain.codes import Status
from clinic_tui.domain.errors import NotFound
from clinic_tui.domain.models import Account, Patient, Series, WaitlistEntry, table
from clinic_tui.domain.patients.merged_records import two_records
from clinic_tui.domain.patients.merging import MergedPatients, merge_patients
from clinic_tui.domain.series.series import SeriesRequest, book_series
from clinic_tui.domain.staff.accounts import AccountDetails, add_account
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.holds import HoldRequest, hold_opening
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from clinic_tui.domain.visits.together import TogetherRequest, VisitTogether, book_together
from clinic_tui.domain.waitlist.waitlist import Wish, add_to_waitlist
from tests.domain.given import APPOINTMENTS, add_visit, at, booking
from tests.small_clinic import NOW, SmallClinic

from .racing import PATIENCE, deadlocks, see_it_wait

_AT = at("14:00", 1)
_TIED = (APPOINTMENTS, *map(table, (Series, WaitlistEntry, Account)))


@pytest.fixture
def aside() -> Iterator[ThreadPoolExecutor]:
    """A thread for the other terminal."""
    with ThreadPoolExecutor(1) as threads:
        yield threads


def _book(session: Session, clinic: SmallClinic) -> None:
    request = booking(clinic, patient_id=clinic.jonas, starts_at=at("10:00", 1))
    book_appointment(session, clinic.receptionist, request, NOW)


def _book_by_the_hold(session: Session, clinic: SmallClinic) -> None:
    hold_id = session.scalar(select(APPOINTMENTS.c.id).where(APPOINTMENTS.c.status == Status.HELD))
    request = booking(clinic, patient_id=clinic.jonas, starts_at=at("09:00", 2), hold_id=hold_id)
    book_appointment(session, clinic.receptionist, request, NOW)


def _hold(session: Session, clinic: SmallClinic) -> None:
    request = HoldRequest(
        clinic.lee, clinic.follow_up, at("10:00", 1), "a desk", patient_id=clinic.jonas
    )
    hold_opening(session, clinic.receptionist, request, NOW)


def _book_series(session: Session, clinic: SmallClinic) -> None:
    request = SeriesRequest(
        clinic.jonas, clinic.lee, clinic.follow_up, at("10:00", 1).date(), 600,
        "FREQ=WEEKLY;COUNT=2",
    )  # fmt: skip
    book_series(session, clinic.receptionist, request, NOW)


def _book_together(session: Session, clinic: SmallClinic) -> None:
    visits = (
        VisitTogether(clinic.lee, clinic.follow_up, at("10:00", 1)),
        VisitTogether(clinic.okafor, clinic.follow_up, at("10:20", 1)),
    )
    book_together(session, clinic.receptionist, TogetherRequest(clinic.jonas, visits), NOW)


def _wait(session: Session, clinic: SmallClinic) -> None:
    add_to_waitlist(session, clinic.receptionist, Wish(clinic.jonas, clinic.follow_up), NOW)


def _register(session: Session, clinic: SmallClinic) -> None:
    details = AccountDetails("jon", "Jo", frozenset({Role.PATIENT}), patient_id=clinic.jonas)
    add_account(session, clinic.admin, details, "no password", NOW)


WRITING = [
    _book, _book_by_the_hold, _hold, _book_series, _book_together, _wait, _register,
]  # fmt: skip


def _prepare(session: Session, clinic: SmallClinic) -> None:
    """A visit that follows in any case, and a hold to book by."""
    add_visit(session, clinic, _AT)
    request = HoldRequest(clinic.lee, clinic.follow_up, at("09:00", 2), "another desk")
    hold_opening(session, clinic.receptionist, request, NOW)


def _merge(session: Session, clinic: SmallClinic) -> MergedPatients:
    return merge_patients(session, clinic.receptionist, clinic.sam, clinic.jonas, NOW)


def _tied_to(session: Session, patient_id: int) -> int:
    """How many rows are that patient's."""
    counts = (
        session.scalar(select(func.count()).where(owned.c.patient_id == patient_id))
        for owned in _TIED
    )
    return sum(filter(None, counts))


@pytest.mark.parametrize("write", WRITING)
def test_who_comes_second_finds_the_record_merged(
    clinic: SmallClinic,
    database: Database,
    aside: ThreadPoolExecutor,
    write: Callable[[Session, SmallClinic], None],
) -> None:
    database.transact(_prepare, clinic)
    with Session(database.engine) as session:
        assert _merge(session, clinic).visits == 1
        coming = aside.submit(database.transact, write, clinic)
        see_it_wait(database, coming)
        session.commit()
    with pytest.raises(NotFound):
        coming.result(timeout=PATIENCE)
    assert database.read(_tied_to, clinic.jonas) == 0
    assert database.read(_tied_to, clinic.sam) == 1
    assert database.read(deadlocks) == 0


@pytest.mark.parametrize("write", WRITING)
def test_what_was_written_first_follows(
    clinic: SmallClinic,
    database: Database,
    aside: ThreadPoolExecutor,
    write: Callable[[Session, SmallClinic], None],
) -> None:
    database.transact(_prepare, clinic)
    with Session(database.engine) as session:
        write(session, clinic)
        merging = aside.submit(database.transact, _merge, clinic)
        see_it_wait(database, merging)
        session.commit()
    merging.result(timeout=PATIENCE)
    assert database.read(_tied_to, clinic.jonas) == 0
    assert database.read(_tied_to, clinic.sam) > 1
    assert database.read(deadlocks) == 0


def test_a_move_waits_and_is_of_the_kept_record(
    clinic: SmallClinic, database: Database, aside: ThreadPoolExecutor
) -> None:
    database.transact(_prepare, clinic)
    (number,) = database.read(
        lambda s: s.scalars(select(APPOINTMENTS.c.id).where(APPOINTMENTS.c.starts_at == _AT)).all()
    )
    wanted = MoveRequest(number, clinic.okafor, at("15:00", 1), 20, None)
    with Session(database.engine) as session:
        _merge(session, clinic)
        moving = aside.submit(database.transact, move_appointment, clinic.receptionist, wanted, NOW)
        see_it_wait(database, moving)
        session.commit()
    assert moving.result(timeout=PATIENCE).patient_id == clinic.sam
    assert database.read(_tied_to, clinic.jonas) == 0


@pytest.mark.parametrize("kind", ["postgresql"])
def test_a_visit_booked_while_the_merge_waits_is_waited_for_in_order(
    clinic: SmallClinic, database: Database, aside: ThreadPoolExecutor
) -> None:
    """Who has that visit and wants the patient is not waited for by who has the patient."""
    with Session(database.engine) as booked_last, Session(database.engine) as moving:
        _book(booked_last, clinic)
        merging = aside.submit(database.transact, _merge, clinic)
        see_it_wait(database, merging)
        number = database.transact(add_visit, clinic, _AT)
        moving.execute(
            select(APPOINTMENTS.c.id).where(APPOINTMENTS.c.id == number).with_for_update()
        )
        booked_last.commit()
        see_it_wait(database, merging)
        wanted = MoveRequest(number, clinic.okafor, at("15:00", 1), 20, None)
        move_appointment(moving, clinic.receptionist, wanted, NOW)
        moving.commit()
    assert merging.result(timeout=PATIENCE).visits == 2
    assert database.read(_tied_to, clinic.jonas) == 0
    assert database.read(deadlocks) == 0


@pytest.mark.parametrize("kind", ["postgresql"])
def test_who_was_merged_before_is_locked_in_the_same_turn(
    clinic: SmallClinic, database: Database
) -> None:
    """They follow into the next record, and somebody else may hold them and wait for that one."""
    database.transact(merge_patients, clinic.receptionist, clinic.jonas, clinic.sam, NOW)
    follower = select(table(Patient).c.id).where(table(Patient).c.id == clinic.sam)

    def lock(session: Session) -> None:
        two_records(session, clinic.maria, clinic.jonas)
        with database.engine.connect() as other:
            passed_over = other.scalar(follower.with_for_update(skip_locked=True))
        assert passed_over is None

    database.transact(lock)
