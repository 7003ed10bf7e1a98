"""How messages and replies are worded on the screen: one line each, and in full."""

from __future__ import annotations

from datetime import datetime, timedelta

from textual.content import Content

from ...domain.clinic.settings import ClinicSettings
from ...domain.codes import NoticeStatus, ReplyMeaning, ReplyStatus
from ...domain.messages.message_list import MessageLine
from ...domain.messages.notice_words import CHANNELS, KINDS
from ...domain.messages.reply_list import ReplyLine
from ...domain.patients.contact import show_phone
from ...domain.times.walltime import (
    local_day,
    say_day,
    say_moment,
    say_near_date,
    say_span,
    say_time,
)
from ...domain.waitlist.freed import FreedTime
from ..safe import safe
from ..widgets.cells import fit
from ..wording import clock_cells

Line = MessageLine | ReplyLine
FAINT = "$foreground 60%"
_SIGN, _STATE = 2, 11
_HOUR = timedelta(hours=1)

_STATES: dict[NoticeStatus, tuple[str, str]] = {
    NoticeStatus.QUEUED: ("·", "waits"),
    NoticeStatus.SENDING: ("→", "being sent"),
    NoticeStatus.UNKNOWN: ("?", "in doubt"),
    NoticeStatus.SENT: ("✓", "sent"),
    NoticeStatus.DELIVERED: ("✓", "delivered"),
    NoticeStatus.FAILED: ("✗", "failed"),
    NoticeStatus.WITHDRAWN: ("–", "withdrawn"),
}
_MEANT: dict[ReplyMeaning, str] = {
    ReplyMeaning.YES: "says yes",
    ReplyMeaning.NO: "says no: wants another time",
    ReplyMeaning.STOP: "wants no more texts",
    ReplyMeaning.START: "wants texts",
    ReplyMeaning.OTHER: "to be read",
}
_WAITS = (NoticeStatus.QUEUED, NoticeStatus.UNKNOWN)


def line_id(line: Line) -> str:
    """What the line is called in the list, whatever else is in it."""
    return f"r{line.reply_id}" if isinstance(line, ReplyLine) else f"m{line.notice_id}"


def line_words(line: Line, width: int, settings: ClinicSettings, now: datetime) -> Content:
    """One line, in exactly that many cells."""
    when = 9 + clock_cells()
    rest = max(width - _SIGN - _STATE - when, 2)
    who = rest * 2 // 5
    if isinstance(line, ReplyLine):
        is_open = line.status is ReplyStatus.OPEN
        sign, state = "←", "to read" if is_open else "read"
        name = line.patient or show_phone(line.number, settings.region)
        what = " ".join(line.body.split()) or "an empty text"
        at = _near(line.received_at, settings.zone, now)
    else:
        sign, state = _STATES[line.status]
        name = line.doctor or line.account or line.patient
        what = f"{KINDS[line.kind]}, {CHANNELS[line.channel]}"
        waits = line.status in _WAITS
        at = leaves_in(line, settings.zone, now) if waits else _last(line, settings.zone, now)
    text = "".join(
        (
            fit(sign, _SIGN),
            fit(state, _STATE - 1) + " ",
            fit(at, when - 1) + " ",
            fit(name, who - 1) + " ",
            fit(what, rest - who),
        )
    )
    return Content.styled(text, _style(line))


def leaves_in(line: MessageLine, zone: str, now: datetime) -> str:
    """The countdown until it leaves, or is tried again: "in 2:40", "in 14 min", a moment."""
    left = line.due_at - now
    if left <= timedelta():
        return "now"
    seconds = int(left.total_seconds())
    if left < timedelta(minutes=10):
        return f"in {seconds // 60}:{seconds % 60:02}"
    if left < _HOUR:
        return f"in {seconds // 60} min"
    return _near(line.due_at, zone, now)


def about_words(line: Line, settings: ClinicSettings, now: datetime) -> Content:
    """The line in full, but for the text itself."""
    title, *facts = (
        _about_reply(line, settings) if isinstance(line, ReplyLine)
        else _about_message(line, settings, now)
    )  # fmt: skip
    heading = Content.styled(safe(title).plain, "bold")
    return Content("\n").join([heading, *(safe(fact) for fact in facts if fact)])


def _about_message(line: MessageLine, settings: ClinicSettings, now: datetime) -> list[str]:
    zone = settings.zone
    kind = KINDS[line.kind]
    whom = line.doctor or line.account or line.patient
    about = f"About the visit on {say_moment(line.visit_at, zone)}" if line.visit_at else ""
    if line.about_day is not None:
        about = f"About {say_day(line.about_day)}"
    elif about and line.doctor and line.patient:
        about += f" of {line.patient}"
    return [
        f"{kind[0].upper()}{kind[1:]} by {CHANNELS[line.channel]} to {whom}",
        _how_it_stands(line, zone, now),
        line.reason,
        about,
    ]


def _how_it_stands(line: MessageLine, zone: str, now: datetime) -> str:
    tried = "" if not line.attempts else f" · tried {line.attempts}×"
    if line.status in _WAITS:
        at = f"{leaves_in(line, zone, now)} ({say_moment(line.due_at, zone)})"
        if line.status is NoticeStatus.UNKNOWN:
            return f"It may have left: it is looked up {at}{tried}"
        return f"Leaves {at}{tried}"
    if line.sent_at is not None and line.status is not NoticeStatus.WITHDRAWN:
        arrived = {
            NoticeStatus.DELIVERED: " · delivered",
            NoticeStatus.FAILED: " · did not arrive",
        }.get(line.status, "")
        return f"Sent {say_moment(line.sent_at, zone)}{arrived}"
    word = _STATES[line.status][1]
    return f"{word[0].upper()}{word[1:]}{tried}"


def _about_reply(line: ReplyLine, settings: ClinicSettings) -> list[str]:
    number = show_phone(line.number, settings.region)
    whose = f"{line.patient} · {number}" if line.patient else number
    shared = ""
    if not line.patient:
        names = ", ".join(line.owners.values())
        shared = f"The number of {names}: w says who it was" if names else "Nobody's number"
    at = say_moment(line.visit_at, settings.zone) if line.visit_at else ""
    return [
        f"Reply from {whose}",
        f"Came {say_moment(line.received_at, settings.zone)} · {_MEANT[line.meaning]}",
        shared,
        f"About the visit on {at}" if at else "",
        _left_words(line.left, settings.zone),
    ]


def _left_words(left: FreedTime | None, zone: str) -> str:
    """What is free by it, and waits to be offered on."""
    if left is None:
        return ""
    return f"Free again: {say_span(left.starts_at, left.ends_at, zone)}, {left.doctor}"


def _style(line: Line) -> str:
    if isinstance(line, ReplyLine):
        return "bold" if line.status is ReplyStatus.OPEN else FAINT
    if line.status is NoticeStatus.FAILED:
        return "$text-error"
    return FAINT if line.status is NoticeStatus.WITHDRAWN else ""


def _last(line: MessageLine, zone: str, now: datetime) -> str:
    return _near(line.sent_at or line.due_at, zone, now)


def _near(at: datetime, zone: str, now: datetime) -> str:
    """The clock time, with the date unless it is today."""
    day = local_day(at, zone)
    if day == local_day(now, zone):
        return say_time(at, zone)
    return f"{say_near_date(day)} {say_time(at, zone)}"
