"""A visit's day: confirmed, arrived, in the room, done or not shown up; and a step back.

Each step is one transaction with the request's key and an audit entry. Nobody is branded a
no-show by a timer: that is somebody's decision, once the visit should have begun.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, update
from sqlalchemy.orm import Session

from ..access import Actor, Permission
from ..audit import answered, record
from ..clinic.settings import load_settings
from ..codes import Status
from ..errors import WrongStatus
from ..messages.notice_rows import Announced, put_in
from ..messages.outbox import queue_confirmed, withdraw
from ..models import Appointment, table
from ..times.walltime import local_day, say_day
from ..undo.setting_right import Restored, notices_to_set_right
from ..undo.ways_back import RowsBefore, WayBack, changed
from .appointments import BookedAppointment, booked, locked
from .conflicts import Place
from .facts import Purpose, facts_of
from .obstacles import refuse_taken
from .parties import parties_of
from .placing import fit_booked, occupy
from .status_words import visit_stands
from .tray import take_off

_APPOINTMENTS = table(Appointment)
_HERE = (Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED)
_BEGUN = (Status.CHECKED_IN, Status.FULFILLED, Status.NOSHOW)
"""Nothing is said of such a visit any more, and nobody moves it."""
_BACK = {
    Status.ARRIVED: Status.BOOKED,
    Status.CHECKED_IN: Status.ARRIVED,
    Status.FULFILLED: Status.CHECKED_IN,
    Status.NOSHOW: Status.BOOKED,
}


@dataclass(frozen=True, slots=True)
class Step:
    """A step: what it is called in the trail, who may take it, and from where to where.

    ``to`` None goes back to wherever the visit came from.
    """

    operation: str
    permission: Permission
    allowed: tuple[Status, ...]
    to: Status | None


_CONFIRM = Step("confirm", Permission.CONFIRM, (Status.PENDING,), Status.BOOKED)
ARRIVE = Step("arrive", Permission.RUN_VISITS, (Status.BOOKED,), Status.ARRIVED)
_CHECK_IN = Step(
    "check_in", Permission.RUN_VISITS, (Status.BOOKED, Status.ARRIVED), Status.CHECKED_IN
)
_FINISH = Step(
    "finish", Permission.RUN_VISITS, (Status.ARRIVED, Status.CHECKED_IN), Status.FULFILLED
)
CAME = Step(
    "came",
    Permission.RUN_VISITS,
    (Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN),
    Status.FULFILLED,
)
NOSHOW = Step("noshow", Permission.RUN_VISITS, (Status.BOOKED,), Status.NOSHOW)
_STEP_BACK = Step("step_back", Permission.STEP_BACK, tuple(_BACK), None)


def confirm_request(
    session: Session, actor: Actor, appointment_id: int, now: datetime, key: str
) -> BookedAppointment:
    """The clinic says yes to a visit that was asked for: pending → booked, and it is announced."""
    return take_step(session, actor, _CONFIRM, appointment_id, now, key)


def arrive(
    session: Session, actor: Actor, appointment_id: int, now: datetime, key: str
) -> BookedAppointment:
    """The patient is here: booked → arrived; the waiting time counts from now.

    This and the steps after it are refused on a day before the visit's.
    """
    return take_step(session, actor, ARRIVE, appointment_id, now, key)


def check_in(
    session: Session, actor: Actor, appointment_id: int, now: datetime, key: str
) -> BookedAppointment:
    """The patient is in the room: booked or arrived → checked-in."""
    return take_step(session, actor, _CHECK_IN, appointment_id, now, key)


def finish(
    session: Session, actor: Actor, appointment_id: int, now: datetime, key: str
) -> BookedAppointment:
    """The visit is over: arrived or checked-in → fulfilled."""
    return take_step(session, actor, _FINISH, appointment_id, now, key)


def mark_came(
    session: Session, actor: Actor, appointment_id: int, now: datetime, key: str
) -> BookedAppointment:
    """The visit took place, which nobody wrote down at the time: booked, arrived or checked-in →
    fulfilled.

    When somebody arrived who was not seen arriving stays unknown. Refused before the visit was
    to begin.
    """
    return take_step(session, actor, CAME, appointment_id, now, key)


def mark_noshow(
    session: Session, actor: Actor, appointment_id: int, now: datetime, key: str
) -> BookedAppointment:
    """The patient did not come: booked → noshow; refused before the visit was to begin."""
    return take_step(session, actor, NOSHOW, appointment_id, now, key)


def step_back(
    session: Session, actor: Actor, appointment_id: int, now: datetime, key: str
) -> BookedAppointment:
    """Take the last step back, one at a time, as an act of its own.

    Who was checked in before the visit was announced to them is told of it after all. Refused
    where there is none to take, and with ``SlotTaken`` when a visit marked as not shown up would
    stand again where its time has been given away.
    """
    return take_step(session, actor, _STEP_BACK, appointment_id, now, key)


def take_step(
    session: Session, actor: Actor, step: Step, appointment_id: int, now: datetime, key: str
) -> BookedAppointment:
    """The shared step of all steps: permitted, allowed by status and day, written and noted."""
    before = locked(session, actor, step.permission, appointment_id)
    if answered(session, actor, step.operation, key, appointment_id) is not None:
        return booked(session, appointment_id)
    status: Status = before.status
    if status not in step.allowed:
        raise WrongStatus(f"A visit that {visit_stands(status)} cannot take that step.")
    _refuse_too_soon(session, step, before.starts_at, now)
    target = step.to or _BACK[status]
    values = _values(before, target, now)
    # Checking in withdrew what was queued; who did not show up was expected before now.
    back = target is Status.ARRIVED and status is Status.CHECKED_IN
    said = _true_again(session, actor, before, target, now, key) if back else []
    sequence = before.sequence + bool(said)
    values |= {"sequence": sequence}
    if status is Status.NOSHOW:
        _stand_again(session, actor, before, values, now, key)
    else:
        session.execute(
            update(_APPOINTMENTS).where(_APPOINTMENTS.c.id == appointment_id).values(values)
        )
    off = _let_lie(session, before) if target in _BEGUN else ()
    record(
        session,
        actor,
        step.operation,
        now,
        key=key,
        appointment_id=appointment_id,
        patient_id=before.patient_id,
        doctor_id=before.doctor_id,
        way_back=WayBack((changed(before, target, sequence),), off),
        was=status.value,
    )
    asked = status is Status.PENDING
    notices = _announce(session, actor, before, now, key) if asked else put_in(session, said)
    return booked(session, appointment_id, notices)


def _let_lie(session: Session, visit: Row[Any]) -> tuple[RowsBefore, ...]:
    """Nothing more is said of the visit, and it lies on no tray; returns what lay there."""
    withdraw(session, visit.id, visit.doctor_id)
    return take_off(session, visit.id)


def _refuse_too_soon(session: Session, step: Step, starts_at: datetime, now: datetime) -> None:
    """Nobody comes on an earlier day, and nobody has been seen or missed before the visit began."""
    if step in (CAME, NOSHOW) and now < starts_at:
        raise WrongStatus("It is too soon: that visit has not begun yet.")
    if step.to not in _HERE or now >= starts_at:
        return
    zone = load_settings(session).zone
    day = local_day(starts_at, zone)
    if local_day(now, zone) < day:
        raise WrongStatus(f"It is too soon: that visit is on {say_day(day)}.")


def _values(before: Row[Any], target: Status, now: datetime) -> dict[str, Any]:
    if target is Status.BOOKED:
        return {"status": target, "arrived_at": None}
    if before.arrived_at is None and target in (Status.ARRIVED, Status.CHECKED_IN):
        return {"status": target, "arrived_at": now}
    return {"status": target}


def _stand_again(
    session: Session,
    actor: Actor,
    before: Row[Any],
    values: dict[str, Any],
    now: datetime,
    key: str,
) -> None:
    """Occupy the old place again: the one step that can find it taken."""
    parties = parties_of(before)
    facts = facts_of(session, parties, key, Purpose.END)
    place = Place(
        parties.doctor_id,
        parties.patient_id,
        parties.room_id,
        parties.visit_type_id,
        before.starts_at,
        fit_booked(before),
        actor,
        now,
        before.id,
        before.overbooked,
    )
    refuse_taken(session, facts.settings, place, facts.doctor)
    occupy(session, facts, place, values, (parties,))


def _announce(session: Session, actor: Actor, visit: Row[Any], now: datetime, key: str) -> int:
    """Queue what is said of a visit that has just become one; returns how many."""
    facts = facts_of(session, parties_of(visit), key, Purpose.END)
    announced = Announced(visit.id, visit.sequence, visit.starts_at, actor)
    return queue_confirmed(
        session, announced, facts.who, now, grace=facts.grace, reminders=facts.reminders
    )


def _true_again(
    session: Session, actor: Actor, visit: Row[Any], status: Status, now: datetime, key: str
) -> list[dict[str, Any]]:
    """The messages that say of a visit that is ahead again what had not been said yet."""
    facts = facts_of(session, parties_of(visit), key, Purpose.END)
    count = visit.sequence
    stands = Restored(visit.id, visit.starts_at, visit.doctor_id, status, count, count)
    return notices_to_set_right(
        session, stands, facts.who, actor, now, grace=facts.grace, reminders=facts.reminders
    )
