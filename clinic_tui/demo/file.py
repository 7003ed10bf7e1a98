"""The throw-away file of the made-up clinic: built once a day, taken as it is after that."""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from .. import __version__
from ..database import HEAD, Database
from ..domain.times.walltime import local_day
from .plan import load_plan, plan_bytes


def demo_file(folder: Path, zone: str, now: datetime, *, fresh: bool = False) -> Path:
    """Today's file, built if there is none yet, or anew if ``fresh``; older ones are removed.

    It is built beside its place and put there whole, so that two who start at once share one and
    whoever is interrupted leaves nothing behind.
    """
    made_of = f"{__version__} {HEAD} {local_day(now, zone)} {zone}".encode() + plan_bytes()
    path = folder / f"demo-{hashlib.sha256(made_of).hexdigest()[:16]}.db"
    if path.exists() and not fresh:
        return path
    from .clinic import build  # noqa: PLC0415 - once a day

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="demo-", dir=folder) as workshop:
        new = Path(workshop) / path.name
        with closing(Database(f"sqlite:///{new}")) as database:
            database.upgrade()
            database.transact(build, load_plan(), zone, now)
        for old in folder.glob("demo-*.db*"):
            if fresh or not old.name.startswith(path.name):
                old.unlink(missing_ok=True)
        with suppress(FileExistsError):
            path.hardlink_to(new)
    return path
