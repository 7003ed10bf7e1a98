"""Whether a queued message is still true and of use, asked when it is about to leave."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.orm import Session

from ..codes import Channel, NoticeKind, NoticeStatus, OfferStatus, Status
from ..models import (
    Account,
    Appointment,
    Doctor,
    Notice,
    Offer,
    Patient,
    PatientPhone,
    WaitlistEntry,
    table,
)
from ..staff.agendas import why_no_agenda
from ..staff.resets import why_no_reset

_OUTBOX, _APPOINTMENTS = table(Notice), table(Appointment)
_ACCOUNTS = table(Account)
_OFFERS, _WAITLIST = table(Offer), table(WaitlistEntry)
_PATIENTS, _DOCTORS, _PHONES = table(Patient), table(Doctor), table(PatientPhone)
_OVER = (Status.CANCELLED, Status.ENTERED_IN_ERROR, Status.NOSHOW)
_AHEAD = (Status.BOOKED,)


def facts_of_notices(ids: Iterable[int]) -> Select[Any]:
    """The messages with those numbers, each beside its visit or its offer, and whoever is told.

    Of an offer the opening stands where the visit would.
    """
    patient_id = func.coalesce(_APPOINTMENTS.c.patient_id, _WAITLIST.c.patient_id)
    return (
        select(
            _OUTBOX,
            _APPOINTMENTS.c.status.label("visit_status"),
            func.coalesce(_APPOINTMENTS.c.starts_at, _OFFERS.c.starts_at).label("visit_starts_at"),
            func.coalesce(_APPOINTMENTS.c.ends_at, _OFFERS.c.ends_at).label("visit_ends_at"),
            _APPOINTMENTS.c.doctor_id.label("visit_doctor_id"),
            func.coalesce(_APPOINTMENTS.c.sequence, 0).label("visit_sequence"),
            func.coalesce(_APPOINTMENTS.c.created_at, _OFFERS.c.offered_at).label(
                "visit_created_at"
            ),
            _OFFERS.c.status.label("offer_status"),
            _OFFERS.c.expires_at.label("offer_expires_at"),
            patient_id.label("patient_id"),
            _PATIENTS.c.email,
            _PATIENTS.c.language,
            _PATIENTS.c.email_consent_at,
            _PATIENTS.c.sms_consent_at,
            _DOCTORS.c.email.label("doctor_email"),
            _DOCTORS.c.active.label("doctor_active"),
            _DOCTORS.c.wants_agenda,
            _ACCOUNTS.c.username,
            _ACCOUNTS.c.email.label("account_email"),
            _ACCOUNTS.c.active.label("account_active"),
        )
        .select_from(_OUTBOX)
        .outerjoin(_APPOINTMENTS, _APPOINTMENTS.c.id == _OUTBOX.c.appointment_id)
        .outerjoin(_OFFERS, _OFFERS.c.id == _OUTBOX.c.offer_id)
        .outerjoin(_WAITLIST, _WAITLIST.c.id == _OFFERS.c.entry_id)
        .outerjoin(_PATIENTS, _PATIENTS.c.id == patient_id)
        .outerjoin(_DOCTORS, _DOCTORS.c.id == _OUTBOX.c.doctor_id)
        .outerjoin(_ACCOUNTS, _ACCOUNTS.c.id == _OUTBOX.c.account_id)
        .where(_OUTBOX.c.id.in_(sorted(ids)))
        .order_by(_OUTBOX.c.due_at, _OUTBOX.c.id)
    )


def why_not(session: Session, notice: Row[Any], now: datetime) -> str:
    """Why a message must not leave any more, as a sentence; empty where it may.

    A cancellation is judged by the start that its listener knows of, the others by the visit's.
    """
    if notice.kind is NoticeKind.AGENDA:
        return why_no_agenda(session, notice, now)
    if notice.kind is NoticeKind.RESET:
        return why_no_reset(notice, now)
    if notice.kind is NoticeKind.CANCELLED:
        return _why_not_cancelled(notice, now)
    if notice.kind is NoticeKind.OFFER:
        return _why_not_offered(notice, now)
    ahead = (Status.BOOKED, Status.PENDING) if notice.kind is NoticeKind.ABSENCE else _AHEAD
    for is_so, why in (
        (notice.visit_status in _OVER, "The visit is cancelled."),
        (notice.visit_status not in ahead, "The visit is not ahead any more."),
        (
            notice.doctor_id not in (None, notice.visit_doctor_id),
            "The visit is with another doctor.",
        ),
        (notice.starts_at != notice.visit_starts_at, "The visit was moved."),
        (notice.visit_starts_at <= now, "Too late to be of use: the visit has begun."),
    ):
        if is_so:
            return why
    return ""


def _why_not_cancelled(notice: Row[Any], now: datetime) -> str:
    gone_elsewhere = notice.doctor_id not in (None, notice.visit_doctor_id)
    if notice.visit_status not in _OVER and not gone_elsewhere:
        return "The visit is not cancelled any more."
    if max(notice.starts_at, notice.visit_starts_at) <= now:
        return "Too late to be of use: the visit would have begun."
    return ""


def _why_not_offered(notice: Row[Any], now: datetime) -> str:
    if notice.offer_expires_at <= now:
        return "Too late to be of use: the offer has run out."
    return "" if notice.offer_status is OfferStatus.OPEN else "The offer is over."


def outdone(session: Session, notices: list[Row[Any]], now: datetime) -> set[int]:
    """The reminders of which a later one is due as well: after an outage one of them is enough."""
    reminders = [notice for notice in notices if notice.kind is NoticeKind.REMINDER]
    if not reminders:
        return set()
    later = _OUTBOX.alias("later")
    found = session.scalars(
        select(_OUTBOX.c.id)
        .join(
            later,
            and_(
                later.c.appointment_id == _OUTBOX.c.appointment_id,
                later.c.sequence == _OUTBOX.c.sequence,
                later.c.kind == NoticeKind.REMINDER,
                later.c.channel == _OUTBOX.c.channel,
                later.c.lead_hours < _OUTBOX.c.lead_hours,
                later.c.due_at <= now,
                later.c.status != NoticeStatus.WITHDRAWN,
            ),
        )
        .where(_OUTBOX.c.id.in_([notice.id for notice in reminders]))
    )
    return set(found)


def addresses(session: Session, notices: list[Row[Any]]) -> dict[int, str]:
    """Where each message goes now, by its number; none for who is not to be written to any more.

    An SMS goes to the patient's first mobile number, else to the first that there is.
    """
    texted = {n.patient_id for n in notices if n.channel is Channel.SMS and n.sms_consent_at}
    numbers = numbers_of(session, texted)
    found: dict[int, str] = {}
    for notice in notices:
        if notice.account_id is not None:
            found[notice.id] = notice.account_email or ""
        elif notice.doctor_id is not None:
            found[notice.id] = notice.doctor_email or ""
        elif notice.channel is Channel.EMAIL:
            found[notice.id] = notice.email if notice.email_consent_at else ""
        else:
            found[notice.id] = numbers.get(notice.patient_id, "")
    return {notice_id: address for notice_id, address in found.items() if address}


def numbers_of(session: Session, patient_ids: set[int]) -> dict[int, str]:
    """By which number (E.164) each of these patients is texted, if any."""
    if not patient_ids:
        return {}
    rows = session.execute(
        select(_PHONES.c.patient_id, _PHONES.c.number)
        .where(_PHONES.c.patient_id.in_(sorted(patient_ids)))
        .order_by(_PHONES.c.patient_id, _PHONES.c.position)
    )
    of_patient: dict[int, list[str]] = {}
    for patient_id, number in rows:
        of_patient.setdefault(patient_id, []).append(number)
    return {
        patient_id: numbers[0]
        if len(numbers) == 1
        else next((number for number in numbers if _may_be_mobile(number)), numbers[0])
        for patient_id, numbers in of_patient.items()
    }


def _may_be_mobile(number: str) -> bool:
    import phonenumbers  # noqa: PLC0415 - only where there are numbers to read

    try:
        kind = phonenumbers.number_type(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return False
    kinds = phonenumbers.PhoneNumberType
    return kind in (kinds.MOBILE, kinds.FIXED_LINE_OR_MOBILE)
