"""The waitlist (F6): who waits for what, and what would fit; offers, and what becomes of them."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from ...domain.access import Permission
from ...domain.waitlist.offering import OfferRequest
from ...domain.waitlist.waitlist import withdraw_from_waitlist
from ..booking.draft import BookingDraft
from ..booking.story import book_visit
from ..messages import OpenPatient
from ..saving import saved
from ..typing_ahead import story
from ..visits.undoing import undo_last_step
from ..visits.visits import show_visit
from ..widgets.lists.waiting_list import WaitingList
from .offering import accept, decline, offer
from .page import WaitlistPage
from .wishing import add_somebody, change_place

_ON_A_PLACE = frozenset({"open", "withdraw", "patient"})
_WHILE_WAITING = frozenset({"offer", "later", "change"})
_WHILE_OFFERED = frozenset({"accept", "decline"})
_FEW = 3


def _key(keys: str, action: str, does: str, more: str, *, show: bool = True) -> Binding:
    name = action.replace("_", "-")
    return Binding(keys, action, does, id=f"waitlist.{name}", show=show, tooltip=more)


class WaitlistScreen(WaitlistPage):
    """Who waits, the urgent and the longest waiting first.

    A digit offers the opening of that number to whoever is under the cursor: it is kept for them
    until they answer or it runs out.
    """

    TITLE_IN_HELP: ClassVar[str] = "Waitlist"
    NEEDS: ClassVar[dict[str, Permission]] = {
        "offer": Permission.OFFER,
        "later": Permission.OFFER,
        "book": Permission.BOOK,
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(
                str(number), f"offer({number})", "Offer", id=f"waitlist.offer-{number}",
                key_display="1…3" if number == 1 else None, show=number == 1,
                tooltip="Keep that opening for them, and tell them",
            )
            for number in range(1, _FEW + 1)
        ),
        _key("n", "later", "Later", "The next openings that fit"),
        _key("c", "accept", "They say yes", "Book what is offered, or move their visit there"),
        _key("N", "decline", "They say no", "They wait on, and the time is free"),
        _key("a", "add", "Add", "Put somebody on the list"),
        _key("e", "change", "Change", "What they wait for"),
        _key("d", "withdraw", "Take off", "They wait no more"),
        _key("slash", "find", "Find", "Only patients or doctors of that name"),
        _key("b", "book", "Book", "A visit for them, at any time", show=False),
        _key("p", "patient", "Patient", "Their record", show=False),
        _key("u", "undo", "Undo", "Take back what you did last", show=False),
        _key("escape", "back", "Back", "Everybody again", show=False),
    ]  # fmt: skip

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what leads on from how the place under the cursor stands."""
        place = self.place
        offered = place is not None and place.offer is not None
        if action in _ON_A_PLACE | _WHILE_WAITING | _WHILE_OFFERED and place is None:
            return False
        if (action in _WHILE_OFFERED and not offered) or (action in _WHILE_WAITING and offered):
            return False
        if action in ("offer", "later") and not self.openings:
            return False
        if action == "find" and self._search.line.has_focus:
            return False
        return super().check_action(action, parameters)

    # Offers

    @story
    async def action_offer(self, number: int) -> None:
        """Offer that opening to whoever is under the cursor."""
        place, openings = self.place, self.openings
        if place is None or number > len(openings):
            return
        chosen = openings[number - 1]
        request = OfferRequest(place.entry_id, chosen.doctor_id, chosen.starts_at)
        await offer(self, request, place.phone)
        await self.read()

    def action_later(self) -> None:
        """The openings after those that are shown."""
        if self.openings:
            self.look_for_openings(after=self.openings[-1].ends_at)

    @story
    async def action_accept(self) -> None:
        """They say yes."""
        place = self.place
        if place is not None and place.offer is not None:
            await accept(self, place.offer.offer_id)
            await self.read()

    @story
    async def action_decline(self) -> None:
        """They say no, and wait on."""
        place = self.place
        if place is not None and place.offer is not None:
            await decline(self, place.offer.offer_id, place.patient)
            await self.read()

    # Places

    @story
    async def action_add(self) -> None:
        """Put somebody on the list; the cursor is on them then."""
        added = await add_somebody(self)
        self._on = added or self._on
        await self.read()

    @story
    async def action_change(self) -> None:
        """Change what they wait for."""
        place = self.place
        if place is not None:
            await change_place(self, place)
            await self.read()

    @story
    async def action_withdraw(self) -> None:
        """They wait no more; undo brings them back."""
        place = self.place
        if place is None:
            return
        with self.refusals_shown():
            await saved(self, withdraw_from_waitlist, place.entry_id, self.desk.now())
            self.tell(f"{place.patient} is off the waitlist. u takes it back.")
        await self.read()

    @on(WaitingList.Opened)
    def opened(self) -> None:
        """A double click opens it, too."""
        self.action_open()

    def action_open(self) -> None:
        """The visit that is to be earlier; of who has none, what they wait for."""
        place = self.place
        if place is not None and place.appointment_id is not None:
            self.tell_visit(place.appointment_id)
        elif place is not None and place.offer is None:
            self.action_change()

    @story
    async def tell_visit(self, appointment_id: int) -> None:
        """Show the visit; it may have been changed when it is left."""
        await show_visit(self, appointment_id)
        await self.read()

    @story
    async def action_book(self) -> None:
        """Book a visit, beginning with whoever is under the cursor."""
        await book_visit(self, self._for_whom(self.draft_here()))
        await self.read()

    def draft_here(self) -> BookingDraft:
        """What they wait for."""
        place = self.place
        if place is None:
            return BookingDraft()
        only = next(iter(place.doctors)) if len(place.doctors) == 1 else None
        return BookingDraft(
            only, patient_id=place.patient_id, visit_type_id=place.visit_type_id,
            minutes=place.minutes,
        )  # fmt: skip

    @story
    async def action_undo(self) -> None:
        """Take back one's own last step, wherever it was taken."""
        await undo_last_step(self)
        await self.read()

    def action_patient(self) -> None:
        """The patient's record."""
        place = self.place
        if place is not None:
            self.post_message(OpenPatient(place.patient_id))
