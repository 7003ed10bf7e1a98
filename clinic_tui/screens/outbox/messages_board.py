"""The messages as they are looked at: which of them, whose, and the one under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from ...domain.codes import NoticeStatus
from ...domain.messages.message_list import (
    MOST,
    Counted,
    MessageLine,
    Shown,
    list_messages,
    messages_to_see,
)
from ...domain.messages.previews import preview_message
from ...domain.messages.reply_list import ReplyLine
from ..base import ClinicScreen
from ..reading import read_for
from ..safe import safe
from ..widgets.find_bar import FindBar
from ..widgets.lists.lines import Lines
from ..widgets.steady import Steady
from .message_views import nothing_words, views_line
from .message_words import FAINT, Line, about_words, line_id, line_words

if TYPE_CHECKING:
    from ...changes import News
    from ...desk import Desk

_LOOK_AGAIN = 5.0
"""Seconds after which other terminals' and the senders' work is read anew."""


def _key(key: str, action: str, does: str, more: str) -> Binding:
    name = action.replace("_", "-").removeprefix("open-")
    return Binding(key, f"screen.{action}", does, id=f"messages.{name}", tooltip=more)


class MessageLines(Lines):
    """The messages and replies; letters act on the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        _key("r", "retry", "Send again", "Queue it once more"),
        _key("d", "withdraw", "Withdraw", "It will not leave"),
        _key("d", "put_away", "Put away", "It was dealt with"),
        _key("f", "offer_on", "Offer on", "What is free by it, to somebody who waits"),
        _key("w", "whose", "Whose", "Say which patient it was"),
        _key("enter", "open_visit", "Visit", "The visit it is about"),
    ]


class MessagesBoard(ClinicScreen):
    """Shows the messages and keeps them true. What keys do to them is for ``MessagesScreen``."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._shown = Shown.TO_SEE
        self._lines: tuple[Line, ...] = ()
        self._current: str | None = None
        self._width = 0
        self._is_stale = False
        self._search = FindBar("a patient, by name")

    def compose_body(self) -> ComposeResult:
        """Which are shown, the search line while it is used, the list, and one of it in full."""
        yield Steady(id="views")
        yield Steady(id="faults")
        yield self._search
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
        self.keys_await(self.load_messages())

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

    def hear(self, news: News) -> None:
        """Something was queued, said or replied: read with the next second, however much it is."""
        self._is_stale |= news.concerns_messages

    @work(exclusive=True, group="load-messages")
    async def load_messages(self) -> None:
        """Read what is shown, and how many need somebody."""
        with self.refusals_shown():
            desk, now, sought = self.desk, self.desk.now(), self._search.sought
            lines = await read_for(self, desk, list_messages, self._shown, now, name=sought)
            counted = await read_for(self, desk, messages_to_see, now)
            self.count(counted.together)
            self._show(lines, counted)

    def _show(self, lines: tuple[Line, ...], counted: Counted) -> None:
        many = f"  the first {MOST}" if len(lines) == MOST else ""
        said = Content.assemble(views_line(self._shown, counted), Content.styled(many, FAINT))
        self.query_one("#views", Steady).put(said)
        faults = self.query_one("#faults", Steady)
        faults.put(Content("\n").join(map(safe, self.desk.faults)))
        faults.display = bool(self.desk.faults)
        same = lines == self._lines
        self._lines = lines
        if not same or (lines and self._line is None):
            self._fill()  # Another view may hold the very same lines: it begins anew, too.
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
        if self._is_stale:
            self._is_stale = False
            self.load_messages()
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
            self._put_about(nothing_words(self._shown, self._search.sought))
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

    # Finding

    def action_find(self) -> None:
        """A line to type a name into; the messages are narrowed with every letter."""
        self._search.begin()

    @on(Input.Changed, "#find")
    def narrow(self) -> None:
        """Only what is said to patients of that name, or by them."""
        self.load_messages()

    def action_move(self, lines: int) -> None:
        """Another line of the list, without leaving the search line."""
        if lines < 0:
            self._list.action_cursor_up()
        else:
            self._list.action_cursor_down()

    def action_page(self, pages: int) -> None:
        """Another page of the list, without leaving the search line."""
        if pages < 0:
            self._list.action_page_up()  # type: ignore[no-untyped-call]
        else:
            self._list.action_page_down()  # type: ignore[no-untyped-call]

    def action_enter_list(self) -> None:
        """To those that were found, where letters act."""
        self._list.focus()

    def action_back(self) -> None:
        """Everybody's messages again."""
        if self._search.display:
            with self.prevent(Input.Changed):
                self._search.put_away()
            self._list.focus()
            self.keys_await(self.load_messages())


def safe_lines(text: str) -> Content:
    """Several lines of text from people, each harmless."""
    return Content("\n").join(safe(line) for line in text.splitlines())
