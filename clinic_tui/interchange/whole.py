"""Files that are there whole, or as they were before."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that this user alone reads (mode 0600), in place of the last one of its name.

    Whoever reads it meanwhile reads one or the other, also after a power cut. Refused with
    ``OSError`` where it cannot be written.
    """
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as new:
        try:
            new.write(content)
            new.flush()
            os.fsync(new.fileno())
            Path(new.name).replace(path)
        except BaseException:
            Path(new.name).unlink(missing_ok=True)
            raise
