"""What needs a person: messages that failed, replies to read, visits that were asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...domain.codes import ReplyStatus
from ...domain.messages.message_list import MessageLine, Shown, list_messages
from ...domain.messages.notice_words import CHANNELS, KINDS
from ...domain.messages.notices import retry_message, withdraw_message
from ...domain.messages.replies import Answer, answer_reply
from ...domain.messages.reply_list import ReplyLine
from ...domain.patients.contact import show_phone
from ...domain.times.walltime import say_moment
from ...domain.visits.asked_for import visits_asked_for
from ...domain.visits.requests import new_key
from . import visits, waiting, words

if TYPE_CHECKING:
    from ...desk import Desk
    from .talk import Talk

_LATER = "Leave it for later"


def messages(desk: Desk, talk: Talk, _: str) -> None:
    """Messages that failed and replies that nobody has read, one after the other."""
    lines = desk.read_now(list_messages, Shown.TO_SEE, desk.now())
    for line in lines:
        talk.say(f"{_say(line, desk)}.")
        deeds = (
            _reply_deeds(desk, talk, line) if isinstance(line, ReplyLine) else _deeds(desk, line)
        )
        names = (*deeds, _LATER)
        chosen = talk.choose("What is to be done", names)
        if chosen < len(deeds):
            talk.say(talk.answered(deeds[names[chosen]]))
    talk.say("That was the last one." if lines else "No message needs anybody.")


def requests(desk: Desk, talk: Talk, _: str) -> None:
    """Visits that patients have asked for, one after the other: a yes, a no or another time."""
    found = desk.read_now(visits_asked_for, desk.now())
    for one in found:
        when, number = words.when(one.starts_at, one.ends_at, desk.zone), one.appointment_id
        parts = (one.patient, when, one.doctor, one.visit_type, one.note, f"visit {number}")
        talk.say(f"{', '.join(filter(None, parts))}.")
        chosen = talk.choose("What is to be done", ("Yes", "No", "Another time", _LATER))
        if chosen < len(_ANSWERS):
            _ANSWERS[chosen](desk, talk, str(number))
    talk.say("That was the last one." if found else "No visit awaits a yes.")


_ANSWERS = (visits.step_on, visits.cancel, visits.move)


def _say(line: MessageLine | ReplyLine, desk: Desk) -> str:
    zone = desk.zone
    about = f"about the visit on {say_moment(line.visit_at, zone)}" if line.visit_at else ""
    if isinstance(line, ReplyLine):
        number = show_phone(line.number, desk.settings.region)
        whose = line.patient or " or ".join(line.owners.values()) or "nobody on record"
        body = " ".join(line.body.split()) or "an empty text"
        came = say_moment(line.received_at, zone)
        parts = [f"Reply of {came} from {number}, {whose}", about, f"“{body}”", _left(line, zone)]
    else:
        whom = line.doctor or line.account or line.patient
        kind = f"{KINDS[line.kind]} by {CHANNELS[line.channel]}"
        parts = [f"Failed: {kind} to {whom}", about, line.reason.rstrip(".")]
    return ", ".join(part for part in parts if part)


def _left(line: ReplyLine, zone: str) -> str:
    """What is free by it, and waits to be offered on."""
    left = line.left
    if left is None:
        return ""
    return f"{words.when(left.starts_at, left.ends_at, zone)}, {left.doctor}, is free again"


def _deeds(desk: Desk, line: MessageLine) -> dict[str, Callable[[], str]]:
    def again() -> str:
        desk.run_now(retry_message, line.notice_id, desk.now())
        return "It leaves with the next pass."

    def withdraw() -> str:
        desk.run_now(withdraw_message, line.notice_id, desk.now())
        return "Withdrawn."

    return {"Send it again": again, "Withdraw it": withdraw}


def _reply_deeds(desk: Desk, talk: Talk, line: ReplyLine) -> dict[str, Callable[[], str]]:
    key = new_key()

    def put_away() -> str:
        desk.run_now(answer_reply, Answer(line.reply_id, key=key), desk.now())
        return "Put away."

    def belongs_to(patient_id: int, name: str) -> Callable[[], str]:
        def say_whose() -> str:
            answer = Answer(line.reply_id, patient_id, key)
            status = desk.run_now(answer_reply, answer, desk.now())
            done = "done" if status is ReplyStatus.DONE else "still to be dealt with"
            return f"{name}: {done}."

        return say_whose

    def offer_on() -> str:
        left, whose = line.left, line.patient_id
        given = left is not None and waiting.offer_on(desk, talk, left, whose or 0)
        return talk.answered(put_away) if given else "It stays to be seen."

    on = {"Offer the free time to somebody who waits": offer_on} if line.left else {}
    owners = {f"{name} wrote it": belongs_to(one, name) for one, name in line.owners.items()}
    return on | {"Put it away: it was dealt with": put_away} | owners
