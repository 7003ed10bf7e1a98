"""A doctor's weekly hours, a line a weekday, each echoed as it was understood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.types import CSSPathType
from textual.widgets import Input, Label, Static

from ...domain.clinic.writing import weekdays
from ...domain.errors import BadInput, Refusal
from ...domain.hours.text import (
    WEEKDAYS,
    WeekOfHours,
    parse_ranges,
    say_length,
    say_ranges,
    total_minutes,
    type_ranges,
)
from ...domain.times.timeofday import read_date
from ...domain.times.walltime import local_day, say_day
from ..form import Form, Typed
from ..safe import own, safe
from ..styles import style_sheet
from ..wording import date_field_cells

if TYPE_CHECKING:
    from ...desk import Desk

_DAYS = {name.lower(): name for name in WEEKDAYS}
_HOW = "9-12, 13:00-17:30; ends by 24:00; empty is closed; Ctrl+D as above."


class HoursEditor(Form):
    """Edits one week of hours at a time; a doctor may have several, each valid for a while.

    What was typed for week 0 stands under "0.monday" … "0.every", and so on.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = [style_sheet("form"), style_sheet("hours_editor")]
    LABELS: ClassVar[Mapping[str, str]] = _DAYS | {
        "from": "From",
        "until": "until",
        "every": "every",
    }
    FIELDS: ClassVar[Mapping[str, str]] = {label: key for key, label in LABELS.items()}
    HINTS: ClassVar[Mapping[str, str]] = dict.fromkeys(_DAYS, _HOW) | {
        "from": "The first day these hours hold; empty: they always did.",
        "until": "The last day these hours hold; empty: until they are changed.",
        "every": "1 every week, 2 every second; counted from the week of “from”.",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+d",
            "as_above",
            "As above",
            id="hours.as-above",
            priority=True,
            tooltip="The same hours as the weekday above",
        ),
        Binding(
            "ctrl+n",
            "another_week",
            "More hours",
            id="hours.another",
            tooltip="Hours besides these, with their own validity",
        ),
        Binding("pageup", "week(-1)", "Week before", id="hours.before", show=False, tooltip="Back"),
        Binding("pagedown", "week(1)", "Next week", id="hours.next", show=False, tooltip="On"),
    ]

    def __init__(
        self,
        desk: Desk,
        title: str,
        original: Typed,
        *,
        draft: Typed | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        super().__init__(desk, title, original, draft=draft, refusal=refusal)
        self._weeks = _split(self._typed)
        self._at = 0
        self._typed = dict(self._weeks[0])

    def compose_fields(self) -> ComposeResult:
        """Seven days, as the clinic's week has them, their sum, and when they hold."""
        yield Static(id="which")
        for key in _days_in_order():
            yield Horizontal(
                Label(own(self.LABELS[key])),
                self.text(key),
                Static(id=f"{key}-echo", classes="echo"),
                classes="field",
            )
        yield Static(id="total")
        with Horizontal(classes="field validity"):
            for key in ("from", "until", "every"):
                yield Label(own(self.LABELS[key]))
                line = self.text(key)
                if key != "every":
                    line.styles.width = date_field_cells()
                yield line
            yield Label(own("weeks"))

    def on_mount(self) -> None:
        """Echo what is there."""
        self._echo_all()

    @property
    def typed(self) -> dict[str, str]:
        """What stands in the fields of every week."""
        self._weeks[self._at] = {key: self._value(key) for key in self.LABELS}
        return _joined(self._weeks)

    @property
    def _today(self) -> date:
        return local_day(self.desk.now(), self.desk.zone)

    def check(self, typed: Typed) -> None:
        """Every week must be readable; the first that is not is shown."""
        for at, week in enumerate(_split(typed)):
            try:
                week_of(week, self._today, self.desk.settings.region)
            except BadInput:
                self._go_to(at)
                raise

    def hint(self, key: str, value: str) -> str:
        """For a day that cannot be read, why; for a date, the day that was understood."""
        try:
            if key in _DAYS:
                parse_ranges(value, _DAYS[key])
            elif key in ("from", "until") and value.strip():
                return say_day(read_date(value, self._today, self.desk.settings.region))
        except BadInput as refusal:
            return str(refusal)
        return super().hint(key, value)

    @on(Input.Changed)
    def echo_days(self) -> None:
        """Say at once what was understood and how long the week has become."""
        self._echo_all()

    def action_as_above(self) -> None:
        """Copy the weekday above."""
        keys = _days_in_order()
        key = self.focused.id if self.focused is not None else None
        if key in keys[1:]:
            self._put(key, self._value(keys[keys.index(key) - 1]))

    def action_week(self, step: int) -> None:
        """Another of the doctor's weeks."""
        if 0 <= self._at + step < len(self._weeks):
            self._go_to(self._at + step)

    def action_another_week(self) -> None:
        """Hours besides these."""
        self._weeks[self._at] = {key: self._value(key) for key in self.LABELS}
        self._weeks.append(typed_of_week(WeekOfHours()))
        self._go_to(len(self._weeks) - 1)
        self.query_one(f"#{_days_in_order()[0]}").focus()

    def action_reset(self) -> None:
        """Put back the weeks as they are on record."""
        self._weeks = _split(self._original)
        self._at = 0
        self._fill()
        self.say("")

    def _go_to(self, at: int) -> None:
        self._weeks[self._at] = {key: self._value(key) for key in self.LABELS}
        self._at = at
        self._fill()

    def _fill(self) -> None:
        for key, value in self._weeks[self._at].items():
            self._put(key, value)
        self._echo_all()

    def _echo_all(self) -> None:
        minutes = 0
        for key, name in _DAYS.items():
            try:
                ranges = parse_ranges(self._value(key), name)
            except BadInput:
                said = "✗ not understood"
            else:
                said = say_ranges(ranges)
                minutes += total_minutes(ranges)
            self.query_one(f"#{key}-echo", Static).update(safe(said))
        self.query_one("#total", Static).update(safe(f"{say_length(minutes)} a week"))
        count = len(self._weeks)
        which = f"Week {self._at + 1} of {count} · PgUp/PgDn go through them" if count > 1 else ""
        self.query_one("#which", Static).update(safe(which))
        self.query_one("#which").display = count > 1


def _days_in_order() -> list[str]:
    return [WEEKDAYS[weekday].lower() for weekday in weekdays()]


def typed_of_week(week: WeekOfHours) -> dict[str, str]:
    """A week as it stands in the fields."""
    days = {key: type_ranges(ranges) for key, ranges in zip(_DAYS, week.days, strict=True)}
    return days | {
        "from": say_day(week.valid_from) if week.valid_from else "",
        "until": say_day(week.valid_until) if week.valid_until else "",
        "every": str(week.every_weeks),
    }


def typed_of_weeks(weeks: Iterable[WeekOfHours]) -> dict[str, str]:
    """All of a doctor's weeks; an empty one where there is none yet."""
    return _joined([typed_of_week(week) for week in weeks] or [typed_of_week(WeekOfHours())])


def weeks_from(typed: Typed, today: date, region: str) -> tuple[WeekOfHours, ...]:
    """The weeks that were typed, those without any hours left out; ``BadInput`` naming a field."""
    weeks = (week_of(week, today, region) for week in _split(typed))
    return tuple(week for week in weeks if week.minutes)


def week_of(typed: Typed, today: date, region: str) -> WeekOfHours:
    """One week as typed; ``BadInput`` naming the weekday or the field."""
    days = tuple(parse_ranges(typed[key], name) for key, name in _DAYS.items())
    first = _date(typed, "from", today, region)
    last = _date(typed, "until", today, region)
    every = typed["every"].strip() or "1"
    if not every.isdecimal() or not 1 <= int(every) <= 52:
        raise BadInput("every", f"“{every}” is no number of weeks: write 1 to 52.")
    if int(every) > 1 and first is None:
        raise BadInput("From", "Every second week counts from a date: write it here.")
    if first and last and last < first:
        raise BadInput("until", "These hours would end before they begin to hold.")
    return WeekOfHours(days, first, last, int(every))


def _date(typed: Typed, key: str, today: date, region: str) -> date | None:
    if not typed[key].strip():
        return None
    try:
        return read_date(typed[key], today, region)
    except BadInput as refusal:
        raise BadInput(HoursEditor.LABELS[key], str(refusal)) from refusal


def _split(typed: Typed) -> list[dict[str, str]]:
    weeks: list[dict[str, str]] = []
    for name, value in typed.items():
        at, _, key = name.partition(".")
        while len(weeks) <= int(at):
            weeks.append({})
        weeks[int(at)][key] = value
    return weeks


def _joined(weeks: Iterable[Typed]) -> dict[str, str]:
    return {f"{at}.{key}": value for at, week in enumerate(weeks) for key, value in week.items()}
