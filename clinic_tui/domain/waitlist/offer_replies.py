"""An offer as a patient answers it by SMS: the same steps as when the desk writes it down.

Nobody at the desk saw it happen: what a yes or a no leaves free is noted with it, so that it stands
before whoever reads the replies and is offered on from there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from ..access import Actor, Role
from ..audit import record
from ..clinic.settings import load_settings
from ..codes import ReplyMeaning
from ..errors import Refusal
from ..undo.ways_back import WayBack
from ..visits.requests import new_key
from .accepting import book_offered
from .declining import let_go, locked_offer, refuse_answered
from .filling import freed_time, slot_of
from .left_free import noted

_THE_DESK = Actor(0, "", "", frozenset({Role.RECEPTIONIST}))
"""Whoever reads the replies there: what is free is theirs to offer on."""


@dataclass(frozen=True, slots=True)
class AnsweredOffer:
    """What a yes or a no led to: the visit that stands by it, and the way back if there is one.

    ``to_offer_on``: somebody else who waits would take the time that is free by it.
    """

    appointment_id: int | None = None
    way_back: WayBack | None = None
    to_offer_on: bool = False


def answer_offer(
    session: Session, offer_id: int, patient_id: int, reply: Row[Any], now: datetime
) -> AnsweredOffer | None:
    """Accept or decline it as that patient, by a reply that says yes or no.

    None where it cannot be any more: it has run out or been answered, the doctor is away by then,
    somebody else has the time. Nothing is changed then, and a person has to see the reply.
    """
    # A patient reaches only what is offered to themselves; of accounts they have none.
    patient = Actor(0, "", "", frozenset({Role.PATIENT}), patient_id=patient_id)
    try:
        with session.begin_nested():
            return _answered(session, patient, offer_id, reply, now)
    except Refusal:
        return None


def _answered(
    session: Session, patient: Actor, offer_id: int, reply: Row[Any], now: datetime
) -> AnsweredOffer:
    offer, entry = locked_offer(session, patient, offer_id)
    comes = reply.meaning is ReplyMeaning.YES
    if comes:
        accepted = book_offered(session, offer, entry, patient, now, new_key())
        left = accepted.left
        answered = AnsweredOffer(accepted.stands.appointment_id, accepted.way_back)
    else:
        refuse_answered(offer)
        let_go(session, entry.id, now)
        left, answered = slot_of(offer), AnsweredOffer()
    record(
        session, None, "offer_accepted" if comes else "offer_declined", now,
        appointment_id=answered.appointment_id, patient_id=entry.patient_id,
        doctor_id=offer.doctor_id, offer=offer.id, reply=reply.id, **noted(left),
    )  # fmt: skip
    if left is None:
        return answered
    settings = load_settings(session)
    fitting = freed_time(session, left, settings, _THE_DESK, now, entry.patient_id)
    return replace(answered, to_offer_on=fitting is not None)
