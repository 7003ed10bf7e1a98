"""Days on which the whole clinic is closed: typed, planned, brought about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from textual.app import ComposeResult

from ...domain.absence.causes import ClinicClosed
from ...domain.errors import BadInput
from ...domain.times.timeofday import read_date
from ...domain.times.walltime import local_day, say_day
from ..base import ClinicScreen
from ..doctors.changes import Drafts
from ..filling_in import fill_in
from ..form import Form, Typed
from ..place.typed_places import day_in
from .planning import plan_and_accept


class ClosedForm(Form):
    """The first and the last closed day, and what is told to whoever asks why."""

    LABELS: ClassVar[Mapping[str, str]] = {"from": "From", "until": "Until", "name": "Name"}
    FIELDS: ClassVar[Mapping[str, str]] = {label: key for key, label in LABELS.items()}
    HINTS: ClassVar[Mapping[str, str]] = {
        "from": "The first closed day: 24dec, tomorrow, fri.",
        "until": "The last closed day; empty: that one day.",
        "name": "Shown on the calendar: Christmas, staff outing.",
    }

    def compose_fields(self) -> ComposeResult:
        """Two days and a name."""
        for key in self.LABELS:
            yield self.field(self.text(key))

    def check(self, typed: Typed) -> None:
        """Both days must be readable and in order, and the name must be there."""
        closed_from(typed, self._today, self.desk.settings.region)

    def hint(self, key: str, value: str) -> str:
        """What was understood of a day."""
        if key == "name" or not value.strip():
            return super().hint(key, value)
        try:
            return say_day(read_date(value, self._today, self.desk.settings.region))
        except BadInput as refusal:
            return str(refusal)

    @property
    def _today(self) -> date:
        return local_day(self.desk.now(), self.desk.zone)


def closed_from(typed: Typed, today: date, region: str) -> ClinicClosed:
    """Closed days as typed; ``BadInput`` naming the field."""
    first = day_in(typed["from"], "From", today, region)
    until = typed["until"]
    last = day_in(until, "Until", max(first, today), region) if until.strip() else first
    if last < first:
        raise BadInput("Until", "The last closed day lies before the first.")
    if last < today:
        raise BadInput("Until", f"{say_day(last)} has gone by.")
    if not typed["name"].strip():
        raise BadInput("Name", "Why is the clinic closed? A word or two.")
    return ClinicClosed(first, last, typed["name"])


async def close_days(screen: ClinicScreen, day: date, drafts: Drafts) -> bool:
    """Close the clinic, from that day unless another is typed, and plan the visits in the way."""
    desk = screen.desk

    async def save(typed: Typed) -> bool | None:
        cause = closed_from(typed, local_day(desk.now(), desk.zone), desk.settings.region)
        first, last = say_day(cause.first_day), say_day(cause.last_day)
        days = first if first == last else f"{first} – {last}"
        return await plan_and_accept(screen, cause, f"Clinic closed: {days}", unasked=True) or None

    done = await fill_in(
        screen,
        drafts,
        ("closed", day.toordinal()),
        {"from": say_day(day), "until": "", "name": ""},
        lambda was, draft, refusal: ClosedForm(
            desk, "The clinic is closed", was, draft=draft, refusal=refusal
        ),
        save,
    )
    return bool(done)
