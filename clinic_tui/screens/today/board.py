"""The board of today: read, sorted by the time, narrowed by a name, marked, moved about in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from ...domain.access import Permission, Reach, reach
from ...domain.change_log import ChangeKind
from ...domain.errors import Refusal
from ...domain.overview.board import LOOKED_BACK, Board, BoardVisit, Part, board_of_today
from ...domain.text import search_key, search_words
from ...domain.times.walltime import local_day
from ..base import ClinicScreen
from ..reading import read_for
from ..safe import safe
from ..styles import style_sheet
from ..widgets.find_bar import FindBar
from ..widgets.lists.board_list import BoardLine, BoardList
from ..widgets.lists.parted_list import Heading
from ..widgets.steady import Steady
from .steps import offered
from .words import PARTS, TITLES, about_words, counts_line, heading

if TYPE_CHECKING:
    from ...changes import News
    from ...desk import Desk

_CLOCK_SECONDS = 1.0
"""How often it is looked whether another minute has begun."""
_READ_SECONDS = 15
"""How often the board is read anew, whatever has been heard of changes."""
_NAMED_HERE = frozenset({ChangeKind.PATIENT, ChangeKind.DOCTOR, ChangeKind.CLINIC})
_LOOKED_BACK, _A_DAY = timedelta(days=LOOKED_BACK, hours=2), timedelta(hours=25)
_FIRST = (Part.EXPECTED, Part.ARRIVED, Part.IN_ROOM, Part.UNRESOLVED, Part.DONE)
"""Where the cursor is at first: check-in is what is done most."""


class TodayBoard(ClinicScreen):
    """Shows the board and keeps it true. What keys do to visits is for ``TodayScreen``.

    Everything is read at once and sorted anew with every minute. Keys act on the marked visits,
    and where none is marked on the one under the cursor.
    """

    CSS_PATH = style_sheet("today")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._board: Board | None = None
        self._minute = desk.now()
        self._marked: set[int] = set()
        self._on: int | None = None
        self._offered: frozenset[str] = frozenset()
        self._names: dict[int, str] = {}
        self._asked = self._answered = 0
        self._outdated = ""
        self._search = FindBar("a patient or a doctor, by name")

    def compose_body(self) -> ComposeResult:
        """How many are where, the search line while it is used, the visits, and one in words."""
        yield Steady(id="counts")
        yield self._search
        yield BoardList(id="board")
        yield Static("", id="why", markup=False)

    def on_mount(self) -> None:
        """Keep it true."""
        self._list.focus()
        self.watch(self._list, "row", self.follow, init=False)
        self.set_interval(_CLOCK_SECONDS, self._follow_clock)
        self.set_interval(_READ_SECONDS, self._read_if_seen)

    def on_screen_resume(self) -> None:
        """What was done elsewhere shows here."""
        self.keys_await(self.load())

    @property
    def _list(self) -> BoardList:
        return self.query_one("#board", BoardList)

    # Reading

    def _read_if_seen(self) -> None:
        if self.is_current and self.desk.is_signed_in:
            self.load()

    def hear(self, news: News) -> None:
        """Whatever may be on the board is read again."""
        if self._board is not None:
            since, until = self._board.midnight - _LOOKED_BACK, self._board.midnight + _A_DAY
            if news.touches(_NAMED_HERE, since, until):
                self._read_if_seen()

    def _follow_clock(self) -> None:
        """Another minute: who waits waits longer, and who is late is later."""
        board, now = self._board, self.desk.now()
        if board is None or not self.is_current or _minute(now) == _minute(self._minute):
            return
        if local_day(now, self.desk.zone) != board.day:
            self._read_if_seen()
        else:
            self._show(board)

    @work(exclusive=True, group="load-board")
    async def load(self) -> None:
        """Read the board and show it."""
        await self._read()

    async def _read(self) -> None:
        """Read and show, unless something read later is there already."""
        self._asked = asked = self._asked + 1
        try:
            board = await read_for(self, self.desk, board_of_today, self.desk.now())
        except Refusal as refusal:
            self._outdated = str(refusal)
            self._count_parts()
            return
        if asked > self._answered:
            self._answered, self._outdated = asked, ""
            if board != self._board:
                self._names = {}
            self._show(board)

    # Showing

    def _show(self, board: Board) -> None:
        """The board as it is at this time, with the cursor on the visit on which it was."""
        self._board, self._minute = board, self.desk.now()
        self._marked &= {visit.appointment_id for visit in board.visits}
        lines: list[BoardLine] = []
        parts = board.parts(self._found(board), self._minute)
        for part, visits in parts.items():
            if visits:
                lines += [Heading(*heading(part, len(visits), board)), *visits]
        if self._on is None and (first := next((p for p in _FIRST if parts[p]), None)):
            self._on = parts[first][0].appointment_id
        found = self._list
        found.show(
            lines, board, self._minute, self.desk.zone,
            marked=self._marked, words=self._nothing(), on=self._on,
        )  # fmt: skip
        self._count_parts()
        self.follow()

    def _found(self, board: Board) -> list[BoardVisit]:
        """Those whom the search line means."""
        words = search_words(self._search.sought)
        if not words:
            return list(board.visits)
        if not self._names:
            self._names = {
                visit.appointment_id: search_key(
                    f"{visit.family_name} {visit.given_name} {visit.doctor}"
                )
                for visit in board.visits
            }
        names = self._names
        return [
            visit
            for visit in board.visits
            if all(word in names[visit.appointment_id] for word in words)
        ]

    def _nothing(self) -> tuple[str, ...]:
        """What an empty board says, and which keys help."""
        if sought := self._search.sought:
            return (
                f"Nobody of that name is on today's board: “{sought}”.",
                "Esc shows everybody · F4 finds any patient",
            )
        books = reach(self.desk.actor, Permission.BOOK) is not Reach.NONE
        walk_in = "w books somebody who is here now · " if books else ""
        return ("Nobody is expected today.", f"{walk_in}F3 shows the calendar")

    def _count_parts(self) -> None:
        board, line = self._board, self.query_one("#counts", Steady)
        if self._outdated:
            line.put(Content.styled(f" {safe(self._outdated).plain}", "$error"))
        elif board is not None:
            parts = board.parts(board.visits, self._minute)
            counted = {part: len(visits) for part, visits in parts.items()}
            line.put(counts_line(counted, len(self._marked)))

    def follow(self) -> None:
        """Another visit is under the cursor."""
        visit = self._list.visit
        if visit is not None:
            self._on = visit.appointment_id
        self._look_at_cursor()

    def _look_at_cursor(self) -> None:
        """Say of it in a sentence how it stands; offer the keys that lead on from there."""
        board, visit = self._board, self._list.visit
        words = Content("")
        if board is not None and visit is not None:
            words = about_words(visit, board, self._minute, self.desk.zone)
        self.query_one("#why", Static).update(words, layout=False)
        before = self._offered
        self._offered = offered(self._meant(), board, self._minute) if board else frozenset()
        if self._offered != before:
            self.refresh_bindings()

    def _meant(self) -> list[BoardVisit]:
        """The visits on which keys act: all that are marked, or the one under the cursor."""
        if self._marked and self._board is not None:
            return [one for one in self._board.visits if one.appointment_id in self._marked]
        return [self._list.visit] if self._list.visit else []

    # Moving about

    def action_part(self, number: int) -> None:
        """The first visit of a part."""
        self._list.go_to_first(TITLES[PARTS[number - 1]])

    def action_find(self) -> None:
        """A line to type a name into; the visits are narrowed with every letter."""
        self._search.begin()

    @on(Input.Changed, "#find")
    def narrow(self) -> None:
        """Only those of that name."""
        if self._board is not None:
            self._on = None if self._search.line.value else self._on
            self._show(self._board)

    def action_move(self, lines: int) -> None:
        """Another line of the list, without leaving the search line."""
        self._list.move(lines)

    def action_page(self, pages: int) -> None:
        """Another page of the list, without leaving the search line."""
        self._list.action_page(pages)

    def action_enter_list(self) -> None:
        """To those who were found, where letters act."""
        self._list.focus()

    def action_back(self) -> None:
        """One step back: everybody again, else no marks."""
        if self._search.display:
            self._search.put_away()
            self._list.focus()
        elif self._marked:
            self._marked.clear()
        if self._board is not None:
            self._show(self._board)

    def action_mark(self) -> None:
        """Mark the visit under the cursor, or no longer, and go on to the next."""
        self.toggle_mark()
        self._list.action_down()

    @on(BoardList.MarkClicked)
    def toggle_mark(self) -> None:
        """Mark the visit under the cursor, or no longer."""
        visit = self._list.visit
        if visit is not None:
            self._marked ^= {visit.appointment_id}
            self._list.mark(self._marked)
            self._count_parts()
            self._look_at_cursor()


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
