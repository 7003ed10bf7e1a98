"""``clinic`` and ``python -m clinic_tui``."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; whatever it writes is readable by this user alone."""
    os.umask(0o077)
    for stream in (sys.stdout, sys.stderr):
        # A terminal of another encoding gets “?” for what it cannot show, not a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    from .cli.root import app  # noqa: PLC0415 - after the umask

    try:
        app()
    except BrokenPipeError:
        # Whoever read us has gone, as “head” does: there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
