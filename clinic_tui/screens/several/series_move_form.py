"""Where visits of a series go: what is not touched stays for each of them as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.types import CSSPathType

from ...domain.clinic.rooms import ListedRoom
from ...domain.errors import BadInput, Refusal
from ...domain.hours.text import parse_weekdays
from ...domain.series.moving import SeriesMove
from ...domain.series.words import Scope
from ...domain.text import showable
from ...domain.times.timeofday import read_time
from ...domain.times.walltime import clock, local_day, minute_of_day, say_weekdays
from ...domain.visits.appointments import AppointmentDetails
from ..form import Form, Typed
from ..place.typed_places import the_doctor, the_length, the_room
from ..styles import style_sheet
from ..waitlist.whom import Known

if TYPE_CHECKING:
    from ...desk import Desk

_DAYS = re.compile(r"([+-]) ?(\d{1,3}) ?(w|d|weeks?|days?)?")
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class MoveStart:
    """What the form begins with: where the visit stands, and what its words may name."""

    appointment_id: int
    scope: Scope
    weekday: int
    typed: Typed
    known: Known
    rooms: Sequence[ListedRoom]


class SeriesMoveForm(Form):
    """Asks for what is to be another: the weekday, the time, the doctor, the room, the length."""

    CSS_PATH: ClassVar[CSSPathType | None] = [style_sheet("form"), style_sheet("series")]
    TITLE_IN_HELP = "moving a series"
    PROPOSES = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s", "save", "Move them", id="series-move.move", priority=True,
            tooltip="All of them in one go, or none",
        ),
    ]  # fmt: skip
    LABELS: ClassVar[Mapping[str, str]] = {
        "time": "Time",
        "day": "Day",
        "whom": "Doctor",
        "room": "Room",
        "length": "Length",
    }
    FIELDS: ClassVar[Mapping[str, str]] = {
        "Time": "time",
        "Start": "time",
        "Days": "day",
        "Doctor": "whom",
        "Room": "room",
        "Length": "length",
    }
    HINTS: ClassVar[Mapping[str, str]] = {
        "time": "15:20, 1520, 15 or 3pm: each of them at this time of day.",
        "day": "wed: the Wednesday of the same week; +1, -2, +1w: so much on or back.",
        "whom": "One doctor: lee, or a part of the name.",
        "room": "One room for all of them; empty: none.",
        "length": "20, 1h or 1h30.",
    }

    def __init__(
        self,
        desk: Desk,
        title: str,
        start: MoveStart,
        *,
        draft: Typed | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        super().__init__(desk, title, start.typed, draft=draft, refusal=refusal)
        self._start = start

    def compose_fields(self) -> ComposeResult:
        """One below the other, as this visit stands."""
        for key in self.LABELS:
            yield self.field(self.text(key))

    def check(self, typed: Typed) -> None:
        """What is typed must be readable, and something must be another."""
        move_from(typed, self._start)
        if dict(typed) == dict(self._start.typed):
            raise BadInput("Time", "Nothing is changed yet: type another time, day or doctor.")

    def hint(self, key: str, value: str) -> str:
        """What was understood of a time or a day."""
        if value.strip() and value != self._start.typed.get(key):
            try:
                if key == "time":
                    return f"Each of them at {clock(read_time(value))}."
                if key == "day":
                    return _say_days(_days(value, self._start.weekday))
            except BadInput as refusal:
                return str(refusal)
        return super().hint(key, value)


def start_for_move(
    visit: AppointmentDetails, scope: Scope, known: Known, rooms: Sequence[ListedRoom], zone: str
) -> MoveStart:
    """Where the visit stands."""
    weekday = local_day(visit.starts_at, zone).weekday()
    typed = {
        "time": clock(minute_of_day(visit.starts_at, zone)),
        "day": say_weekdays([weekday]),
        "whom": showable(known.doctor(visit.doctor_id)),
        "room": showable(visit.room or ""),
        "length": str((visit.ends_at - visit.starts_at) // _MINUTE),
    }
    return MoveStart(visit.appointment_id, scope, weekday, typed, known, rooms)


def move_from(typed: Typed, start: MoveStart) -> SeriesMove:
    """A move as typed; ``BadInput`` naming the field that cannot be read."""

    def changed(key: str) -> bool:
        return typed[key].strip() != start.typed[key].strip()

    room_id = the_room(start.rooms, typed["room"]) if changed("room") else None
    return SeriesMove(
        start.appointment_id,
        start.scope,
        minute=read_time(typed["time"]) if changed("time") else None,
        days=_days(typed["day"], start.weekday) if changed("day") else 0,
        doctor_id=the_doctor(start.known, typed["whom"]) if changed("whom") else None,
        room_id=room_id,
        no_room=changed("room") and room_id is None,
        minutes=the_length(typed["length"]) if changed("length") else None,
    )


def _days(text: str, weekday: int) -> int:
    """By how many days they move, from a weekday to one of the same week, or as it is said."""
    wanted = text.strip().lower()
    match = _DAYS.fullmatch(wanted)
    if match is not None:
        days = int(match[2]) * (7 if (match[3] or "d").startswith("w") else 1)
        return days if match[1] == "+" else -days
    try:
        days_of_week = parse_weekdays(wanted)
    except BadInput as refusal:
        raise _no_day(text) from refusal
    if len(days_of_week) != 1:
        raise _no_day(text)
    return min(days_of_week) - weekday


def _say_days(days: int) -> str:
    if days == 0:
        return "On the day on which each of them stands."
    count = "1 day" if abs(days) == 1 else f"{abs(days)} days"
    return f"Each of them {count} {'later' if days > 0 else 'earlier'}."


def _no_day(text: str) -> BadInput:
    return BadInput("Days", f"Day: “{text.strip()}” is none; write wed, +1 or -2.")
