"""The trail of who did what to whom: one entry per operation, in its transaction."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Insert, bindparam, insert, select
from sqlalchemy.orm import Session

from .access import Actor
from .errors import key_of_another_request
from .models import AuditEntry, UndoStep, table
from .undo.ways_back import WayBack

_AUDIT, _STEPS = table(AuditEntry), table(UndoStep)
_INSERT, _INSERT_STEP = insert(_AUDIT), insert(_STEPS)


def record(
    session: Session,
    actor: Actor | None,
    operation: str,
    now: datetime,
    *,
    key: str | None = None,
    appointment_id: int | None = None,
    patient_id: int | None = None,
    doctor_id: int | None = None,
    way_back: WayBack | None = None,
    **details: Any,
) -> None:
    """Add an entry. ``details`` are codes and numbers, never what a patient said or is called.

    ``key`` is the request's idempotency key: the database takes each only once, and whoever comes
    second is run again to find it. ``way_back`` makes it the actor's newest step to undo.
    """
    entry = {
        "at": now,
        "account_id": actor.account_id if actor else None,
        "operation": operation,
        "request_key": key,
        "appointment_id": appointment_id,
        "patient_id": patient_id,
        "doctor_id": doctor_id,
        "details": details,
    }
    _write(session, entry, way_back if actor else None)


def _write(session: Session, entry: dict[str, Any], way_back: WayBack | None) -> None:
    if way_back is None:
        session.execute(_INSERT, entry)
    elif session.get_bind().dialect.name == "postgresql":
        session.execute(_entry_and_step(), {**entry, "way_back": way_back.stored()})
    else:
        session.execute(_INSERT, entry)
        step = {name: entry[name] for name in ("at", "account_id", "operation")}
        session.execute(_INSERT_STEP, {**step, "way_back": way_back.stored()})


@cache
def _entry_and_step() -> Insert:
    """Both in one round trip, which counts where the server is far away."""
    shared = {name: bindparam(name, type_=_STEPS.c[name].type) for name in ("at", "account_id")}
    step = insert(_STEPS).values(
        **shared, operation=bindparam("operation"), way_back=bindparam("way_back")
    )
    columns = [column for column in _AUDIT.c if column.name != "id"]
    entry = insert(_AUDIT).values({c: bindparam(c.name, type_=c.type) for c in columns})
    return entry.add_cte(step.cte("step"))


def answered(
    session: Session, actor: Actor, operation: str, key: str, appointment_id: int | None = None
) -> int | None:
    """The appointment that this very request already led to, or None if it is new.

    Refused with ``BadInput`` when the key was used by somebody else or for something else, such
    as for another visit than ``appointment_id``.
    """
    found = session.execute(
        select(_AUDIT.c.account_id, _AUDIT.c.operation, _AUDIT.c.appointment_id).where(
            _AUDIT.c.request_key == key
        )
    ).one_or_none()
    if found is None:
        return None
    led_to: int = found.appointment_id
    same = (found.account_id, found.operation) == (actor.account_id, operation)
    if not same or appointment_id not in (None, led_to):
        raise key_of_another_request()
    return led_to


def was_asked(session: Session, key: str) -> bool:
    """Whether that very request led to something already, whoever made it."""
    query = select(_AUDIT.c.id).where(_AUDIT.c.request_key == key)
    return session.scalar(query) is not None


def details_answered(session: Session, actor: Actor, operation: str, key: str) -> Any:
    """What was noted of this very request, where it led to no appointment; None if it is new.

    Refused as ``answered`` is.
    """
    found = session.execute(
        select(_AUDIT.c.account_id, _AUDIT.c.operation, _AUDIT.c.details).where(
            _AUDIT.c.request_key == key
        )
    ).one_or_none()
    if found is None:
        return None
    if (found.account_id, found.operation) != (actor.account_id, operation):
        raise key_of_another_request()
    return found.details
