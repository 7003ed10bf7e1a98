"""``clinic check``: settings, database and book, without an account and without a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..domain.errors import Refusal
from .desks import config_of, open_database
from .output import echo, echo_json
from .verbs import PLAIN, Json

if TYPE_CHECKING:
    from ..config import Config
    from ..database import Database

verbs = typer.Typer(**PLAIN)


@dataclass(frozen=True, slots=True)
class _Finding:
    """One thing looked at, whether it is as it should be, and what was found."""

    what: str
    is_well: bool
    found: str


@verbs.command("check")
def check(
    context: typer.Context,
    as_json: Json = False,
) -> None:
    """Look whether settings, database and book are well.

    Looks at integrity and overlaps; exit code 1 when something is wrong. Needs no sign-in and
    shows nothing about anybody.
    """
    findings = list(_look(context))
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


def _network_share(config: Config) -> _Finding:
    from ..engine import on_network_share, parse_url  # noqa: PLC0415

    url = parse_url(config.database)
    if url.get_backend_name() != "sqlite":
        return _Finding("place", True, url.render_as_string())
    path = Path(url.database or "").resolve()
    if on_network_share(path):
        return _Finding("place", False, f"{path} lies on a network share; use PostgreSQL there")
    return _Finding("place", True, str(path))


def _look_into(database: Database) -> Iterator[_Finding]:
    from ..domain.integrity import count_book, sqlite_faults  # noqa: PLC0415
    from ..domain.settings import load_settings  # noqa: PLC0415

    yield _Finding("tables", True, f"version {database.revision()}")
    settings = database.read(load_settings)
    yield _Finding("clinic", True, f"{settings.name}, {settings.zone}")
    if database.is_sqlite:
        # Whether writes survive a power cut was asked when the connection was made.
        faults = database.read(sqlite_faults)
        yield _Finding("file", not faults, "; ".join(faults) or "sound, and safe on a power cut")
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
