"""How long to wait on a machine that has other things to do as well."""

from __future__ import annotations

import os


def here(seconds: float) -> float:
    """What takes so many seconds on an idle machine may take more on this one, by its load."""
    return seconds * (1 + os.getloadavg()[0] / (os.cpu_count() or 1))
