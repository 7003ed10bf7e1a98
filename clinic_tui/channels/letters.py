"""A worded message as an e-mail: plain text, one recipient, headers safe by construction."""

from __future__ import annotations

from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache

from ..domain.errors import BadInput
from ..domain.messages.delivery import Claimed
from ..domain.patients.contact import sendable_email
from ..mail_settings import MailSettings
from .invitation import invitation


class _Registry(HeaderRegistry):
    """What each header is read as, made once: the library makes it anew for each of a message."""

    __getitem__ = cache(HeaderRegistry.__getitem__)


_POLICY = SMTP.clone(cte_type="7bit", header_factory=_Registry())
"""Every server takes 7-bit text; nothing is changed on the way."""


def recipient(address: str) -> str:
    """The one address, its domain as DNS knows it; ``BadInput`` for what is none."""
    if not address:
        raise BadInput("E-mail", "There is no e-mail address.")
    return sendable_email(address)


def compose(claimed: Claimed, settings: MailSettings, now: datetime | None = None) -> bytes:
    """The e-mail as it leaves: text, invitations, the Message-ID it always has.

    ``BadInput`` for an address or a header that cannot be written safely.
    """
    try:
        message = _message(claimed, settings, now or datetime.now(UTC))
        content = message.as_bytes()
    except (ValueError, MessageError) as error:
        raise BadInput("E-mail", "It cannot be written as an e-mail.") from error
    # The library reads “=?utf-8?q?=0A?=” in a name as a line break, and writes one.
    lines = content.partition(b"\r\n\r\n")[0].splitlines()
    names = [line.partition(b":")[0].decode() for line in lines if line[:1] not in (b" ", b"\t")]
    if names != message.keys():
        raise BadInput("E-mail", "A header would be more than one line.")
    return content


def _message(claimed: Claimed, settings: MailSettings, at: datetime) -> EmailMessage:
    to = recipient(claimed.address)
    name, _, domain = to.rpartition("@")
    message = EmailMessage(policy=_POLICY.clone(utf8=not to.isascii()))
    message["From"] = Address(settings.sender_name, addr_spec=settings.sender)
    message["To"] = Address(username=name, domain=domain)  # Whole it may not be beyond ASCII.
    message["Subject"] = claimed.letter.subject
    message["Date"] = at
    message["Message-ID"] = f"<{claimed.message_id}>"
    message["Auto-Submitted"] = "auto-generated"
    message["List-Unsubscribe"] = f"<mailto:{settings.sender}?subject=unsubscribe>"
    message.set_content(claimed.letter.body)
    for number, event in enumerate(claimed.letter.events, start=1):
        message.add_attachment(
            invitation(event, settings.sender, to, at),
            maintype="text",
            subtype="calendar",
            filename="appointment.ics" if number == 1 else f"appointment-{number}.ics",
            params={"method": event.method.value, "charset": "utf-8"},
        )
    message["Content-Language"] = claimed.language  # Last: whatever sets content drops it.
    return message
