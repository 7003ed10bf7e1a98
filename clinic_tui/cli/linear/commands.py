"""What can be said at the prompt, and who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...domain.access import Permission, Reach, reach
from ...domain.errors import NotFound
from . import absence, booking, day, people, to_see, visits, waiting
from .hiding import hide
from .people import is_patient

if TYPE_CHECKING:
    from ...desk import Desk
    from .talk import Talk


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name, the letter of the screens' key, what may follow, what it does."""

    name: str
    letter: str
    follows: str
    does: str
    needs: Permission
    act: Callable[[Desk, Talk, str], None]


COMMANDS = (
    Command("today", "t", "", "who is here, expected, unresolved", Permission.RUN_VISITS,
            day.board),
    Command("agenda", "a", "DOCTOR DAY", "a day's visits and free time", Permission.SEE_CALENDAR,
            day.agenda),
    Command("book", "b", "LINE", "book, as in book garcia tue 3pm lee", Permission.BOOK,
            booking.book),
    Command("find", "/", "WHO", "a patient, their next visit and others", Permission.SEE_CONTACT,
            people.find),
    Command("new", "", "NAME", "register a patient", Permission.REGISTER_PATIENT, people.new),
    Command("in", "i", "VISIT", "one step on: arrived, in the room, done", Permission.RUN_VISITS,
            visits.step_on),
    Command("back", "", "VISIT", "one step back", Permission.STEP_BACK, visits.step_back),
    Command("came", "c", "VISIT", "they came after all", Permission.RUN_VISITS, visits.came),
    Command("missed", "", "VISIT", "they did not come", Permission.RUN_VISITS, visits.missed),
    Command("move", "m", "VISIT", "move a visit", Permission.BOOK, visits.move),
    Command("cancel", "d", "VISIT", "cancel a visit; who waits and fits", Permission.BOOK,
            visits.cancel),
    Command("undo", "u", "", "take back your last step", Permission.SEE_OPENINGS, visits.undo),
    Command("waitlist", "w", "", "who waits, and what next fits", Permission.WAIT,
            waiting.waitlist),
    Command("wait", "", "LINE", "put somebody on the waitlist", Permission.WAIT, waiting.wait),
    Command("offer", "", "PLACE", "offer who waits what next fits", Permission.OFFER,
            waiting.offer),
    Command("accept", "", "OFFER", "they say yes to an offer", Permission.WAIT, waiting.accept),
    Command("decline", "", "OFFER", "they say no to an offer", Permission.WAIT, waiting.decline),
    Command("away", "", "DOCTOR WHEN", "a doctor is ill or away: plan the visits in the way",
            Permission.SET_HOURS, absence.away),
    Command("requests", "", "", "visits that were asked for: yes or no", Permission.CONFIRM,
            to_see.requests),
    Command("messages", "", "", "messages that failed, replies to read", Permission.MESSAGES,
            to_see.messages),
    Command("hide", "*", "", "say no names, numbers or birth dates, or say them again",
            Permission.SEE_CONTACT, hide),
)  # fmt: skip


def offered(desk: Desk) -> tuple[Command, ...]:
    """The commands of whoever is signed in: what they may not do is not offered."""
    actor = desk.actor
    return tuple(one for one in COMMANDS if reach(actor, one.needs) is not Reach.NONE)


def help_lines(desk: Desk) -> list[str]:
    """Every command in a line."""
    lines = [
        f"{' '.join(filter(None, (one.name, one.follows)))}: {one.does}"
        + (f"; {one.letter} for short." if one.letter else ".")
        for one in offered(desk)
    ]
    return [
        *lines,
        "lock: only your password opens it again. quit: leave; q for short.",
        "VISIT is a visit's number, or whose it is. A full stop alone goes one step back.",
    ]


def run(desk: Desk, talk: Talk, line: str) -> None:
    """Do what the line says; what begins with no command is a line to book."""
    first, _, rest = line.partition(" ")
    every = offered(desk)
    word = first.lower()
    for one in every:
        if word in (one.name, one.letter):
            one.act(desk, talk, rest.strip())
            return
    books = any(one.act is booking.book for one in every)
    if (
        not books
        or (not rest and not is_patient(desk))
        or any(word == one.name for one in COMMANDS)
    ):
        raise NotFound(f"“{first}” is none of your commands; help lists them.")
    booking.book(desk, talk, line)
