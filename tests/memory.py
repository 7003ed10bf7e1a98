"""Where the folders of the tests are."""

from __future__ import annotations

import shutil
from pathlib import Path

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of one's own is made below it
_ROOM = 2 << 30
"""Bytes: several times what one run ever needed."""


def memory() -> Path | None:
    """A folder that is kept in memory, where there is one with room for a run.

    A commit does not wait for a disk there, and a database is copied in a quarter of the time.
    """
    if _SHARED_MEMORY.is_dir() and shutil.disk_usage(_SHARED_MEMORY).free > _ROOM:
        return _SHARED_MEMORY
    return None
