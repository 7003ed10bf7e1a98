"""One of several terminals that find the tables missing at the same moment."""

from __future__ import annotations

from contextlib import closing
from multiprocessing.synchronize import Barrier

import alembic.command  # noqa: F401 - loaded before they are let go together

from clinic_tui.database import Database


def upgrade_with_the_others(url: str, all_here: Barrier) -> None:
    """Wait for everybody, then make the tables."""
    with closing(Database(url)) as database:
        all_here.wait(timeout=90)
        database.upgrade()
        database.check_revision()
