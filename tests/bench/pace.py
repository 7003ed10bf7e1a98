"""How fast this machine is just now, beside the one on which figures in milliseconds were promised.

A bound in milliseconds means nothing without the machine it was set on. There a process that
imports SQLAlchemy and ends took 169 ms, most of it Python's own work, as is most of ours. The
same process here, in the same run, tells how much longer anything takes here.
"""

from __future__ import annotations

import resource
import subprocess
import sys

_THERE_MS = 169.0
_TRIES = 3


def pace() -> float:
    """How many times longer work takes here and now, at least 1: a fast machine gives nothing away.

    Processor time, the best of three: what waits for another process is not slow itself.
    """
    return max(1.0, min(_processor_ms() for _ in range(_TRIES)) / _THERE_MS)


def _processor_ms() -> float:
    before = _children()
    subprocess.run([sys.executable, "-c", "import sqlalchemy"], check=True)
    return (_children() - before) * 1_000


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
