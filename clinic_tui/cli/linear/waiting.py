"""Who waits: listed, put on the list, offered what has become free, and what they answered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...domain.errors import NotFound, Refusal
from ...domain.patients.contact import show_phone
from ...domain.times.walltime import say_moment
from ...domain.visits.requests import new_key
from ...domain.waitlist.accepting import accept_offer
from ...domain.waitlist.declining import decline_offer
from ...domain.waitlist.filling import who_fits
from ...domain.waitlist.offering import OfferRequest, offer_opening
from ...domain.waitlist.waitlist import Wish, add_to_waitlist
from ...domain.waitlist.who_waits import list_waitlist
from ..bar_line import type_meant, vocabulary
from . import words
from .people import whom
from .places import understood

if TYPE_CHECKING:
    from ...desk import Desk
    from ...domain.waitlist.freed import FreedTime
    from ...domain.waitlist.offering import OfferedOpening
    from ...domain.waitlist.who_waits import Waiting
    from .talk import Talk

_FEW = 3


def waitlist(desk: Desk, talk: Talk, _: str) -> None:
    """Who waits, the urgent first, with the place's number and what next fits."""
    found = desk.read_now(list_waitlist, desk.now())
    if not found:
        talk.say("Nobody waits.")
    talk.tell(_say(one, desk) for one in found)


def wait(desk: Desk, talk: Talk, line: str) -> None:
    """Put somebody on the list, as a line says it: garcia derm tue."""
    clinic = vocabulary(desk)
    line = line or talk.ask("Who waits, for what and with whom, as in garcia lee vacc")
    said = understood(desk, talk, line, clinic)
    known = whom(desk, talk, said.patient)
    wish = Wish(
        known.patient_id,
        type_meant(said, clinic).visit_type_id,
        tuple(one.id for one in said.doctors),
        said.specialty.id if said.specialty else None,
        first_day=said.day,
        minutes=said.minutes,
    )
    wish = replace(wish, note=talk.ask("A note; Enter for none"))
    place = talk.answered(lambda: desk.run_now(add_to_waitlist, wish, desk.now()))
    talk.say(f"{known.name} is on the waitlist, place {place}.")


def offer(desk: Desk, talk: Talk, text: str) -> None:
    """Offer somebody who waits the opening that next fits them."""
    place = _number(talk, text, "Which place on the waitlist")
    found = desk.read_now(list_waitlist, desk.now(), limit=500)
    one = next((one for one in found if one.entry_id == place), None)
    if one is None:
        raise NotFound(f"There is no place {place} on the waitlist.")
    if one.next_fits is None:
        raise Refusal(f"Nothing fits {one.patient} yet.")
    fits = one.next_fits
    talk.say(f"{one.patient}: {words.opening(fits, desk.zone)}.")
    _offer(desk, talk, OfferRequest(place, fits.doctor_id, fits.starts_at, fits.room_id))


def accept(desk: Desk, talk: Talk, text: str) -> None:
    """They say yes to an offer: the visit is booked, or moves there."""
    _accept(desk, talk, _number(talk, text, "Which offer"))


def decline(desk: Desk, talk: Talk, text: str) -> None:
    """They say no to an offer: they wait on."""
    number, key = _number(talk, text, "Which offer"), new_key()
    freed = talk.answered(lambda: desk.run_now(decline_offer, number, desk.now(), key))
    talk.say("They wait on, and the time is free.")
    fill(desk, talk, freed)


def offer_on(desk: Desk, talk: Talk, left: FreedTime, besides: int) -> bool:
    """A time that a patient, ``besides``, has left by a text: whether somebody else has it now."""
    found = desk.read_now(who_fits, left.slot, desk.now(), _FEW + 1)
    fits = tuple(one for one in found if one.patient_id != besides)[:_FEW]
    if not fits:
        talk.say("Nobody who waits would take that time now.")
    return bool(fits) and fill(desk, talk, replace(left, fits=fits))


def fill(desk: Desk, talk: Talk, freed: FreedTime | None) -> bool:
    """Whom the time would suit that has become free; whether it went to somebody."""
    if freed is None:
        return False
    span = words.when(freed.starts_at, freed.ends_at, desk.zone)
    talk.say(f"{span}, {freed.doctor}, is free again. It would suit:")
    lines = [words.fitting(one, desk.zone, desk.settings.region) for one in freed.fits]
    chosen = talk.choose("Who is to have it", [*lines, "Nobody"])
    if chosen == len(freed.fits):
        return False
    one = freed.fits[chosen]
    _offer(desk, talk, OfferRequest(one.entry_id, freed.doctor_id, one.starts_at, freed.room_id))
    return True


def _offer(desk: Desk, talk: Talk, request: OfferRequest) -> None:
    """Keep it for them; whoever has said yes already has it at once."""
    ways = ("Offer it to them: it is kept and a message goes out", "They have said yes: book it")
    at_once = talk.choose("How", ways) == 1
    made = talk.answered(lambda: desk.run_now(offer_opening, request, desk.now()))
    if at_once:
        _accept(desk, talk, made.offer_id)
    else:
        talk.say(_offered(made, desk))


def _accept(desk: Desk, talk: Talk, offer_id: int) -> None:
    key = new_key()
    done = talk.answered(lambda: desk.run_now(accept_offer, offer_id, desk.now(), key))
    talk.tell(words.outcome(done, desk.zone))


def _offered(made: OfferedOpening, desk: Desk) -> str:
    span = words.when(made.starts_at, made.ends_at, desk.zone)
    until = say_moment(made.expires_at, desk.zone)
    told = "a message tells them" if made.notices else "nobody is told: please call them"
    return f"Offer {made.offer_id}: {span} is kept for {made.patient} until {until}; {told}."


def _say(one: Waiting, desk: Desk) -> str:
    """Somebody who waits, for what, and what fits or is being offered."""
    wanted = ", ".join(one.doctors.values()) or one.specialty or "anybody"
    phone = show_phone(one.phone, desk.settings.region)
    parts = [f"Place {one.entry_id}", one.patient, phone, f"{one.urgency}", one.visit_type]
    parts += [wanted, f"since {say_moment(one.waiting_since, desk.zone)}", one.note]
    if one.earlier_than is not None:
        parts.append(f"earlier than {say_moment(one.earlier_than, desk.zone)}")
    if one.offer is not None:
        span = words.when(one.offer.starts_at, one.offer.ends_at, desk.zone)
        parts.append(f"offer {one.offer.offer_id}: {span}")
    elif one.next_fits is not None:
        parts.append(f"next that fits: {words.opening(one.next_fits, desk.zone)}")
    return f"{', '.join(part for part in parts if part)}."


def _number(talk: Talk, text: str, question: str) -> int:
    while not text.isdecimal() or len(text) > 9:
        if text:
            talk.say(f"“{text}” is no number.")
        text = talk.ask(question)
    return int(text)
