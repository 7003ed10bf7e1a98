"""Messages: what waits with its countdown, was sent, failed, and what patients replied."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import OptionList

from ...domain.access import Permission, may
from ...domain.codes import NoticeStatus, ReplyStatus
from ...domain.messages.message_list import MessageLine, Shown
from ...domain.messages.notices import retry_message, withdraw_message
from ...domain.messages.replies import Answer, answer_reply
from ...domain.messages.reply_list import ReplyLine
from ..messages import OpenPatient
from ..saving import saved
from ..styles import style_sheet
from ..typing_ahead import story
from ..visits.undoing import undo_last_step
from ..visits.visits import show_visit
from ..waitlist.offering import offer_on
from .message_views import VIEWS
from .message_words import Line
from .messages_board import MessagesBoard
from .whose_reply import WhoseReply

_AGAIN = (NoticeStatus.FAILED, NoticeStatus.WITHDRAWN)
_AWAY = (NoticeStatus.QUEUED, NoticeStatus.UNKNOWN, NoticeStatus.FAILED)
_LETTERS = frozenset({"patient", "undo", "find", "more", "view", "book"})
"""In the search line they are typed."""


class MessagesScreen(MessagesBoard):
    """A list, and beside or below it the message under the cursor with its text."""

    CSS_PATH = style_sheet("messages_screen")
    TITLE_IN_HELP: ClassVar[str] = "Messages"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - as Textual has it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "patient", "Patient", id="messages.patient", tooltip="Their record"),
        Binding("u", "undo", "Undo", id="messages.undo", tooltip="Take back what you did last"),
        Binding("slash", "find", "Find", id="messages.find", tooltip="Only those of one patient"),
        Binding(
            "escape", "back", "Back", show=False, id="messages.back", tooltip="Everybody's again"
        ),
        Binding(
            "space", "more", "More", show=False, id="messages.more",
            tooltip="More of the text that does not fit",
        ),
        *(
            Binding(
                str(number), f"view('{view.value}')", view.value.capitalize(), show=False,
                id=f"messages.view-{number}", tooltip=f"Show these: {view.value}",
            )
            for number, view in enumerate(VIEWS, start=1)
        ),
    ]  # fmt: skip

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what leads on from how the line under the cursor stands."""
        if action in _LETTERS and self._search.line.has_focus:
            return False
        line = self._line
        offered = {
            "retry": isinstance(line, MessageLine) and line.status in _AGAIN,
            "withdraw": isinstance(line, MessageLine) and line.status in _AWAY,
            "put_away": isinstance(line, ReplyLine) and line.status is ReplyStatus.OPEN,
            "offer_on": self._may_offer_on(line),
            "whose": isinstance(line, ReplyLine) and bool(line.owners)
            and line.status is ReplyStatus.OPEN,
            "patient": line is not None and line.patient_id is not None,
            "open_visit": line is not None and line.appointment_id is not None,
        }  # fmt: skip
        return offered.get(action, super().check_action(action, parameters))

    def action_view(self, view: str) -> None:
        """Show others."""
        self._shown, self._current = Shown(view), None
        self._list.highlighted = None
        self.keys_await(self.load_messages())

    @story
    async def action_retry(self) -> None:
        """Queue the message once more."""
        line = self._line
        if isinstance(line, MessageLine):
            with self.refusals_shown():
                await saved(self, retry_message, line.notice_id, self.desk.now())
                self.tell("It leaves with the next pass.")
            self.keys_await(self.load_messages())

    @story
    async def action_withdraw(self) -> None:
        """Take the message back, or put away one that failed."""
        line = self._line
        if isinstance(line, MessageLine):
            with self.refusals_shown():
                await saved(self, withdraw_message, line.notice_id, self.desk.now())
                self.tell("Withdrawn.")
            self.keys_await(self.load_messages())

    @story
    async def action_put_away(self) -> None:
        """The reply was dealt with."""
        line = self._line
        if isinstance(line, ReplyLine):
            with self.refusals_shown():
                await saved(self, answer_reply, Answer(line.reply_id), self.desk.now())
                self.tell("Put away.")
            self.keys_await(self.load_messages())

    def _may_offer_on(self, line: Line | None) -> bool:
        """Whether it has left a time free that is this account's to offer."""
        left = line.left if isinstance(line, ReplyLine) else None
        return left is not None and may(self.desk.actor, Permission.OFFER, doctor_id=left.doctor_id)

    @story
    async def action_offer_on(self) -> None:
        """Offer what is free by the reply to somebody who waits; it is dealt with then."""
        line = self._line
        if not isinstance(line, ReplyLine) or line.left is None or line.patient_id is None:
            return
        said = f"{line.patient} has left it by a text."
        if await offer_on(self, line.left, line.patient_id, said):
            with self.refusals_shown():
                await saved(self, answer_reply, Answer(line.reply_id), self.desk.now())
        self.load_messages()

    @story
    async def action_whose(self) -> None:
        """Say whose reply it is; what it asks for is done then."""
        line = self._line
        if not isinstance(line, ReplyLine):
            return
        patient_id: int | None = await self.app.push_screen_wait(WhoseReply(line))
        if patient_id is None:
            return
        with self.refusals_shown():
            answer = Answer(line.reply_id, patient_id)
            status = await saved(self, answer_reply, answer, self.desk.now())
            done = "done" if status is ReplyStatus.DONE else "still to be dealt with"
            self.tell(f"{line.owners[patient_id]}: {done}.")
        self.keys_await(self.load_messages())

    def action_more(self) -> None:
        """The next page of the text; after the last one the first again."""
        card = self.query_one("#card", VerticalScroll)
        if card.scroll_y < card.max_scroll_y:
            card.scroll_page_down(animate=False)
        else:
            card.scroll_home(animate=False)

    def action_patient(self) -> None:
        """The patient's record."""
        line = self._line
        if line is not None and line.patient_id is not None:
            self.post_message(OpenPatient(line.patient_id))

    @story
    async def action_undo(self) -> None:
        """Take back what was done last."""
        await undo_last_step(self)
        self.keys_await(self.load_messages())

    @on(OptionList.OptionSelected, "#messages")
    def clicked(self, event: OptionList.OptionSelected) -> None:
        """A click opens the visit, too."""
        event.stop()
        self.action_open_visit()

    def action_open_visit(self) -> None:
        """Open the visit that it is about, from where it can be moved."""
        line = self._line
        if line is not None and line.appointment_id is not None:
            self.tell_visit(line.appointment_id)

    @story
    async def tell_visit(self, appointment_id: int) -> None:
        """Show the visit; what is said of it may be others' when it is left."""
        await show_visit(self, appointment_id)
        self.keys_await(self.load_messages())
