"""``clinic`` and ``python -m clinic_tui``."""

from __future__ import annotations

import os
import sys

UNEXPECTED = 70
"""The exit code of an error of the program's own (EX_SOFTWARE of BSD)."""


def main() -> None:
    """Run the command line; whatever it writes is readable by this user alone."""
    os.umask(0o077)
    for stream in (sys.stdout, sys.stderr):
        # A terminal of another encoding gets “?” for what it cannot show, not a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        # Imported within reach of what catches everything.
        from .cli.program import run_directly  # noqa: PLC0415

        if (code := run_directly(sys.argv[1:])) is not None:
            sys.exit(code)
        from .cli.root import app  # noqa: PLC0415

        app()
    except BrokenPipeError:
        # Whoever read us has gone, as “head” does: there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - the last place where an error can be met
        from .cli.output import echo  # noqa: PLC0415
        from .unexpected import write_down  # noqa: PLC0415

        echo(write_down(error), err=True)
        sys.exit(UNEXPECTED)


if __name__ == "__main__":
    main()
