"""The calendar (F3): its pages turned and its visits run, one letter each.

It is the first screen there is: what only a key brings up is imported with that key.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from ..domain.access import Permission, may
from ..domain.errors import Refusal
from ..domain.walltime import day_bounds, local_day
from .calendar_pages import CalendarPages, Page, Span
from .calendar_words import read_back_words
from .reading import read_for
from .typing_ahead import story
from .widgets.day_aim import Aim
from .widgets.day_grid import DayGrid
from .widgets.day_rows import seconds
from .widgets.month_grid import MonthGrid

if TYPE_CHECKING:
    from ..domain.appointments import BookedAppointment
    from ..domain.calendar_visits import CalendarVisit
    from .booking import BookingDraft

_ON_HOURS = frozenset(
    {"book", "next", "move", "cancel", "step", "step_back", "confirm", "absence", "earlier", "week"}
    | {"specialty", "series", "together"}
)
"""Actions that mean nothing over a whole month."""


def _key(keys: str, action: str, does: str, more: str, *, show: bool = False) -> Binding:
    name = action.split("(", maxsplit=1)[0].replace("_", "-")
    return Binding(keys, action, does, id=f"calendar.{name}", show=show, tooltip=more)


class CalendarScreen(CalendarPages):
    """The appointment book: days, weeks and months of it."""

    TITLE_IN_HELP: ClassVar[str] = "Calendar"
    NEEDS: ClassVar[dict[str, Permission]] = {
        "book": Permission.BOOK,
        "next": Permission.BOOK,
        "move": Permission.BOOK,
        "cancel": Permission.BOOK,
        "step": Permission.RUN_VISITS,
        "step_back": Permission.STEP_BACK,
        "confirm": Permission.CONFIRM,
        "absence": Permission.SET_HOURS,
        "earlier": Permission.WAIT,
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        _key("b", "book", "Book", "Book a visit under the cursor", show=True),
        _key("m", "move", "Move", "Move the visit under the cursor", show=True),
        _key("d", "cancel", "Cancel", "Cancel the visit under the cursor", show=True),
        _key("i", "step", "Check in", "Arrived, in the room, done, a step a key", show=True),
        _key("I", "step_back", "Step back", "Take the visit a step back"),
        _key("u", "undo", "Undo", "Take back what you did last, also elsewhere"),
        _key("c", "confirm", "Confirm", "Say yes to a visit that was asked for"),
        _key("D", "absence", "Absence", "Ill or away: what becomes of the doctor's visits"),
        _key("n", "next", "Next openings", "The next three of any doctor from the cursor on"),
        _key("e", "earlier", "Wants earlier", "An earlier time, if one becomes free"),
        Binding("left_square_bracket", "turn(-1)", "Back", id="calendar.back", show=False,
                tooltip="The day, week or month before"),
        Binding("right_square_bracket", "turn(1)", "On", id="calendar.on", show=False,
                tooltip="The next day, week or month"),
        _key("t", "today", "Today", "Today, now"),
        _key("g", "go_to", "Go to date", "24, 24nov, tue, +2w …", show=True),
        _key("s", "specialty", "Specialty", "Show the doctors of one specialty"),
        _key("w", "week", "Week", "The week of the doctor under the cursor", show=True),
        _key("M", "month", "Month", "How full the month is", show=True),
        _key("escape", "day", "Day", "Back to the day", show=True),
    ]  # fmt: skip

    _done_at: tuple[date, int, int] | None = None
    """Where the cursor was when something was last done, until it moves."""

    def on_mount(self) -> None:
        """Follow the cursor."""
        self.watch(self.query_one(DayGrid), "cell", self._moved, init=False)

    def _moved(self) -> None:
        if self._spot() != self._done_at:
            self._done_at = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what makes sense on the page that is shown, to whom it is permitted."""
        span = self._shown.span
        if action == span.value or (action in _ON_HOURS and span is Span.MONTH):
            return False
        if action == "absence" and not self._may_set_hours():
            return False
        return super().check_action(action, parameters)

    def _may_set_hours(self) -> bool:
        """Whether the hours of the doctor under the cursor are this person's to set."""
        if not self.desk.is_signed_in:
            return False
        # Asked also while the screen is being closed, and its grid is gone.
        cells, actor = [grid.cell for grid in self.query(DayGrid)], self.desk.actor
        doctor_id = cells[0].column.doctor_id if cells and cells[0] else actor.doctor_id
        return may(actor, Permission.SET_HOURS, doctor_id=doctor_id)

    # Turning pages.

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
        from ..domain.specialties import list_specialties
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

    # Visits.

    @property
    def _visit(self) -> CalendarVisit | None:
        cell = self.query_one(DayGrid).cell
        return cell.visit if cell else None

    @on(DayGrid.CellOpened)
    def open_cell(self, event: DayGrid.CellOpened) -> None:
        """The visit in full; where there is none, book one."""
        if event.cell.visit is not None:
            self.show_details(event.cell.visit.appointment_id)
        elif self.check_action("book", ()):
            self.action_book()

    @story
    async def action_book(self) -> None:
        """Book a visit where the cursor is; where that is not free, the next opening after it."""
        from .visits import book_visit

        self.booked_here(await book_visit(self, self.draft_here()))

    def draft_here(self) -> BookingDraft:
        """Where the cursor is; where that is not free, the next opening after it."""
        from .booking import BookingDraft

        cell = self.query_one(DayGrid).cell
        if cell is None:
            return BookingDraft(search_from=day_bounds(self.page.day, self.desk.zone)[0])
        doctor_id, starts_at = cell.column.doctor_id, cell.bookable_from
        return BookingDraft(
            doctor_id, starts_at, search_from=cell.at if starts_at is None else None
        )

    def draft_of_several(self) -> BookingDraft:
        """On a visit: for its patient, with its doctor, from a week later on."""
        from .booking import BookingDraft

        visit, cell = self._visit, self.query_one(DayGrid).cell
        if visit is None or visit.patient_id is None or cell is None:
            return self.draft_here()
        kinds = {one.details.name: one.visit_type_id for one in self._types}
        return BookingDraft(
            cell.column.doctor_id, visit.starts_at + timedelta(days=7), visit.patient_id,
            visit_type_id=kinds.get(visit.visit_type),
        )  # fmt: skip

    @story
    async def action_next(self) -> None:
        """The next openings from the cursor on, of whoever is shown: time first, then who."""
        from ..domain.bar_words import Word
        from .booking import BookingDraft
        from .visits import book_visit

        cell, only = self.query_one(DayGrid).cell, self.page.specialty
        specialty = Word(only.specialty_id, only.name) if only else None
        seek = cell.at if cell else day_bounds(self.page.day, self.desk.zone)[0]
        draft = BookingDraft(search_from=seek, specialty=specialty, time_first=True)
        self.booked_here(await book_visit(self, draft))

    def read_back(self) -> str:
        """Of the visit under the cursor, or else of what was done last."""
        cell = self.query_one(DayGrid).cell
        visit = cell.visit if cell and self._shown.span is not Span.MONTH else None
        if cell is None or visit is None or visit.busy or self._spot() == self._done_at:
            return super().read_back()
        return read_back_words(visit, cell.column.doctor, self.desk.zone)

    def _spot(self) -> tuple[date, int, int] | None:
        """Where the cursor is, whatever is there; None also while the screen is being closed."""
        cell = next((grid.cell for grid in self.query(DayGrid)), None)
        return (cell.column.day, cell.column.doctor_id, seconds(cell.at)) if cell else None

    @story
    async def action_move(self) -> None:
        """Move the visit under the cursor."""
        from .visits import move_visit

        await self._on_visit(move_visit)

    @story
    async def action_cancel(self) -> None:
        """Cancel the visit under the cursor."""
        from .visits import cancel_visit

        await self._on_visit(cancel_visit)

    @story
    async def action_step_back(self) -> None:
        """Take the visit under the cursor a step back."""
        from .visits import step_back_visit

        await self._on_visit(step_back_visit)

    @story
    async def action_confirm(self) -> None:
        """Say yes to the visit under the cursor."""
        from .visits import confirm_visit

        await self._on_visit(confirm_visit)

    @story
    async def action_earlier(self) -> None:
        """Whoever has the visit under the cursor wants an earlier one."""
        from .wishing import want_earlier

        visit = self._visit
        if visit is None:
            self._no_visit()
        else:
            await want_earlier(self, visit.appointment_id)

    @story
    async def action_undo(self) -> None:
        """Take back one's own last step, without asking."""
        from .undoing import undo_last_step

        undone = await undo_last_step(self)
        if undone is not None:
            self.booked_here(undone.visit)

    @story
    async def action_step(self) -> None:
        """The next step of the visit under the cursor: arrived, in the room, done."""
        from .visits import step_visit

        visit = self._visit
        if visit is None:
            self._no_visit()
        else:
            self.booked_here(await step_visit(self, visit.appointment_id, visit.status))

    @story
    async def show_details(self, appointment_id: int) -> None:
        """Show a visit in full."""
        from .visits import show_visit

        self.booked_here(await show_visit(self, appointment_id))

    async def _on_visit(
        self, story: Callable[[CalendarPages, int], Awaitable[BookedAppointment | None]]
    ) -> None:
        visit = self._visit
        if visit is None:
            self._no_visit()
        else:
            self.booked_here(await story(self, visit.appointment_id))

    @story
    async def action_absence(self) -> None:
        """The doctor under the cursor is away on that day, or for longer: plan the visits."""
        from .doctors_day import plan_doctors_day

        cell = self.query_one(DayGrid).cell
        if cell is None:
            self.tell("There is no doctor under the cursor.")
        elif await plan_doctors_day(self, cell.column.doctor_id, cell.column.day):
            self.load()

    def _no_visit(self) -> None:
        self.tell("There is no visit under the cursor.")

    def booked_here(self, booked: BookedAppointment | None) -> None:
        """Show what was done, with the cursor on it where it is on this page."""
        if booked is not None:
            self._booked_last, self._done_at = booked.visit_type, self._spot()
            day = local_day(booked.starts_at, self.desk.zone)
            if day == self.page.day or self.page.span is Span.WEEK:
                second = seconds(booked.starts_at)
                self._aim = Aim(booked.doctor_id, second, appointment_id=booked.appointment_id)
        self.load()
