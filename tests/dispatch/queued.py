"""What the tests of sending start from: many visits, and their messages, written straight in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from clinic_tui.domain.codes import Channel, NoticeKind, NoticeStatus
from clinic_tui.domain.models import Clinic, Notice, Patient, PatientPhone, table
from tests.domain.given import add_visit, at
from tests.small_clinic import NOW, SmallClinic
from tests.soak.conftest import SOAK

OUTBOX, _PATIENTS = table(Notice), table(Patient)
LEASE = timedelta(minutes=2)
KILLS = 50 if SOAK else 5
"""Of senders, by each channel on each database: twenty in all, two hundred by ``make soak``."""


def add_notice(session: Session, visit_id: int, starts_at: datetime, /, **given: Any) -> int:
    """A message about a visit, due now: Maria's reminder by e-mail unless something else."""
    columns: dict[str, Any] = {
        "appointment_id": visit_id,
        "kind": NoticeKind.REMINDER,
        "channel": Channel.EMAIL,
        "starts_at": starts_at,
        "due_at": NOW,
        "status": NoticeStatus.QUEUED,
        "message_id": f"m{visit_id}-{len(given)}-{given.get('lead_hours', 0)}@clinic",
        "created_at": NOW,
    }
    added: int = session.execute(
        insert(OUTBOX).values(columns | given).returning(OUTBOX.c.id)
    ).scalar_one()
    return added


def fill(session: Session, /, clinic: SmallClinic, count: int, **given: Any) -> list[int]:
    """So many visits from tomorrow on, each of its own patient, with one message that is due."""
    lift_caps(session)
    people = [
        {
            "record_number": f"P{number}",
            "family_name": f"Person {number}",
            "given_name": "",
            "email": f"p{number}@example.org",
            "email_consent_at": NOW,
            "sms_consent_at": NOW,
            "created_at": NOW,
        }
        for number in range(count)
    ]
    patients = session.scalars(
        insert(_PATIENTS).returning(_PATIENTS.c.id, sort_by_parameter_order=True), people
    )
    ids = []
    for number, patient_id in enumerate(patients):
        starts_at = at("10:00", 1) + timedelta(minutes=20 * number)
        visit_id = add_visit(session, clinic, starts_at, patient_id=patient_id)
        ids.append(add_notice(session, visit_id, starts_at, **given))
    return ids


def give_numbers(session: Session, /, numbers: Sequence[str]) -> None:
    """Those whom ``fill`` made have these numbers, in their order."""
    theirs = select(_PATIENTS.c.id).where(_PATIENTS.c.family_name.like("Person %"))
    session.execute(
        insert(table(PatientPhone)),
        [
            {"patient_id": one, "position": 0, "number": number, "reversed_digits": ""}
            for one, number in zip(
                session.scalars(theirs.order_by(_PATIENTS.c.id)), numbers, strict=True
            )
        ],
    )


def fill_for_maria(session: Session, /, clinic: SmallClinic, count: int, **given: Any) -> list[int]:
    """So many visits of Maria's, one a day from tomorrow on, each with one message that is due."""
    ids = []
    for day in range(1, count + 1):
        starts_at = at("10:00", day)
        visit_id = add_visit(session, clinic, starts_at, patient_id=clinic.maria)
        ids.append(add_notice(session, visit_id, starts_at, **given))
    return ids


def lift_caps(session: Session) -> None:
    """Let one patient be told as much as a test needs."""

    session.execute(update(table(Clinic)).values(daily_cap=100_000, patient_cap=100_000))


def rows(session: Session) -> list[Any]:
    """All messages, in their order."""
    return list(session.execute(select(OUTBOX).order_by(OUTBOX.c.id)))


def statuses(session: Session) -> list[str]:
    """How each message stands, in their order."""
    return [str(row.status) for row in rows(session)]


def change(session: Session, /, notice_id: int, **values: Any) -> None:
    """Write something into a message."""
    session.execute(update(OUTBOX).where(OUTBOX.c.id == notice_id).values(values))
