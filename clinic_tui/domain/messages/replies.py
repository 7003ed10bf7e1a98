"""What patients answer by SMS: each answer taken once, and acted on only where it is certain.

A clear word of the one patient who has that number is acted on at once: yes, no, STOP, START.
Everything else waits for a person, who may say whose it is; it is then acted on in the same way.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..access import Actor, Permission, Reach, reach, require_some
from ..audit import details_answered, record
from ..codes import Channel, ReplyMeaning, ReplyStatus, Status
from ..errors import BadInput, NotFound, NotPermitted, WrongStatus
from ..models import Appointment, Patient, PatientPhone, Reply, table
from ..patients.consent import end_sms_consent, give_sms_consent
from ..patients.contact import reversed_digits
from ..patients.reach import in_reach
from ..text import showable
from ..undo.row_changes import found_rows, left_rows
from ..undo.ways_back import WayBack
from ..visits.requests import new_key, wait_for_twin
from ..waitlist.offer_replies import answer_offer
from .reply_words import DOUBTFUL, bare_word, meaning_of
from .spoken_of import SpokenOf, spoken_of

_REPLIES, _APPOINTMENTS = table(Reply), table(Appointment)
_PATIENTS, _PHONES = table(Patient), table(PatientPhone)
_CONSENT = (ReplyMeaning.STOP, ReplyMeaning.START)
_LONGEST_BODY, _LONGEST_NUMBER, _LONGEST_SID = 1600, 40, 64
_NO_MORE = WayBack()
_MOST_OWNERS = 9
"""More patients than these are not offered to choose from."""


@dataclass(frozen=True, slots=True)
class Received:
    """A text that came in, as the provider has it; ``sid`` is its number there, ``at`` aware UTC.

    All of it comes from outside and may hold anything.
    """

    sid: str
    number: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person does with a reply: with ``patient_id``, say whose it is; without, put it away.

    ``key`` is the request's idempotency key.
    """

    reply_id: int
    patient_id: int | None = None
    key: str = field(default_factory=new_key)


def new_sids(session: Session, sids: Iterable[str]) -> set[str]:
    """Those of them that no terminal has taken yet."""
    asked = {sid for sid in sids if sid.isalnum() and sid.isascii() and len(sid) <= _LONGEST_SID}
    return asked - set(session.scalars(select(_REPLIES.c.sid).where(_REPLIES.c.sid.in_(asked))))


def take_reply(session: Session, received: Received, now: datetime) -> bool:
    """Keep a text that came in and do what it clearly asks for; False if it was taken before.

    Of several terminals that take one at once, one does: the provider's number is unique.
    """
    meaning = meaning_of(received.body)
    try:
        with session.begin_nested():
            reply_id: int = session.execute(
                insert(_REPLIES)
                .values(
                    sid=received.sid,
                    channel=Channel.SMS,
                    number=showable(received.number[:_LONGEST_NUMBER]),
                    body=_as_stored(received.body),
                    meaning=meaning,
                    status=ReplyStatus.OPEN,
                    received_at=received.at,
                    taken_at=now,
                )
                .returning(_REPLIES.c.id)
            ).scalar_one()
    except IntegrityError:
        return False
    row = session.execute(select(_REPLIES).where(_REPLIES.c.id == reply_id)).one()
    owners = owners_of(session, row.number)
    if len(owners) == 1:
        _act(session, row, owners[0], spoken_of(session, owners[0], row.received_at, now), now)
    elif not owners and meaning in _CONSENT:
        _put(session, reply_id, status=ReplyStatus.DONE, done_at=now)
    return True


def owners_of(session: Session, number: str) -> list[int]:
    """The patients who have that number (E.164), by their own number."""
    return list(
        session.scalars(
            select(_PHONES.c.patient_id)
            .join(_PATIENTS, _PATIENTS.c.id == _PHONES.c.patient_id)
            .where(
                _PHONES.c.reversed_digits == reversed_digits(number),
                _PHONES.c.number == number,
                _PATIENTS.c.merged_into.is_(None),
            )
            .distinct()
            .order_by(_PHONES.c.patient_id)
            .limit(_MOST_OWNERS)
        )
    )


def answer_reply(session: Session, actor: Actor, answer: Answer, now: datetime) -> ReplyStatus:
    """Put a reply away, or say whose it is and do what it asks for; returns how it stands then.

    One that says no stays open until somebody puts it away: the visit is still to be moved, or
    what was offered to be offered to somebody else. So does a yes by which a visit has left a time
    that somebody else who waits would take. Consent that a patient gave or ended by it has
    no way back but a change of their record, and an offer that they declined has none. A
    request with a key that was already answered gets that answer again. Refused:
    ``NotPermitted``; ``NotFound``; ``WrongStatus`` where it was put away before; ``BadInput``
    where the number is not that patient's.
    """
    row = _locked(session, actor, answer.reply_id)
    wait_for_twin(session, answer.key)
    if noted := details_answered(session, actor, "answer_reply", answer.key):
        return ReplyStatus(noted["status"])
    if row.status is ReplyStatus.DONE:
        raise WrongStatus("That reply has been put away already.")
    found = {_REPLIES: found_rows(session, _REPLIES, id=row.id)}
    if answer.patient_id is None:
        act = _Act(ReplyStatus.DONE)
        _put(session, row.id, status=act.status, done_by=actor.account_id, done_at=now)
    else:
        _refuse_stranger(session, row, answer.patient_id)
        about = spoken_of(session, answer.patient_id, row.received_at, now)
        if about.visit_id is not None:
            found[_APPOINTMENTS] = found_rows(session, _APPOINTMENTS, id=about.visit_id)
        act = _act(session, row, answer.patient_id, about, now, by=actor.account_id)
    left = (left_rows(session, *one) for one in found.items())
    back = act.way_back
    record(
        session, actor, "answer_reply", now, key=answer.key,
        patient_id=answer.patient_id or row.patient_id, appointment_id=row.appointment_id,
        way_back=None if back is None else WayBack(back.visits, (*left, *back.rows)),
        reply=row.id, status=act.status.value,
    )  # fmt: skip
    return act.status


def within_reach(actor: Actor) -> Any:
    """Of a reply: a doctor's own are those of patients who have a visit with them."""
    return in_reach(actor, Permission.MESSAGES, _REPLIES.c.patient_id)


def _refuse_stranger(session: Session, reply: Row[Any], patient_id: int) -> None:
    if reply.patient_id not in (None, patient_id):
        raise WrongStatus("It is known already whose that reply is.")
    if patient_id not in owners_of(session, reply.number):
        raise BadInput("Patient", "That number is not that patient's.")


def _locked(session: Session, actor: Actor, reply_id: int) -> Row[Any]:
    require_some(actor, Permission.MESSAGES)
    query = select(_REPLIES).where(_REPLIES.c.id == reply_id, within_reach(actor))
    row = session.execute(query.with_for_update(key_share=True)).one_or_none()
    if row is None:
        if reach(actor, Permission.MESSAGES) is Reach.ANY:
            raise NotFound("There is no such reply.")
        raise NotPermitted(f"You may not {Permission.MESSAGES.value}.")
    return row


@dataclass(frozen=True, slots=True)
class _Act:
    """How a reply stands once it was acted on, and what leads back beside its own row and visit.

    No way back at all where that is None.
    """

    status: ReplyStatus
    way_back: WayBack | None = _NO_MORE


def _act(
    session: Session,
    reply: Row[Any],
    patient_id: int,
    about: SpokenOf,
    now: datetime,
    by: int | None = None,
) -> _Act:
    """Do what this patient asks for, as far as it is certain; the rest stays open."""
    meaning: ReplyMeaning = reply.meaning
    visit_id, way_back = about.visit_id, _NO_MORE if meaning not in _CONSENT else None
    done = False
    if meaning is ReplyMeaning.STOP:
        end_sms_consent(session, patient_id, now)
        done = bare_word(reply.body) not in DOUBTFUL
    elif meaning is ReplyMeaning.START:
        give_sms_consent(session, patient_id, reply.received_at, now)
        done = True
    elif meaning in (ReplyMeaning.YES, ReplyMeaning.NO) and visit_id is not None:
        _answered(session, visit_id, patient_id, reply, now)
        done = meaning is ReplyMeaning.YES
    elif meaning in (ReplyMeaning.YES, ReplyMeaning.NO) and about.offer_id is not None:
        answered = answer_offer(session, about.offer_id, patient_id, reply, now)
        if answered is not None:
            visit_id, way_back = answered.appointment_id, answered.way_back
            done = meaning is ReplyMeaning.YES and not answered.to_offer_on
    status = ReplyStatus.DONE if done else ReplyStatus.OPEN
    values = {"done_by": by, "done_at": now} if done else {}
    _put(session, reply.id, patient_id=patient_id, appointment_id=visit_id, status=status, **values)
    return _Act(status, way_back)


def _answered(
    session: Session, visit_id: int, patient_id: int, reply: Row[Any], now: datetime
) -> None:
    """The patient will come, or does not want to: what was said before does not hold any more."""
    comes = reply.meaning is ReplyMeaning.YES
    changed = session.execute(
        update(_APPOINTMENTS)
        .where(_APPOINTMENTS.c.id == visit_id, _APPOINTMENTS.c.status == Status.BOOKED)
        .values(confirmed_at=reply.received_at if comes else None)
        .returning(_APPOINTMENTS.c.doctor_id)
    )
    record(
        session, None, "visit_confirmed" if comes else "visit_declined", now,
        appointment_id=visit_id, patient_id=patient_id, doctor_id=changed.scalar(),
        reply=reply.id,
    )  # fmt: skip


def _put(session: Session, reply_id: int, **values: Any) -> None:
    session.execute(update(_REPLIES).where(_REPLIES.c.id == reply_id).values(values))


def _as_stored(body: str) -> str:
    """The text, its lines kept; what no terminal and no database could take shows as "�"."""
    lines = unicodedata.normalize("NFC", body)[:_LONGEST_BODY].splitlines()
    return "\n".join(showable(line) for line in lines).strip()
