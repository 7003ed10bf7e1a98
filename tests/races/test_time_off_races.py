"""Time off against bookings under way: no visit lands inside it without being handed over.

Whoever takes a doctor away is told which visits that strands. A visit that was being booked at
that moment either is among them or is refused.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.absence.stranded import StrandedVisit
from clinic_tui.domain.codes import CancelledBy
from clinic_tui.domain.errors import ObstacleKind, OutsideHours
from clinic_tui.domain.hours.time_off import add_time_off
from clinic_tui.domain.models import TimeOff, table
from clinic_tui.domain.times.walltime import instant
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.domain.visits.cancelling import (
    CancelRequest,
    cancel_appointment,
    reinstate_appointment,
)
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from tests.domain.given import APPOINTMENTS, add_visit, at, booking
from tests.small_clinic import NOW, ZONE, SmallClinic

from .racing import FACTOR, PATIENCE, Lane, Racers, see_it_wait
from .test_booking_races import one_patient_each

_OFF = table(TimeOff)
_TURNS = 15 * FACTOR


@pytest.fixture
def aside() -> Iterator[ThreadPoolExecutor]:
    """A thread for the other terminal."""
    with ThreadPoolExecutor(1) as threads:
        yield threads


Change = Callable[[Session, SmallClinic], int]


def _book(session: Session, clinic: SmallClinic) -> int:
    request = booking(clinic, starts_at=at("10:00", 1))
    return book_appointment(session, clinic.receptionist, request, NOW).appointment_id


def _move(session: Session, clinic: SmallClinic) -> int:
    wanted = MoveRequest(1, clinic.lee, at("10:00", 1), 20, None)
    return move_appointment(session, clinic.receptionist, wanted, NOW).appointment_id


def _reinstate(session: Session, clinic: SmallClinic) -> int:
    return reinstate_appointment(session, clinic.receptionist, 2, NOW, "back").appointment_id


CHANGES = {"book": _book, "move": _move, "bring back": _reinstate}


def _prepare(session: Session, clinic: SmallClinic) -> None:
    """A visit with a colleague to move, and a cancelled one to bring back."""
    add_visit(session, clinic, at("10:00", 2), doctor_id=clinic.okafor)
    gone = add_visit(session, clinic, at("10:00", 1), patient_id=clinic.sam)
    cancel_appointment(session, clinic.receptionist, CancelRequest(gone, CancelledBy.PATIENT), NOW)


def _leave(session: Session, clinic: SmallClinic) -> tuple[StrandedVisit, ...]:
    """Lee is away on the whole of Tuesday."""
    return add_time_off(
        session, clinic.receptionist, clinic.lee, at("00:00", 1), at("00:00", 2), NOW
    )


@pytest.mark.parametrize("change", CHANGES)
def test_time_off_waits_for_what_is_under_way(
    clinic: SmallClinic, database: Database, aside: ThreadPoolExecutor, change: str
) -> None:
    database.transact(_prepare, clinic)
    with Session(database.engine) as session:
        visit = CHANGES[change](session, clinic)
        leaving = aside.submit(database.transact, _leave, clinic)
        see_it_wait(database, leaving)
        session.commit()
    stranded = leaving.result(timeout=PATIENCE)
    assert [one.appointment_id for one in stranded] == [visit]


@pytest.mark.parametrize("change", CHANGES)
def test_a_visit_waits_for_time_off_under_way(
    clinic: SmallClinic, database: Database, aside: ThreadPoolExecutor, change: str
) -> None:
    database.transact(_prepare, clinic)
    with Session(database.engine) as session:
        assert _leave(session, clinic) == ()
        coming = aside.submit(database.transact, CHANGES[change], clinic)
        see_it_wait(database, coming)
        session.commit()
    with pytest.raises(OutsideHours) as refusal:
        coming.result(timeout=PATIENCE)
    assert [obstacle.kind for obstacle in refusal.value.obstacles] == [ObstacleKind.AWAY]


@pytest.mark.parametrize("kind", ["postgresql"])
def test_without_the_lock_a_visit_slips_in(clinic: SmallClinic, database: Database) -> None:
    """What the two tests above are for: the same steps without the shared lock strand a visit."""

    def unlocked(
        _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any
    ) -> tuple[str, Any]:
        return statement.replace("pg_advisory_xact_lock_shared(", "concat("), parameters

    event.listen(database.engine, "before_cursor_execute", unlocked, retval=True)
    with Session(database.engine) as session:
        stranded = _leave(session, clinic)
        visit = database.transact(_book, clinic)
        session.commit()
    assert visit not in {one.appointment_id for one in stranded}
    assert database.read(_inside_time_off) == {visit}


def _inside_time_off(session: Session) -> set[int]:
    """The visits that overlap time off of their doctor."""
    return set(
        session.scalars(
            select(APPOINTMENTS.c.id).join(
                _OFF,
                (_OFF.c.doctor_id == APPOINTMENTS.c.doctor_id)
                & (_OFF.c.starts_at < APPOINTMENTS.c.ends_at)
                & (APPOINTMENTS.c.starts_at < _OFF.c.ends_at),
            )
        )
    )


def come_and_go(lane: Lane, clinic: SmallClinic, patients: list[int], turns: int) -> None:
    """Three of four book; every fourth takes doctors away for half an hour at a time."""
    dice = random.Random(lane.number)
    for _ in range(turns):
        day = NOW.date() + timedelta(days=dice.choice((1, 2, 3, 4)))
        starts_at = instant(day, 9 * 60 + 10 * dice.randrange(6 * 8), ZONE)
        doctor = dice.choice((clinic.lee, clinic.okafor))
        if lane.number % 4:
            request = BookingRequest(
                doctor, clinic.follow_up, starts_at, patient_id=patients[lane.number]
            )
            lane.run(book_appointment, request, NOW, key=request.key)
        else:
            ends_at = starts_at + timedelta(minutes=30)
            lane.run(add_time_off, doctor, starts_at, ends_at, NOW)


def test_whoever_is_taken_away_hands_every_visit_over(
    clinic: SmallClinic, database: Database, racers: Racers
) -> None:
    patients = database.transact(one_patient_each, clinic)
    answers = racers.race(come_and_go, database, clinic.receptionist, clinic, patients, _TURNS)
    outcomes = Counter(answer.outcome for answer in answers)
    assert outcomes.keys() <= {"done", "SlotTaken", "OutsideHours"}
    handed_over = {
        visit.appointment_id
        for answer in answers
        if isinstance(answer.value, tuple)
        for visit in answer.value
    }
    assert handed_over
    assert database.read(_inside_time_off) <= handed_over
