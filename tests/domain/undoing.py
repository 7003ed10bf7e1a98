"""What the tests of undo compare: the whole database as it was, and what people believe."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.access import GRANTABLE, Actor, Role
from clinic_tui.domain.codes import CancelledBy, NoticeKind, NoticeStatus, Status
from clinic_tui.domain.models import Base, Doctor, table
from clinic_tui.domain.undo.undo import undo_last
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.cancelling import CancelRequest, cancel_appointment
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from tests.small_clinic import NOW, SmallClinic

from .given import APPOINTMENTS, OUTBOX, at, booking, everything

_ASIDE = {"audit", "undo_steps", "outbox"}
_COUNTED = {"appointments", "patient_merges", "tray", "waitlist"}
"""Not all of their rows and columns count."""
_STANDING = (Status.BOOKED, Status.ARRIVED)
_HERE = (Status.CHECKED_IN, Status.FULFILLED)


def both_of(clinic: SmallClinic) -> Actor:
    """Receptionist and admin in one, as in a small clinic."""
    roles = frozenset({Role.RECEPTIONIST, Role.ADMIN})
    return replace(clinic.receptionist, roles=roles, grants=GRANTABLE)


def send(session: Session, *, confirmations_only: bool = False) -> None:
    """What is queued has left."""
    queued = update(OUTBOX).where(OUTBOX.c.status == NoticeStatus.QUEUED)
    if confirmations_only:
        queued = queued.where(OUTBOX.c.kind == NoticeKind.CONFIRMATION)
    else:
        queued = queued.where(OUTBOX.c.kind != NoticeKind.REMINDER)
    session.execute(queued.values(status=NoticeStatus.SENT))


def as_it_was(session: Session, before: dict[str, Any] | None = None) -> dict[str, Any]:
    """Every row of every table that undo brings back, without the count of a visit's changes.

    Visits entered in error that were not there ``before`` are no visits, and neither merges
    reversed nor places on the waitlist left since are any. Of a tray counts whether a visit has
    been moved since it was lifted.
    """
    found: dict[str, Any] = everything(session, but=_ASIDE | _COUNTED)
    for known in (Base.metadata.tables[name] for name in sorted(_COUNTED)):
        query = select(known).order_by(*known.primary_key)
        rows = [dict(row._mapping) for row in session.execute(query)]
        if known.name == "tray":
            stand_at = {row.id: row.sequence for row in session.execute(select(APPOINTMENTS))}
            for row in rows:
                row["moved"] = row.pop("sequence") != stand_at[row["appointment_id"]]
        if known.name == "patient_merges":
            stand = {row["id"] for row in before["patient_merges"]} if before else set()
            rows = [row for row in rows if row["reversed_at"] is None or row["id"] in stand]
        if known.name == "waitlist":
            stand = {row["id"] for row in before["waitlist"]} if before else set()
            rows = [row for row in rows if row["closed_at"] is None or row["id"] in stand]
        if known.name == "appointments":
            rows = [row | {"sequence": None} for row in rows]
            there = {row["id"] for row in before["appointments"]} if before else set()
            rows = [
                row
                for row in rows
                if row["status"] is not Status.ENTERED_IN_ERROR or row["id"] in there
            ]
        found[known.name] = rows
    return found


def untrue(session: Session, now: datetime) -> list[str]:
    """What is believed of coming visits, once all that is queued is read, and is not so."""
    wrong = []
    doctors = table(Doctor)
    with_email = set(session.scalars(select(doctors.c.id).where(doctors.c.email != "")))
    for visit in session.execute(select(APPOINTMENTS).where(APPOINTMENTS.c.starts_at > now)):
        rows = session.execute(
            select(OUTBOX)
            .where(
                OUTBOX.c.appointment_id == visit.id,
                OUTBOX.c.status.in_((NoticeStatus.SENT, NoticeStatus.QUEUED)),
            )
            .order_by(OUTBOX.c.sequence, OUTBOX.c.id)
        ).all()
        said = [row for row in rows if row.kind is not NoticeKind.REMINDER]
        reminders = [
            row
            for row in rows
            if row.kind is NoticeKind.REMINDER and row.status is NoticeStatus.QUEUED
        ]
        beliefs = {(row.channel, row.doctor_id): row for row in said}
        queued = [(row.channel, row.doctor_id) for row in said if row.status is NoticeStatus.QUEUED]
        if len(queued) != len(set(queued)):
            wrong.append(f"visit {visit.id}: somebody is told twice")
        if visit.status in _HERE:
            wrong += [f"visit {visit.id}: {one} is told, and is here" for one in queued]
            continue
        stands = visit.status in _STANDING
        for row in reminders:
            if not stands or row.starts_at != visit.starts_at:
                wrong.append(f"visit {visit.id} ({visit.status}): a reminder of {row.starts_at}")
        for (channel, doctor), row in beliefs.items():
            if doctor is not None and doctor not in with_email:
                continue
            counts_on_it = row.kind is not NoticeKind.CANCELLED and row.starts_at > now
            theirs = stands and doctor in (None, visit.doctor_id)
            if counts_on_it != theirs and visit.status is not Status.PENDING:
                wrong.append(
                    f"visit {visit.id} ({visit.status}): {channel} {doctor} heard {row.kind}"
                )
            elif theirs and row.starts_at != visit.starts_at:
                wrong.append(f"visit {visit.id}: {channel} {doctor} heard {row.starts_at}")
    return wrong


def booked(clinic: SmallClinic, database: Database, **given: Any) -> int:
    """Maria's follow-up with Lee on Tuesday at 10:00, by the receptionist."""
    request = booking(clinic, **({"starts_at": at("10:00", 1)} | given))
    return database.transact(book_appointment, clinic.receptionist, request, NOW).appointment_id


def moved(clinic: SmallClinic, database: Database, number: int, **given: Any) -> None:
    """To Wednesday at 11:00."""
    wanted: dict[str, Any] = {
        "doctor_id": clinic.lee,
        "starts_at": at("11:00", 2),
        "minutes": 20,
        "room_id": None,
    }
    request = MoveRequest(number, **(wanted | given))
    database.transact(move_appointment, clinic.receptionist, request, NOW)


def cancelled(clinic: SmallClinic, database: Database, number: int) -> None:
    """By its patient."""
    request = CancelRequest(number, CancelledBy.PATIENT, "flu")
    database.transact(cancel_appointment, clinic.receptionist, request, NOW)


def undo(database: Database, actor: Actor, key: str = "u", now: Any = NOW) -> Any:
    """Take the actor's last step back."""
    return database.transact(undo_last, actor, now, key)
