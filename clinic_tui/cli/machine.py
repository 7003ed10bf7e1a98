"""What this machine tells of where it stands: its zone and its country."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ..domain.errors import BadInput

_REGION = re.compile(r"[a-z]{2,3}_([A-Z]{2})\b")


def machine_zone(environ: Mapping[str, str] = os.environ) -> str:
    """The IANA zone that this machine's clock shows; empty where it does not tell."""
    from ..domain.times.walltime import zone  # noqa: PLC0415

    named = environ.get("TZ", "").lstrip(":")
    if not named:
        with suppress(OSError):
            named = str(Path("/etc/localtime").resolve()).rpartition("/zoneinfo/")[2]
    with suppress(BadInput):
        return zone(named).key
    return ""


def machine_region(environ: Mapping[str, str] = os.environ) -> str:
    """The country that this machine's locale names; empty where it does not tell."""
    named = (environ.get(name, "") for name in ("LC_ALL", "LC_TELEPHONE", "LANG"))
    return next((match[1] for value in named if (match := _REGION.match(value))), "")
