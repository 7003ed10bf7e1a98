"""A visit's day: every step from every status, each once, in order, audited, with its messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from clinic_tui.database import Database
from clinic_tui.domain.access import Actor, Permission
from clinic_tui.domain.codes import CancelledBy, Status
from clinic_tui.domain.errors import BadInput, NotFound, NotPermitted, SlotTaken, WrongStatus
from clinic_tui.domain.models import AuditEntry, table
from clinic_tui.domain.undo.undo import undo_last
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.domain.visits.cancelling import CancelRequest, cancel_appointment
from clinic_tui.domain.visits.flow import (
    arrive,
    check_in,
    confirm_request,
    finish,
    mark_came,
    mark_noshow,
    step_back,
)
from tests.small_clinic import NOW, SmallClinic

from .given import NOBODY, add_visit, at, booking, everything, refused, told, visit

_AUDIT = table(AuditEntry)
Step = Callable[..., Any]
STEPS: dict[Step, dict[Status, Status]] = {
    # Every status from which a step leads on, and where it leads.
    confirm_request: {Status.PENDING: Status.BOOKED},
    arrive: {Status.BOOKED: Status.ARRIVED},
    check_in: {Status.BOOKED: Status.CHECKED_IN, Status.ARRIVED: Status.CHECKED_IN},
    finish: {Status.ARRIVED: Status.FULFILLED, Status.CHECKED_IN: Status.FULFILLED},
    mark_came: {
        Status.BOOKED: Status.FULFILLED,
        Status.ARRIVED: Status.FULFILLED,
        Status.CHECKED_IN: Status.FULFILLED,
    },
    mark_noshow: {Status.BOOKED: Status.NOSHOW},
    step_back: {
        Status.ARRIVED: Status.BOOKED,
        Status.CHECKED_IN: Status.ARRIVED,
        Status.FULFILLED: Status.CHECKED_IN,
        Status.NOSHOW: Status.BOOKED,
    },
}
_HERE = (Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED)


@pytest.fixture
def lead(clinic: SmallClinic) -> Actor:
    """A receptionist who was granted steps back."""
    return replace(clinic.receptionist, grants=frozenset({Permission.STEP_BACK}))


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_each_step_from_each_status(
    clinic: SmallClinic, database: Database, lead: Actor, step: Step, status: Status
) -> None:
    arrived_at = NOW if status in _HERE else None
    visit_id = database.transact(
        add_visit, clinic, at("09:00"), status=status, arrived_at=arrived_at
    )
    leads_to = STEPS[step].get(status)
    if leads_to is None:
        refused(database, WrongStatus, step, lead, visit_id, NOW, "once")
        return
    answer = database.transact(step, lead, visit_id, NOW, "once")
    row = database.read(visit, visit_id)
    assert (answer.status, row.status) == (leads_to, leads_to)
    # When somebody arrived who was not seen arriving is not made up.
    seen = leads_to in _HERE and (step is not mark_came or status in _HERE)
    assert row.arrived_at == (NOW if seen else None)
    assert row.sequence == 0
    entry = database.read(
        lambda session: session.execute(select(_AUDIT).where(_AUDIT.c.request_key == "once")).one()
    )
    assert (entry.appointment_id, entry.details) == (visit_id, {"was": status.value})

    after = database.read(everything)
    again = database.transact(step, lead, visit_id, NOW, "once")
    assert replace(again, notices=answer.notices) == answer
    assert database.read(everything) == after


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_a_step_is_for_whom_it_is(clinic: SmallClinic, database: Database, step: Step) -> None:
    status = next(iter(STEPS[step]))
    visit_id = database.transact(add_visit, clinic, at("09:00"), status=status)
    for actor in (clinic.doctor_park, clinic.admin, clinic.patient):
        refused(database, NotPermitted, step, actor, visit_id, NOW, "theirs")
        refused(database, NotPermitted, step, actor, NOBODY, NOW, "no visit")
    database.transact(step, clinic.doctor_lee, visit_id, NOW, "own")


def test_a_step_back_is_granted_one_by_one(
    clinic: SmallClinic, database: Database, lead: Actor
) -> None:
    visit_id = database.transact(add_visit, clinic, at("09:00"), status=Status.ARRIVED)
    refused(database, NotPermitted, step_back, clinic.receptionist, visit_id, NOW, "no")
    database.transact(step_back, lead, visit_id, NOW, "yes")
    refused(database, NotFound, step_back, lead, NOBODY, NOW, "no visit")


def test_a_key_leads_to_one_thing(clinic: SmallClinic, database: Database) -> None:
    visit_id = database.transact(add_visit, clinic, at("09:00"))
    database.transact(arrive, clinic.receptionist, visit_id, NOW, "once")
    refused(database, BadInput, check_in, clinic.receptionist, visit_id, NOW, "once")
    refused(database, BadInput, arrive, clinic.doctor_lee, visit_id, NOW, "once")
    other = database.transact(add_visit, clinic, at("09:20"))
    refused(database, BadInput, arrive, clinic.receptionist, other, NOW, "once")


@pytest.mark.parametrize("step", [mark_noshow, mark_came])
def test_nobody_was_missed_or_seen_beforehand(
    clinic: SmallClinic, database: Database, step: Step
) -> None:
    visit_id = database.transact(add_visit, clinic, at("09:01"))
    refused(database, WrongStatus, step, clinic.receptionist, visit_id, NOW, "soon")
    database.transact(step, clinic.receptionist, visit_id, at("09:01"), "now")


def test_waiting_counts_from_the_arrival(clinic: SmallClinic, database: Database) -> None:
    visit_id = database.transact(add_visit, clinic, at("09:20"))
    database.transact(arrive, clinic.receptionist, visit_id, at("09:10"), "arrive")
    database.transact(check_in, clinic.receptionist, visit_id, at("09:25"), "in")
    assert database.read(visit, visit_id).arrived_at == at("09:10")


def test_a_noshow_gives_the_time_away(clinic: SmallClinic, database: Database, lead: Actor) -> None:
    """The time of somebody who did not come is free, and free once."""
    visit_id = database.transact(add_visit, clinic, at("09:00"))
    database.transact(mark_noshow, lead, visit_id, NOW, "gone")
    request = booking(clinic, starts_at=at("09:10"))
    booked = database.transact(book_appointment, lead, request, NOW)
    refused(database, SlotTaken, step_back, lead, visit_id, NOW, "back")
    gone = CancelRequest(booked.appointment_id, CancelledBy.PATIENT)
    database.transact(cancel_appointment, lead, gone, NOW)
    database.transact(step_back, lead, visit_id, NOW, "back")
    assert database.read(visit, visit_id).status is Status.BOOKED


@pytest.mark.parametrize("step", [check_in, mark_noshow])
def test_who_is_here_or_gone_needs_no_reminder(
    clinic: SmallClinic, database: Database, step: Step
) -> None:
    request = booking(clinic, starts_at=at("10:00", 1))
    visit_id = database.transact(book_appointment, clinic.receptionist, request, NOW).appointment_id
    assert "reminder sms" in database.read(told, visit_id)
    database.transact(step, clinic.receptionist, visit_id, at("10:00", 1), "here")
    assert database.read(told, visit_id) == []


def test_a_request_is_announced_when_it_is_confirmed(
    clinic: SmallClinic, database: Database
) -> None:
    request = booking(clinic, starts_at=at("10:00", 2))
    visit_id = database.transact(book_appointment, clinic.patient, request, NOW).appointment_id
    answer = database.transact(confirm_request, clinic.doctor_lee, visit_id, NOW, "yes")
    assert (answer.status, answer.notices) == (Status.BOOKED, 5)
    assert database.read(told, visit_id) == [
        "confirmation email",
        f"confirmation email doctor {clinic.lee}",
        "confirmation sms",
        "reminder email",
        "reminder sms",
    ]


def test_a_request_declined_is_told_to_the_patient_alone(
    clinic: SmallClinic, database: Database
) -> None:
    request = booking(clinic, starts_at=at("10:00", 2))
    visit_id = database.transact(book_appointment, clinic.patient, request, NOW).appointment_id
    declined = CancelRequest(visit_id, CancelledBy.CLINIC)
    database.transact(cancel_appointment, clinic.receptionist, declined, NOW)
    assert database.read(told, visit_id) == ["cancelled email", "cancelled sms"]


@pytest.mark.parametrize("step", [arrive, check_in])
def test_nobody_arrives_on_an_earlier_day(
    database: Database, clinic: SmallClinic, step: Step
) -> None:
    """The finger was on the wrong day's visit: a sentence names the day, nothing is changed."""
    tomorrow = NOW + timedelta(days=1)
    request = BookingRequest(clinic.lee, clinic.follow_up, tomorrow, patient_id=clinic.maria)
    visit = database.transact(book_appointment, clinic.receptionist, request, NOW)
    with pytest.raises(WrongStatus, match="too soon: that visit is on Tue 24 Nov 2026"):
        database.transact(step, clinic.receptionist, visit.appointment_id, NOW, "a key")
    here = database.transact(step, clinic.receptionist, visit.appointment_id, tomorrow, "a key")
    assert here.status in (Status.ARRIVED, Status.CHECKED_IN)


def test_checked_in_by_mistake_and_a_step_back(
    clinic: SmallClinic, database: Database, lead: Actor
) -> None:
    """What was not said of the visit by then is said after all: it is ahead again."""
    request = booking(clinic, starts_at=at("15:00"))
    visit_id = database.transact(book_appointment, lead, request, NOW).appointment_id
    first = database.read(told, visit_id)
    assert f"confirmation email doctor {clinic.lee}" in first
    database.transact(check_in, lead, visit_id, NOW, "in")
    assert database.read(told, visit_id) == []
    back = database.transact(step_back, lead, visit_id, NOW, "back")
    assert (back.status, back.notices) == (Status.ARRIVED, len(first))
    database.transact(step_back, lead, visit_id, NOW, "and back")
    assert database.read(told, visit_id) == first
    database.transact(undo_last, lead, NOW, "undo")
    database.transact(undo_last, lead, NOW, "undo again")
    assert database.read(visit, visit_id).status is Status.CHECKED_IN
    assert database.read(told, visit_id) == []
