"""What leads back from an operation: the state that it found, to be restored by ``undo``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from ..codes import Status

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
    "sequence",
    "overbooked",
    "overbook_reason",
    "cancelled_by",
    "cancel_reason",
)


@dataclass(frozen=True, slots=True)
class VisitBefore:
    """One visit as an operation found it; ``columns`` None where there was none yet.

    ``status``, ``sequence`` and ``patient_id`` (None: not known) are what the operation left:
    where they are others by now, somebody has changed the visit since and the way back is closed.
    """

    appointment_id: int
    status: Status
    sequence: int
    columns: dict[str, Any] | None
    patient_id: int | None = None


@dataclass(frozen=True, slots=True)
class RowsBefore:
    """Rows of one table as an operation found and left them, in values that JSON keeps.

    ``where`` picks them: every row with these values in these columns. Where others than
    ``after`` are there by now, somebody has changed them since and the way back is closed.
    """

    table: str
    where: dict[str, Any]
    before: tuple[dict[str, Any], ...] = ()
    after: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class WayBack:
    """What an operation found: its visits, and rows of other tables (see ``row_changes``).

    ``stranded`` are visits that stood outside the doctor's hours already, so that hours which
    strand them again may come back.
    """

    visits: tuple[VisitBefore, ...] = ()
    rows: tuple[RowsBefore, ...] = ()
    stranded: tuple[int, ...] = ()

    def stored(self) -> dict[str, Any]:
        """As JSON keeps it: instants as ISO 8601 in UTC."""
        return {
            "visits": [
                [
                    visit.appointment_id,
                    visit.status.value,
                    visit.sequence,
                    _plain(visit.columns),
                    visit.patient_id,
                ]
                for visit in self.visits
            ],
            "rows": [asdict(rows) for rows in self.rows],
            "stranded": self.stranded,
        }


def read_way_back(stored: dict[str, Any]) -> WayBack:
    """The opposite of ``WayBack.stored``."""
    visits = (
        VisitBefore(appointment_id, Status(status), sequence, _typed(columns), patient_id)
        for appointment_id, status, sequence, columns, patient_id in stored["visits"]
    )
    rows = (
        RowsBefore(one["table"], one["where"], tuple(one["before"]), tuple(one["after"]))
        for one in stored["rows"]
    )
    return WayBack(tuple(visits), tuple(rows), tuple(stored["stranded"]))


def made(appointment_ids: Iterable[int], status: Status, sequence: int = 0) -> WayBack:
    """The way back from visits that an operation made."""
    return WayBack(tuple(VisitBefore(one, status, sequence, None) for one in appointment_ids))


def changed(
    before: Row[Any], status: Status, sequence: int, *, patient_id: int | None = None
) -> VisitBefore:
    """One visit as it was in ``before``, a row of all its columns, and what was made of it.

    ``patient_id`` is whose it became, where that is not whose it was.
    """
    columns = {name: before._mapping[name] for name in (*_INSTANTS, *_PLAIN)}
    return VisitBefore(before.id, status, sequence, columns, patient_id or before.patient_id)


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
    instants = {
        name: None if columns[name] is None else datetime.fromisoformat(columns[name])
        for name in _INSTANTS
    }
    return columns | instants | {"status": Status(columns["status"])}
