"""Messages to be texted, and the channel that texts them to a server of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from clinic_tui.channels.sms import Sms
from clinic_tui.domain.codes import Channel, NoticeKind
from clinic_tui.domain.messages.delivery import Claimed, Letter, Outcome
from clinic_tui.sms_settings import SmsSettings
from tests.dispatch.sms_server import ACCOUNT, NUMBER, SERVICE, TOKEN

BODY = "Riverside Clinic: your visit is on Tuesday, 24 November at 09:20."


def message(
    notice_id: int = 1, address: str = "+12025550123", body: str = BODY, **more: Any
) -> Claimed:
    """One claimed message."""
    given: dict[str, Any] = {
        "kind": NoticeKind.REMINDER,
        "language": "en",
        "message_id": f"{notice_id}@clinic",
        "attempts": 1,
        "look_up": False,
        "created_at": datetime.now(UTC),
    }
    return Claimed(
        notice_id=notice_id,
        channel=Channel.SMS,
        address=address,
        letter=Letter("", body),
        **(given | more),
    )


@contextmanager
def texting(
    url: str,
    *,
    countries: tuple[str, ...] = ("US",),
    service: bool = False,
    token: str = TOKEN,
    read_seconds: float = 5.0,
) -> Iterator[Sms]:
    """The channel, its connections closed in the end."""
    number, group = ("", SERVICE) if service else (NUMBER, "")
    settings = SmsSettings(ACCOUNT, number, group, base_url=url)
    environ = {"CLINIC_SMS_TOKEN": token}
    sms = Sms(settings, lambda: countries, environ, read_seconds=read_seconds)
    try:
        yield sms
    finally:
        sms.close()


def send(sms: Sms, one: Claimed) -> Outcome:
    """What became of one message."""
    ((notice_id, outcome),) = sms.send([one])
    assert notice_id == one.notice_id
    return outcome
