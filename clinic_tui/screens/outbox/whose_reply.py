"""Whose reply it is, where several patients have one number."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from ...domain.messages.reply_list import ReplyLine
from ..base import Dialog
from ..safe import own, safe
from ..widgets.key_line import KeyLine
from ..widgets.lists.numbered import NumberedLines


class WhoseReply(Dialog[int]):
    """Asks who of the number's patients it was; answers with the patient's id."""

    DEFAULT_CSS = "WhoseReply #body { margin-bottom: 1; max-height: 8; }"
    TITLE_IN_HELP = "whose reply it is"

    def __init__(self, reply: ReplyLine) -> None:
        super().__init__()
        self._reply = reply
        self._owners = tuple(reply.owners)

    def compose(self) -> ComposeResult:
        """What was said, and who may have said it."""
        with VerticalScroll(classes="box", can_focus=False):
            yield Static(own("Whose reply is it?"), classes="title")
            yield Static(safe(" ".join(self._reply.body.split())), id="body")
            yield NumberedLines(id="owners")
        yield KeyLine()

    def on_mount(self) -> None:
        """A digit chooses."""
        lines = self.query_one(NumberedLines)
        lines.show(tuple(self._reply.owners.values()))
        lines.focus()

    @on(NumberedLines.Taken)
    def choose(self, event: NumberedLines.Taken) -> None:
        """It was this one."""
        self.dismiss(self._owners[event.index])
