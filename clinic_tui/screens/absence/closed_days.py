"""Days on which the whole clinic is closed: typed, planned, brought about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from ...domain.absence.causes import ClinicClosed
from ...domain.access import Permission, may
from ...domain.clinic.closures import closures
from ...domain.errors import BadInput
from ...domain.times.timeofday import read_date
from ...domain.times.walltime import local_day, say_day
from ..base import ClinicScreen
from ..doctors.changes import Drafts
from ..filling_in import fill_in
from ..form import Form, Typed
from ..place.typed_places import day_in
from .planning import plan_and_accept

if TYPE_CHECKING:
    from ...desk import Desk


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


async def closed_already(desk: Desk, day: date) -> ClinicClosed | None:
    """The days around that one on which the clinic is closed, as far as they lie ahead."""
    today = local_day(desk.now(), desk.zone)
    for one in await desk.read(closures):
        if max(one.first_day, today) <= day <= one.last_day:
            return ClinicClosed(max(one.first_day, today), one.last_day, one.name)
    return None


async def close_days(screen: ClinicScreen, day: date, drafts: Drafts) -> bool:
    """Close the clinic, from that day unless another is typed, and plan the visits in the way.

    Whoever may close nothing plans those of the days around that one that are closed already.
    """
    desk = screen.desk

    async def plan(cause: ClinicClosed) -> bool:
        first, last = say_day(cause.first_day), say_day(cause.last_day)
        days = first if first == last else f"{first} – {last}"
        return await plan_and_accept(screen, cause, f"Clinic closed: {days}", unasked=True)

    async def save(typed: Typed) -> bool | None:
        today = local_day(desk.now(), desk.zone)
        return await plan(closed_from(typed, today, desk.settings.region)) or None

    if not may(desk.actor, Permission.MANAGE_CLINIC):
        closed = await closed_already(desk, day)
        return closed is not None and await plan(closed)

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
