"""The booking dialog: who, with whom, when and what for; answers with a request to book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ..domain.booking import BookingRequest, new_key
from ..domain.errors import Opening
from .base import Dialog

if TYPE_CHECKING:
    from ..desk import Desk


@dataclass(frozen=True, slots=True)
class BookingDraft:
    """Everything known of a booking so far, so that a refused one comes back as it was.

    ``starts_at`` is the start that is asked for (aware UTC). Without one the first opening from
    ``search_from`` on (now, where that is missing too) is proposed. ``typed`` is the raw text of
    every field by the field's id, readable or not. ``key`` is the request's idempotency key: it
    stays the same until the visit is booked, so that nothing is booked twice.
    """

    doctor_id: int | None = None
    starts_at: datetime | None = None
    patient_id: int | None = None
    visit_type_id: int | None = None
    minutes: int | None = None
    room_id: int | None = None
    note: str = ""
    search_from: datetime | None = None
    registering: bool = False
    typed: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""
    alternatives: tuple[Opening, ...] = ()
    key: str = field(default_factory=new_key)


@dataclass(frozen=True, slots=True)
class BookingAnswer:
    """What the dialog answers: the draft as it was left, and the request when there is one."""

    draft: BookingDraft
    request: BookingRequest | None = None


class BookingDialog(Dialog[BookingAnswer]):
    """Asks for one booking."""

    def __init__(self, desk: Desk, draft: BookingDraft) -> None:
        super().__init__()
        self._desk = desk
        self._draft = draft

    def action_leave(self) -> None:
        """Leave, and hand back what was typed."""
        self.dismiss(BookingAnswer(self._draft))
