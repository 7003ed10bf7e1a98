"""What every screen is: a header, a footer of keys, refusals shown as sentences.

A key that the signed-in roles may not use is not shown and does nothing; the operation behind
it refuses anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen

from ..domain.access import Permission, Reach, may_plan_for_all, reach
from ..domain.errors import Refusal
from ..domain.text import showable
from .changed_parts import ChangedParts
from .header import ClinicHeader
from .names_hidden import OverAScreen
from .still_reading import StillReading
from .typing_ahead import TypingAhead, story
from .widgets.key_line import KeyLine

if TYPE_CHECKING:
    from ..changes import News
    from ..desk import Desk, Ring
    from ..domain.visits.appointments import BookedAppointment
    from .booking.draft import BookingDraft
    from .patients.caller import CallerAnswer

Result = TypeVar("Result")
_NEEDS = {
    **dict.fromkeys(("book", "series", "together"), Permission.BOOK),
    "caller": Permission.RUN_VISITS,
    "requests": Permission.CONFIRM,
}
"""What is needed for what every screen offers."""


class ClinicScreen(StillReading):
    """A screen of the program: header above, ``compose_body`` between, keys below."""

    NEEDS: ClassVar[dict[str, Permission]] = {}
    """The permission without which an action, named without ``action_``, is not offered."""
    TITLE_IN_HELP: ClassVar[str] = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "book", "Book", id="clinic.book", show=False, tooltip="Book a visit"),
        Binding(
            "y", "copy", "Copy", id="clinic.copy", show=False, tooltip="The sentence to read back"
        ),
        Binding(
            "C",
            "requests",
            "Requests",
            id="clinic.requests",
            show=False,
            tooltip="Visits that were asked for: say yes or no",
        ),
        Binding(
            "S",
            "series",
            "Series",
            id="clinic.series",
            show=False,
            tooltip="Visits that repeat: each date is looked at first",
        ),
        Binding(
            "T",
            "together",
            "Together",
            id="clinic.together",
            show=False,
            tooltip="Two or three visits of one patient on one day",
        ),
        Binding(
            "p",
            "caller",
            "Caller",
            id="clinic.caller",
            show=False,
            tooltip="Who is calling: by the last digits, or the number that rang",
        ),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._compositor = ChangedParts()
        self.desk = desk
        self._read_back = ""

    def compose(self) -> ComposeResult:
        """Header, body, footer."""
        yield ClinicHeader(self.desk)
        yield from self.compose_body()
        yield KeyLine()

    def compose_body(self) -> ComposeResult:
        """What the screen is for."""
        yield from ()

    def _compositor_refresh(self) -> None:
        """Draw what has changed, and that once.

        Below a dialog Textual would draw all of the screen again with whatever happens here next,
        from then on: with every second that is counted.
        """
        everything = self._repaint_required
        super()._compositor_refresh()
        self._repaint_required = everything

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer an action only to the roles that may use it."""
        if action == "room_out" and self.desk.is_signed_in:
            return may_plan_for_all(self.desk.actor)
        needed = self.NEEDS.get(action, _NEEDS.get(action))
        if needed is not None and self.desk.is_signed_in:
            return reach(self.desk.actor, needed) is not Reach.NONE
        return super().check_action(action, parameters)

    @story
    async def action_book(self) -> None:
        """Book a visit, beginning with what this screen is about."""
        from .booking.story import book_visit  # noqa: PLC0415 - it is about screens itself

        await book_visit(self, self._for_whom(self.draft_here()))

    @story
    async def action_series(self) -> None:
        """Book visits that repeat, beginning with what this screen is about."""
        from .several.repeating import book_visits_that_repeat  # noqa: PLC0415 - not before it is asked for

        self.booked_here(
            await book_visits_that_repeat(self, self._for_whom(self.draft_of_several()))
        )

    @story
    async def action_together(self) -> None:
        """Book two or three visits on one day, beginning with what this screen is about."""
        from .several.gathering import book_visits_together  # noqa: PLC0415 - not before it is asked for

        draft = self._for_whom(self.draft_of_several())
        self.booked_here(await book_visits_together(self, draft))

    @story
    async def action_caller(self) -> None:
        """See who is calling, then book for them or open their record."""
        from .booking.draft import BookingDraft  # noqa: PLC0415 - not for the first frame
        from .booking.story import book_visit  # noqa: PLC0415
        from .messages import OpenPatient  # noqa: PLC0415
        from .patients.caller import CallerDialog  # noqa: PLC0415

        ring, self.desk.ringing = self.desk.ringing, None
        self.query_one(ClinicHeader).refresh()
        dialog = CallerDialog(self.desk, ring.number if ring is not None else "")
        caller: CallerAnswer | None = await self.app.push_screen_wait(dialog)
        if caller is not None and caller.book:
            self.booked_here(await book_visit(self, BookingDraft(patient_id=caller.patient_id)))
        elif caller is not None:
            self.post_message(OpenPatient(caller.patient_id))

    @story
    async def action_requests(self) -> None:
        """The visits that were asked for, to say yes or no to each."""
        from .visits.requests_list import answer_requests  # noqa: PLC0415 - not before it is asked for

        await answer_requests(self)
        self.booked_here(None)

    @story
    async def action_room_out(self) -> None:
        """A room is out of use: plan the visits in it. Found in the palette and in the planner."""
        from .absence.rooms_out import take_room_out  # noqa: PLC0415 - not before it is asked for

        if await take_room_out(self, {}):
            self.booked_here(None)

    def _for_whom(self, draft: BookingDraft) -> BookingDraft:
        """What a patient books is for themselves."""
        actor = self.desk.actor
        return replace(draft, patient_id=actor.patient_id) if actor.is_patient else draft

    def draft_of_several(self) -> BookingDraft:
        """What is known of several visits that begin here."""
        return self.draft_here()

    def booked_here(self, booked: BookedAppointment | None) -> None:
        """That was booked from here, or nothing was: a screen that shows visits shows it."""

    def draft_here(self) -> BookingDraft:
        """What is known of a booking that begins here."""
        from .booking.draft import BookingDraft  # noqa: PLC0415 - not for the first frame

        return BookingDraft()

    def read_back(self) -> str:
        """The sentence to read to whoever is on the phone; empty where there is none."""
        return self._read_back

    def reads_back(self, sentence: str) -> None:
        """This is it from now on, unless it is empty."""
        self._read_back = sentence or self._read_back

    def action_copy(self) -> None:
        """Copy that sentence out of the program: what a person asks for, and nothing else is."""
        sentence = showable(self.read_back())
        if sentence:
            App.copy_to_clipboard(self.app, sentence)
            self.notify(sentence, title="Copied, if the terminal allows it", markup=False)
        else:
            self.tell("There is nothing to read back.")

    def tell(self, sentence: str, *, title: str = "") -> None:
        """Say that something was done; what has a title is for reading back, too."""
        self.reads_back(sentence if title else "")
        self.notify(showable(sentence), title=title, markup=False)

    def refuse(self, refusal: Refusal) -> None:
        """Say why something was not done."""
        self.notify(showable(str(refusal)), severity="error", timeout=8, markup=False)

    def hear(self, news: News) -> None:
        """Somebody changed something: a screen that shows it reads it again, its cursor stays."""

    def ring(self, ring: Ring | None) -> None:
        """Somebody calls: a line in the header, and nothing that would take a key away."""
        self.desk.ringing = ring
        self.query(ClinicHeader).refresh()  # None yet on a screen that is being opened.

    def count(self, messages: int) -> None:
        """So many messages need somebody."""
        if self.desk.messages_to_see != messages:
            self.desk.messages_to_see = messages
            self.query(ClinicHeader).refresh()

    @contextmanager
    def refusals_shown(self) -> Iterator[None]:
        """Show a refusal raised inside as a sentence, and go on."""
        try:
            yield
        except Refusal as refusal:
            self.refuse(refusal)


class Dialog(ModalScreen[Result], OverAScreen):
    """A question that answers with a value, or None when left with Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="dialog.leave", tooltip="Leave without doing it"),
        # A dialog keeps the app's keys from working: help is the one it needs all the same.
        Binding("f1", "app.help", "Help", id="dialog.help", show=False, tooltip="Keys that work"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._compositor = ChangedParts()

    def on_screen_resume(self) -> None:
        """What was typed ahead is for the fields that are there now."""
        if isinstance(self.app, TypingAhead):
            self.call_after_refresh(self.app.keys_go_on)

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)


def line_of(*parts: Content | str) -> Content:
    """Several pieces as one line; strings are taken as they are."""
    return Content.assemble(*parts)
