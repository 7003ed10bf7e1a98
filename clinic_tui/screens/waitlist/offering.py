"""Offers to those who wait, each as one story: keep the time, tell; then yes or no.

What a yes or a no frees is offered on at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...domain.errors import ClinicUnavailable, Refusal
from ...domain.visits.requests import new_key
from ...domain.waitlist.accepting import accept_offer
from ...domain.waitlist.declining import decline_offer
from ...domain.waitlist.filling import who_fits
from ...domain.waitlist.freed import FreedTime
from ...domain.waitlist.offering import OfferedOpening, OfferRequest, offer_opening
from ..saving import saved
from .freed_panel import FreedAnswer, FreedPanel
from .words import offered_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..base import ClinicScreen

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


async def offer_on(screen: ClinicScreen, left: FreedTime, whose: int, said: str) -> bool:
    """Ask whom of those who wait to offer a time that a patient, ``whose``, has left by a text.

    ``said`` says how. Whether it is dealt with: given to somebody, or another's by now.
    """
    with screen.refusals_shown():
        fitting = await _fitting_now(screen, left, whose)
        if fitting is not None:
            return await _fill(screen, fitting, said)
        screen.tell("Nobody who waits would take that time now.")
    return False


async def tell_and_fill_each(
    screen: ClinicScreen, said: str, freed: Sequence[FreedTime], whose: int, *, title: str
) -> None:
    """The same of several times that one patient leaves, ``whose``: one after another.

    Whoever was offered one of them is not asked about the next; Esc leaves the rest free.
    """
    if not freed:
        screen.tell(said, title=title)
        return
    screen.reads_back(said)
    done = f"{title}: {said}"
    for number, one in enumerate(freed):
        # Since the first one was looked for somebody may have been offered it.
        fitting = await _who_fits_now(screen, one, besides=whose) if number else one
        if fitting is not None:
            if not await _fill(screen, fitting, done, further=len(freed) - number - 1):
                return
            done = ""


async def _fill(
    screen: ClinicScreen, freed: FreedTime | None, done: str, *, further: int = 0
) -> bool:
    """Ask until it is offered or left free; ``done`` says what has freed it.

    Whether one goes on to those that are free ``further`` on.
    """
    desk, keys = screen.desk, dict[int, str]()
    refusal: Refusal | None = None
    while freed is not None:
        panel = FreedPanel(desk, freed, done=done, refusal=refusal, further=further)
        answer: FreedAnswer | None = await screen.app.push_screen_wait(panel)
        if answer is None:
            return False
        one = answer.fitting
        if one is None:
            return True
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
            return True
    return True


async def _still_free(screen: ClinicScreen, freed: FreedTime, refused: Refusal) -> FreedTime | None:
    """The same time with whom it would suit now; None where that is nobody, and why is said.

    Of a clinic that does not answer nothing new is known: the same request may be made again.
    """
    if isinstance(refused, ClinicUnavailable):
        return freed
    fitting = await _who_fits_now(screen, freed)
    if fitting is None:
        screen.refuse(refused)
    return fitting


async def _who_fits_now(
    screen: ClinicScreen, freed: FreedTime, *, besides: int = 0
) -> FreedTime | None:
    """The same time with whom it would suit now, but for ``besides``; None where that is nobody."""
    try:
        return await _fitting_now(screen, freed, besides)
    except Refusal:
        return None


async def _fitting_now(screen: ClinicScreen, freed: FreedTime, besides: int) -> FreedTime | None:
    found = await screen.desk.read(who_fits, freed.slot, screen.desk.now(), _FEW + 1)
    fits = tuple(one for one in found if one.patient_id != besides)[:_FEW]
    return replace(freed, fits=fits) if fits else None


def _tell(screen: ClinicScreen, made: OfferedOpening, phone: str) -> None:
    desk = screen.desk
    said = offered_words(made, desk.zone, desk.settings.region, phone)
    screen.tell(said, title="Offered")
