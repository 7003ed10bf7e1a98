"""What is known of one doctor, and when they work: weekly hours, extra hours, time off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets.option_list import Option

from ...domain.clinic.settings import ClinicSettings
from ...domain.hours.hours import DoctorHours, ExtraHoursEntry, TimeOffEntry
from ...domain.hours.text import WeekOfHours, say_length, say_ranges, say_validity, weeks_of
from ...domain.patients.contact import show_phone
from ...domain.staff.doctors import DoctorDetails
from ...domain.text import full_name
from ...domain.times.walltime import local_day, say_day
from ..safe import own, safe
from ..widgets.cells import plain
from ..widgets.lists.lines import Lines
from ..widgets.steady import Steady
from ..wording import say_time_off

_FAINT = "$foreground 60%"


@dataclass(frozen=True, slots=True)
class ShownDoctor:
    """A doctor as shown: who it is and when they work."""

    doctor_id: int
    details: DoctorDetails
    hours: DoctorHours

    @property
    def name(self) -> str:
        """Title and whole name: "Dr Hannah Lee"."""
        details = self.details
        return f"{details.title} {full_name(details.given_name, details.family_name)}".strip()


class DoctorCard(Vertical):
    """A doctor's profile and weekly hours; below, a list of the days that are different."""

    DEFAULT_CSS = """
    DoctorCard #profile { height: auto; max-height: 70%; padding: 0 1; }
    DoctorCard #profile Static { height: auto; }
    DoctorCard #different {
        height: 1fr; border: none; padding: 0; margin-top: 1; background: $background;
        background-tint: $foreground 0%; scrollbar-size-vertical: 1; scrollbar-gutter: stable;
    }
    DoctorCard #different > .option-list--option-disabled { color: $foreground 60%; }
    DoctorCard #different:blur > .option-list--option-highlighted { background: $background; }
    """

    class Different(Lines):
        """Extra hours and time off, each a line that can be taken away."""

        BINDINGS: ClassVar[list[BindingType]] = [
            Binding(
                "minus,delete",
                "screen.remove",
                "Remove",
                id="doctors.remove",
                tooltip="Take away the extra hours or the time off under the cursor",
            ),
        ]

    def compose(self) -> ComposeResult:
        """Profile and week above, the list below."""
        with VerticalScroll(id="profile", can_focus=False):
            yield Steady(id="facts")
        yield self.Different(id="different")

    @property
    def different(self) -> Lines:
        """The list of extra hours and time off."""
        return self.query_one("#different", Lines)

    def show(
        self, doctor: ShownDoctor, settings: ClinicSettings, now: datetime, *, may_change: bool
    ) -> None:
        """Show this doctor; to whoever may change the hours, by which keys."""
        today = local_day(now, settings.zone)
        weeks = [
            week
            for week in weeks_of(doctor.hours.weekly)
            if week.valid_until is None or week.valid_until >= today
        ]
        blocks = [_profile(doctor, self.app.theme_variables, settings.region), _weeks(weeks)]
        self.query_one("#facts", Steady).put(Content("\n\n").join(blocks))
        extra = [entry for entry in doctor.hours.extra if entry.day >= today]
        off = [entry for entry in doctor.hours.time_off if entry.ends_at > now]
        lines = [
            *_section("Extra hours", (_extra_line(one) for one in extra), "x" * may_change),
            *_section("Time off", (_off_line(one, settings.zone) for one in off), "a" * may_change),
        ]
        if may_change and (extra or off):
            lines.append(Option(Content("Tab goes here; − takes a line back"), disabled=True))
        self.different.put(lines)
        self.different.action_first()

    def say(self, sentence: Content) -> None:
        """Show a sentence and nobody."""
        self.query_one("#facts", Steady).put(sentence)
        self.different.put([])


def _profile(doctor: ShownDoctor, colours: dict[str, str], region: str) -> Content:
    details = doctor.details
    retired = Content.styled("  retired: sees nobody any more", "bold $warning")
    contact = (show_phone(details.phone, region) if details.phone else "", details.email)
    lines = [
        Content.assemble(
            Content.styled("■ ", colours.get(f"ink-{details.colour}", "")),
            Content.styled(plain(doctor.name), "bold $primary"),
            own(f"  {plain(details.colour)}", _FAINT),
            "" if details.active else retired,
        ),
        safe(" · ".join(details.specialties) or "no specialty"),
        safe(" · ".join(filter(None, contact)) or "no phone or e-mail on record"),
        safe(details.profile),
    ]
    return Content("\n").join(line for line in lines if line.plain)


def _weeks(weeks: list[WeekOfHours]) -> Content:
    if not weeks:
        return Content.assemble(own("Weekly hours", _FAINT), own("\nnone: no hours means closed"))
    return Content("\n\n").join(_week(week, alone=len(weeks) == 1) for week in weeks)


def _week(week: WeekOfHours, *, alone: bool) -> Content:
    """The days of a week; a day without hours is closed only where there is no other week."""
    validity = say_validity(week)
    heading = f"{validity[0].upper()}{validity[1:]} · {say_length(week.minutes)}"
    rows = (
        Content.assemble(
            own(days.ljust(9), _FAINT),
            Content.styled(say_ranges(ranges), "" if ranges else _FAINT),
        )
        for days, ranges in week.alike()
        if ranges or alone
    )
    return Content("\n").join([own(heading, _FAINT), *rows])


def _section(title: str, lines: Iterable[tuple[str, str]], key: str) -> list[Option]:
    """A heading that cannot be chosen, and what stands under it; ``key`` adds the first."""
    options = [Option(Content(f" {plain(text)}"), entry_id) for entry_id, text in lines]
    none = f"{title}: none ahead" + (f" · {key} adds some" if key else "")
    heading = Content(title if options else none)
    return [Option(heading, disabled=True), *options]


def _extra_line(entry: ExtraHoursEntry) -> tuple[str, str]:
    when = f"{say_day(entry.day)}  {say_ranges([(entry.starts, entry.ends)])}"
    return f"extra-{entry.extra_hours_id}", f"{when}  {entry.note}".rstrip()


def _off_line(entry: TimeOffEntry, zone: str) -> tuple[str, str]:
    when = say_time_off(entry.starts_at, entry.ends_at, zone)
    return f"off-{entry.time_off_id}", f"{when}  {entry.reason}".rstrip()
