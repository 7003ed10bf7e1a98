"""What leads back from an operation: the state that it found, to be restored by ``undo``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from .codes import Status

_INSTANTS = (
    "starts_at",
    "ends_at",
    "blocked_from",
    "blocked_until",
    "arrived_at",
    "confirmed_at",
)
_PLAIN = (
    "patient_id",
    "doctor_id",
    "room_id",
    "status",
    "overbooked",
    "overbook_reason",
    "cancelled_by",
    "cancel_reason",
)


@dataclass(frozen=True, slots=True)
class VisitBefore:
    """One visit as an operation found it; ``columns`` None where there was none yet.

    ``status`` and ``sequence`` are what the operation left: where they are others by now,
    somebody has changed the visit since and the way back is closed.
    """

    appointment_id: int
    status: Status
    sequence: int
    columns: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class WayBack:
    """What an operation found: its visits, and rows of other tables by name (as stored there)."""

    visits: tuple[VisitBefore, ...] = ()
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        """As JSON keeps it: instants as ISO 8601 in UTC."""
        return {
            "visits": [
                [visit.appointment_id, visit.status.value, visit.sequence, _plain(visit.columns)]
                for visit in self.visits
            ],
            "rows": self.rows,
        }


def read_way_back(stored: dict[str, Any]) -> WayBack:
    """The opposite of ``WayBack.stored``."""
    visits = (
        VisitBefore(appointment_id, Status(status), sequence, _typed(columns))
        for appointment_id, status, sequence, columns in stored["visits"]
    )
    return WayBack(tuple(visits), stored["rows"])


def made(appointment_ids: Iterable[int], status: Status, sequence: int = 0) -> WayBack:
    """The way back from visits that an operation made."""
    return WayBack(tuple(VisitBefore(one, status, sequence, None) for one in appointment_ids))


def changed(before: Row[Any], status: Status, sequence: int) -> VisitBefore:
    """One visit as it was in ``before``, a row of all its columns, and what was made of it."""
    columns = {name: before._mapping[name] for name in (*_INSTANTS, *_PLAIN)}
    return VisitBefore(before.id, status, sequence, columns)


def _plain(columns: dict[str, Any] | None) -> dict[str, Any] | None:
    if columns is None:
        return None
    return columns | {
        name: None if columns[name] is None else columns[name].astimezone(UTC).isoformat()
        for name in _INSTANTS
    }


def _typed(columns: dict[str, Any] | None) -> dict[str, Any] | None:
    if columns is None:
        return None
    return columns | {
        name: None if columns[name] is None else datetime.fromisoformat(columns[name])
        for name in _INSTANTS
    }
