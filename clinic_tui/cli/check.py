"""``clinic check``: settings, database and book, without an account and without a name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..domain.errors import Refusal
from .desks import config_of, open_database
from .output import echo, echo_json
from .senders import open_channels
from .verbs import PLAIN, Json, example

if TYPE_CHECKING:
    from ..channels.base import Channel
    from ..config import Config
    from ..database import Database
    from ..sheet_settings import SheetSettings

verbs = typer.Typer(**PLAIN)


@dataclass(frozen=True, slots=True)
class _Finding:
    """One thing looked at, whether it is as it should be, and what was found."""

    what: str
    is_well: bool
    found: str


@verbs.command("check", epilog=example("--database sqlite:////srv/clinic.db check"))
def check(
    context: typer.Context,
    messages: Annotated[
        bool, typer.Option("--messages", help="Look whether mail and SMS can be reached instead.")
    ] = False,
    test_to: Annotated[
        str,
        typer.Option(help="With --messages: send one test message there.", metavar="ADDRESS"),
    ] = "",
    as_json: Json = False,
) -> None:
    """Look whether settings, database and book are well.

    Looks at integrity and overlaps; exit code 1 when something is wrong. Needs no sign-in and
    shows nothing about anybody. With --messages it connects to the mail server and the SMS
    provider of the settings, says why messages that are due do not leave, and says nothing to
    anybody unless --test-to names them.
    """
    if test_to and not messages:
        raise typer.BadParameter("--test-to goes with --messages.")
    findings = list(_look_at_messages(context, test_to) if messages else _look(context))
    if as_json:
        echo_json([{"what": f.what, "is_well": f.is_well, "found": f.found} for f in findings])
    for finding in findings:
        if not as_json:
            mark = "ok" if finding.is_well else "WRONG"
            echo(f"{mark:<5}  {finding.what:<12}  {finding.found}", err=not finding.is_well)
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(1)


def _look(context: typer.Context) -> Iterator[_Finding]:
    """Every finding in order; what needs something that is not there is not looked at."""
    try:
        config = config_of(context)
        yield _Finding("settings", True, f"theme {config.theme}")
        yield _network_share(config)
        if config.sheets is not None:
            yield _sheets(config.sheets)
        database = open_database(config)
    except Refusal as refusal:
        yield _Finding("database", False, str(refusal))
        return
    try:
        yield from _look_into(database)
    except Refusal as refusal:
        yield _Finding("database", False, str(refusal))
    finally:
        database.close()


def _look_at_messages(context: typer.Context, test_to: str) -> Iterator[_Finding]:
    """Whether what may leave from here can, whether one test message is taken, and what waits."""
    try:
        config = config_of(context)
        database = open_database(config)
    except Refusal as refusal:
        yield _Finding("settings", False, str(refusal))
        return
    try:
        channels = open_channels(config, database)
    except Refusal as refusal:
        yield _Finding("settings", False, str(refusal))
    else:
        if not channels:
            yield _Finding("settings", False, "there is no [mail] and no [sms]: nothing leaves")
        for channel in channels:
            yield _reached(channel)
        if test_to and channels:
            yield _tested(channels, test_to)
        yield from _held_up(database)
    finally:
        database.close()


def _held_up(database: Database) -> Iterator[_Finding]:
    """Why what is due does not leave, from here or from anywhere else."""
    from ..desk import read_clock  # noqa: PLC0415
    from ..domain.messages.held_up import held_up  # noqa: PLC0415

    try:
        for sentence in database.read(held_up, read_clock()):
            yield _Finding("outbox", False, sentence)
    except Refusal as refusal:
        yield _Finding("database", False, str(refusal))


def _reached(channel: Channel) -> _Finding:
    try:
        channel.check()
    except Refusal as refusal:
        return _Finding(channel.code, False, str(refusal))
    return _Finding(channel.code, True, "connected and signed in")


def _tested(channels: Sequence[Channel], test_to: str) -> _Finding:
    """What became of one message to that address or number."""
    from ..channels.trial import trial_message  # noqa: PLC0415
    from ..desk import read_clock  # noqa: PLC0415
    from ..domain.messages.delivery import Result  # noqa: PLC0415

    trial = trial_message(test_to, read_clock())
    channel = next((one for one in channels if one.code is trial.channel), None)
    if channel is None:
        return _Finding("test", False, f"the settings have no channel for {trial.channel}")
    outcome = next(iter(channel.send([trial])))[1]
    is_well = outcome.result is Result.SENT
    return _Finding("test", is_well, "taken for delivery" if is_well else outcome.reason)


def _may_be_written(database: Database) -> _Finding:
    """Whether a booking could be: not on a full disk, nor on one that may only be read."""
    from ..domain.clinic.integrity import change_nothing  # noqa: PLC0415

    try:
        database.transact(change_nothing)
    except Refusal as refusal:
        return _Finding("writing", False, str(refusal))
    return _Finding("writing", True, "can be written from here")


def _network_share(config: Config) -> _Finding:
    from ..engine import on_network_share, parse_url  # noqa: PLC0415

    url = parse_url(config.database)
    if url.get_backend_name() != "sqlite":
        return _Finding("place", True, url.render_as_string())
    path = Path(url.database or "").resolve()
    if on_network_share(path):
        return _Finding("place", False, f"{path} lies on a network share; use PostgreSQL there")
    return _Finding("place", True, str(path))


def _sheets(settings: SheetSettings) -> _Finding:
    from ..day_sheets import refuse_folder  # noqa: PLC0415
    from ..domain.times.walltime import clock  # noqa: PLC0415

    try:
        refuse_folder(settings)
    except Refusal as refusal:
        return _Finding("sheets", False, str(refusal))
    return _Finding("sheets", True, f"at {clock(settings.minute)} to {settings.folder}")


def _look_into(database: Database) -> Iterator[_Finding]:
    from ..domain.clinic.integrity import count_book, sqlite_faults  # noqa: PLC0415
    from ..domain.clinic.settings import load_settings  # noqa: PLC0415

    yield _Finding("tables", True, f"version {database.revision()}")
    settings = database.read(load_settings)
    yield _Finding("clinic", True, f"{settings.name}, {settings.zone}")
    if database.is_sqlite:
        # Whether writes survive a power cut was asked when the connection was made.
        faults = database.read(sqlite_faults)
        yield _Finding("file", not faults, "; ".join(faults) or "sound, and safe on a power cut")
    yield _may_be_written(database)
    counts = database.read(count_book)
    yield _Finding("overbooked", True, f"{counts.overbooked:,} visits, deliberately")
    for what, overlaps in (
        ("doctors", counts.overlaps_of_doctors),
        ("patients", counts.overlaps_of_patients),
        ("rooms", counts.overlaps_of_rooms),
    ):
        yield _Finding(
            what, not overlaps, f"{overlaps} overlaps in {counts.appointments:,} appointments"
        )
