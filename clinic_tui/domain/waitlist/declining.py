"""Offers that come to nothing: declined, or run out. Who had one waits on, and the time is free."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, select, update
from sqlalchemy.orm import Session

from ..access import Actor
from ..audit import details_answered, record
from ..clinic.settings import load_settings
from ..codes import OfferStatus, WaitlistStatus
from ..errors import WrongStatus
from ..models import Offer, WaitlistEntry, table
from .filling import freed_time, slot_of
from .freed import FreedTime
from .waiting import ON_THE_LIST, end_offers, locked_entry, not_there, within_reach

_OFFERS, _WAITLIST = table(Offer), table(WaitlistEntry)


def decline_offer(
    session: Session, actor: Actor, offer_id: int, now: datetime, key: str
) -> FreedTime | None:
    """They say no: the opening is free at once, and they wait on.

    Answers with who else would fit there, for whoever may offer it. Refused with ``WrongStatus``
    when the offer was answered before.
    """
    offer, entry = locked_offer(session, actor, offer_id)
    settings = load_settings(session)
    if details_answered(session, actor, "decline_offer", key) is None:
        refuse_answered(offer)
        let_go(session, entry.id, now)
        record(
            session, actor, "decline_offer", now, key=key,
            patient_id=entry.patient_id, doctor_id=offer.doctor_id, offer=offer.id,
        )  # fmt: skip
    return freed_time(session, slot_of(offer), settings, actor, now, entry.patient_id)


def let_go(session: Session, entry_id: int, now: datetime) -> None:
    """Whoever has that place, locked before, does not want what they are offered: they wait on."""
    end_offers(session, [entry_id], OfferStatus.DECLINED, now)
    _wait_on(session, [entry_id])


def expire_offers(session: Session, now: datetime) -> int:
    """Let the offers that ran out be over: who had them waits on; returns how many.

    The last step of what calls it: it waits for nobody, and passes over what others have locked.
    """
    ran_out = exists().where(
        _OFFERS.c.entry_id == _WAITLIST.c.id,
        _OFFERS.c.status == OfferStatus.OPEN,
        _OFFERS.c.expires_at <= now,
    )
    ids = session.scalars(
        select(_WAITLIST.c.id)
        .where(ON_THE_LIST, ran_out)
        .order_by(_WAITLIST.c.id)
        .with_for_update(skip_locked=True)
    ).all()
    if ids:
        end_offers(session, ids, OfferStatus.EXPIRED, now)
        _wait_on(session, ids)
    return len(ids)


def locked_offer(session: Session, actor: Actor, offer_id: int) -> tuple[Row[Any], Row[Any]]:
    """An offer and its place on the list, permitted, kept from everybody else until the end."""
    query = (
        select(_OFFERS.c.entry_id)
        .join(_WAITLIST, _WAITLIST.c.id == _OFFERS.c.entry_id)
        .where(_OFFERS.c.id == offer_id, within_reach(actor))
    )
    entry_id = session.scalar(query)
    if entry_id is None:
        raise not_there(actor, "There is no such offer.")
    entry = locked_entry(session, actor, entry_id)
    offer = session.execute(select(_OFFERS).where(_OFFERS.c.id == offer_id)).one()
    return offer, entry


def refuse_answered(offer: Row[Any]) -> None:
    """Refuse what was accepted or declined before; one that ran out is another matter."""
    if offer.status in (OfferStatus.ACCEPTED, OfferStatus.DECLINED):
        raise WrongStatus(f"That offer was {offer.status} already.")


def _wait_on(session: Session, entry_ids: Sequence[int]) -> None:
    session.execute(
        update(_WAITLIST)
        .where(_WAITLIST.c.id.in_(entry_ids), _WAITLIST.c.status == WaitlistStatus.OFFERED)
        .values(status=WaitlistStatus.WAITING)
    )
