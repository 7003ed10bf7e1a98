"""Time that has become free, and whom on the waitlist it would suit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..codes import Urgency


@dataclass(frozen=True, slots=True)
class Fitting:
    """Somebody who waits and for whom there is a place in a doctor's free time, and why they rank.

    ``starts_at`` to ``ends_at`` (aware UTC) is where their visit would stand; ``appointment_id``
    and ``earlier_than`` are the visit that would move there, of who wants an earlier one.
    """

    entry_id: int
    patient_id: int
    patient: str
    phone: str
    visit_type: str
    urgency: Urgency
    waiting_since: datetime
    note: str
    starts_at: datetime
    ends_at: datetime
    appointment_id: int | None
    earlier_than: datetime | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FreedTime:
    """A doctor's time (aware UTC) that a change has freed, and the first few who fit into it."""

    doctor_id: int
    doctor: str
    room_id: int | None
    starts_at: datetime
    ends_at: datetime
    fits: tuple[Fitting, ...]

    @property
    def slot(self) -> Slot:
        """The time into which visits are to fit, with the free time around it."""
        return Slot(self.doctor_id, self.starts_at, self.ends_at, self.room_id, adjoining=True)


@dataclass(frozen=True, slots=True)
class Slot:
    """A doctor's time into which visits are to fit, one at a time.

    Where it is ``adjoining``, a visit need only meet it, and may use the free time around it.
    """

    doctor_id: int
    starts_at: datetime
    ends_at: datetime
    room_id: int | None = None
    adjoining: bool = False

    def starts(self, minutes: int, grid: int) -> Iterator[datetime]:
        """Every start for a visit of that length: the slot's own, then later ones, then earlier."""
        length, step = timedelta(minutes=minutes), timedelta(minutes=grid)
        at = self.starts_at
        while (at < self.ends_at) if self.adjoining else (at + length <= self.ends_at):
            yield at
            at += step
        at = self.starts_at - step
        while self.adjoining and at + length > self.starts_at:
            yield at
            at -= step
