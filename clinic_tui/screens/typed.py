"""What stands in the fields of a part of a screen: taken out as it is, and put back."""

from __future__ import annotations

from collections.abc import Mapping

from textual.dom import DOMNode
from textual.widgets import Input

from .widgets.choice import Choice


def typed_in(part: DOMNode) -> dict[str, str]:
    """What stands in each field below it, by the field's id."""
    return {
        one.id: one.value
        for one in part.query("Input, Choice").results()
        if one.id and isinstance(one, Input | Choice)
    }


def put_typed(part: DOMNode, typed: Mapping[str, str]) -> None:
    """Put it back, telling nobody."""
    for one in part.query("Input, Choice").results():
        if isinstance(one, Input | Choice) and (one.id or "") in typed:
            with one.prevent(Input.Changed):
                one.value = typed[one.id or ""]
