"""What a series is to be, typed: which visit, with whom, from when on, how often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.types import CSSPathType
from textual.widget import Widget

from ...domain.access import Permission, Reach, reach
from ...domain.clinic.rooms import ListedRoom
from ...domain.errors import BadInput, Refusal
from ...domain.series.recurrence import days_of, read_rule
from ...domain.series.rule_words import rule_from, say_rule
from ...domain.series.series import SeriesRequest
from ...domain.series.words import OnHoliday
from ...domain.text import clean_text, showable
from ...domain.times.timeofday import read_time
from ...domain.times.walltime import clock, local_day, minute_of_day, say_day
from ..booking.draft import BookingDraft
from ..form import Form, Typed
from ..place.typed_places import (
    day_words,
    kinds_of,
    the_day,
    the_doctor,
    the_length,
    the_room,
    type_for,
)
from ..styles import style_sheet
from ..waitlist.whom import Known
from .beginning import Beginning

if TYPE_CHECKING:
    from ...desk import Desk

HOLIDAYS = ((OnHoliday.SKIP.value, "left out"), (OnHoliday.MOVE.value, "the next working day"))


@dataclass(frozen=True, slots=True)
class SeriesStart:
    """What the form begins with: for whom, what stands in it, and what its words may name."""

    patient_id: int
    typed: Typed
    doctor_id: int | None
    known: Known
    rooms: Sequence[ListedRoom]


class SeriesForm(Form):
    """Asks for everything that all visits of a series have in common."""

    CSS_PATH: ClassVar[CSSPathType | None] = [style_sheet("form"), style_sheet("series")]
    TITLE_IN_HELP = "a series"
    PROPOSES = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s", "save", "Dates", id="series-form.dates", priority=True,
            tooltip="See each date before anything is booked",
        ),
    ]  # fmt: skip
    LABELS: ClassVar[Mapping[str, str]] = {
        "type": "Visit",
        "length": "Length",
        "whom": "Doctor",
        "room": "Room",
        "first": "First day",
        "time": "Time",
        "every": "Every",
        "ends": "Ends",
        "holidays": "Holidays",
        "note": "Note",
    }
    FIELDS: ClassVar[Mapping[str, str]] = {
        "Visit type": "type",
        "Length": "length",
        "Doctor": "whom",
        "Room": "room",
        "First day": "first",
        "Time": "time",
        "Every": "every",
        "Rule": "every",
        "Ends": "ends",
        "Note": "note",
    }
    HINTS: ClassVar[Mapping[str, str]] = {
        "type": "← → or a first letter: which visit it is each time.",
        "length": "20, 1h or 1h30; empty: as long as the visit type says.",
        "whom": "One doctor: lee, or a part of the name.",
        "room": "One room for all of them; empty: none.",
        "first": "From this day on: tue, 24nov, +2w.",
        "time": "15:20, 1520, 15 or 3pm: each time at this time of day.",
        "every": "week, 2 weeks, month; mon, thu; 2 weeks on mon, thu.",
        "ends": "10 times, or until 24dec.",
        "holidays": "← →: what becomes of dates on holidays and closed days.",
        "note": "Why they come, in a few words.",
    }

    def __init__(
        self,
        desk: Desk,
        title: str,
        start: SeriesStart,
        *,
        draft: Typed | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        super().__init__(desk, title, start.typed, draft=draft, refusal=refusal)
        self._start = start

    def compose_fields(self) -> ComposeResult:
        """What and with whom, over when and how often."""
        yield _beside(
            self.field(self.choice("type", kinds_of(self._start.known))), self._text("length")
        )
        yield _beside(self._text("whom"), self._text("room"))
        yield _beside(self._text("first"), self._text("time"))
        yield _beside(self._text("every"), self._text("ends"))
        yield self.field(self.choice("holidays", HOLIDAYS))
        yield self._text("note")

    def _text(self, key: str) -> Widget:
        return self.field(self.text(key))

    def check(self, typed: Typed) -> None:
        """Everything must be readable, and the rule must name days."""
        request = series_from(self.desk, typed, self._start)
        days_of(read_rule(request.rule), request.first_day, request.minute, self.desk.zone)

    def hint(self, key: str, value: str) -> str:
        """What was understood of a day, a time, and of how often."""
        if not value.strip() or key not in ("first", "time", "every", "ends"):
            return super().hint(key, value)
        try:
            if key == "first":
                return f"From {say_day(the_day(self.desk, value, 'First day'))} on."
            if key == "time":
                return f"Each time at {clock(read_time(value))}."
            return self._how_often(self.typed)
        except BadInput as refusal:
            return str(refusal)

    def _how_often(self, typed: Typed) -> str:
        """The rule in words, and the last of its days once the first is known."""
        first = local_day(self.desk.now(), self.desk.zone)
        if typed["first"].strip():
            first = the_day(self.desk, typed["first"], "First day")
        rule = rule_from(typed["every"], typed["ends"] or "1", first, self.desk.settings.region)
        said = say_rule(rule)
        said = said[:1].upper() + said[1:]
        if not typed["ends"].strip():
            return f"{said.removesuffix(', once')}; how often, or until when?"
        days = days_of(read_rule(rule), first, 0, self.desk.zone)
        dates = "1 date" if len(days) == 1 else f"{len(days)} dates"
        return f"{said}: {dates}, {say_day(days[0])} to {say_day(days[-1])}."


def start_for_series(desk: Desk, draft: BookingDraft, begun: Beginning) -> SeriesStart:
    """What is known of a series that begins there: of the cell, and of what the line said."""
    meaning, known, actor = begun.meaning, begun.known, desk.actor
    own = actor.doctor_id if reach(actor, Permission.BOOK) is Reach.OWN else None
    said = meaning.doctors[0].id if len(meaning.doctors) == 1 else None
    # Which of several is meant is for the form to ask.
    doctor_id = own or said or (None if meaning.doctors else draft.doctor_id)
    day, minute = meaning.day, meaning.minute
    if draft.starts_at is not None:
        day = day or _same_weekday_ahead(
            local_day(draft.starts_at, desk.zone), local_day(desk.now(), desk.zone)
        )
        minute = minute_of_day(draft.starts_at, desk.zone) if minute is None else minute
    asked = meaning.visit_type.id if meaning.visit_type else draft.visit_type_id
    minutes = meaning.minutes or draft.minutes
    typed = {
        "type": type_for(known, asked, doctor_id),
        "length": str(minutes) if minutes else "",
        "whom": showable(known.doctor(doctor_id)) if doctor_id else "",
        "room": "",
        "first": day_words(day),
        "time": "" if minute is None else clock(minute),
        "every": "week",
        "ends": "",
        "holidays": OnHoliday.SKIP.value,
        "note": "",
    }
    return SeriesStart(begun.patient_id, typed, doctor_id, known, begun.rooms)


def series_from(desk: Desk, typed: Typed, start: SeriesStart) -> SeriesRequest:
    """A series as typed; ``BadInput`` naming the field that cannot be read."""
    # Two doctors may be called alike: what was not touched means the same.
    same = start.doctor_id is not None and typed["whom"] == start.typed["whom"]
    doctor_id = start.doctor_id if same else the_doctor(start.known, typed["whom"])
    if not typed["first"].strip():
        raise BadInput("First day", "First day: which one? Write tue, 24nov or +2w.")
    first_day = the_day(desk, typed["first"], "First day")
    if not typed["time"].strip():
        raise BadInput("Time", "Time: which one? Write 15:20, 15 or 3pm.")
    return SeriesRequest(
        patient_id=start.patient_id,
        doctor_id=doctor_id or 0,
        visit_type_id=int(typed["type"]),
        first_day=first_day,
        minute=read_time(typed["time"]),
        rule=rule_from(typed["every"], typed["ends"], first_day, desk.settings.region),
        minutes=the_length(typed["length"]),
        room_id=the_room(start.rooms, typed["room"]),
        on_holiday=OnHoliday(typed["holidays"]),
        note=clean_text(typed["note"], "Note"),
    )


def _same_weekday_ahead(day: date, today: date) -> date:
    """That day, or where it has gone by the first of its weekday from today on."""
    return max(day, today + timedelta(days=(day - today).days % 7))


def _beside(left: Widget, right: Widget) -> Horizontal:
    return Horizontal(Vertical(left, classes="left"), Vertical(right), classes="columns")
