"""Terminals of one account that undo at once: each takes a step of its own, none is taken twice."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.codes import Status
from clinic_tui.domain.models import AuditEntry, table
from clinic_tui.domain.undo.undo import undo_last
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from tests.domain.given import APPOINTMENTS, at, booking
from tests.small_clinic import NOW, SmallClinic

from .racing import NO_OVERLAPS, RACERS, Lane, Racers, deadlocks, overlaps

_AUDIT = table(AuditEntry)
_HOURS = ("09:00", "10:00", "11:00", "14:00", "15:00")


def _ten_steps(session: Session, clinic: SmallClinic) -> None:
    """Five bookings, each of them moved to the next day."""
    for clock in _HOURS:
        request = booking(clinic, starts_at=at(clock, 1))
        booked = book_appointment(session, clinic.receptionist, request, NOW)
        wanted = MoveRequest(booked.appointment_id, clinic.lee, at(clock, 2), 20, None)
        move_appointment(session, clinic.receptionist, wanted, NOW)


def undo_once(lane: Lane, key: str = "") -> None:
    """Press u."""
    lane.run(undo_last, NOW, key or f"undo {lane.number}")


def test_sixteen_undo_ten_steps(clinic: SmallClinic, database: Database, racers: Racers) -> None:
    database.transact(_ten_steps, clinic)
    broken = database.read(deadlocks)
    answers = racers.race(undo_once, database, clinic.receptionist)
    assert Counter(answer.outcome for answer in answers) == {"done": 10, "NotFound": RACERS - 10}
    undone = database.read(
        lambda s: s.scalars(select(_AUDIT.c.details).where(_AUDIT.c.operation == "undo")).all()
    )
    assert len({entry["step"] for entry in undone}) == len(undone) == 10
    statuses = database.read(lambda s: s.scalars(select(APPOINTMENTS.c.status)).all())
    assert statuses == [Status.ENTERED_IN_ERROR] * len(_HOURS)
    assert database.read(overlaps) == NO_OVERLAPS
    assert database.read(deadlocks) == broken


def test_one_request_sent_by_sixteen(
    clinic: SmallClinic, database: Database, racers: Racers
) -> None:
    """Whoever repeats it gets the first answer; one step is undone."""
    database.transact(_ten_steps, clinic)
    answers = racers.race(undo_once, database, clinic.receptionist, "the same")
    assert len({answer.value for answer in answers}) == 1
    assert {answer.outcome for answer in answers} == {"done"}
    moved = at(_HOURS[-1], 2)
    starts = database.read(lambda s: s.scalars(select(APPOINTMENTS.c.starts_at)).all())
    assert len(starts) == len(_HOURS)
    assert moved not in starts
