"""What somebody waits for, typed: for which visit, with whom, when they can come, how urgent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.types import CSSPathType
from textual.widget import Widget

from ...domain.codes import Urgency
from ...domain.errors import BadInput, Refusal
from ...domain.hours.text import parse_ranges, parse_weekdays
from ...domain.times.timeofday import read_date, read_length
from ...domain.times.walltime import MINUTES_PER_DAY, clock, local_day, say_day, say_weekdays
from ...domain.waitlist.waitlist import Wish
from ..form import Form, Typed
from ..styles import style_sheet
from .whom import Known
from .wish_start import EMPTY, WishStart

if TYPE_CHECKING:
    from ...desk import Desk

_HALVES = {"am": (0, 12 * 60), "pm": (12 * 60, MINUTES_PER_DAY)}


class WishForm(Form):
    """Everything may be left empty: then any doctor, any day and any time of day will do."""

    CSS_PATH: ClassVar[CSSPathType | None] = [style_sheet("form"), style_sheet("waitlist")]
    TITLE_IN_HELP = "what somebody waits for"
    LABELS: ClassVar[Mapping[str, str]] = {
        "type": "Visit",
        "length": "Length",
        "whom": "With",
        "first": "From",
        "last": "Until",
        "days": "Weekdays",
        "times": "Times",
        "urgency": "Urgency",
        "note": "Note",
    }
    FIELDS: ClassVar[Mapping[str, str]] = {
        "Length": "length",
        "Doctor": "whom",
        "First day": "first",
        "Last day": "last",
        "Weekdays": "days",
        "Weekday": "days",
        "Hours": "days",
        "Times": "times",
        "Note": "note",
    }
    HINTS: ClassVar[Mapping[str, str]] = {
        "type": "← → or a first letter: which visit they wait for.",
        "length": "20, 1h or 1h30; empty: as long as the visit type says.",
        "whom": "lee, okafor: only with them. derm: a specialty. Empty: anybody.",
        "first": "The first day on which they can come: tue, 24nov, +2w. Empty: from now on.",
        "last": "The last day on which they can come. Empty: without an end.",
        "days": "mon, wed-fri. Empty: every day.",
        "times": "9-12, pm: the whole visit lies between. Empty: at any time.",
        "urgency": "← →: the urgent are asked first, then who has waited longest.",
        "note": "For the desk: why, whom to call instead, …",
    }

    def __init__(
        self,
        desk: Desk,
        title: str,
        start: WishStart,
        known: Known,
        *,
        draft: Typed | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        super().__init__(desk, title, start.typed, draft=draft, refusal=refusal)
        self._start = start
        self._known = known

    def compose_fields(self) -> ComposeResult:
        """The visit, with whom, when; who may speak for the clinic says how urgent it is."""
        if self._start.types:
            yield self._beside(self.choice("type", self._start.types), self.text("length"))
        yield self.field(self.text("whom"))
        yield self._beside(self.text("first"), self.text("last"))
        yield self._beside(self.text("days"), self.text("times"))
        if "urgency" in self._start.typed:
            yield self.field(self.choice("urgency", ((one, one) for one in Urgency)))
        yield self.field(self.text("note"))

    def _beside(self, left: Widget, right: Widget) -> Horizontal:
        return Horizontal(
            Vertical(self.field(left), classes="left"),
            Vertical(self.field(right)),
            classes="columns",
        )

    def check(self, typed: Typed) -> None:
        """What is typed must be readable."""
        wish_of(self.desk, typed, self._start, self._known)

    def hint(self, key: str, value: str) -> str:
        """What was understood."""
        if not value.strip() or key in ("type", "urgency", "note", "length"):
            return super().hint(key, value)
        try:
            wish = wish_of(self.desk, dict(EMPTY) | {key: value}, self._start, self._known)
        except BadInput as refusal:
            return str(refusal)
        return self._understood(key, wish)

    def _understood(self, key: str, wish: Wish) -> str:
        if key == "whom":
            specialty = next(
                (o.name for o in self._known.specialties if o.specialty_id == wish.specialty_id),
                "anybody",
            )
            names = " or ".join(map(self._known.doctor, wish.doctor_ids)) or specialty
            return f"With {names}."
        if key == "first" and wish.first_day is not None:
            return f"From {say_day(wish.first_day)} on."
        if key == "last" and wish.last_day is not None:
            return f"Until {say_day(wish.last_day)}, that day included."
        if key == "days":
            return f"On {say_weekdays(wish.weekdays)}."
        return f"Between {clock(wish.from_minute)} and {clock(wish.until_minute)}."


def wish_of(desk: Desk, typed: Typed, start: WishStart, known: Known) -> Wish:
    """What is typed, read; ``BadInput`` naming the field that cannot be."""
    today, region = local_day(desk.now(), desk.zone), desk.settings.region
    text = {key: value.strip() for key, value in typed.items()}
    from_minute, until_minute = _times(text["times"])
    # Names may hold what parts them, or be called alike: what was not touched means the same.
    same = start.whom if typed["whom"] == start.typed["whom"] else None
    whom = same or known.whom(text["whom"])
    return Wish(
        visit_type_id=int(text["type"]) if text.get("type") else None,
        doctor_ids=whom.doctor_ids,
        specialty_id=whom.specialty_id,
        first_day=_day(text["first"], "First day", today, region),
        last_day=_day(text["last"], "Last day", today, region),
        weekdays=parse_weekdays(text["days"]) if text["days"] else frozenset(),
        from_minute=from_minute,
        until_minute=until_minute,
        minutes=read_length(text["length"]) if text.get("length") else None,
        urgency=Urgency(typed.get("urgency") or Urgency.ROUTINE),
        note=typed["note"],
    )


def _day(text: str, called: str, today: date, region: str) -> date | None:
    if not text:
        return None
    try:
        return read_date(text, today, region)
    except BadInput as refusal:
        raise BadInput(called, str(refusal)) from refusal


def _times(text: str) -> tuple[int, int]:
    """The wall minutes between which a visit is to lie; the whole day where nothing is typed."""
    if not text:
        return 0, MINUTES_PER_DAY
    if text.lower() in _HALVES:
        return _HALVES[text.lower()]
    ranges = parse_ranges(text, "Times")
    if len(ranges) != 1:
        raise BadInput("Times", "Times: one range, as 9-12 or 13:30-17; am or pm.")
    return ranges[0]
