"""The line above the messages: which of them are shown, and how many need somebody."""

from __future__ import annotations

from textual.content import Content

from ...domain.messages.message_list import Counted, Shown
from ..safe import safe

VIEWS = tuple(Shown)
"""By their digit, from 1."""
_WORDS = {
    Shown.TO_SEE: "To see",
    Shown.WAITING: "Waiting",
    Shown.SENT: "Sent",
    Shown.FAILED: "Failed",
    Shown.REPLIES: "Replies",
    Shown.ALL: "All",
}
NOTHING = {
    Shown.TO_SEE: "Nothing needs you: no message has failed, and every reply was read.",
    Shown.WAITING: "No message waits.",
    Shown.SENT: "No message was sent yet.",
    Shown.FAILED: "No message has failed.",
    Shown.REPLIES: "Nobody has replied yet.",
    Shown.ALL: "There is no message yet: booking a visit queues some.",
}


def nothing_words(shown: Shown, name: str) -> Content:
    """What an empty list says; ``name`` is of whom there was to be something."""
    if not name:
        return Content(NOTHING[shown])
    return Content.assemble(
        "Nothing here is of a patient of that name: “", safe(name), "”.\nEsc shows everybody's,"
        " digits show others."
    )  # fmt: skip


def views_line(shown: Shown, counted: Counted) -> Content:
    """Each view with its digit, the one that is shown lit up."""
    parts: list[Content] = []
    for number, view in enumerate(VIEWS, start=1):
        many = f" {counted.together}" if view is Shown.TO_SEE and counted.together else ""
        digit = Content.styled(f" {number}", "bold $primary")
        word = Content.styled(f" {_WORDS[view]}{many} ", "reverse" if view is shown else "")
        parts += [digit, word]
    return Content.assemble(*parts)
