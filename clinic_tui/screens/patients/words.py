"""What stands beside an empty list of patients: how to find one, and which key helps. Pure."""

from __future__ import annotations

from textual.content import Content

from ..safe import own, safe

_FAINT = "$foreground 60%"


def nothing_typed_words(*, may_register: bool) -> Content:
    """What may be typed."""
    return Content.assemble(
        own(
            "Type a name, the last digits of a phone number, a birth date (12mar84) or a record"
            " number; several together narrow it: "
        ),
        Content.styled("garcia 12mar84", "bold"),
        ".\n\n",
        _how_to_register("a new patient", may_register=may_register),
    )


def nobody_words(text: str, *, may_register: bool) -> Content:
    """That nobody fits what is typed."""
    return Content.assemble(
        own("Nobody is found for “"),
        safe(text.strip()),
        "”.\n\n",
        _how_to_register("them as a new patient", may_register=may_register),
    )


def _how_to_register(whom: str, *, may_register: bool) -> Content:
    return own(f"Ctrl+N registers {whom}." if may_register else "", _FAINT)
