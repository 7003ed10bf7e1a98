"""What every request about a visit shares: its key, the answer given before, its entry."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, may
from ..audit import answered, record
from ..codes import Status
from ..undo.ways_back import WayBack
from .appointments import BookedAppointment, booked
from .parties import Parties

MOVABLE = (Status.PENDING, Status.BOOKED, Status.ARRIVED)
"""The statuses from which a visit can be moved or cancelled."""


def new_key() -> str:
    """An idempotency key: made once where the request is typed, sent again with every retry."""
    return uuid.uuid4().hex


def wait_for_twin(session: Session, key: str) -> None:
    """Let the same request, sent twice at once, end first where it would register somebody twice.

    Other twins meet at the guards; SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def status_by(actor: Actor, parties: Parties) -> Status:
    """What a visit is that the actor books: booked if they could confirm it, else a request."""
    decides = may(actor, Permission.CONFIRM, doctor_id=parties.doctor_id)
    return Status.BOOKED if decides else Status.PENDING


def answered_visit(
    session: Session, actor: Actor, operation: str, key: str, appointment_id: int | None = None
) -> BookedAppointment | None:
    """The first answer to this very request, if there was one."""
    led_to = answered(session, actor, operation, key, appointment_id)
    return None if led_to is None else booked(session, led_to)


def record_visit(
    session: Session,
    actor: Actor,
    operation: str,
    now: datetime,
    key: str,
    appointment_id: int,
    parties: Parties,
    way_back: WayBack,
) -> None:
    """Note the change in the trail, with the way back from it."""
    record(
        session,
        actor,
        operation,
        now,
        key=key,
        appointment_id=appointment_id,
        patient_id=parties.patient_id,
        doctor_id=parties.doctor_id,
        way_back=way_back,
    )
