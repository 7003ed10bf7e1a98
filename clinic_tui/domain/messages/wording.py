"""How a message reads: from what is true now, in the listener's language, and no more than needed.

A message says when, where, which clinic and its phone; never why, with whom or for what, because
it is read on locked screens and by whoever shares an address.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from ..codes import Channel, NoticeKind
from ..errors import BadInput
from ..times.walltime import local, local_day, say_time
from .delivery import CalendarEvent, Letter, Method

LANGUAGES = ("en", "es", "de")
"""In which the program brings wording of its own."""
PLACEHOLDERS = ("clinic", "date", "time", "place", "phone")
_UNTIL = "until"
"""Only in offers: by when to answer."""
_OF_A_VISIT = {"date", "time"}
WORDED = (
    NoticeKind.CONFIRMATION,
    NoticeKind.REMINDER,
    NoticeKind.CHANGED,
    NoticeKind.CANCELLED,
    NoticeKind.ABSENCE,
    NoticeKind.OFFER,
)
"""The kinds about a visit, or an opening for one, which are worded here."""
TO_STAFF: Mapping[NoticeKind, tuple[str, ...]] = {
    NoticeKind.AGENDA: ("clinic", "date", "count", "visits"),
    NoticeKind.RESET: ("clinic", "phone", "user", "code", "until"),
}
"""The kinds by which staff are told, by e-mail only, and what their wording may ask for."""
_NEEDED = {NoticeKind.AGENDA: "visits", NoticeKind.RESET: "code"}
"""Without which there would be nothing to tell."""
_WITHOUT_EVENT = (NoticeKind.REMINDER, NoticeKind.ABSENCE, NoticeKind.OFFER)
"""These change nothing in the listener's calendar."""
_MARK = re.compile(r"\{([^{}]*)\}")
MAX_SUBJECT, MAX_BODY = 200, 4000

Templates = Mapping[tuple[NoticeKind, Channel, str], tuple[str, str]]
"""The clinic's own wording: subject and body by kind, channel and language."""


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """All that may be said about a visit, and in which language it is best said.

    Times are aware UTC; ``to_doctor`` says that the doctor is told and not the patient; ``until``
    is by when an offer is to be answered.
    """

    clinic: str
    phone: str
    address: str
    zone: str
    language: str
    clinic_language: str
    starts_at: datetime
    ends_at: datetime
    uid: str
    sequence: int
    to_doctor: bool
    until: datetime | None = None


def word(
    visits: Sequence[VisitFacts], kind: NoticeKind, channel: Channel, templates: Templates
) -> tuple[str, Letter]:
    """The language and the letter; ``BadInput`` for a template with an unknown placeholder.

    All visits are of one listener; of several each line with a date or a time is said for each.
    A line that speaks of something the clinic has not set (a phone, an address) is left out.
    """
    first = visits[0]
    language, shipped, (subject, body) = _wording(first, kind, channel, templates)
    values = [
        {
            "clinic": visit.clinic,
            "date": _date(visit.starts_at, visit.zone, shipped),
            "time": say_time(visit.starts_at, visit.zone),
            "place": visit.address,
            "phone": visit.phone,
            _UNTIL: _until(visit, shipped),
        }
        for visit in visits
    ]
    subject = filled(subject, values[:1])
    if len(visits) > 1 and subject:
        subject = f"{subject} (+{len(visits) - 1})"
    events: tuple[CalendarEvent, ...] = ()
    if channel is Channel.EMAIL and kind not in _WITHOUT_EVENT:
        events = tuple(_event(visit, kind) for visit in visits)
    return language, Letter(subject, filled(body, values), events)


def _event(visit: VisitFacts, kind: NoticeKind) -> CalendarEvent:
    return CalendarEvent(
        uid=visit.uid,
        sequence=visit.sequence,
        method=Method.CANCEL if kind is NoticeKind.CANCELLED else Method.REQUEST,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        summary=visit.clinic,
        place=visit.address,
    )


def placeholders(kind: NoticeKind) -> tuple[str, ...]:
    """What a template of that kind may ask for."""
    if kind in TO_STAFF:
        return TO_STAFF[kind]
    return (*PLACEHOLDERS, _UNTIL) if kind is NoticeKind.OFFER else PLACEHOLDERS


def check_template(kind: NoticeKind, channel: Channel, subject: str, body: str) -> None:
    """Refuse, with ``BadInput``, what cannot be filled in, is empty or too long."""
    for field, text, longest in (("Subject", subject, MAX_SUBJECT), ("Body", body, MAX_BODY)):
        needed = field == "Body" or channel is Channel.EMAIL
        if needed and not text.strip():
            raise BadInput(field, f"{field} is needed.")
        if len(text) > longest:
            raise BadInput(field, f"{field} may have at most {longest} characters.")
        if field == "Subject" and "\n" in text:
            raise BadInput(field, "A subject is one line.")
        _check_marks(field, text, placeholders(kind))
    needed_mark = _NEEDED.get(kind)
    if needed_mark and needed_mark not in _MARK.findall(body):
        raise BadInput("Body", f"Body: {{{needed_mark}}} is needed, or there is nothing to tell.")


def _check_marks(field: str, text: str, names: tuple[str, ...]) -> None:
    known = ", ".join(f"{{{name}}}" for name in names)
    for name in _MARK.findall(text):
        if name not in names:
            raise BadInput(field, f"{field}: “{{{name}}}” is no placeholder; there are {known}.")
    if re.search(r"[{}]", _MARK.sub("", text)):
        raise BadInput(field, f"{field}: a brace belongs to a placeholder; there are {known}.")


def shipped_wording(kind: NoticeKind, channel: Channel, language: str) -> tuple[str, str] | None:
    """Subject and body as they come with the program; None in a language that it does not have."""
    if language not in LANGUAGES:
        return None
    found = shipped_words(language)[kind]["staff" if kind in TO_STAFF else channel]
    return found.get("subject", ""), found["body"].strip()


def _wording(
    facts: VisitFacts, kind: NoticeKind, channel: Channel, templates: Templates
) -> tuple[str, dict[str, Any], tuple[str, str]]:
    """The language, the names of days in it, and the wording: the clinic's own before ours."""
    for tag in (facts.language, facts.clinic_language, "en"):
        for language in dict.fromkeys((tag, tag.partition("-")[0])):
            shipped = shipped_words(language) if language in LANGUAGES else None
            own = None if facts.to_doctor else templates.get((kind, channel, language))
            if own is not None:
                check_template(kind, channel, *own)
                return language, shipped or shipped_words("en"), own
            if shipped is not None:
                found = shipped[kind]["doctor" if facts.to_doctor else channel]
                return language, shipped, (found.get("subject", ""), found["body"].strip())
    raise AssertionError("English is always there")


def _until(facts: VisitFacts, shipped: Mapping[str, Any]) -> str:
    """By when an offer is to be answered; the time alone where that is the visit's own day."""
    if facts.until is None:
        return ""
    time = say_time(facts.until, facts.zone)
    if local_day(facts.until, facts.zone) == local_day(facts.starts_at, facts.zone):
        return time
    return f"{_date(facts.until, facts.zone, shipped)}, {time}"


def _date(at: datetime, zone: str, shipped: Mapping[str, Any]) -> str:
    day = local(at, zone)
    names = {
        "weekday": shipped["weekdays"][day.weekday()],
        "day": str(day.day),
        "month": shipped["months"][day.month - 1],
        "year": str(day.year),
    }
    return _MARK.sub(lambda mark: names[mark[1]], shipped["date"])


def say_date(at: datetime, zone: str, language: str) -> str:
    """A date as it is said in one of the languages: "Tuesday 24 November 2026"."""
    return _date(at, zone, shipped_words(language))


def filled(text: str, values: Sequence[Mapping[str, str]]) -> str:
    """The text with what its placeholders stand for, of a visit's lines one for each visit."""
    lines = []
    for line in text.splitlines():
        marks = _MARK.findall(line)
        for of_visit in values if _OF_A_VISIT & {*marks} else values[:1]:
            if all(of_visit[name] for name in marks):
                lines.append(_filled_line(line, of_visit))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _filled_line(line: str, values: Mapping[str, str]) -> str:
    """Filled once, so that a value is only text."""
    return _MARK.sub(lambda mark: values[mark[1]], line)


@cache
def shipped_words(language: str) -> dict[str, Any]:
    """All that comes with the program in one of its languages."""
    file = resources.files(__package__) / "letters" / f"{language}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
