"""What is known of a booking before there is one: where it begins, and what was typed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ...domain.bar.words import Word
from ...domain.errors import Refusal
from ...domain.visits.requests import new_key


@dataclass(frozen=True, slots=True)
class BookingDraft:
    """Everything known of a booking so far, so that a refused one comes back as it was.

    ``starts_at`` is the start that is asked for (aware UTC). Without one the first opening from
    ``search_from`` on (now, where that is missing too) is proposed, of that ``specialty`` if one
    is named; ``free_minutes`` is how long it looked free from ``starts_at`` on, where that is but
    where the cursor is: a longer visit begins at the next start that fits.
    ``time_first`` where it is chosen before one asks for whom. ``typed`` is what stands
    in every field by the field's id, readable or not, and counts more than the rest. ``key`` is
    the request's idempotency key: it stays the same until the visit is booked, so that nothing is
    booked twice.
    """

    doctor_id: int | None = None
    starts_at: datetime | None = None
    patient_id: int | None = None
    visit_type_id: int | None = None
    minutes: int | None = None
    room_id: int | None = None
    note: str = ""
    search_from: datetime | None = None
    free_minutes: int | None = None
    registering: bool = False
    specialty: Word | None = None
    time_first: bool = False
    typed: Mapping[str, str] = field(default_factory=dict)
    refusal: Refusal | None = None
    key: str = field(default_factory=new_key)

    @property
    def whose(self) -> str:
        """Of whom it speaks, as typed."""
        names = (self.typed.get("given", ""), self.typed.get("family", ""))
        new = " ".join(name for name in names if name)
        return new if self.registering else self.typed.get("patient", "")
