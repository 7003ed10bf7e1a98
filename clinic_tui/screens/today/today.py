"""Today (F2): the front desk's board, on which each visit moves on by one key."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from ...domain.access import Permission, Reach, reach
from ...domain.times.walltime import local_day
from ...domain.visits.appointments import BookedAppointment
from ..booking.draft import BookingDraft
from ..booking.story import book_visit
from ..messages import OpenPatient
from ..typing_ahead import story
from ..visits.undoing import undo_last_step
from ..visits.visits import cancel_visit, move_visit, show_visit
from ..waitlist.wishing import want_earlier
from ..widgets.lists.board_list import BoardList
from .board import TodayBoard
from .steps import STEPS, take_steps
from .words import PARTS, TITLES

_ON_A_VISIT = frozenset({"mark", "move_visit", "cancel", "earlier", "patient"})
_TYPED = frozenset({"find", "mark"})
"""Actions whose keys type something into the search line."""


def _key(keys: str, action: str, does: str, more: str, *, show: bool = True) -> Binding:
    name = action.replace("_", "-")
    return Binding(keys, action, does, id=f"today.{name}", show=show, tooltip=more)


class TodayScreen(TodayBoard):
    """Who is expected, who is here and for how long, who is through, and what nobody resolved.

    Keys act on the marked visits, and where none is marked on the one under the cursor.
    """

    TITLE_IN_HELP: ClassVar[str] = "Today"
    NEEDS: ClassVar[dict[str, Permission]] = {
        **dict.fromkeys(STEPS, Permission.RUN_VISITS),
        "confirm": Permission.CONFIRM,
        "step_back": Permission.STEP_BACK,
        "earlier": Permission.WAIT,
        **dict.fromkeys(("walk_in", "book", "move_visit", "cancel"), Permission.BOOK),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        _key("i", "arrive", "Arrived", "The patient is here"),
        _key("i", "enter_room", "In the room", "The patient is with the doctor"),
        _key("i", "finish", "Done", "The visit is over"),
        _key("i", "step_on", "Step on", "Arrived, in the room, done: each marked one its step"),
        _key("c", "came", "Came", "The visit took place, though nobody wrote it down"),
        _key("c", "confirm", "Confirm", "Say yes to a visit that was asked for"),
        _key("N", "noshow", "Did not come", "Nobody came"),
        _key("I", "step_back", "Step back", "Take the visit a step back", show=False),
        _key("space", "mark", "Mark", "Several, to move them on together"),
        _key("w", "walk_in", "Walk-in", "Book somebody who is here, as soon as anybody is free"),
        _key("slash", "find", "Find", "Only visits of patients or doctors of that name"),
        _key("b", "book", "Book", "Another visit, for this patient", show=False),
        _key("m", "move_visit", "Move", "Another time, doctor or room", show=False),
        _key("d", "cancel", "Cancel", "Give its time back", show=False),
        _key("e", "earlier", "Wants earlier", "An earlier time, if one is free", show=False),
        _key("P", "patient", "Patient", "Their record", show=False),
        _key("u", "undo", "Undo", "Take back what you did last", show=False),
        *(
            Binding(
                str(number), f"part({number})", TITLES[part], show=False,
                id=f"today.part-{number}", tooltip=f"Go to these: {TITLES[part].lower()}",
            )
            for number, part in enumerate(PARTS, start=1)
        ),
        _key("escape", "back", "Back", "All visits again, none of them marked", show=False),
    ]  # fmt: skip

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what leads on from how the visits stand."""
        if action in STEPS and action not in self._offered:
            return False
        if action in _ON_A_VISIT and self._list.visit is None:
            return False
        if action in _TYPED and self._search.line.has_focus:
            return False
        return super().check_action(action, parameters)

    # Steps

    def action_arrive(self) -> None:
        """The patient is here."""
        self.take("i")

    def action_enter_room(self) -> None:
        """The patient is with the doctor."""
        self.take("i")

    def action_finish(self) -> None:
        """The visit is over."""
        self.take("i")

    def action_step_on(self) -> None:
        """Each of the marked visits takes its step."""
        self.take("i")

    def action_came(self) -> None:
        """The visit took place."""
        self.take("c")

    def action_confirm(self) -> None:
        """Yes to a visit that was asked for."""
        self.take("c")

    def action_noshow(self) -> None:
        """Nobody came."""
        self.take("N")

    def action_step_back(self) -> None:
        """Take the last step back."""
        self.take("I")

    @story
    async def take(self, key: str) -> None:
        """Take the step to which that key leads, of each visit that is meant."""
        if self._board is None:
            return
        outcome = await take_steps(self.desk, key, self._meant(), self._board, self.desk.now())
        done = {one.appointment_id for visits in outcome.done.values() for one in visits}
        if outcome.answered and self._on in done and self._list.after is not None:
            self._on = self._list.after.appointment_id
        self._marked -= done
        await self._read()
        if told := " ".join(outcome.sentences()):
            self.tell(told)
        if (refusal := outcome.refusal()) is not None:
            self.refuse(refusal)

    # Visits

    @on(BoardList.Chosen)
    def open_visit(self, event: BoardList.Chosen) -> None:
        """Enter or a double click opens the visit."""
        self.tell_visit(event.visit.appointment_id)

    @story
    async def tell_visit(self, appointment_id: int) -> None:
        """Show the visit; it may have been changed when it is left."""
        await show_visit(self, appointment_id)
        await self._read()

    @story
    async def action_walk_in(self) -> None:
        """Book somebody who is here now: with whoever is free first, or with oneself."""
        await self._book(BookingDraft(doctor_id=self._own_doctor()))

    @story
    async def action_book(self) -> None:
        """Book a visit, and come back to the board as it is then."""
        await self._book(self.draft_here())

    def draft_here(self) -> BookingDraft:
        """Another visit for the patient under the cursor, with the same doctor."""
        visit = self._list.visit
        if visit is None:
            return BookingDraft(doctor_id=self._own_doctor())
        return BookingDraft(visit.doctor_id, patient_id=visit.patient_id)

    async def _book(self, draft: BookingDraft) -> None:
        self._come_to(await book_visit(self, draft))
        await self._read()

    @story
    async def action_move_visit(self) -> None:
        """Move the visit under the cursor."""
        visit = self._list.visit
        if visit is not None:
            await move_visit(self, visit.appointment_id)
            await self._read()

    @story
    async def action_cancel(self) -> None:
        """Cancel the visit under the cursor."""
        visit = self._list.visit
        if visit is not None:
            await cancel_visit(self, visit.appointment_id)
            await self._read()

    @story
    async def action_earlier(self) -> None:
        """Whoever has the visit under the cursor wants an earlier one."""
        visit = self._list.visit
        if visit is not None:
            await want_earlier(self, visit.appointment_id)

    @story
    async def action_undo(self) -> None:
        """Take back one's own last step, wherever it was taken."""
        undone = await undo_last_step(self)
        if undone is not None:
            self._come_to(undone.visit)
        await self._read()

    def action_patient(self) -> None:
        """The patient's record."""
        visit = self._list.visit
        if visit is not None:
            self.post_message(OpenPatient(visit.patient_id))

    def booked_here(self, booked: BookedAppointment | None) -> None:
        """Show it, if it is on the board."""
        self._come_to(booked)
        self.keys_await(self.load())

    def _own_doctor(self) -> int | None:
        """The doctor for whom alone one may book, if that is so."""
        actor = self.desk.actor
        return actor.doctor_id if reach(actor, Permission.BOOK) is Reach.OWN else None

    def _come_to(self, visit: BookedAppointment | None) -> None:
        """Put the cursor on that visit, if it is on the board."""
        if visit is not None and self._board is not None:
            day = local_day(visit.starts_at, self.desk.zone)
            self._on = visit.appointment_id if day == self._board.day else self._on
