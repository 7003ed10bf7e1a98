"""Messages: what waits with its countdown, was sent, failed, and what patients replied."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ..domain.codes import NoticeStatus, ReplyStatus
from ..domain.message_list import (
    MOST,
    Counted,
    MessageLine,
    ReplyLine,
    Shown,
    list_messages,
    messages_to_see,
)
from ..domain.notices import retry_message, withdraw_message
from ..domain.previews import preview_message
from ..domain.replies import Answer, answer_reply
from .base import ClinicScreen
from .message_views import NOTHING, VIEWS, views_line
from .message_words import FAINT, Line, about_words, line_id, line_words
from .messages import OpenPatient
from .reading import read_for
from .safe import safe
from .typing_ahead import story
from .undoing import undo_last_step
from .visits import saved, show_visit
from .whose_reply import WhoseReply
from .widgets.lines import Lines
from .widgets.steady import Steady

if TYPE_CHECKING:
    from ..desk import Desk

_LOOK_AGAIN = 5.0
"""Seconds after which other terminals' and the senders' work is read anew."""
_AGAIN = (NoticeStatus.FAILED, NoticeStatus.WITHDRAWN)
_AWAY = (NoticeStatus.QUEUED, NoticeStatus.UNKNOWN, NoticeStatus.FAILED)


class MessageLines(Lines):
    """The messages and replies; letters act on the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "screen.open_visit", "Visit", id="messages.visit",
            tooltip="The visit it is about",
        ),
    ]  # fmt: skip


class MessagesScreen(ClinicScreen):
    """A list, and beside or below it the message under the cursor with its text."""

    CSS_PATH = "messages_screen.tcss"
    TITLE_IN_HELP: ClassVar[str] = "Messages"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - as Textual has it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "retry", "Send again", id="messages.retry", tooltip="Queue it once more"),
        Binding("d", "withdraw", "Withdraw", id="messages.withdraw", tooltip="It will not leave"),
        Binding("d", "put_away", "Put away", id="messages.put-away", tooltip="It was dealt with"),
        Binding("w", "whose", "Whose", id="messages.whose", tooltip="Say which patient it was"),
        Binding("p", "patient", "Patient", id="messages.patient", tooltip="Their record"),
        Binding("u", "undo", "Undo", id="messages.undo", tooltip="Take back what you did last"),
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

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._shown = Shown.TO_SEE
        self._lines: tuple[Line, ...] = ()
        self._current: str | None = None
        self._width = 0

    def compose_body(self) -> ComposeResult:
        """Which are shown, the list, and the one under the cursor."""
        yield Steady(id="views")
        with Container(id="body"):
            yield MessageLines(id="messages")
            with VerticalScroll(id="card", can_focus=False):
                yield Steady(id="about")
                yield Steady(id="text")

    def on_mount(self) -> None:
        """What needs somebody; looked at again and again, the countdown every second."""
        self._list.focus()
        self.screen_layout_refresh_signal.subscribe(self, self._lay_out)
        self.set_interval(_LOOK_AGAIN, self._look_again_if_seen)
        self.set_interval(1, self._count_down)

    def on_screen_resume(self) -> None:
        """Whoever comes back sees what happened meanwhile."""
        self.load_messages()

    @property
    def _list(self) -> MessageLines:
        return self.query_one("#messages", MessageLines)

    @property
    def _line(self) -> Line | None:
        """The one under the cursor."""
        return next((one for one in self._lines if line_id(one) == self._current), None)

    # Reading

    def _look_again_if_seen(self) -> None:
        if self.is_current and self.desk.is_signed_in:
            self.load_messages()

    @work(exclusive=True, group="load-messages")
    async def load_messages(self) -> None:
        """Read what is shown, and how many need somebody."""
        with self.refusals_shown():
            desk, now = self.desk, self.desk.now()
            lines = await read_for(self, desk, list_messages, self._shown, now)
            counted = await read_for(self, desk, messages_to_see, now)
            self.count(counted.together)
            self._show(lines, counted)

    def _show(self, lines: tuple[Line, ...], counted: Counted) -> None:
        many = f"  the first {MOST}" if len(lines) == MOST else ""
        said = Content.assemble(views_line(self._shown, counted), Content.styled(many, FAINT))
        self.query_one("#views", Steady).put(said)
        same = lines == self._lines
        self._lines = lines
        if not same:
            self._fill()
        self._tell_line()

    def _fill(self) -> None:
        """The lines, with the cursor where it was, or on the line that took its place."""
        found, at = self._list, self._list.highlighted or 0
        self._width = found.size.width
        found.put(Option(self._words(one), line_id(one)) for one in self._lines)
        ids = [line_id(one) for one in self._lines]
        if ids:
            at = ids.index(self._current) if self._current in ids else min(at, len(ids) - 1)
            found.highlighted = at
            self._current = ids[at]
        else:
            self._current = None

    def _words(self, line: Line) -> Content:
        width = max(self._width - 3, 20)
        return line_words(line, width, self.desk.settings, self.desk.now())

    def _lay_out(self, _screen: Screen[object]) -> None:
        """Lines are as wide as their list, whenever it gets another width."""
        if self._list.size.width != self._width:
            self._fill()

    def _count_down(self) -> None:
        """What is soon to leave says when; only lines that say something else are drawn."""
        if not self.is_current or not self.desk.is_signed_in:
            return
        now = self.desk.now()
        for at, line in enumerate(self._lines):
            waits = isinstance(line, MessageLine) and line.status is NoticeStatus.QUEUED
            if waits and (words := self._words(line)) != self._list.options[at].prompt:
                self._list.replace_option_prompt_at_index(at, words)
        if isinstance(self._line, MessageLine):
            self._put_about(about_words(self._line, self.desk.settings, now))

    # The one under the cursor

    @on(OptionList.OptionHighlighted, "#messages")
    def follow(self, event: OptionList.OptionHighlighted) -> None:
        """Another one is under the cursor."""
        if event.option_id != self._current:
            self._current = event.option_id
            self._tell_line()

    def _tell_line(self) -> None:
        line = self._line
        self.workers.cancel_group(self, "load-preview")
        self.refresh_bindings()
        if line is None:
            self._put_about(Content(NOTHING[self._shown]))
            self._put_text(Content(""))
            return
        self._put_about(about_words(line, self.desk.settings, self.desk.now()))
        if isinstance(line, ReplyLine):
            self._put_text(safe_lines(line.body or "An empty text."))
        else:
            self.load_preview(line)

    @work(exclusive=True, group="load-preview")
    async def load_preview(self, line: MessageLine) -> None:
        """The message as it reads by what is true now."""
        with self.refusals_shown():
            found = await read_for(self, self.desk, preview_message, line.notice_id)
            if found.body is None:
                self._put_text(Content.styled(safe(found.why_not).plain, FAINT))
                return
            head = [f"To {found.address}" if found.address else "There is no address."]
            head += [found.subject] if found.subject else []
            parts = f" · {found.parts} SMS" if found.parts > 1 else ""
            self._put_text(
                Content("\n").join(
                    [
                        Content.styled(f"{safe(' · '.join(head)).plain}{parts}", FAINT),
                        Content(""),
                        safe_lines(found.body),
                    ]
                )
            )

    def _put_about(self, content: Content) -> None:
        self.query_one("#about", Steady).put(content)

    def _put_text(self, content: Content) -> None:
        self.query_one("#text", Steady).put(content)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what leads on from how the line under the cursor stands."""
        line = self._line
        offered = {
            "retry": isinstance(line, MessageLine) and line.status in _AGAIN,
            "withdraw": isinstance(line, MessageLine) and line.status in _AWAY,
            "put_away": isinstance(line, ReplyLine) and line.status is ReplyStatus.OPEN,
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
        self.load_messages()

    @story
    async def action_retry(self) -> None:
        """Queue the message once more."""
        line = self._line
        if isinstance(line, MessageLine):
            with self.refusals_shown():
                await saved(self, retry_message, line.notice_id, self.desk.now())
                self.tell("It leaves with the next pass.")
            self.load_messages()

    @story
    async def action_withdraw(self) -> None:
        """Take the message back, or put away one that failed."""
        line = self._line
        if isinstance(line, MessageLine):
            with self.refusals_shown():
                await saved(self, withdraw_message, line.notice_id, self.desk.now())
                self.tell("Withdrawn.")
            self.load_messages()

    @story
    async def action_put_away(self) -> None:
        """The reply was dealt with."""
        line = self._line
        if isinstance(line, ReplyLine):
            with self.refusals_shown():
                await saved(self, answer_reply, Answer(line.reply_id), self.desk.now())
                self.tell("Put away.")
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
        self.load_messages()

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
        self.load_messages()

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
        self.load_messages()


def safe_lines(text: str) -> Content:
    """Several lines of text from people, each harmless."""
    return Content("\n").join(safe(line) for line in text.splitlines())
