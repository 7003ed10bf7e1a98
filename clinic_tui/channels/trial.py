"""A message about nothing, with which settings are tried."""

from __future__ import annotations

import uuid
from datetime import datetime

from ..domain.codes import Channel, NoticeKind
from ..domain.messages.delivery import Claimed, Letter


def trial_message(to: str, now: datetime) -> Claimed:
    """One message to an e-mail address, or to a number in E.164; it is in no outbox."""
    subject, body = "Test message", "This is a test message of the clinic's appointment book."
    is_mail = "@" in to
    return Claimed(
        notice_id=0,
        channel=Channel.EMAIL if is_mail else Channel.SMS,
        kind=NoticeKind.CONFIRMATION,
        address=to,
        language="en",
        message_id=f"{uuid.uuid4().hex}@clinic",
        attempts=1,
        look_up=False,
        created_at=now,
        letter=Letter(subject if is_mail else "", body),
    )
