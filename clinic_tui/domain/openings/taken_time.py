"""Taken time: what stands in a stretch of the book, read once for many places.

Looking for an obstacle place by place costs a query each. Here all of it is one query and the
places are looked at in memory. That is the friendly look: the guards have the last word.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CompoundSelect, Select, bindparam, literal, select, union_all
from sqlalchemy.orm import Session

from ..errors import ObstacleKind
from ..models import Appointment, UtcDateTime, epoch_seconds, table
from ..times.spans import Span
from ..visits.conflicts import Place
from ..visits.guards import MAX_BLOCK_MINUTES
from ..visits.occupied import occupies

_APPOINTMENTS = table(Appointment)
_LONGEST_BLOCK = timedelta(minutes=MAX_BLOCK_MINUTES)
_LONGEST_SECONDS = MAX_BLOCK_MINUTES * 60
_KINDS = (ObstacleKind.DOCTOR, ObstacleKind.PATIENT, ObstacleKind.ROOM)
_Owner = tuple[ObstacleKind, int]
_Block = tuple[int, int, int, bool]
"""From, until (seconds since 1970), which appointment (0: one about to be made), if overbooked."""


@dataclass(frozen=True, slots=True)
class TakenTime:
    """By owner, in order, when a doctor (buffers included), a patient or a room is taken.

    A visit that is overbooked stands in nobody's way with its doctor, but no opening is sought
    beside it.
    """

    _blocks: dict[_Owner, list[_Block]] = field(default_factory=dict)

    def in_the_way(self, place: Place) -> list[int]:
        """The appointments that the place meets, each once; 0 for one about to be made."""
        met: dict[int, None] = {}
        for owner, start, end in _claims(place):
            blocks = self._blocks.get(owner, [])
            first, last = (bisect_left(blocks, (at,)) for at in (start - _LONGEST_SECONDS, end))
            beside = owner[0] is ObstacleKind.DOCTOR
            for _, block_end, appointment_id, overbooked in blocks[first:last]:
                own = appointment_id == (place.appointment_id or -1)
                if block_end > start and not own and not (beside and overbooked):
                    met[appointment_id] = None
        return list(met)

    def give_back(self, appointment_ids: Collection[int]) -> None:
        """Count as free from now on where these appointments stand."""
        for blocks in self._blocks.values():
            blocks[:] = [block for block in blocks if block[2] not in appointment_ids]

    def take(self, place: Place) -> None:
        """Count the place as taken from now on."""
        for owner, start, end in _claims(place):
            blocks = self._blocks.setdefault(owner, [])
            block = (start, end, 0, False)
            blocks.insert(bisect_left(blocks, block), block)

    def spans(self, kind: ObstacleKind, owner: int) -> list[Span]:
        """When that doctor (buffers included), patient or room is taken, in order."""
        return [(start, end) for start, end, _, _ in self._blocks.get((kind, owner), ())]

    def around(self, place: Place, within: Span) -> list[Span]:
        """What a sweep has to keep clear of for such a visit, in order; its own time is free.

        The time of the patient and of the room only the visit itself has to keep clear of, and
        not its buffers: it is made shorter by them, because a sweep knows one kind of time.
        """
        before, after = place.fit.before * 60, place.fit.after * 60
        since, until = within[0] - _LONGEST_SECONDS, within[1] + _LONGEST_SECONDS
        found: list[Span] = []
        for (kind, whose), _, _ in _claims(place):
            shorter = (0, 0) if kind is ObstacleKind.DOCTOR else (after, before)
            blocks = self._blocks.get((kind, whose), [])
            first, last = (bisect_left(blocks, (at,)) for at in (since, until))
            found += [
                (start + shorter[0], end - shorter[1])
                for start, end, appointment_id, _ in blocks[first:last]
                if appointment_id != (place.appointment_id or -1)
            ]
        return sorted(found)


def load_taken(
    session: Session,
    doctors: Iterable[int],
    patients: Iterable[int],
    rooms: Iterable[int],
    between: tuple[datetime, datetime],
    now: datetime,
) -> TakenTime:
    """All that takes their time between two instants, in one query of plain numbers."""
    rows = session.execute(
        _TAKEN,
        {
            "doctors": sorted(set(doctors)),
            "patients": sorted(set(patients)),
            "rooms": sorted(set(rooms)),
            "from": between[0] - _LONGEST_BLOCK,
            "until": between[1] + _LONGEST_BLOCK,
            "now": now,
        },
    )
    blocks: dict[_Owner, list[_Block]] = {}
    for kind, owner, *block in rows.all():
        blocks.setdefault((_KINDS[kind], owner), []).append((*block,))
    for of_owner in blocks.values():
        of_owner.sort()
    return TakenTime(blocks)


def _claims(place: Place) -> list[tuple[_Owner, int, int]]:
    """Whose time the place takes, from when until when."""
    start, end = int(place.starts_at.timestamp()), int(place.ends_at.timestamp())
    blocked = int(place.blocked_from.timestamp()), int(place.blocked_until.timestamp())
    claims = [
        ((ObstacleKind.DOCTOR, place.doctor_id), *blocked),
        ((ObstacleKind.PATIENT, place.patient_id), start, end),
    ]
    if place.room_id is not None:
        claims.append(((ObstacleKind.ROOM, place.room_id), start, end))
    return claims


def _taken_query() -> CompoundSelect[Any]:
    columns = _APPOINTMENTS.c

    def of(kind: ObstacleKind, owner: Any, first: Any, last: Any) -> Select[Any]:
        return select(
            literal(_KINDS.index(kind)),
            owner,
            epoch_seconds(first),
            epoch_seconds(last),
            columns.id,
            columns.overbooked,
        ).where(
            first > bindparam("from", type_=UtcDateTime),
            first < bindparam("until", type_=UtcDateTime),
            occupies(bindparam("now", type_=UtcDateTime)),
        )

    doctors: Any = bindparam("doctors", expanding=True)
    patients: Any = bindparam("patients", expanding=True)
    rooms: Any = bindparam("rooms", expanding=True)
    return union_all(
        of(ObstacleKind.DOCTOR, columns.doctor_id, columns.blocked_from, columns.blocked_until)
        .where(columns.doctor_id.in_(doctors)),
        of(ObstacleKind.PATIENT, columns.patient_id, columns.starts_at, columns.ends_at)
        .where(columns.patient_id.in_(patients)),
        of(ObstacleKind.ROOM, columns.room_id, columns.starts_at, columns.ends_at)
        .where(columns.room_id.in_(rooms)),
    )  # fmt: skip


_TAKEN = _taken_query()
