"""Asking the SMS provider what became of texts, and what patients replied.

No server of ours can be reached from outside: what came back is asked for, from every terminal.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from .channels.base import TwoWay
from .database import Database
from .domain.errors import ClinicUnavailable
from .domain.messages.receipts import (
    anything_to_ask,
    note_read,
    record_receipt,
    replies_since,
    texts_to_ask,
)
from .domain.messages.replies import new_sids, take_reply

BATCH = 100
_log = logging.getLogger("clinic_tui.listening")

Clock = Callable[[], datetime]


def take_replies(database: Database, channel: TwoWay, clock: Clock) -> int:
    """Take what came in since the last look, the oldest first; returns how many were new.

    Each in a transaction of its own: one that cannot be taken stops none of the others, and is
    looked at again. Raises ``ClinicUnavailable`` where the database does not answer.
    """
    began = clock()
    since = database.read(replies_since, began)
    if since is None:
        return 0
    found = channel.replies(since)
    if found is None:
        return 0
    fresh = database.read(new_sids, [one.sid for one in found])
    taken, all_taken = 0, True
    # Times are whole seconds; of those of one second the last in the list came first.
    newest_first = sorted(found, key=lambda one: one.at, reverse=True)
    for one in reversed(newest_first):
        if one.sid not in fresh:
            continue
        try:
            taken += database.transact(take_reply, one, clock())
        except ClinicUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - a bug with one reply must not stop the rest
            _log.error("taking a reply: %s", type(error).__name__)
            all_taken = False
    if all_taken:
        database.transact(note_read, began)
    return taken


def ask_what_arrived(database: Database, channel: TwoWay, clock: Clock) -> int:
    """Ask about texts that left and may have arrived by now; returns of how many it is known."""
    if not database.read(anything_to_ask, clock()):
        return 0
    waiting = database.transact(texts_to_ask, clock(), limit=BATCH)
    known = 0
    for receipt in channel.receipts(waiting):
        database.transact(record_receipt, receipt, clock())
        known += 1
    return known
