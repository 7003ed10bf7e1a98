"""A patient's consent to texts, as they give and end it by a text of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..audit import record
from ..codes import Channel, NoticeStatus
from ..messages.other_channel import goes_by_other
from ..messages.still_true import facts_of_notices
from ..models import Appointment, Notice, Offer, Patient, WaitlistEntry, table

_PATIENTS, _OUTBOX, _APPOINTMENTS = table(Patient), table(Notice), table(Appointment)
_OFFERS, _WAITLIST = table(Offer), table(WaitlistEntry)


def end_sms_consent(session: Session, patient_id: int, now: datetime) -> None:
    """The patient wants no more texts: what is queued for them by SMS goes by e-mail instead,
    where they allow that, and is withdrawn at once where they do not.

    Noted in the trail without an account, because nobody at the clinic did it.
    """
    session.execute(
        update(_PATIENTS).where(_PATIENTS.c.id == patient_id).values(sms_consent_at=None)
    )
    for notice in session.execute(facts_of_notices(_queued_texts(session, patient_id))).all():
        if not goes_by_other(session, notice, notice.due_at):
            session.execute(
                update(_OUTBOX)
                .where(_OUTBOX.c.id == notice.id)
                .values(status=NoticeStatus.WITHDRAWN, reason="The patient wants no more texts.")
            )
    record(session, None, "sms_consent_ended", now, patient_id=patient_id)


def _queued_texts(session: Session, patient_id: int) -> list[int]:
    visits = select(_APPOINTMENTS.c.id).where(_APPOINTMENTS.c.patient_id == patient_id)
    offers = (
        select(_OFFERS.c.id)
        .join(_WAITLIST, _WAITLIST.c.id == _OFFERS.c.entry_id)
        .where(_WAITLIST.c.patient_id == patient_id)
    )
    found: list[int] = []
    # One after the other: an OR of both would read the whole outbox.
    for theirs in (_OUTBOX.c.appointment_id.in_(visits), _OUTBOX.c.offer_id.in_(offers)):
        query = select(_OUTBOX.c.id).where(
            theirs,
            _OUTBOX.c.status == NoticeStatus.QUEUED,
            _OUTBOX.c.channel == Channel.SMS,
            _OUTBOX.c.doctor_id.is_(None),
        )
        found += session.scalars(query)
    return found


def end_consent_of_told(session: Session, notice_ids: Sequence[int], now: datetime) -> None:
    """End it for the patient whom these texts were to tell: they have told the provider to stop.

    What they so never heard goes by e-mail, too, where they allow that.
    """
    notices = session.execute(facts_of_notices(notice_ids)).all()
    patients = {one.patient_id for one in notices if one.doctor_id is None}
    for patient_id in sorted(patients - {None}):
        end_sms_consent(session, patient_id, now)
    for notice in notices:
        if notice.channel is Channel.SMS:
            goes_by_other(session, notice, now)


def give_sms_consent(session: Session, patient_id: int, at: datetime, now: datetime) -> None:
    """The patient agreed to texts at that moment; an older consent stands as it is."""
    session.execute(
        update(_PATIENTS)
        .where(_PATIENTS.c.id == patient_id, _PATIENTS.c.sms_consent_at.is_(None))
        .values(sms_consent_at=at)
    )
    record(session, None, "sms_consent_given", now, patient_id=patient_id)
