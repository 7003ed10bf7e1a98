"""The channels that this machine's settings name."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from .base import Channel

if TYPE_CHECKING:
    from ..mail_settings import MailSettings
    from ..sms_settings import SmsSettings


def channels_of(
    mail: MailSettings | None,
    sms: SmsSettings | None,
    countries: Callable[[], Collection[str]],
) -> tuple[Channel, ...]:
    """What may leave from here; nothing is connected yet.

    ``countries`` tells to which of them (ISO 3166) texts may go. ``BadInput`` where a password
    or token is wanted and there is none.
    """
    channels: list[Channel] = []
    if mail is not None:
        from .email import Email  # noqa: PLC0415

        channels.append(Email(mail))
    if sms is not None:
        from .sms import Sms  # noqa: PLC0415

        channels.append(Sms(sms, countries))
    return tuple(channels)
