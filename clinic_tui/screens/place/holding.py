"""The opening that this desk keeps while a booking is talked about: taken, renewed, given back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.message import Message
from textual.worker import Worker

from ...domain.errors import ClinicUnavailable, HoldsAlready, Refusal
from ...domain.visits.booking import BookingRequest, book_appointment
from ...domain.visits.holds import Hold, HoldRequest, hold_opening, release_desk

if TYPE_CHECKING:
    from textual.widget import Widget

    from ...domain.errors import Opening
    from ...domain.visits.appointments import BookedAppointment
    from ..base import ClinicScreen


class Holding:
    """Carries out, one after the other, what is wished of a dialog: to keep this, or nothing.

    It writes in a worker of the screen below: a dialog that is left must not cut a write short.
    A wish that was overtaken before its turn is never carried out. A hold is three minutes long;
    wishing for the same again renews it, and takes it anew where it had run out and is free.
    """

    class Told(Message):
        """What became of a wish. ``ran_out``: it had been held, and is somebody else's now."""

        def __init__(self, refusal: Refusal | None, *, ran_out: bool) -> None:
            super().__init__()
            self.refusal = refusal
            self.ran_out = ran_out

    def __init__(self, screen: ClinicScreen) -> None:
        self._screen, self._desk = screen, screen.desk
        self._wish: HoldRequest | None = None
        self._hold: Hold | None = None
        self._holds_perhaps = False
        self._is_busy = False
        self._worker: Worker[None] | None = None
        self.listener: Widget | None = None
        """Who is told by ``Told``."""

    @property
    def wish(self) -> HoldRequest | None:
        """What is to be kept."""
        return self._wish

    def keep(self, wish: HoldRequest) -> None:
        """Keep this one, instead of whatever was kept."""
        self._wish = wish
        self._begin()

    def renew(self) -> None:
        """Keep it for three more minutes, if something is to be kept."""
        if self._wish is not None:
            self._begin()

    def is_of(self, opening: Opening | None) -> bool:
        """Whether that opening is what is kept, as far as this desk has heard."""
        hold = self._hold
        if hold is None or opening is None:
            return False
        return (hold.doctor_id, hold.starts_at) == (opening.doctor_id, opening.starts_at)

    def let_go(self) -> None:
        """Keep nothing."""
        if self._wish is not None or self._holds_perhaps:
            self._wish = None
            self._begin()

    async def book(self, request: BookingRequest) -> BookedAppointment:
        """Make a visit of what is kept, once that is known; else a visit like any other."""
        if self._worker is not None:
            await self._worker.wait()
        hold_id = self._hold.hold_id if self._hold else None
        request = replace(request, hold_id=hold_id, desk=self._desk.name)
        booked = await self._desk.run(book_appointment, request, self._desk.now())
        if booked.appointment_id == hold_id:
            self._wish = self._hold = None
            self._holds_perhaps = False
        return booked

    def _begin(self) -> None:
        if not self._is_busy:
            self._is_busy = True
            self._worker = self._screen.run_worker(self._carry_out(), group="hold")

    async def _carry_out(self) -> None:
        """Until nothing else is wished meanwhile; what is refused is wished no more."""
        told: Holding.Told | None = None
        while True:
            wish, had = self._wish, self._hold
            try:
                if wish is None:
                    await self._give_back()
                else:
                    told = self.Told(None, ran_out=False)
                    await self._take(wish)
            except Refusal as refusal:
                if wish is not None:
                    ran_out = had is not None and had.starts_at == wish.starts_at
                    told = self.Told(refusal, ran_out=ran_out)
                    if wish is self._wish and not isinstance(refusal, ClinicUnavailable):
                        self._wish = None
                        continue
            if wish is self._wish:
                break
        self._is_busy = False
        if told is not None and self.listener is not None:
            self.listener.post_message(told)

    async def _take(self, wish: HoldRequest) -> None:
        desk = self._desk
        self._holds_perhaps = True
        replaces = self._hold.hold_id if self._hold else None
        request = replace(wish, replaces=replaces)
        try:
            self._hold = await desk.run(hold_opening, request, desk.now())
        except HoldsAlready:
            # One of which nobody heard that it had been taken.
            await desk.run(release_desk, desk.name, desk.now())
            self._hold = await desk.run(hold_opening, request, desk.now())

    async def _give_back(self) -> None:
        """Whatever this desk holds; what cannot be given back runs out by itself."""
        self._hold = None
        await self._desk.run(release_desk, self._desk.name, self._desk.now())
        self._holds_perhaps = False
