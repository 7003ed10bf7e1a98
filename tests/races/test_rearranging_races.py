"""Moves, swaps and holds that cross: nobody waits for whoever waits for them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.codes import Status
from clinic_tui.domain.errors import SlotTaken
from clinic_tui.domain.times.walltime import instant
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.domain.visits.holds import (
    HOLD_FOR,
    HoldRequest,
    hold_opening,
    release_hold,
    renew_hold,
)
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from clinic_tui.domain.visits.swapping import SwapRequest, swap_appointments
from clinic_tui.domain.visits.tray import lift, put_down
from tests.domain.given import APPOINTMENTS, add_visit, at, booking
from tests.patience import here
from tests.small_clinic import NOW, ZONE, SmallClinic

from .racing import (
    FACTOR,
    NO_OVERLAPS,
    PATIENCE,
    RACERS,
    Lane,
    Racers,
    deadlocks,
    overlaps,
    say_speed,
    see_it_wait,
)
from .test_booking_races import one_patient_each, slots

_TURNS = 25 * FACTOR
_SLOTS = 10 * FACTOR
_LATER = NOW + HOLD_FOR
"""When what is held at NOW has run out: half of the racers live then."""
_DAY = NOW.date() + timedelta(days=1)
_LONGEST = 3.0
"""Seconds that 99 of 100 operations take at most."""


class _Hand:
    """What one racer does, drawn at random, with visits that everybody wants elsewhere."""

    def __init__(self, lane: Lane, clinic: SmallClinic, visits: list[int]) -> None:
        self.lane, self.clinic, self.visits = lane, clinic, visits
        self.dice = random.Random(lane.number)
        self.hold: HoldRequest | None = None
        self.hold_id = 0

    def turn(self) -> None:
        does = (self.swap, self.swap, self.move, self.move, self.carry, self.keep, self.keep,
                self.book, self.renew)  # fmt: skip
        self.dice.choice(does)()

    def swap(self) -> None:
        one, other = self.dice.sample(self.visits, 2)
        self.lane.run(swap_appointments, SwapRequest(one, other), self._now())

    def move(self) -> None:
        self.lane.run(move_appointment, self._somewhere(), self._now())

    def carry(self) -> None:
        wish = self._somewhere()
        if self.lane.run(lift, wish.appointment_id, self._now()):
            self.lane.run(put_down, wish, self._now())

    def keep(self) -> None:
        """Hold an opening, in place of the one that this desk holds."""
        request = HoldRequest(
            self._doctor(), self.clinic.follow_up, self._start(), f"desk {self.lane.number}",
            room_id=self._room(), replaces=self.hold_id or None,
        )  # fmt: skip
        held = self.lane.run(hold_opening, request, self._now())
        if held is not None:
            self.hold, self.hold_id = request, held.hold_id

    def book(self) -> None:
        """Make a visit of it."""
        if self.hold is None:
            return
        request = BookingRequest(
            self.hold.doctor_id, self.hold.visit_type_id, self.hold.starts_at,
            patient_id=self.dice.choice((self.clinic.thuy, self.clinic.sam)),
            room_id=self.hold.room_id, hold_id=self.hold_id,
        )  # fmt: skip
        self.lane.run(book_appointment, request, self._now())
        self.hold, self.hold_id = None, 0

    def renew(self) -> None:
        if self.hold is not None:
            operation = self.dice.choice((renew_hold, renew_hold, release_hold))
            self.lane.run(operation, self.hold_id, self._now())

    def _somewhere(self) -> MoveRequest:
        visit = self.dice.choice(self.visits)
        return MoveRequest(visit, self._doctor(), self._start(), 20, self._room())

    def _now(self) -> datetime:
        return self.dice.choice((NOW, _LATER))

    def _doctor(self) -> int:
        return self.dice.choice((self.clinic.lee, self.clinic.okafor))

    def _start(self) -> datetime:
        return instant(_DAY, 9 * 60 + 20 * self.dice.randrange(9), ZONE)

    def _room(self) -> int | None:
        return self.dice.choice((None, self.clinic.room_one))


def cross(lane: Lane, clinic: SmallClinic, visits: list[int], turns: int) -> None:
    """Move, swap, carry, hold and book on one crowded morning."""
    hand = _Hand(lane, clinic, visits)
    for _ in range(turns):
        hand.turn()


def _crowded(session: Session, clinic: SmallClinic, patients: list[int]) -> list[int]:
    """Visits of two doctors, five each, of as many patients."""
    starts = [instant(_DAY, 9 * 60 + 20 * number, ZONE) for number in range(5)]
    places = [(doctor, start) for doctor in (clinic.lee, clinic.okafor) for start in starts]
    return [
        add_visit(session, clinic, starts_at, doctor_id=doctor, patient_id=patient)
        for (doctor, starts_at), patient in zip(places, patients, strict=False)
    ]


def test_crossing(clinic: SmallClinic, database: Database, racers: Racers, kind: str) -> None:
    """No deadlock, no lock error, no overlap; and many of them meet."""
    patients = database.transact(one_patient_each, clinic)
    visits = database.transact(_crowded, clinic, patients)
    answers = racers.race(cross, database, clinic.receptionist, clinic, visits, _TURNS)
    say_speed(f"{kind}: {RACERS} cross", answers)
    outcomes = Counter(answer.outcome for answer in answers)
    print(dict(outcomes))  # noqa: T201 - a race in which nobody met would show here
    expected = {
        "done", "SlotTaken", "OutsideHours", "BadInput", "NotFound", "ChangedMeanwhile",
        "HoldsAlready",
    }  # fmt: skip
    assert outcomes.keys() <= expected, [a.sentence for a in answers if a.outcome not in expected]
    assert outcomes["done"] > len(answers) / 10
    assert outcomes["SlotTaken"] > len(answers) / 20
    assert database.read(overlaps) == NO_OVERLAPS
    assert database.read(deadlocks) == 0
    assert sorted(answer.seconds for answer in answers)[len(answers) * 99 // 100] < here(_LONGEST)


def _held_each(
    session: Session, clinic: SmallClinic, starts: list[datetime]
) -> list[tuple[datetime, int]]:
    holds = []
    for number, starts_at in enumerate(starts):
        request = HoldRequest(clinic.lee, clinic.follow_up, starts_at, f"desk {number}")
        holds.append((starts_at, hold_opening(session, clinic.receptionist, request, NOW).hold_id))
    return holds


def book_what_ran_out(
    lane: Lane, clinic: SmallClinic, holds: list[tuple[datetime, int]], patients: list[int]
) -> None:
    """Every second racer by the hold, the others past it."""
    for starts_at, hold_id in holds:
        request = BookingRequest(
            clinic.lee, clinic.follow_up, starts_at, patient_id=patients[lane.number],
            hold_id=hold_id if lane.number % 2 else None,
        )  # fmt: skip
        lane.run(book_appointment, request, _LATER, key=request.key)


def test_one_gets_what_ran_out(
    clinic: SmallClinic, database: Database, racers: Racers, kind: str
) -> None:
    """Whoever held it, or whoever let go of it: one of them, and everybody else is told."""
    patients = database.transact(one_patient_each, clinic)
    starts = slots(_SLOTS, NOW.date() + timedelta(days=7))
    holds = database.transact(_held_each, clinic, starts)
    answers = racers.race(book_what_ran_out, database, clinic.receptionist, clinic, holds, patients)
    say_speed(f"{kind}: {RACERS} race for {_SLOTS} holds that ran out", answers)
    outcomes = Counter(answer.outcome for answer in answers)
    assert outcomes == {"done": _SLOTS, "SlotTaken": (RACERS - 1) * _SLOTS}
    assert database.read(overlaps) == NO_OVERLAPS
    assert database.read(deadlocks) == 0


def _move_there(session: Session, clinic: SmallClinic) -> None:
    visit = add_visit(session, clinic, at("10:00", 2), doctor_id=clinic.okafor)
    wish = MoveRequest(visit, clinic.lee, at("10:00", 1), 20, None)
    move_appointment(session, clinic.receptionist, wish, _LATER)


def _book_by_the_hold(session: Session, clinic: SmallClinic) -> None:
    hold_id = session.scalar(select(APPOINTMENTS.c.id).where(APPOINTMENTS.c.status == Status.HELD))
    request = booking(clinic, starts_at=at("10:00", 1), hold_id=hold_id)
    book_appointment(session, clinic.receptionist, request, _LATER)


@pytest.mark.parametrize("kind", ["postgresql"])
@pytest.mark.parametrize("come", [_move_there, _book_by_the_hold])
def test_whoever_is_refused_keeps_nobody_waiting(
    clinic: SmallClinic, database: Database, come: Callable[..., None]
) -> None:
    """Who comes second has let go of the doctor before it looks for alternatives."""
    database.transact(_held_each, clinic, [at("10:00", 1)])

    def come_second(session: Session) -> None:
        with pytest.raises(SlotTaken):
            come(session, clinic)
        with database.engine.begin() as other:
            other.execute(text("SELECT id FROM doctors FOR NO KEY UPDATE NOWAIT"))

    with ThreadPoolExecutor(1) as aside, Session(database.engine) as session:
        first = booking(clinic, starts_at=at("10:00", 1), patient_id=clinic.sam)
        book_appointment(session, clinic.receptionist, first, _LATER)
        second = aside.submit(database.transact, come_second)
        see_it_wait(database, second)
        session.commit()
        second.result(timeout=PATIENCE)
