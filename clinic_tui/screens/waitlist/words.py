"""How a place on the waitlist is worded: in a column, in sentences, and what fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from textual.content import Content

from ...domain.codes import Urgency
from ...domain.errors import Opening
from ...domain.patients.contact import show_phone
from ...domain.text import search_key, search_words, showable
from ...domain.times.walltime import (
    MINUTES_PER_DAY,
    clock,
    local_day,
    say_moment,
    say_near_day,
    say_runs_of_weekdays,
    say_span,
    say_time,
)
from ...domain.waitlist.offering import OfferedOpening
from ...domain.waitlist.who_waits import Waiting
from ..safe import safe

if TYPE_CHECKING:
    from ...domain.clinic.settings import ClinicSettings

_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)
_FAINT = "$foreground 60%"
_EVERY_DAY = 7


class Part(Enum):
    """The parts of the list, as they stand under each other."""

    OFFERED = "Being offered"
    URGENT = "Urgent"
    SOON = "Soon"
    ROUTINE = "Routine"


_BY_URGENCY = {
    Urgency.URGENT: Part.URGENT,
    Urgency.SOON: Part.SOON,
    Urgency.ROUTINE: Part.ROUTINE,
}
HINTS = {Part.OFFERED: "kept for them"} | dict.fromkeys(_BY_URGENCY.values(), "next that fits")
"""What the last column says, part by part."""
URGENCY_SIGNS = {Urgency.URGENT: "!!", Urgency.SOON: " !", Urgency.ROUTINE: "  "}


@dataclass(frozen=True, slots=True)
class Fits:
    """What was found for somebody who waits, from when on where later ones were asked for.

    ``openings`` is None while they are looked for.
    """

    entry_id: int
    openings: tuple[Opening, ...] | None = None
    after: datetime | None = None


def part_of(one: Waiting) -> Part:
    """In which part somebody stands."""
    return Part.OFFERED if one.offer is not None else _BY_URGENCY[one.urgency]


def counts_line(counted: dict[Part, int], *, more: bool) -> Content:
    """How many wait in each part."""
    words = {
        Part.OFFERED: "being offered",
        Part.URGENT: "urgent",
        Part.SOON: "soon",
        Part.ROUTINE: "routine",
    }
    styles = {Part.OFFERED: "$primary", Part.URGENT: "$warning"}
    together = sum(counted.values())
    parts = [Content.styled(f" {together} wait{'s' * (together == 1)}", "bold")]
    for part, count in counted.items():
        style = styles.get(part, "") if count else _FAINT
        parts.append(Content.styled(f"{count} {words[part]}", style))
    if more:
        parts.append(Content.styled("the first of many: / finds among them", _FAINT))
    return Content("  ").join(parts)


def waited(one: Waiting, now: datetime) -> str:
    """How long, in a column: "today", "12 d"."""
    days = (now - one.waiting_since) // _DAY
    return f"{days} d" if days else "today"


def whom(one: Waiting) -> str:
    """With whom they want their visit."""
    return ", ".join(one.doctors.values()) or one.specialty or "anybody"


def when(one: Waiting, zone: str, today: datetime) -> str:
    """At which times they can come; empty where any does."""
    times, parts = one.times, []
    if one.earlier_than is not None:
        parts.append(f"before {short_moment(one.earlier_than, zone)}")
    if len(one.weekdays) < _EVERY_DAY:
        parts.append(say_runs_of_weekdays(one.weekdays))
    if (times.from_minute, times.until_minute) != (0, MINUTES_PER_DAY):
        parts.append(f"{clock(times.from_minute)}–{clock(times.until_minute)}")
    if times.first_day > local_day(today, zone):
        parts.append(f"from {say_near_day(times.first_day)}")
    if times.last_day is not None:
        parts.append(f"to {say_near_day(times.last_day)}")
    return ", ".join(parts)


def stands(one: Waiting, zone: str, now: datetime, *, roomy: bool) -> str:
    """What is offered and how long it is kept, or what fits next."""
    if one.offer is not None:
        left = time_left(one.offer.expires_at - now)
        return f"{short_moment(one.offer.starts_at, zone)} · {left}" if roomy else left
    if one.next_fits is None:
        return ""
    at = short_moment(one.next_fits.starts_at, zone)
    return f"{at} {one.next_fits.doctor}" if roomy else at


def time_left(left: timedelta) -> str:
    """A countdown: "1 h 52 left", under ten minutes "4:07 left"."""
    seconds = max(0, -(-left // _SECOND))
    minutes = seconds // 60
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02} left"
    return f"{minutes} min left" if minutes >= 10 else f"{minutes}:{seconds % 60:02} left"


def about_words(one: Waiting, settings: ClinicSettings, now: datetime) -> Content:
    """Who waits, how to reach them, for what, at which times; then the note."""
    days = (now - one.waiting_since) // _DAY
    since = {0: "since today", 1: "for a day"}.get(days, f"for {days} days")
    urgency = "" if one.urgency is Urgency.ROUTINE else f"{one.urgency}, "
    phone = show_phone(one.phone, settings.region) if one.phone else "no phone"
    wanted = f"{one.visit_type}, {one.minutes} min, with {whom(one)}"
    times = when(one, settings.zone, now) or "at any time"
    lines = [
        Content.assemble(
            Content.styled(showable(one.patient), "bold"),
            f" — {urgency}waits {since} · {showable(phone)}",
        ),
        safe(f"{wanted} · {times}"),
        Content.styled(showable(one.note), _FAINT),
    ]
    return Content("\n").join(lines)


def offer_words(one: Waiting, settings: ClinicSettings, now: datetime) -> Content:
    """What is being offered, until when, and which keys answer."""
    offer = one.offer
    if offer is None:
        return Content("")
    zone = settings.zone
    span = say_span(offer.starts_at, offer.ends_at, zone)
    left = time_left(offer.expires_at - now)
    return Content.assemble(
        Content.styled("◌ ", "$primary"),
        safe(f"{span} with {offer.doctor} is kept for them, {left}."),
    )


def fits_words(found: Fits, zone: str) -> Content:
    """The openings that a digit offers, each on its line."""
    if found.openings is None:
        return Content.styled("Looking for what fits …", _FAINT)
    if not found.openings:
        later = "later " if found.after else ""
        return Content.styled(f"Nothing {later}that they want is free within 60 days.", _FAINT)
    return Content("\n").join(
        Content.assemble(
            Content.styled(str(number), "bold $primary"),
            safe(f" {say_span(one.starts_at, one.ends_at, zone)}  {one.doctor}"),
        )
        for number, one in enumerate(found.openings, start=1)
    )


def offered_words(made: OfferedOpening, zone: str, region: str, phone: str) -> str:
    """What is kept for whom, and who tells them."""
    until = say_time(made.expires_at, zone)
    told = {0: _call(phone, region), 1: "A message tells them."}.get(
        made.notices, f"{made.notices} messages tell them."
    )
    start = say_moment(made.starts_at, zone)
    return f"{start}, {made.doctor}, is kept for {made.patient} until {until}. {told}"


def _call(phone: str, region: str) -> str:
    return (
        f"No message goes out: call {show_phone(phone, region)}." if phone else "Nobody tells them."
    )


def short_moment(at: datetime, zone: str) -> str:
    """A moment without its year: "Tue 24 Nov 15:00"."""
    return f"{say_near_day(local_day(at, zone))} {say_time(at, zone)}"


def counted(places: Sequence[Waiting]) -> dict[Part, int]:
    """How many stand in each part."""
    parts = [part_of(one) for one in places]
    return {part: parts.count(part) for part in Part}


def named_so(places: Sequence[Waiting], text: str) -> list[Waiting]:
    """Those in whose name, or in those of the doctors they wait for, all of its words stand."""
    words = search_words(text)
    if not words:
        return list(places)
    names = {
        one.entry_id: search_key(" ".join((one.patient, *one.doctors.values()))) for one in places
    }
    return [one for one in places if all(word in names[one.entry_id] for word in words)]


def nobody_words(sought: str, *, is_patient: bool) -> tuple[str, ...]:
    """What an empty list says, and which keys help."""
    if sought:
        return (f"Nobody of that name waits: “{sought}”.", "Esc shows everybody")
    if is_patient:
        return ("You are not on the waitlist.", "a puts you on it")
    return (
        "Nobody waits.",
        "a puts somebody on the list · e on a visit asks for an earlier one",
    )
