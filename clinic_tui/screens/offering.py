"""Offers to those who wait, each as one story: keep the time, tell; then yes or no.

What a yes or a no frees is offered on at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..domain.accepting import accept_offer
from ..domain.declining import decline_offer
from ..domain.errors import ClinicUnavailable, Refusal
from ..domain.filling import who_fits
from ..domain.freed import FreedTime, Slot
from ..domain.offering import OfferedOpening, OfferRequest, offer_opening
from ..domain.requests import new_key
from .freed_panel import FreedAnswer, FreedPanel
from .saving import saved
from .waitlist_words import offered_words

if TYPE_CHECKING:
    from .base import ClinicScreen

_FEW = 3


async def offer(screen: ClinicScreen, request: OfferRequest, phone: str) -> None:
    """Keep an opening for somebody who waits. ``phone`` is where to call if no message goes out."""
    with screen.refusals_shown():
        made = await saved(screen, offer_opening, request, screen.desk.now())
        _tell(screen, made, phone)


async def accept(screen: ClinicScreen, offer_id: int) -> None:
    """They say yes: the visit is booked, or moved; what that leaves free is offered on."""
    desk = screen.desk
    with screen.refusals_shown():
        booked = await saved(screen, accept_offer, offer_id, desk.now(), new_key())
        await tell_and_fill(screen, booked.read_back(desk.zone), booked.freed, title="Booked")


async def decline(screen: ClinicScreen, offer_id: int, patient: str) -> None:
    """They say no and wait on; the time is offered to somebody else."""
    desk = screen.desk
    with screen.refusals_shown():
        freed = await saved(screen, decline_offer, offer_id, desk.now(), new_key())
        await tell_and_fill(screen, f"{patient} waits on.", freed)


async def tell_and_fill(
    screen: ClinicScreen, said: str, freed: FreedTime | None, *, title: str = ""
) -> None:
    """Say what was done; where that has freed time, ask whom of those who wait to offer it.

    Whoever takes it at once may leave a time of their own.
    """
    if freed is None:
        screen.tell(said, title=title)
    else:
        screen.reads_back(said if title else "")
        await _fill(screen, freed, f"{title}: {said}" if title else said)


async def _fill(screen: ClinicScreen, freed: FreedTime | None, done: str) -> None:
    """Ask until it is offered or left free; ``done`` says what has freed it."""
    desk, keys = screen.desk, dict[int, str]()
    refusal: Refusal | None = None
    while freed is not None:
        panel = FreedPanel(desk, freed, done=done, refusal=refusal)
        answer: FreedAnswer | None = await screen.app.push_screen_wait(panel)
        if answer is None:
            return
        one = answer.fitting
        request = OfferRequest(
            one.entry_id,
            freed.doctor_id,
            one.starts_at,
            freed.room_id,
            key=keys.setdefault(one.entry_id, new_key()),
        )
        try:
            made = await saved(screen, offer_opening, request, desk.now())
            if answer.at_once:
                await accept(screen, made.offer_id)
            else:
                _tell(screen, made, one.phone)
        except Refusal as refused:
            refusal = refused
            freed = await _still_free(screen, freed, refused)
        else:
            return


async def _still_free(screen: ClinicScreen, freed: FreedTime, refused: Refusal) -> FreedTime | None:
    """The same time with whom it would suit now; None where that is nobody, and why is said.

    Of a clinic that does not answer nothing new is known: the same request may be made again.
    """
    if isinstance(refused, ClinicUnavailable):
        return freed
    slot = Slot(freed.doctor_id, freed.starts_at, freed.ends_at, freed.room_id, adjoining=True)
    try:
        fits = await screen.desk.read(who_fits, slot, screen.desk.now(), _FEW)
    except Refusal:
        fits = ()
    if not fits:
        screen.refuse(refused)
        return None
    return replace(freed, fits=fits)


def _tell(screen: ClinicScreen, made: OfferedOpening, phone: str) -> None:
    desk = screen.desk
    said = offered_words(made, desk.zone, desk.settings.region, phone)
    screen.tell(said, title="Offered")
