"""A patient's consent to texts, as they give and end it by a text of their own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from .audit import record
from .codes import Channel, NoticeStatus
from .models import Appointment, Notice, Patient, table

_PATIENTS, _OUTBOX, _APPOINTMENTS = table(Patient), table(Notice), table(Appointment)


def end_sms_consent(session: Session, patient_id: int, now: datetime) -> None:
    """The patient wants no more texts: what is queued for them by SMS is withdrawn at once.

    Noted in the trail without an account, because nobody at the clinic did it.
    """
    session.execute(
        update(_PATIENTS).where(_PATIENTS.c.id == patient_id).values(sms_consent_at=None)
    )
    theirs = select(_APPOINTMENTS.c.id).where(_APPOINTMENTS.c.patient_id == patient_id)
    session.execute(
        update(_OUTBOX)
        .where(
            _OUTBOX.c.appointment_id.in_(theirs),
            _OUTBOX.c.status == NoticeStatus.QUEUED,
            _OUTBOX.c.channel == Channel.SMS,
            _OUTBOX.c.doctor_id.is_(None),
        )
        .values(status=NoticeStatus.WITHDRAWN, reason="The patient wants no more texts.")
    )
    record(session, None, "sms_consent_ended", now, patient_id=patient_id)


def give_sms_consent(session: Session, patient_id: int, at: datetime, now: datetime) -> None:
    """The patient agreed to texts at that moment; an older consent stands as it is."""
    session.execute(
        update(_PATIENTS)
        .where(_PATIENTS.c.id == patient_id, _PATIENTS.c.sms_consent_at.is_(None))
        .values(sms_consent_at=at)
    )
    record(session, None, "sms_consent_given", now, patient_id=patient_id)
