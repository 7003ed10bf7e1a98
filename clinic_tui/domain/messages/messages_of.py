"""Which messages and replies are of some patients: conditions that an index answers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, union_all

from ..models import Appointment, Notice, Offer, PatientPhone, Reply, WaitlistEntry, table

_OUTBOX, _REPLIES, _PHONES = table(Notice), table(Reply), table(PatientPhone)
# By names of their own: whoever asks may read these tables, too.
_SAID = _OUTBOX.alias("said")
_VISITS = table(Appointment).alias("their_visit")
_OFFERS = table(Offer).alias("their_offer")
_WAITLIST = table(WaitlistEntry).alias("their_wait")


def about_them(patients: Select[Any]) -> ColumnElement[bool]:
    """Of a message: that it is about a visit of one of these patients, or an offer to them."""
    visits = select(_VISITS.c.id).where(_VISITS.c.patient_id.in_(patients))
    waits = select(_WAITLIST.c.id).where(_WAITLIST.c.patient_id.in_(patients))
    offers = select(_OFFERS.c.id).where(_OFFERS.c.entry_id.in_(waits))
    # One list and no OR, so that an index serves each half.
    return _OUTBOX.c.id.in_(
        union_all(
            select(_SAID.c.id).where(_SAID.c.appointment_id.in_(visits)),
            select(_SAID.c.id).where(_SAID.c.offer_id.in_(offers)),
        )
    )


def from_them(patients: Select[Any]) -> ColumnElement[bool]:
    """Of a reply: that it is known to be one of theirs, or came from a number of theirs."""
    numbers = select(_PHONES.c.number).where(_PHONES.c.patient_id.in_(patients))
    unknown = and_(_REPLIES.c.patient_id.is_(None), _REPLIES.c.number.in_(numbers))
    return or_(_REPLIES.c.patient_id.in_(patients), unknown)
