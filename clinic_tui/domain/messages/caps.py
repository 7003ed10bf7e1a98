"""How much has been said already: of the clinic and to a patient today, by an account of late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from ..codes import NoticeKind
from ..models import Appointment, Notice, Offer, WaitlistEntry, table
from ..times.walltime import day_bounds, local_day

_OUTBOX, _APPOINTMENTS = table(Notice), table(Appointment)
_OFFERS, _WAITLIST = table(Offer), table(WaitlistEntry)
HOUR = timedelta(hours=1)


def left_today(session: Session, clinic: Row[Any], now: datetime) -> int:
    """How many messages the clinic may still send today."""
    midnight, _ = day_bounds(local_day(now, clinic.zone), clinic.zone)
    sent = session.scalar(
        select(func.count()).select_from(_OUTBOX).where(_OUTBOX.c.sent_at >= midnight)
    )
    return int(clinic.daily_cap) - int(sent or 0)


def told_today(
    session: Session, clinic: Row[Any], notices: list[Row[Any]], now: datetime
) -> dict[int | None, int]:
    """How many messages each of these patients was sent today; what left as one counts once."""
    midnight, _ = day_bounds(local_day(now, clinic.zone), clinic.zone)
    patient_id = func.coalesce(_APPOINTMENTS.c.patient_id, _WAITLIST.c.patient_id)
    rows = session.execute(
        select(
            patient_id.label("patient_id"), func.count(_OUTBOX.c.sent_at.distinct()).label("told")
        )
        .select_from(_OUTBOX)
        .outerjoin(_APPOINTMENTS, _APPOINTMENTS.c.id == _OUTBOX.c.appointment_id)
        .outerjoin(_OFFERS, _OFFERS.c.id == _OUTBOX.c.offer_id)
        .outerjoin(_WAITLIST, _WAITLIST.c.id == _OFFERS.c.entry_id)
        .where(
            _OUTBOX.c.sent_at >= midnight,
            _OUTBOX.c.doctor_id.is_(None),
            patient_id.in_({n.patient_id for n in notices}),
        )
        .group_by(patient_id)
    )
    return {row.patient_id: row.told for row in rows}


def caused_by(notice: Row[Any]) -> int | None:
    """The account whose act a message counts as.

    A reminder counts as nobody's: it leaves when its time has come, however long ago that was.
    """
    return None if notice.kind is NoticeKind.REMINDER else notice.created_by


def caused_of_late(
    session: Session, notices: Sequence[Row[Any]], now: datetime
) -> dict[int | None, int]:
    """How many messages left in the last hour by the acts of each account that caused these."""
    accounts = {one for notice in notices if (one := caused_by(notice)) is not None}
    if not accounts:
        return {}
    rows = session.execute(
        select(_OUTBOX.c.created_by, func.count().label("caused"))
        .where(
            _OUTBOX.c.sent_at >= now - HOUR,
            _OUTBOX.c.kind != NoticeKind.REMINDER,
            _OUTBOX.c.created_by.in_(sorted(accounts)),
        )
        .group_by(_OUTBOX.c.created_by)
    )
    return {row.created_by: row.caused for row in rows}
