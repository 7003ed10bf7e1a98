"""Sixteen terminals, one book: no two visits overlap, and everybody is told the truth."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.access import Actor, Permission, Role
from clinic_tui.domain.codes import CancelledBy, Status
from clinic_tui.domain.models import Appointment, AuditEntry, table
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.domain.staff.accounts import AccountDetails, add_account
from clinic_tui.domain.staff.sign_ins import signed_in, stored_password
from clinic_tui.domain.times.walltime import instant
from clinic_tui.domain.visits.appointments import BookedAppointment
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.domain.visits.cancelling import (
    CancelRequest,
    cancel_appointment,
    reinstate_appointment,
)
from clinic_tui.domain.visits.flow import arrive, check_in, mark_noshow, step_back
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from clinic_tui.domain.visits.requests import new_key
from tests.domain.given import add_visit
from tests.small_clinic import NOW, ZONE, SmallClinic

from .racing import FACTOR, NO_OVERLAPS, RACERS, Lane, Racers, deadlocks, overlaps, say_speed

_APPOINTMENTS, _AUDIT = table(Appointment), table(AuditEntry)
_SLOTS = 40 * FACTOR
_TURNS = 30 * FACTOR
"""Operations of each racer where everything is mixed."""
_AFTERWARDS = NOW + timedelta(days=30)
"""When every visit of the race is over: late enough for any step of its day."""


def slots(count: int, first: date) -> list[datetime]:
    """Starts 20 minutes apart in the hours of the small clinic, from that day on."""
    found: list[datetime] = []
    day = first
    while len(found) < count:
        if day.weekday() < 5:
            minutes = [*range(9 * 60, 12 * 60, 20), *range(13 * 60, 17 * 60, 20)]
            found += [instant(day, minute, ZONE) for minute in minutes]
        day += timedelta(days=1)
    return found[:count]


def one_patient_each(session: Session, clinic: SmallClinic) -> list[int]:
    """Whom the racers book: each of them somebody else."""
    return [
        register_patient(
            session, clinic.receptionist, PatientDetails("Racer", f"Number {number}"), NOW
        )
        for number in range(RACERS)
    ]


def take_every_slot(
    lane: Lane, clinic: SmallClinic, starts: list[datetime], patients: list[int]
) -> None:
    """Book each slot in turn: everybody is at the same one at about the same time."""
    for starts_at in starts:
        request = BookingRequest(
            clinic.lee, clinic.follow_up, starts_at, patient_id=patients[lane.number]
        )
        lane.run(book_appointment, request, NOW, key=request.key)


def test_sixteen_race_for_every_slot(
    clinic: SmallClinic, database: Database, racers: Racers, kind: str
) -> None:
    """Exactly one wins each; everybody else hears that it is taken, and where there is room."""
    patients = database.transact(one_patient_each, clinic)
    starts = slots(_SLOTS, NOW.date() + timedelta(days=7))
    answers = racers.race(take_every_slot, database, clinic.receptionist, clinic, starts, patients)
    say_speed(f"{kind}: {RACERS} race for {_SLOTS} slots", answers)
    outcomes = Counter(answer.outcome for answer in answers)
    assert outcomes == {"done": _SLOTS, "SlotTaken": (RACERS - 1) * _SLOTS}
    losers = [answer for answer in answers if answer.outcome == "SlotTaken"]
    assert all(1 <= answer.alternatives <= 3 for answer in losers)
    assert {answer.value.starts_at for answer in answers if answer.value} == set(starts)
    assert database.read(overlaps) == NO_OVERLAPS
    assert database.read(deadlocks) == 0


class _Hand:
    """What one racer does, drawn at random: few doctors, patients and rooms, so that all meet.

    It remembers of each visit what it saw last, and mostly does what follows from that; the
    others have often been there meanwhile.
    """

    def __init__(self, lane: Lane, clinic: SmallClinic, dice: random.Random) -> None:
        self.lane, self.clinic, self.dice = lane, clinic, dice
        self.doctors = (clinic.lee, clinic.okafor)
        self.patients = (clinic.maria, clinic.jonas, clinic.ozlem, clinic.thuy, clinic.sam)
        self.seen: dict[int, Status] = {}

    def turn(self) -> None:
        """Do one thing."""
        if not self.seen or self.dice.random() < 0.25:
            self.book()
            return
        visit = self.dice.choice(list(self.seen))
        after = _WHAT_FOLLOWS.get(self.seen[visit], (step_back,))
        operation = self.dice.choice(after)
        if operation is move_appointment:
            self.move(visit)
        elif operation is cancel_appointment:
            wish = CancelRequest(visit, CancelledBy.PATIENT)
            self._note(self.lane.run(operation, wish, NOW, key=wish.key))
        else:
            key = new_key()
            now = NOW if operation is reinstate_appointment else _AFTERWARDS
            self._note(self.lane.run(operation, visit, now, key, key=key))

    def book(self) -> None:
        request = BookingRequest(
            self.dice.choice(self.doctors),
            self.dice.choice((self.clinic.follow_up, self.clinic.new_patient)),
            self._start(),
            patient_id=self.dice.choice(self.patients),
            minutes=self.dice.choice((5, 20, 35, 60)),
            room_id=self._room(),
        )
        booked = self.lane.run(book_appointment, request, NOW, key=request.key)
        self._note(booked)
        if booked is not None:
            # Others' visits are found by their numbers, which count on.
            self.seen.setdefault(max(1, booked.appointment_id - 3), Status.BOOKED)

    def move(self, visit: int) -> None:
        request = MoveRequest(
            visit,
            self.dice.choice(self.doctors),
            self._start(),
            self.dice.choice((5, 20, 35, 60)),
            self._room(),
        )
        self._note(self.lane.run(move_appointment, request, NOW, key=request.key))

    def _start(self) -> datetime:
        minute = 9 * 60 + 5 * self.dice.randrange(8 * 12)
        return instant(NOW.date() + timedelta(days=1), minute, ZONE)

    def _room(self) -> int | None:
        return self.dice.choice((None, self.clinic.room_one, self.clinic.room_two))

    def _note(self, visit: BookedAppointment | None) -> None:
        if visit is not None:
            self.seen[visit.appointment_id] = visit.status


_WHAT_FOLLOWS: dict[Status, tuple[Any, ...]] = {
    Status.BOOKED: (
        *(move_appointment, move_appointment, move_appointment),
        *(cancel_appointment, cancel_appointment, mark_noshow, mark_noshow, arrive, check_in),
    ),
    Status.ARRIVED: (move_appointment, cancel_appointment, step_back, step_back),
    Status.CANCELLED: (reinstate_appointment,),
}
"""The rest, such as a visit somebody did not come to, takes a step back."""


def do_everything(lane: Lane, clinic: SmallClinic, turns: int) -> None:
    """Book, move, hand on, cancel, bring back, miss and step back, on one crowded day."""
    hand = _Hand(lane, clinic, random.Random(lane.number))
    for _ in range(turns):
        hand.turn()


def somebody_who_may_step_back(session: Session, clinic: SmallClinic) -> Actor:
    """A receptionist who was granted steps back."""
    granted = frozenset({Permission.STEP_BACK})
    details = AccountDetails("lead", "Lea D", frozenset({Role.RECEPTIONIST}), granted)
    add_account(session, clinic.admin, details, "no password", NOW)
    stored = stored_password(session, "lead")
    assert stored is not None
    return signed_in(session, stored, NOW)


def _trail(session: Session) -> list[tuple[str, int | None]]:
    """The requests that left an entry, with the visit each was about."""
    rows = session.execute(
        select(_AUDIT.c.request_key, _AUDIT.c.appointment_id).where(
            _AUDIT.c.request_key.is_not(None)
        )
    )
    return [(key, appointment_id) for key, appointment_id in rows]


def test_everything_at_once(
    clinic: SmallClinic, database: Database, racers: Racers, kind: str
) -> None:
    """No overlaps, no errors but refusals, and a trail of exactly what was done."""
    lead = database.transact(somebody_who_may_step_back, clinic)
    answers = racers.race(do_everything, database, lead, clinic, _TURNS)
    say_speed(f"{kind}: {RACERS} do everything", answers)
    outcomes = Counter(answer.outcome for answer in answers)
    print(dict(outcomes))  # noqa: T201 - a race in which nobody met would show here
    expected = {"done", "SlotTaken", "OutsideHours", "WrongStatus", "NotFound", "BadInput"}
    assert outcomes.keys() <= expected, [a.sentence for a in answers if a.outcome not in expected]
    assert outcomes["done"] > len(answers) / 10
    assert outcomes["SlotTaken"] > len(answers) / 10
    assert database.read(deadlocks) == 0

    assert database.read(overlaps) == NO_OVERLAPS
    done = [(a.key, a.value.appointment_id) for a in answers if a.outcome == "done"]
    assert sorted(database.read(_trail)) == sorted(done)
    ids = set(database.read(lambda session: session.scalars(select(_APPOINTMENTS.c.id)).all()))
    assert ids == {appointment_id for _, appointment_id in done}


_PLACES = 4 * FACTOR
"""Times that so many visits once stood at, one of each racer's."""


def _given_up(
    session: Session, clinic: SmallClinic, patients: list[int], status: Status
) -> list[list[int]]:
    """A visit of each racer at each of some times, none of them standing any more."""
    starts = slots(_PLACES, NOW.date() + timedelta(days=7))
    return [
        [
            add_visit(session, clinic, starts_at, patient_id=patient_id, status=status)
            for patient_id in patients
        ]
        for starts_at in starts
    ]


def bring_back(lane: Lane, operation: Any, places: list[list[int]]) -> None:
    """Bring one's own visit back at each place, where everybody else does the same."""
    for place in places:
        key = new_key()
        lane.run(operation, place[lane.number], NOW, key, key=key)


@pytest.mark.parametrize(
    ("operation", "status"),
    [(step_back, Status.NOSHOW), (reinstate_appointment, Status.CANCELLED)],
    ids=["no-shows", "cancelled"],
)
def test_one_of_many_comes_back(
    clinic: SmallClinic,
    database: Database,
    racers: Racers,
    kind: str,
    operation: Any,
    status: Status,
) -> None:
    """To time that was given up, of all who once had it one comes back."""
    lead = database.transact(somebody_who_may_step_back, clinic)
    patients = database.transact(one_patient_each, clinic)
    places = database.transact(_given_up, clinic, patients, status)
    answers = racers.race(bring_back, database, lead, operation, places)
    say_speed(f"{kind}: {RACERS} bring back {status}", answers)
    outcomes = Counter(answer.outcome for answer in answers)
    assert outcomes == {"done": _PLACES, "SlotTaken": (RACERS - 1) * _PLACES}
    assert database.read(overlaps) == NO_OVERLAPS
    assert database.read(deadlocks) == 0
