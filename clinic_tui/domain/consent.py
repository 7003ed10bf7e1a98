"""A patient's consent to texts, as they give and end it by a text of their own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from .audit import record
from .codes import Channel, NoticeStatus
from .models import Appointment, Notice, Offer, Patient, WaitlistEntry, table

_PATIENTS, _OUTBOX, _APPOINTMENTS = table(Patient), table(Notice), table(Appointment)
_OFFERS, _WAITLIST = table(Offer), table(WaitlistEntry)


def end_sms_consent(session: Session, patient_id: int, now: datetime) -> None:
    """The patient wants no more texts: what is queued for them by SMS is withdrawn at once.

    Noted in the trail without an account, because nobody at the clinic did it.
    """
    session.execute(
        update(_PATIENTS).where(_PATIENTS.c.id == patient_id).values(sms_consent_at=None)
    )
    visits = select(_APPOINTMENTS.c.id).where(_APPOINTMENTS.c.patient_id == patient_id)
    offers = (
        select(_OFFERS.c.id)
        .join(_WAITLIST, _WAITLIST.c.id == _OFFERS.c.entry_id)
        .where(_WAITLIST.c.patient_id == patient_id)
    )
    # One after the other: an OR of both would read the whole outbox.
    for theirs in (_OUTBOX.c.appointment_id.in_(visits), _OUTBOX.c.offer_id.in_(offers)):
        session.execute(
            update(_OUTBOX)
            .where(
                theirs,
                _OUTBOX.c.status == NoticeStatus.QUEUED,
                _OUTBOX.c.channel == Channel.SMS,
                _OUTBOX.c.doctor_id.is_(None),
            )
            .values(status=NoticeStatus.WITHDRAWN, reason="The patient wants no more texts.")
        )
    record(session, None, "sms_consent_ended", now, patient_id=patient_id)


def end_consent_of_told(session: Session, notice_id: int, now: datetime) -> None:
    """End it for the patient whom a message tells: they have told the provider to stop."""
    patient_id = session.scalar(
        select(func.coalesce(_APPOINTMENTS.c.patient_id, _WAITLIST.c.patient_id))
        .select_from(_OUTBOX)
        .outerjoin(_APPOINTMENTS, _APPOINTMENTS.c.id == _OUTBOX.c.appointment_id)
        .outerjoin(_OFFERS, _OFFERS.c.id == _OUTBOX.c.offer_id)
        .outerjoin(_WAITLIST, _WAITLIST.c.id == _OFFERS.c.entry_id)
        .where(_OUTBOX.c.id == notice_id, _OUTBOX.c.doctor_id.is_(None))
    )
    if patient_id is not None:
        end_sms_consent(session, patient_id, now)


def give_sms_consent(session: Session, patient_id: int, at: datetime, now: datetime) -> None:
    """The patient agreed to texts at that moment; an older consent stands as it is."""
    session.execute(
        update(_PATIENTS)
        .where(_PATIENTS.c.id == patient_id, _PATIENTS.c.sms_consent_at.is_(None))
        .values(sms_consent_at=at)
    )
    record(session, None, "sms_consent_given", now, patient_id=patient_id)
