"""A message as it reads by what is true now, for whoever wants to see it before it leaves."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..access import Actor
from ..codes import Channel, NoticeKind
from ..errors import BadInput
from ..models import Clinic, table
from .gathering import letter_of, own_templates
from .notices import require_notice
from .sms_text import sms_text
from .still_true import addresses, facts_of_notices

_CLINIC = table(Clinic)


@dataclass(frozen=True, slots=True)
class Preview:
    """The text, and where it would go; ``parts`` is of how many messages an SMS consists.

    ``address`` is empty where there is none, or no consent. ``body`` is None where there is no
    text to show, and ``why_not`` says why.
    """

    address: str = ""
    subject: str = ""
    body: str | None = None
    parts: int = 1
    why_not: str = ""


def preview_message(session: Session, actor: Actor, notice_id: int) -> Preview:
    """What a message would say if it left now; nothing is kept of what others have said.

    Refused with ``NotPermitted`` and ``NotFound``.
    """
    notice = require_notice(session, actor, notice_id)
    if notice.kind is NoticeKind.RESET:
        return Preview(why_not="It holds a code that is made when it leaves.")
    row = session.execute(facts_of_notices([notice_id])).one()
    clinic = session.execute(select(_CLINIC)).one()
    address = addresses(session, [row]).get(notice_id, "")
    try:
        letter = letter_of(session, clinic, [(row, address)], own_templates(session)).letter
    except BadInput as refusal:
        return Preview(address, why_not=str(refusal))
    if row.channel is Channel.EMAIL:
        return Preview(address, letter.subject, letter.body)
    text = sms_text(letter.body)
    return Preview(address, "", text.body, text.parts)
