"""What the line says of with whom, when and how long, put into the fields while it is typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...domain.bar.bar import Meaning
from ...domain.bar.words import Word
from ...domain.times.walltime import clock, day_bounds, say_day
from ..widgets.pick_field import Pick

if TYPE_CHECKING:
    from datetime import datetime

    from ..place.fields import PlaceFields


class Said:
    """Keeps the fields at what the line says; what it says no more is as it was before.

    Only what the line newly says or no longer says is touched: whatever was typed into a field
    since stays there.
    """

    def __init__(self, fields: PlaceFields, zone: str) -> None:
        self._fields, self._zone = fields, zone
        self.meaning = Meaning()
        self._may_mean: tuple[Word, ...] = ()
        self._picks: dict[str, Pick | None] = {}
        self._texts: dict[str, str] = {}
        self._search_from: datetime | None = None

    @property
    def doctors_meant(self) -> tuple[Word, ...]:
        """Whom the line may mean, as long as it is open which of them."""
        return self._may_mean if self._fields.pick_in("doctor") is None else ()

    def soonest_first(self, doctors: Sequence[int]) -> None:
        """Of those whom the line may mean these come first, in that order."""
        place = {doctor: number for number, doctor in enumerate(doctors)}
        self._may_mean = tuple(
            sorted(self._may_mean, key=lambda one: place.get(one.id, len(doctors)))
        )

    def doctor_is_named(self) -> None:
        """Elsewhere than in the line, which leaves it open no more."""
        self._may_mean = ()

    def of_own(self, meaning: Meaning) -> Meaning:
        """Of several doctors the actor's own one is meant, where they book for one only."""
        mine = tuple(one for one in meaning.doctors if one.id == self._fields.doctor.own)
        return replace(meaning, doctors=mine or meaning.doctors)

    def stands(self, meaning: Meaning) -> None:
        """That is in the fields already, or was changed there."""
        self.meaning, self._may_mean = meaning, _several(meaning)

    def put(self, meaning: Meaning) -> bool:
        """Bring the fields up to it; whether anything about the place became another."""
        before, self.meaning = self.meaning, meaning
        same = (before.specialty, before.doctors) == (meaning.specialty, meaning.doctors)
        if not same:
            self._put_doctor(meaning)
        if before.visit_type != meaning.visit_type:
            same = False
            word = meaning.visit_type
            self._pick("type", Pick(word.id, word.name) if word else None)
        if before.minutes != meaning.minutes or before.visit_type != meaning.visit_type:
            same = False
            self._fields.put_length(meaning.minutes)
        if (before.day, before.minute) != (meaning.day, meaning.minute):
            same = False
            self._put_start(meaning)
        if not same:
            self._may_mean = _several(meaning)
        return not same

    def _put_doctor(self, meaning: Meaning) -> None:
        """Where the words may mean several, nobody stands there until one of them is chosen."""
        self._fields.narrow_to(meaning.specialty)
        few = meaning.doctors
        if len(few) > 1:
            self._picks.setdefault("doctor", self._fields.pick_in("doctor"))
            self._fields.put_pick("doctor", None)
        else:
            self._pick("doctor", Pick(few[0].id, few[0].short or few[0].name) if few else None)

    def _put_start(self, meaning: Meaning) -> None:
        """A day alone is where to begin to look; a time is meant for the day that stands there."""
        start = self._fields.start
        if not self._texts:
            self._texts = {name: start.text(name) for name in ("day", "time")}
            self._search_from = start.search_from
        start.search_from = self._search_from
        day, time = self._texts["day"], self._texts["time"]
        if meaning.day is not None:
            start.search_from = day_bounds(meaning.day, self._zone)[0]
            day, time = say_day(meaning.day), ""
        if meaning.minute is not None:
            time = clock(meaning.minute)
        start.write(day, time)
        if meaning.day is None and meaning.minute is None:
            self._texts = {}

    def _pick(self, field: str, pick: Pick | None) -> None:
        if pick is not None:
            self._picks.setdefault(field, self._fields.pick_in(field))
            self._fields.put_pick(field, pick)
        elif field in self._picks:
            self._fields.put_pick(field, self._picks.pop(field))


def _several(meaning: Meaning) -> tuple[Word, ...]:
    return meaning.doctors if len(meaning.doctors) > 1 else ()
