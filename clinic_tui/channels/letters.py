"""A worded message as an e-mail: plain text, one recipient, headers safe by construction."""

from __future__ import annotations

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from ..domain.contact import clean_email
from ..domain.delivery import Claimed
from ..domain.errors import BadInput
from ..mail_settings import MailSettings
from .invitation import invitation

_POLICY = SMTP.clone(cte_type="7bit")
"""Every server takes 7-bit text; nothing is changed on the way."""


def recipient(address: str) -> str:
    """The one address, its domain as DNS knows it; ``BadInput`` for what is none."""
    name, at, domain = clean_email(address).rpartition("@")
    if not at:
        raise BadInput("E-mail", "There is no e-mail address.")
    try:
        return f"{name}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError as error:
        raise BadInput("E-mail", "The e-mail address has no such domain.") from error


def compose(claimed: Claimed, settings: MailSettings, now: datetime | None = None) -> EmailMessage:
    """The e-mail: text, the invitation where there is one, the Message-ID it always has.

    ``BadInput`` or ``ValueError`` for an address or a header that cannot be written safely.
    """
    to = recipient(claimed.address)
    at = now or datetime.now(UTC)
    message = EmailMessage(policy=_POLICY.clone(utf8=not to.isascii()))
    message["From"] = Address(settings.sender_name, addr_spec=settings.sender)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = claimed.letter.subject
    message["Date"] = at
    message["Message-ID"] = f"<{claimed.message_id}>"
    message["Auto-Submitted"] = "auto-generated"
    message["List-Unsubscribe"] = f"<mailto:{settings.sender}?subject=unsubscribe>"
    message["Content-Language"] = claimed.language
    message.set_content(claimed.letter.body)
    for number, event in enumerate(claimed.letter.events, start=1):
        message.add_attachment(
            invitation(event, settings.sender, to, at),
            maintype="text",
            subtype="calendar",
            filename="appointment.ics" if number == 1 else f"appointment-{number}.ics",
            params={"method": event.method.value, "charset": "utf-8"},
        )
    return message
