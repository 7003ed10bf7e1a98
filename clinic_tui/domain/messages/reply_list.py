"""The texts that came in as they are read: whose, what about, and what they left free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ..access import Actor
from ..codes import ReplyMeaning, ReplyStatus
from ..models import Appointment, Patient, Reply, table
from ..text import full_name
from ..waitlist.freed import FreedTime
from ..waitlist.left_free import left_free
from .replies import owners_of, within_reach

_REPLIES, _PATIENTS = table(Reply), table(Patient)
_VISITS = table(Appointment).alias("visit")


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """One text that came in. ``owners`` are the patients who have that number, by their own.

    ``left`` is a time that is free by it, while somebody is still to deal with it: it may be
    offered on. Whom it would suit is not looked up.
    """

    reply_id: int
    number: str
    body: str
    meaning: ReplyMeaning
    status: ReplyStatus
    patient: str
    patient_id: int | None
    appointment_id: int | None
    visit_at: datetime | None
    received_at: datetime
    owners: dict[int, str]
    left: FreedTime | None


def list_replies(
    session: Session,
    actor: Actor,
    now: datetime,
    limit: int,
    whose: ColumnElement[bool],
    *,
    to_see: bool,
) -> list[ReplyLine]:
    """Those within the actor's reach, newest first; a shared step of reading the messages.

    ``whose`` narrows them, ``to_see`` to those that somebody is still to deal with.
    """
    query = (
        select(_REPLIES, _VISITS.c.starts_at)
        .outerjoin(_VISITS, _VISITS.c.id == _REPLIES.c.appointment_id)
        .where(within_reach(actor), whose)
        .order_by(_REPLIES.c.received_at.desc(), _REPLIES.c.id.desc())
        .limit(limit)
    )
    if to_see:
        query = query.where(_REPLIES.c.status == ReplyStatus.OPEN)
    rows = session.execute(query).all()
    unknown = {row.number for row in rows if row.patient_id is None}
    owners = {number: owners_of(session, number) for number in sorted(unknown)}
    known = {row.patient_id for row in rows if row.patient_id is not None}
    names, numbers = _names(session, known.union(*owners.values()))
    left = left_free(session, [row for row in rows if row.status is ReplyStatus.OPEN], now)
    return [
        ReplyLine(
            reply_id=row.id,
            number=row.number,
            body=row.body,
            meaning=row.meaning,
            status=row.status,
            patient=names.get(row.patient_id, ""),
            patient_id=row.patient_id,
            appointment_id=row.appointment_id,
            visit_at=row.starts_at,
            received_at=row.received_at,
            owners=_told_apart(owners.get(row.number, ()), names, numbers),
            left=left.get(row.id),
        )
        for row in rows
    ]


def _names(session: Session, patient_ids: set[int]) -> tuple[dict[int, str], dict[int, str]]:
    """Names and record numbers."""
    columns = _PATIENTS.c
    rows = session.execute(
        select(columns.id, columns.given_name, columns.family_name, columns.record_number).where(
            columns.id.in_(sorted(patient_ids))
        )
    ).all()
    names = {row.id: full_name(row.given_name, row.family_name) for row in rows}
    return names, {row.id: row.record_number for row in rows}


def _told_apart(
    owners: Sequence[int], names: dict[int, str], numbers: dict[int, str]
) -> dict[int, str]:
    """Their names; of those who are called alike with their record numbers."""
    alike = Counter(names[one] for one in owners)
    return {
        one: f"{names[one]} · {numbers[one]}" if alike[names[one]] > 1 else names[one]
        for one in owners
    }
