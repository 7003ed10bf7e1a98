"""The calendar (F3): its pages turned, one letter each.

It is the first screen there is: what only a key brings up is imported with that key.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from ...domain.errors import Refusal
from ..reading import read_for
from ..typing_ahead import story
from ..widgets.day.aim import Aim
from ..widgets.day.grid import DayGrid
from ..widgets.day.rows import seconds
from ..widgets.month_grid import MonthGrid
from .pages import Page, Span
from .visits import CalendarVisits, key

_ON_HOURS = frozenset(
    {"book", "next", "move", "cancel", "step", "step_back", "confirm", "absence", "earlier", "week"}
    | {"specialty", "series", "together"}
)
"""Actions that mean nothing over a whole month."""


class CalendarScreen(CalendarVisits):
    """The appointment book: days, weeks and months of it."""

    TITLE_IN_HELP: ClassVar[str] = "Calendar"
    AT_ONCE = frozenset({"turn", "today", "go_to"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left_square_bracket", "turn(-1)", "Back", id="calendar.back", show=False,
                tooltip="The day, week or month before"),
        Binding("right_square_bracket", "turn(1)", "On", id="calendar.on", show=False,
                tooltip="The next day, week or month"),
        key("t", "today", "Today", "Today, now"),
        key("g", "go_to", "Go to date", "24, 24nov, tue, +2w …", show=True),
        key("s", "specialty", "Specialty", "Show the doctors of one specialty"),
        key("w", "week", "Week", "The week of the doctor under the cursor", show=True),
        key("M", "month", "Month", "How full the month is", show=True),
        key("escape", "day", "Day", "Back to the day", show=True),
    ]  # fmt: skip

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what makes sense on the page that is shown, to whom it is permitted."""
        span = self._shown.span
        if action == span.value or (action in _ON_HOURS and span is Span.MONTH):
            return False
        return super().check_action(action, parameters)

    def action_turn(self, by: int) -> None:
        """The day, week or month after, or the one before."""
        page = self.page
        if page.span is Span.MONTH:
            months = page.day.year * 12 + page.day.month - 1 + by
            year, month = months // 12, months % 12 + 1
            day = date(year, month, min(page.day.day, monthrange(year, month)[1]))
        else:
            day = page.day + timedelta(days=by * (7 if page.span is Span.WEEK else 1))
        self.turn_to(replace(page, day=day))

    def action_today(self) -> None:
        """Today, at the row of now."""
        self.turn_to(replace(self.page, day=self.today), Aim())

    @story
    async def action_go_to(self) -> None:
        """Ask for a date and go there."""
        from .go_to_date import GoToDate

        dialog = GoToDate(self.today, self.desk.settings.region)
        day = await self.app.push_screen_wait(dialog)
        if day is not None:
            self.turn_to(replace(self.page, day=day))

    def action_day(self) -> None:
        """Back to the day under the cursor."""
        cell = self.query_one(DayGrid).cell
        if self._shown.span is Span.WEEK and cell is not None:
            page = Page(Span.DAY, cell.column.day, specialty=self.page.specialty)
            self.turn_to(page, Aim(cell.column.doctor_id, seconds(cell.at)))
        else:
            self.turn_to(Page(Span.DAY, self.page.day, specialty=self.page.specialty))

    def action_week(self) -> None:
        """The week of the doctor under the cursor, or of the last one who was."""
        grid = self.query_one(DayGrid)
        if grid.doctor_id is None:
            self.tell("There is nobody whose week could be shown.")
            return
        aim = Aim(grid.doctor_id, seconds(grid.cell.at)) if grid.cell else None
        self.turn_to(replace(self.page, span=Span.WEEK, doctor_id=grid.doctor_id), aim)

    def action_month(self) -> None:
        """How full the month is: of everybody, or out of a week of that doctor."""
        cell = self.query_one(DayGrid).cell
        page = replace(self.page, span=Span.MONTH)
        if page.doctor_id is not None and cell is not None:
            page = replace(page, day=cell.column.day)
        self.turn_to(page)

    @on(MonthGrid.DayChosen)
    def open_day_of_month(self, event: MonthGrid.DayChosen) -> None:
        """Open the day that was chosen."""
        page = Page(Span.DAY, event.day, specialty=self.page.specialty)
        self.turn_to(page, Aim(doctor_id=self.page.doctor_id))

    @story
    async def action_specialty(self) -> None:
        """Ask which doctors to show."""
        from ...domain.staff.specialties import list_specialties
        from .specialty_choice import SpecialtyChoice

        try:
            found = await read_for(self, self.desk, list_specialties)
        except Refusal as refusal:
            self.refuse(refusal)
            return
        now = self.page.specialty.specialty_id if self.page.specialty else 0
        chosen = await self.app.push_screen_wait(SpecialtyChoice(found, now))
        if chosen is not None:
            wanted = next((one for one in found if one.specialty_id == chosen), None)
            self.turn_to(Page(Span.DAY, self.page.day, specialty=wanted))
