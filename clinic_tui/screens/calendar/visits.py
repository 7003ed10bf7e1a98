"""The calendar's visits: the one under the cursor or the free time there, a letter for each act.

What only a key brings up is imported with that key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from ...domain.access import Permission, Reach, may, reach
from ...domain.times.walltime import day_bounds, local_day
from ..typing_ahead import story
from ..widgets.day.aim import Aim
from ..widgets.day.grid import DayGrid
from ..widgets.day.rows import seconds
from .pages import CalendarPages, Span
from .words import read_back_words

if TYPE_CHECKING:
    from ...domain.overview.calendar_visits import CalendarVisit
    from ...domain.visits.appointments import BookedAppointment
    from ..booking.draft import BookingDraft


def key(keys: str, action: str, does: str, more: str, *, show: bool = False) -> Binding:
    """A letter of the calendar's."""
    name = action.split("(", maxsplit=1)[0].replace("_", "-")
    return Binding(keys, action, does, id=f"calendar.{name}", show=show, tooltip=more)


_OF_THE_COLUMN = {
    **dict.fromkeys(("book", "series", "together", "move", "cancel"), Permission.BOOK),
    "step": Permission.RUN_VISITS,
    "step_back": Permission.STEP_BACK,
    "confirm": Permission.CONFIRM,
    "earlier": Permission.WAIT,
    "absence": Permission.SET_HOURS,
}
"""What is done in one doctor's column, and what that needs there."""


class CalendarVisits(CalendarPages):
    """What is done where the cursor is. How keys turn the pages is for ``CalendarScreen``."""

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
        key("b", "book", "Book", "Book a visit under the cursor", show=True),
        key("m", "move", "Move", "Move the visit under the cursor", show=True),
        key("d", "cancel", "Cancel", "Cancel the visit under the cursor", show=True),
        key("i", "step", "Check in", "Arrived, in the room, done, a step a key", show=True),
        key("I", "step_back", "Step back", "Take the visit a step back"),
        key("u", "undo", "Undo", "Take back what you did last, also elsewhere"),
        key("c", "confirm", "Confirm", "Say yes to a visit that was asked for"),
        key("D", "absence", "Absence", "Ill or away: what becomes of the doctor's visits"),
        key("n", "next", "Next openings", "The next three of any doctor from the cursor on"),
        key("e", "earlier", "Wants earlier", "An earlier time, if one becomes free"),
    ]

    _keys_of: int | None = None
    """The doctor under the cursor when keys were last looked at."""
    _done_at: tuple[date, int, int] | None = None
    """Where the cursor was when something was last done, until it moves."""

    def on_mount(self) -> None:
        """Follow the cursor."""
        self.watch(self.query_one(DayGrid), "cell", self._moved, init=False)

    def _moved(self) -> None:
        if self.desk.is_signed_in and (whose := self._whose()) != self._keys_of:
            self._keys_of = whose
            if reach(self.desk.actor, Permission.SET_HOURS) is Reach.OWN:
                self.refresh_bindings()
        if self._spot() != self._done_at:
            self._done_at = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In a colleague's column nothing is offered that is for their own alone."""
        needed = _OF_THE_COLUMN.get(action)
        if needed is not None and not self._may_here(needed):
            return False
        return super().check_action(action, parameters)

    def _may_here(self, needed: Permission) -> bool:
        """Whether that is this person's to do with the doctor under the cursor."""
        if not self.desk.is_signed_in:
            return False
        actor = self.desk.actor
        return may(actor, needed, doctor_id=self._whose(), patient_id=actor.patient_id)

    def _whose(self) -> int | None:
        # Asked also while the screen is being closed, and its grid is gone.
        cells = [grid.cell for grid in self.query(DayGrid)]
        return cells[0].column.doctor_id if cells and cells[0] else self.desk.actor.doctor_id

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
        from ..booking.story import book_visit

        self.booked_here(await book_visit(self, self.draft_here()))

    def draft_here(self) -> BookingDraft:
        """Where the cursor is; where that is not free, the next opening after it."""
        from ..booking.draft import BookingDraft

        cell = self.query_one(DayGrid).cell
        if cell is None:
            return BookingDraft(search_from=day_bounds(self.page.day, self.desk.zone)[0])
        doctor_id, starts_at = cell.column.doctor_id, cell.bookable_from
        if starts_at is None:
            return BookingDraft(doctor_id, search_from=cell.at)
        return BookingDraft(doctor_id, starts_at, free_minutes=cell.free_minutes)

    def draft_of_several(self) -> BookingDraft:
        """On a visit: for its patient, with its doctor, from a week later on."""
        from ..booking.draft import BookingDraft

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
        from ...domain.bar.words import Word
        from ..booking.draft import BookingDraft
        from ..booking.story import book_visit

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
        from ..visits.visits import move_visit

        await self._on_visit(move_visit)

    @story
    async def action_cancel(self) -> None:
        """Cancel the visit under the cursor."""
        from ..visits.visits import cancel_visit

        await self._on_visit(cancel_visit)

    @story
    async def action_step_back(self) -> None:
        """Take the visit under the cursor a step back."""
        from ..visits.visits import step_back_visit

        await self._on_visit(step_back_visit)

    @story
    async def action_confirm(self) -> None:
        """Say yes to the visit under the cursor."""
        from ..visits.visits import confirm_visit

        await self._on_visit(confirm_visit)

    @story
    async def action_earlier(self) -> None:
        """Whoever has the visit under the cursor wants an earlier one."""
        from ..waitlist.wishing import want_earlier

        visit = self._visit
        if visit is None:
            self._no_visit()
        else:
            await want_earlier(self, visit.appointment_id)

    @story
    async def action_undo(self) -> None:
        """Take back one's own last step, without asking."""
        from ..visits.undoing import undo_last_step

        undone = await undo_last_step(self)
        if undone is not None:
            self.booked_here(undone.visit)

    @story
    async def action_step(self) -> None:
        """The next step of the visit under the cursor: arrived, in the room, done."""
        from ..visits.visits import step_visit

        visit = self._visit
        if visit is None:
            self._no_visit()
        else:
            self.booked_here(await step_visit(self, visit.appointment_id, visit.status))

    @story
    async def show_details(self, appointment_id: int) -> None:
        """Show a visit in full."""
        from ..visits.visits import show_visit

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
        from ..absence.doctors_day import plan_doctors_day

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
        self.keys_await(self.load())
