"""The trail of who did what to whom: one entry per operation, in its transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from .access import Actor
from .errors import BadInput
from .models import AuditEntry, table

_AUDIT = table(AuditEntry)
_INSERT = insert(_AUDIT)


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
    **details: Any,
) -> None:
    """Add an entry. ``details`` are codes and numbers, never what a patient said or is called.

    ``key`` is the request's idempotency key: the database takes each only once.
    """
    session.execute(
        _INSERT,
        {
            "at": now,
            "account_id": actor.account_id if actor else None,
            "operation": operation,
            "request_key": key,
            "appointment_id": appointment_id,
            "patient_id": patient_id,
            "doctor_id": doctor_id,
            "details": details,
        },
    )


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
        raise BadInput("Request", "That request was already made, for something else.")
    return led_to
