"""Days that are different: time off and extra hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from ...domain.errors import BadInput
from ...domain.hours.text import parse_ranges, say_ranges
from ...domain.times.timeofday import read_date, read_time
from ...domain.times.walltime import day_bounds, instant, local_day, say_day
from ..base import Dialog
from ..form import Form, Typed
from ..place.typed_places import day_in
from ..safe import own, safe
from ..widgets.key_line import KeyLine
from ..wording import say_time_off


@dataclass(frozen=True, slots=True)
class Away:
    """Time off as typed: aware UTC instants and a reason."""

    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class OneDay:
    """Extra hours as typed: wall minutes of a date."""

    day: date
    starts: int
    ends: int
    note: str


class TimeOffForm(Form):
    """From and until as dates, which mean whole days, or as dates with a time."""

    LABELS: ClassVar[Mapping[str, str]] = {"from": "From", "until": "Until", "reason": "Reason"}
    FIELDS: ClassVar[Mapping[str, str]] = {label: key for key, label in LABELS.items()}
    HINTS: ClassVar[Mapping[str, str]] = {
        "from": "A day (30nov, tue, tomorrow) or a day and a time (30nov 14:00).",
        "until": "The last day away, or a day and a time; empty: that one day.",
        "reason": "Seen by the desk only: leave, congress, ill.",
    }

    def compose_fields(self) -> ComposeResult:
        """Two ends and a reason."""
        for key in self.LABELS:
            yield self.field(self.text(key))

    def check(self, typed: Typed) -> None:
        """Both ends must be readable, in order, and not all in the past."""
        away = away_from(typed, self._today, self.desk.zone, self.desk.settings.region)
        if away.ends_at <= self.desk.now():
            raise BadInput("Until", "That time off has already passed.")

    def hint(self, key: str, value: str) -> str:
        """What was understood of both ends."""
        if key == "reason" or not value.strip():
            return super().hint(key, value)
        typed = self.typed
        try:
            away = away_from(typed, self._today, self.desk.zone, self.desk.settings.region)
        except BadInput:
            return super().hint(key, value)
        return f"Away {say_time_off(away.starts_at, away.ends_at, self.desk.zone)}"

    @property
    def _today(self) -> date:
        return local_day(self.desk.now(), self.desk.zone)


class ExtraHoursForm(Form):
    """A date and one range of hours on it."""

    LABELS: ClassVar[Mapping[str, str]] = {"day": "Day", "hours": "Hours", "note": "Note"}
    FIELDS: ClassVar[Mapping[str, str]] = {label: key for key, label in LABELS.items()}
    HINTS: ClassVar[Mapping[str, str]] = {
        "day": "sat, 5dec, +2w; extra hours hold on public holidays, too.",
        "hours": "One range: 9-12 or 13:00-17:30; the day ends at 24:00.",
        "note": "Seen by the desk only.",
    }

    def compose_fields(self) -> ComposeResult:
        """The day, the hours, a note."""
        for key in self.LABELS:
            yield self.field(self.text(key))

    def check(self, typed: Typed) -> None:
        """The day and the hours must be readable."""
        one_day_from(typed, self._today, self.desk.settings.region)

    def hint(self, key: str, value: str) -> str:
        """What was understood."""
        try:
            if key == "day" and value.strip():
                return say_day(read_date(value, self._today, self.desk.settings.region))
            if key == "hours" and value.strip():
                return say_ranges(parse_ranges(value))
        except BadInput as refusal:
            return str(refusal)
        return super().hint(key, value)

    @property
    def _today(self) -> date:
        return local_day(self.desk.now(), self.desk.zone)


def away_from(typed: Typed, today: date, zone: str, region: str) -> Away:
    """Time off as typed; ``BadInput`` naming the end that cannot be read."""
    starts_at, whole_day_ends = read_end(typed["from"], "From", today, zone, region)
    if typed["until"].strip():
        until, until_ends = read_end(
            typed["until"], "Until", max(today, local_day(starts_at, zone)), zone, region
        )
        ends_at = until_ends or until
    elif whole_day_ends is not None:
        ends_at = whole_day_ends
    else:
        raise BadInput("Until", "Until when? A time off from a time of day needs its end.")
    if ends_at <= starts_at:
        raise BadInput("Until", "Time off must end after it starts.")
    return Away(starts_at, ends_at, typed["reason"])


def one_day_from(typed: Typed, today: date, region: str) -> OneDay:
    """Extra hours as typed; ``BadInput`` naming the field."""
    day = day_in(typed["day"], "Day", today, region)
    if day < today:
        raise BadInput("Day", f"{say_day(day)} has gone by.")
    ranges = parse_ranges(typed["hours"])
    if len(ranges) != 1:
        raise BadInput(
            "Hours", "One range at a time: 9-12; what comes after a break is added next."
        )
    return OneDay(day, *ranges[0], typed["note"])


def read_end(
    text: str, field: str, today: date, zone: str, region: str
) -> tuple[datetime, datetime | None]:
    """The instant meant; for a day without a time its midnight, and the midnight after it."""
    words = text.split()
    if len(words) > 1:
        try:
            minute = read_time(words[-1])
        except BadInput:
            minute = None
        if minute is not None and (":" in words[-1] or words[-1][-1] in "mM"):
            return instant(day_in(" ".join(words[:-1]), field, today, region), minute, zone), None
    return day_bounds(day_in(text, field, today, region), zone)


class RemoveDialog(Dialog[bool]):
    """Asks once more before a line is taken away; True takes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "remove", "Take back", id="remove.yes", tooltip="Visits stay booked"),
    ]
    DEFAULT_CSS = "RemoveDialog .hint { margin-top: 1; }"
    TITLE_IN_HELP = "this question"

    def __init__(self, title: str, line: str) -> None:
        super().__init__()
        self._title = title
        self._line = line

    def compose(self) -> ComposeResult:
        """The line, and what becomes of the visits."""
        with VerticalScroll(classes="box", can_focus=False):
            yield Static(safe(self._title), classes="title")
            yield Static(safe(self._line.strip()))
            yield Static(own("Visits that are booked stay booked."), classes="hint")
        yield KeyLine()

    def action_remove(self) -> None:
        """Take it away."""
        self.dismiss(True)
