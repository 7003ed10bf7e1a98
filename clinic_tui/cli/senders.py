"""From the settings to what sends: for a verb, and for the terminal program's own sender."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ..domain.errors import Refusal

if TYPE_CHECKING:
    from ..channels.base import Channel
    from ..config import Config
    from ..database import Database
    from ..scheduler import Sending

_SHEETS_EVERY = 30
"""Seconds."""


def open_channels(config: Config, database: Database) -> tuple[Channel, ...]:
    """The channels of the settings; ``BadInput`` where one lacks its password or token."""
    from ..channels.configured import channels_of  # noqa: PLC0415
    from ..domain.messages.sms_numbers import sms_countries  # noqa: PLC0415

    return channels_of(config.mail, config.sms, lambda: database.read(sms_countries))


def what_sends(config: Config, database: Database, channels: tuple[Channel, ...]) -> Sending:
    """What delivers by these channels, and writes day sheets where settings say so; not started."""
    from ..day_sheets import look_for_sheets  # noqa: PLC0415
    from ..desk import read_clock  # noqa: PLC0415
    from ..scheduler import Sending  # noqa: PLC0415

    sending = Sending(database, channels, read_clock)
    if config.sheets is not None:
        sending.every(_SHEETS_EVERY, "sheets", look_for_sheets, database, config.sheets, read_clock)
    return sending


def start_sending(config: Config) -> Sending | None:
    """What sends beside an open terminal, on connections of its own; None where nothing can.

    A terminal is for the desk: channels that cannot be used are not its concern, “clinic check
    --messages” names them.
    """
    from ..database import Database  # noqa: PLC0415

    channels: tuple[Channel, ...] = ()
    with suppress(Refusal):
        database = Database(config.database)
        with suppress(Refusal):
            channels = open_channels(config, database)
        if channels or config.sheets is not None:
            sending = what_sends(config, database, channels)
            sending.start()
            return sending
        database.close()
    return None
