"""``clinic send`` and ``clinic worker``: deliver what is due, once or for as long as they run."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

import typer

from ..domain.errors import Refusal
from .desks import config_of, open_database
from .output import echo, echo_json
from .senders import open_channels, what_sends
from .verbs import PLAIN, Json, example

if TYPE_CHECKING:
    from ..channels.base import Channel
    from ..config import Config
    from ..database import Database

verbs = typer.Typer(**PLAIN)
_PATIENCE = 20.0


@verbs.command("send", epilog=example("send"))
def send(context: typer.Context, as_json: Json = False) -> None:
    """Deliver what is due, once.

    Needs no sign-in: what is said and to whom stands in the book.
    """
    from ..desk import read_clock  # noqa: PLC0415
    from ..dispatch import run_all, sender_name  # noqa: PLC0415

    config = config_of(context)
    database = open_database(config)
    try:
        channels = _some_channels(config, database)
        tally = run_all(database, channels, sender_name(), read_clock)
    finally:
        database.close()
    counts = {
        "sent": tally.sent,
        "refused": tally.refused,
        "to_be_tried_again": tally.passing,
        "unknown": tally.unknown,
    }
    if as_json:
        echo_json(counts)
    else:
        echo(", ".join(f"{count} {what.replace('_', ' ')}" for what, count in counts.items()))


@verbs.command("worker", epilog=example("worker"))
def worker(context: typer.Context) -> None:
    """Deliver what is due, until it is told to stop.

    Writes day sheets at their hour, too, where the settings have [sheets]. Ctrl+C or SIGTERM end
    it once what is being said is recorded.
    """
    config = config_of(context)
    database = open_database(config)
    try:
        channels = (open_channels if config.sheets else _some_channels)(config, database)
        sending = what_sends(config, database, channels)
    except BaseException:
        database.close()
        raise
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: told.set())
    sending.start()
    echo("Sending what is due; Ctrl+C ends it.")
    told.wait()
    sending.stop(_PATIENCE)


def _some_channels(config: Config, database: Database) -> tuple[Channel, ...]:
    channels = open_channels(config, database)
    if not channels:
        raise Refusal("Nothing can leave from here: the settings file has no [mail] and no [sms].")
    return channels
