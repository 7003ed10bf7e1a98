"""Plans accepted at several desks at once, while bookings, moves and cancellations go on.

What comes out is the outcome of one of them as a whole: nothing overlaps, and no visit stands in
the time off but those left there on purpose.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.absence.absence import Acceptance, AcceptedPlan, accept_plan, plan_absence
from clinic_tui.domain.absence.causes import DoctorAway
from clinic_tui.domain.absence.lines import Decision, PlanWish
from clinic_tui.domain.codes import CancelledBy, Fate, Prefer, Status
from clinic_tui.domain.models import AuditEntry, TimeOff, table
from clinic_tui.domain.times.walltime import instant
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.domain.visits.cancelling import CancelRequest, cancel_appointment
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from tests.domain.given import APPOINTMENTS, add_visit, at
from tests.small_clinic import NOW, ZONE, SmallClinic

from .racing import FACTOR, NO_OVERLAPS, Lane, Racers, deadlocks, overlaps, say_speed
from .test_booking_races import one_patient_each

_AUDIT, _OFF = table(AuditEntry), table(TimeOff)
_VISITS = 12
_TURNS = 3 * FACTOR
_LEFT = (Status.CANCELLED, Status.ENTERED_IN_ERROR)


def _full_morning(session: Session, clinic: SmallClinic, patients: list[int]) -> list[int]:
    """Lee's Tuesday, and Okafor's beside it half full."""
    starts = [at("09:00", 1) + timedelta(minutes=15 * number) for number in range(_VISITS)]
    for one, patient in zip(starts[::2], patients[6:], strict=False):
        add_visit(session, clinic, one, minutes=15, doctor_id=clinic.okafor, patient_id=patient)
    return [
        add_visit(session, clinic, one, minutes=15, patient_id=patient)
        for one, patient in zip(starts, patients, strict=False)
    ]


def accept_at_once(lane: Lane, acceptance: Acceptance) -> None:
    """Every desk accepts the same plan, as a request of its own."""
    lane.run(accept_plan, replace(acceptance, key=f"desk {lane.number}"), NOW)


def test_two_desks_accept_the_same_plan(
    clinic: SmallClinic, database: Database, racers: Racers
) -> None:
    """One of sixteen does it all; the others are told that it has changed."""
    patients = database.transact(one_patient_each, clinic)
    numbers = database.transact(_full_morning, clinic, patients)
    away = DoctorAway(clinic.lee, at("00:00", 1), at("00:00", 2))
    plan = database.read(plan_absence, clinic.receptionist, away, NOW, PlanWish(Prefer.COLLEAGUE))
    acceptance = Acceptance(plan.cause, plan.decisions())
    answers = racers.race(accept_at_once, database, clinic.receptionist, acceptance)
    say_speed("accepting one plan at sixteen desks", answers)
    assert Counter(one.outcome for one in answers) == {"done": 1, "PlanChanged": 15}
    assert database.read(overlaps) == NO_OVERLAPS
    assert database.read(deadlocks) == 0
    said = {one.appointment_id: (one.doctor_id, one.starts_at) for one in plan.decisions()}
    rows = database.read(lambda s: s.execute(select(APPOINTMENTS)).all())
    assert {row.id: (row.doctor_id, row.starts_at) for row in rows if row.id in numbers} == said
    assert len(database.read(lambda s: s.execute(select(_OFF)).all())) == 1


def plans_and_bookings(lane: Lane, clinic: SmallClinic, patients: list[int], turns: int) -> None:
    """Every fourth desk plans an absence and accepts it, again with each new plan; the others
    book, move and cancel in and around it."""
    dice = random.Random(lane.number)
    doctors = (clinic.lee, clinic.okafor)
    for _ in range(turns):
        if lane.number % 4 == 0:
            _plan(lane, dice.choice(doctors), dice.choice((1, 2)), dice)
            continue
        start = instant(
            NOW.date() + timedelta(days=dice.choice((1, 2, 3))), 540 + 10 * dice.randrange(18), ZONE
        )
        request = BookingRequest(
            dice.choice(doctors), clinic.follow_up, start, patient_id=patients[lane.number]
        )
        booked = lane.run(book_appointment, request, NOW)
        if booked is None:
            continue
        if dice.random() < 0.5:
            elsewhere = start + timedelta(days=dice.choice((-1, 1)))
            wanted = MoveRequest(booked.appointment_id, dice.choice(doctors), elsewhere, 20, None)
            lane.run(move_appointment, wanted, NOW)
        elif dice.random() < 0.5:
            wish = CancelRequest(booked.appointment_id, CancelledBy.PATIENT)
            lane.run(cancel_appointment, wish, NOW)


def _plan(lane: Lane, doctor: int, day: int, dice: random.Random) -> None:
    """An hour or two away; what could not be moved is kept, and every third line too."""
    starts_at = at("09:00", day) + timedelta(minutes=30 * dice.randrange(4))
    away = DoctorAway(doctor, starts_at, starts_at + timedelta(minutes=60))
    for _ in range(8):
        wish = PlanWish(dice.choice(list(Prefer)[:2]), 3)
        plan = lane.desk.read_now(plan_absence, away, NOW, wish)
        decisions = tuple(
            Decision(one.appointment_id, one.sequence, Fate.KEEP) if dice.random() < 0.3 else one
            for one in plan.decisions()
        )
        if lane.run(accept_plan, Acceptance(plan.cause, decisions), NOW) is not None:
            return


def _fill_mornings(session: Session, clinic: SmallClinic, patients: list[int]) -> None:
    """A visit each half hour on the days of the plans, so that each plan finds some in its way."""
    mornings = [(doctor, day) for doctor in (clinic.lee, clinic.okafor) for day in (1, 2)]
    for (doctor, day), patient in zip(mornings, patients, strict=True):
        for half_hour in range(5):
            starts_at = at("09:00", day) + timedelta(minutes=30 * half_hour)
            add_visit(session, clinic, starts_at, doctor_id=doctor, patient_id=patient)


def _standing_in_time_off(session: Session) -> set[int]:
    return set(
        session.scalars(
            select(APPOINTMENTS.c.id)
            .join(
                _OFF,
                (_OFF.c.doctor_id == APPOINTMENTS.c.doctor_id)
                & (_OFF.c.starts_at < APPOINTMENTS.c.ends_at)
                & (APPOINTMENTS.c.starts_at < _OFF.c.ends_at),
            )
            .where(APPOINTMENTS.c.status.not_in(_LEFT))
        )
    )


def test_plans_while_bookings_arrive(
    clinic: SmallClinic, database: Database, racers: Racers
) -> None:
    patients = database.transact(one_patient_each, clinic)
    database.transact(_fill_mornings, clinic, patients[::4])
    answers = racers.race(
        plans_and_bookings, database, clinic.receptionist, clinic, patients, _TURNS
    )
    say_speed("plans among bookings", answers)
    outcomes = Counter(one.outcome for one in answers)
    assert outcomes.keys() <= {
        "done", "PlanChanged", "SlotTaken", "OutsideHours", "BadInput", "WrongStatus",
        "ChangedMeanwhile",
    }  # fmt: skip
    accepted = [one.value for one in answers if isinstance(one.value, AcceptedPlan)]
    assert sum(one.moved for one in accepted) > 0
    assert database.read(overlaps) == NO_OVERLAPS
    assert database.read(deadlocks) == 0
    entries = database.read(
        lambda s: s.execute(select(_AUDIT).where(_AUDIT.c.operation == "accept_plan")).all()
    )
    assert len(entries) == len(accepted)
    stays = sum(one.kept + len(one.to_call) for one in accepted)
    assert len(database.read(_standing_in_time_off)) <= stays
