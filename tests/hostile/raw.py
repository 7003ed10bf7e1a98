"""The bytes that a terminal gets, read as a terminal would: which of them are no text."""

from __future__ import annotations

import re

from .poison import TEXTS
from .strings import controls

_OWN_CODES = re.compile(
    r"\x1b\[[?<=>]?[\d;]*(?:\$p|[A-Za-z])"  # moves, colours, modes, questions to the terminal
    r"|\x1b\]22;[a-z-]*\x07"  # the pointer's shape
)
"""What the program draws with; links, titles and the clipboard begin otherwise."""


def check_bytes(raw: bytes, *, own_codes: bool) -> None:
    """Nothing of the data is in there but text; and no code at all where the program has none."""
    text = raw.decode()
    for stored in TEXTS:
        # A colour of the data would pass for one of the program's own.
        assert stored not in text or controls(stored) == [], stored
    rest = _OWN_CODES.sub("", text) if own_codes else text
    assert controls(rest, allowed="\r\n") == [], rest
