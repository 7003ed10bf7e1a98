"""A visit's day: confirmed, arrived, in the room, done or not shown up; and a step back.

Each step is one transaction with the request's key and an audit entry. Nobody is branded a
no-show by a timer: that is somebody's decision, once the visit should have begun.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .access import Actor, Permission
from .appointments import BookedAppointment, booked, locked
from .audit import answered, record
from .codes import Status
from .errors import SlotTaken, WrongStatus
from .facts import Purpose, facts_of, lock_in_order, parties_of
from .guards import violated
from .models import Appointment, table
from .outbox import Announced, queue_booked, withdraw

_APPOINTMENTS = table(Appointment)
_BACK = {
    Status.ARRIVED: Status.BOOKED,
    Status.CHECKED_IN: Status.ARRIVED,
    Status.FULFILLED: Status.CHECKED_IN,
    Status.NOSHOW: Status.BOOKED,
}


def confirm_request(
    session: Session, actor: Actor, appointment_id: int, now: datetime, key: str
) -> BookedAppointment:
    """The clinic says yes to a visit that was asked for: pending → booked, and it is announced."""
    return _step(
        session, actor, Permission.CONFIRM, appointment_id, now, key, "confirm",
        (Status.PENDING,), Status.BOOKED,
    )  # fmt: skip


def arrive(
    session: Session, actor: Actor, appointment_id: int, now: datetime, key: str
) -> BookedAppointment:
    """The patient is here: booked → arrived; the waiting time counts from now."""
    return _step(
        session, actor, Permission.RUN_VISITS, appointment_id, now, key, "arrive",
        (Status.BOOKED,), Status.ARRIVED,
    )  # fmt: skip


def check_in(
    session: Session, actor: Actor, appointment_id: int, now: datetime, key: str
) -> BookedAppointment:
    """The patient is in the room: booked or arrived → checked-in."""
    return _step(
        session, actor, Permission.RUN_VISITS, appointment_id, now, key, "check_in",
        (Status.BOOKED, Status.ARRIVED), Status.CHECKED_IN,
    )  # fmt: skip


def finish(
    session: Session, actor: Actor, appointment_id: int, now: datetime, key: str
) -> BookedAppointment:
    """The visit is over: arrived or checked-in → fulfilled."""
    return _step(
        session, actor, Permission.RUN_VISITS, appointment_id, now, key, "finish",
        (Status.ARRIVED, Status.CHECKED_IN), Status.FULFILLED,
    )  # fmt: skip


def mark_noshow(
    session: Session, actor: Actor, appointment_id: int, now: datetime, key: str
) -> BookedAppointment:
    """The patient did not come: booked → noshow; refused before the visit was to begin."""
    return _step(
        session, actor, Permission.RUN_VISITS, appointment_id, now, key, "noshow",
        (Status.BOOKED,), Status.NOSHOW,
    )  # fmt: skip


def step_back(
    session: Session, actor: Actor, appointment_id: int, now: datetime, key: str
) -> BookedAppointment:
    """Take the last step back, one at a time, as an act of its own.

    Refused where there is none to take, and with ``SlotTaken`` when a visit marked as not shown
    up would stand again where its time has been given away.
    """
    return _step(
        session, actor, Permission.STEP_BACK, appointment_id, now, key, "step_back",
        tuple(_BACK), None,
    )  # fmt: skip


def _step(
    session: Session,
    actor: Actor,
    permission: Permission,
    appointment_id: int,
    now: datetime,
    key: str,
    operation: str,
    allowed: tuple[Status, ...],
    to: Status | None,
) -> BookedAppointment:
    before = locked(session, actor, permission, appointment_id)
    if answered(session, actor, operation, key, appointment_id) is not None:
        return booked(session, appointment_id)
    status: Status = before.status
    if status not in allowed:
        raise WrongStatus(f"A visit that is {status} cannot take that step.")
    if to is Status.NOSHOW and now < before.starts_at:
        raise WrongStatus("It is too soon: that visit has not begun yet.")
    target = to or _BACK[status]
    if status is Status.NOSHOW:
        lock_in_order(session, parties_of(before))
    values: dict[str, object] = {"status": target}
    if target is Status.BOOKED:
        values["arrived_at"] = None
    elif before.arrived_at is None and target in (Status.ARRIVED, Status.CHECKED_IN):
        values["arrived_at"] = now
    try:
        with session.begin_nested():
            session.execute(
                update(_APPOINTMENTS).where(_APPOINTMENTS.c.id == appointment_id).values(values)
            )
    except IntegrityError as error:
        if violated(error) is None:
            raise
        raise SlotTaken("That time has been given to somebody else.") from error
    if target in (Status.CHECKED_IN, Status.FULFILLED, Status.NOSHOW):
        withdraw(session, appointment_id)
    record(
        session,
        actor,
        operation,
        now,
        key=key,
        appointment_id=appointment_id,
        patient_id=before.patient_id,
        doctor_id=before.doctor_id,
        was=status.value,
    )
    notices = _announce(session, before, now, key) if status is Status.PENDING else 0
    return booked(session, appointment_id, notices)


def _announce(session: Session, visit: Row[Any], now: datetime, key: str) -> int:
    """Queue what is said of a visit that has just become one; returns how many."""
    facts = facts_of(session, parties_of(visit), key, Purpose.END)
    announced = Announced(visit.id, visit.sequence, visit.starts_at)
    return queue_booked(
        session, announced, facts.who, now, grace=facts.grace, reminder=facts.reminder
    )
