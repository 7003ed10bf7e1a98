"""The time that a patient's answer by SMS left free, noted in the trail and read from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from ..models import AuditEntry, Doctor, table
from .freed import FreedTime, Slot

_AUDIT, _DOCTORS = table(AuditEntry), table(Doctor)
_ANSWERS = ("offer_accepted", "offer_declined")


def noted(left: Slot | None) -> dict[str, Any]:
    """What the trail keeps of it, among its details; nothing where no time is free."""
    if left is None:
        return {}
    span = (left.starts_at.astimezone(UTC), left.ends_at.astimezone(UTC))
    return {"left": [left.doctor_id, left.room_id, *(at.isoformat() for at in span)]}


def left_free(session: Session, replies: Sequence[Row[Any]], now: datetime) -> dict[int, FreedTime]:
    """What each of these replies left free, by its number, where that has not begun.

    Whom it would suit now is not looked up: ``fits`` is empty.
    """
    left = _left_by(session, replies)
    if not left:
        return {}
    whose = {doctor_id for doctor_id, *_ in left.values()}
    doctors = session.execute(select(_DOCTORS).where(_DOCTORS.c.id.in_(whose)))
    names = {doctor.id: doctor.shown_name for doctor in doctors}
    times = {
        reply_id: FreedTime(
            doctor_id, names[doctor_id], room_id, _instant(starts), _instant(ends), ()
        )
        for reply_id, (doctor_id, room_id, starts, ends) in left.items()
    }
    return {reply_id: one for reply_id, one in times.items() if one.starts_at > now}


def _left_by(session: Session, replies: Sequence[Row[Any]]) -> dict[int, list[Any]]:
    """What is noted of each, the newest of a reply that was answered, undone and answered."""
    known = {reply.patient_id for reply in replies} - {None}
    if not known:
        return {}
    query = (
        select(_AUDIT.c.details)
        .where(
            _AUDIT.c.patient_id.in_(known),
            _AUDIT.c.at >= min(reply.taken_at for reply in replies),
            _AUDIT.c.operation.in_(_ANSWERS),
        )
        .order_by(_AUDIT.c.id)
    )
    asked = {reply.id for reply in replies}
    found = (one for one in session.scalars(query) if one["reply"] in asked)
    return {one["reply"]: one["left"] for one in found if "left" in one}


def _instant(stored: str) -> datetime:
    return datetime.fromisoformat(stored)
