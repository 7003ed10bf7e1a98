"""The pages of the calendar and what fills them: a day, a week of one doctor, a month's load."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content

from ...domain.change_log import ChangeKind
from ...domain.clinic.visit_types import ListedVisitType, list_visit_types
from ...domain.clinic.writing import first_of_week
from ...domain.errors import Refusal
from ...domain.overview.calendar import CalendarView, calendar_day, calendar_month, calendar_week
from ...domain.staff.doctors import find_doctors
from ...domain.staff.specialties import ListedSpecialty
from ...domain.times.walltime import day_bounds, local_day
from ..base import ClinicScreen
from ..reading import read_for
from ..safe import safe
from ..styles import style_sheet
from ..widgets.day.aim import Aim
from ..widgets.day.grid import DayGrid
from ..widgets.month_grid import MonthGrid
from ..widgets.steady import SteadyLine
from .words import (
    day_title,
    month_title,
    month_words,
    nobody_works,
    title_line,
    week_title,
    why_words,
)

if TYPE_CHECKING:
    from ...changes import News
    from ...desk import Desk
    from ...domain.overview.calendar import DayLoad

_RELOAD_SECONDS = 15
_OVER_MIDNIGHT = timedelta(hours=12)
"""A visit may be so long, and reach into the day after the one on which it begins."""
_DRAWN_HERE = frozenset(
    {ChangeKind.HOURS, ChangeKind.DOCTOR, ChangeKind.PATIENT, ChangeKind.CLINIC}
)
_TALL = 30


class Span(Enum):
    """How much the calendar shows."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown or wanted: how much, around which day, of whom.

    The doctor is the week's and the month's, the specialty the day's; None is everybody.
    """

    span: Span
    day: date
    doctor_id: int | None = None
    doctor: str = ""
    specialty: ListedSpecialty | None = None


class CalendarPages(ClinicScreen):
    """Shows a page and keeps it true. How keys turn it is for ``CalendarScreen``."""

    CSS_PATH = style_sheet("calendar")
    AUTO_FOCUS = "DayGrid"

    def __init__(self, desk: Desk, day: date | None = None) -> None:
        super().__init__(desk)
        self.page = Page(Span.DAY, day or self.today)
        """What is wanted; the picture follows as soon as it is read."""
        self._shown = self.page
        self._types: tuple[ListedVisitType, ...] = ()
        self._booked_last = ""
        self._outdated = ""
        self._view: CalendarView | None = None
        self._aim: Aim | None = Aim(doctor_id=desk.actor.doctor_id) if desk.is_signed_in else Aim()

    @property
    def today(self) -> date:
        """The clinic's date now."""
        return local_day(self.desk.now(), self.desk.zone)

    def compose_body(self) -> ComposeResult:
        """The title, the picture, and the line that says why."""
        yield SteadyLine("", id="calendar-title", markup=False)
        yield DayGrid(id="day-grid")
        yield MonthGrid(id="month-grid")
        yield SteadyLine("", id="why", markup=False)

    def on_mount(self) -> None:
        """Keep the picture true."""
        self.query_one(MonthGrid).display = False
        grid = self.query_one(DayGrid)
        self.watch(grid, "cell", self._say_why, init=False)
        self.watch(grid, "columns_shown", self._say_title, init=False)
        self.set_interval(_RELOAD_SECONDS, self._keep_true)
        self.set_interval(1, self._count_down)

    def on_screen_resume(self) -> None:
        """What was done elsewhere shows here."""
        self.keys_await(self.load())

    def on_resize(self) -> None:
        """The title fills the line; a tall terminal has room for longer sentences."""
        self.set_class(self.size.height >= _TALL, "-tall")
        self._say_title()

    def show_day(self, day: date, doctor_id: int | None = None) -> None:
        """Show that day, at a doctor if one is named."""
        specialty = None if doctor_id else self.page.specialty
        self.turn_to(Page(Span.DAY, day, specialty=specialty), Aim(doctor_id=doctor_id))

    def turn_to(self, page: Page, aim: Aim | None = None) -> None:
        """Show another page; the old picture stays until the new one is there."""
        self.page = page
        self._aim = aim or self._aim
        self.keys_await(self.load())

    def hear(self, news: News) -> None:
        """Whatever may be on the page is read again."""
        if self.is_current and news.touches(_DRAWN_HERE, *self._bounds()):
            self.load()

    def count(self, messages: int) -> None:
        """So many need somebody: where it is another number, a visit may be marked anew."""
        is_other = messages != self.desk.messages_to_see
        super().count(messages)
        if is_other and self.is_current:
            self.load()

    def _bounds(self) -> tuple[datetime, datetime]:
        """Between which instants the visits begin that may be on the page."""
        first = last = self._shown.day
        if self._shown.span is Span.WEEK:
            first = first_of_week(first)
            last = first + timedelta(days=6)
        elif self._shown.span is Span.MONTH:
            first = first.replace(day=1)
            last = first.replace(day=monthrange(first.year, first.month)[1])
        zone = self.desk.zone
        return day_bounds(first, zone)[0] - _OVER_MIDNIGHT, day_bounds(last, zone)[1]

    def _keep_true(self) -> None:
        if self.is_current:
            self.load()

    def _count_down(self) -> None:
        """What is held runs out by the second, and is gone when it has."""
        view = self._view
        if view is None or view.held_until is None or not self.is_current:
            return
        now = self.desk.now()
        if view.held_until <= now:
            self._view = None
            self.load()
        else:
            self.query_one(DayGrid).count_down(now)
            self._say_why()

    @work(exclusive=True, group="load-calendar")
    async def load(self) -> None:
        """Read the page that is wanted, and show it."""
        page = self.page
        try:
            if not self._types:
                self._types = await read_for(self, self.desk, list_visit_types)
            if page.span is Span.MONTH:
                of = page.doctor_id
                now = self.desk.now()
                loads = await read_for(self, self.desk, calendar_month, page.day, now, doctor_id=of)
                # The cursor may have gone on to another day of that month meanwhile.
                self._show_month(self.page, loads)
            else:
                view, words = await self._read(page)
                if page.span is Span.WEEK:
                    self.page = page = replace(page, doctor=view.columns[0].doctor)
                self._show_hours(page, view, words)
            self._outdated = ""
        except Refusal as refusal:
            self._outdated = str(refusal)
            self.awaited_in_vain()
        self._say_why()
        self._say_title()

    async def _read(self, page: Page) -> tuple[CalendarView, tuple[str, ...]]:
        """A day or a week, and what to say where there is nothing to see."""
        now = self.desk.now()
        if page.span is Span.WEEK and page.doctor_id is not None:
            week = await read_for(self, self.desk, calendar_week, page.doctor_id, page.day, now)
            return week, ()
        of = page.specialty.specialty_id if page.specialty else None
        view = await read_for(self, self.desk, calendar_day, page.day, now, specialty_id=of)
        if view.columns:
            return view, ()
        somebody = await read_for(self, self.desk, find_doctors, specialty_id=of, limit=1)
        column = None
        if somebody:
            theirs = (somebody[0].doctor_id,)
            theirs_alone = await read_for(
                self, self.desk, calendar_day, page.day, now, doctor_ids=theirs
            )
            column = theirs_alone.columns[0]
        return view, nobody_works(page.day, page.specialty.name if page.specialty else "", column)

    def _show_hours(self, page: Page, view: CalendarView, words: tuple[str, ...]) -> None:
        grid = self.query_one(DayGrid)
        self._turned(page, grid)
        aim, self._aim = self._aim, None
        now = self.desk.now()
        self._view = view
        if view.held_until is None:
            # Nothing in it runs by the second: the same picture is not drawn again.
            now = now.replace(second=0, microsecond=0)
        grid.show(view, now, aim=aim, words=words)

    def _show_month(self, page: Page, loads: tuple[DayLoad, ...]) -> None:
        grid = self.query_one(MonthGrid)
        self._view = None
        self._turned(page, grid)
        grid.show(loads, self.today, page.day)

    def _turned(self, page: Page, grid: DayGrid | MonthGrid) -> None:
        """Another kind of page takes the room, the focus and its own keys."""
        turned = page.span is not self._shown.span
        self._shown = page
        if turned:
            for other in (self.query_one(DayGrid), self.query_one(MonthGrid)):
                other.display = other is grid
            grid.focus(scroll_visible=False)
            self.refresh_bindings()

    def _say_why(self) -> None:
        """Say why the cell under the cursor is as it is, or how full the day of a month is."""
        words = Content("")
        if self._shown.span is Span.MONTH:
            load = self.query_one(MonthGrid).load
            words = safe(month_words(load) if load else "")
        elif (cell := self.query_one(DayGrid).cell) is not None:
            words = why_words(
                cell,
                self.desk.zone,
                self.desk.now(),
                self._types,
                self._booked_last,
                with_day=self._shown.span is Span.WEEK,
            )
        self.query_one("#why", SteadyLine).put(words)

    @on(MonthGrid.DayMoved)
    def day_moved(self, event: MonthGrid.DayMoved) -> None:
        """Speak of that day; turn the sheet where it is in another month.

        On a sheet that is being turned the cursor goes as far from where it is to be.
        """
        if self.page.span is not Span.MONTH:
            return
        before, by = self.page.day, event.day - self._shown.day
        self.page = replace(self.page, day=before + by)
        self._shown = replace(self._shown, day=event.day)
        if (before.year, before.month) != (self.page.day.year, self.page.day.month):
            self.load()
        else:
            self._say_why()

    def _say_title(self) -> None:
        """What is shown, and what of it."""
        page, right = self._shown, []
        if page.span is Span.MONTH:
            left = month_title(page.day, page.doctor)
        elif page.span is Span.WEEK:
            left = week_title(page.day, page.doctor)
        else:
            left = day_title(page.day, self.today)
            first, last, of = self.query_one(DayGrid).columns_shown
            right = [page.specialty.name if page.specialty else ""]
            right.append(f"doctors {first}–{last} of {of}" if last - first + 1 < of else "")
        title = self.query_one("#calendar-title", SteadyLine)
        title.put(title_line(left, right, self._outdated, self.size.width))
