"""Several visits into new places at once: a swap, a plan, a way back. All of them, or none.

Everybody who rearranges locks in the same order (visits by number, then doctors, patients and
rooms by number), and lifts all of the visits before putting the first one down, so that two which
change places never stand in each other's way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..access import Actor, Permission
from ..codes import Status
from ..models import Appointment, table
from ..undo.ways_back import RowsBefore
from .appointments import existing
from .conflicts import Place
from .facts import Facts
from .guards import OCCUPYING, violated
from .obstacles import refuse_taken, taken
from .occupied import let_go_of_expired
from .parties import lock_in_order, parties_at, parties_of
from .placing import place_columns, write_visit
from .requests import MOVABLE
from .tray import take_off

_APPOINTMENTS = table(Appointment)


@dataclass(frozen=True, slots=True)
class VisitChange:
    """What becomes of one visit, and every column that changes with it.

    ``standing`` is where it stands afterwards and the facts about it; None where it takes up no
    time then, which ``values`` have to say.
    """

    before: Row[Any]
    values: dict[str, Any]
    standing: tuple[Place, Facts] | None = None


def locked_all(
    session: Session, actor: Actor, permission: Permission, appointment_ids: Iterable[int]
) -> dict[int, Row[Any]]:
    """The appointments' own columns, each permitted, kept from everybody else until the end."""
    wanted = sorted(set(appointment_ids))
    rows = lock_visits(session, wanted)
    return {one: existing(actor, permission, rows.get(one)) for one in wanted}


def lock_visits(session: Session, appointment_ids: Iterable[int]) -> dict[int, Row[Any]]:
    """The rows of those appointments that there are, kept from everybody else until the end."""
    rows = session.execute(
        select(_APPOINTMENTS)
        .where(_APPOINTMENTS.c.id.in_(sorted(set(appointment_ids))))
        .order_by(_APPOINTMENTS.c.id)
        .with_for_update()
    )
    return {row.id: row for row in rows}


def rearrange(session: Session, changes: Sequence[VisitChange]) -> tuple[RowsBefore, ...]:
    """Bring the visits, locked before, into their new places.

    Others wait from here to the end of the transaction: what can be done before is done before.
    Who cannot be moved any more is carried no more: answers what leads back to the trays.
    Refused with ``SlotTaken`` where one of them cannot stand; the caller's transaction then ends
    and all of them stand as they were.
    """
    over = [one.before.id for one in changes if one.values.get("status", one.before.status)
            not in MOVABLE]  # fmt: skip
    off = take_off(session, *over) if over else ()
    if any(map(comes, changes)):
        _bring(session, changes)
    else:
        for change in changes:
            write_visit(session, change.before.id, change.values)
    return off


def comes(change: VisitChange) -> bool:
    """Whether a visit is to stand where others may want to: not where it stands anyway.

    Neither what leaves the book nor another status in the same place meets anybody.
    """
    if change.standing is None:
        return False
    before, place = change.before, change.standing[0]
    stands = {**place_columns(place), "patient_id": place.patient_id}
    return (
        before.status not in OCCUPYING
        or place.overbooked != before.overbooked
        or any(before._mapping[name] != value for name, value in stands.items())
    )


def look_first(session: Session, changes: Iterable[VisitChange]) -> None:
    """Refuse what is known to be taken before ``rearrange`` locks anything."""
    changes = tuple(changes)
    moving = [change.before.id for change in changes]
    for change in changes:
        if change.standing is not None and comes(change):
            place, facts = change.standing
            refuse_taken(session, facts.settings, place, facts.doctor, moving)


def _bring(session: Session, changes: Sequence[VisitChange]) -> None:
    """Lock, lift and put down, in a savepoint: whoever is refused lets go of all that with it,
    before it looks for alternatives.
    """
    sides = [parties_of(change.before) for change in changes]
    sides += [parties_at(change.standing[0]) for change in changes if change.standing]
    ids = [change.before.id for change in changes]
    standing = changes[0].standing
    try:
        with session.begin_nested():
            lock_in_order(session, *sides)
            # Before anything is lifted: who waits for one of these visits may hold what we then
            # wait for.
            let_go_of_expired(session, *(one.standing[0] for one in changes if one.standing))
            if len(changes) > 1:
                session.execute(
                    update(_APPOINTMENTS)
                    .where(_APPOINTMENTS.c.id.in_(ids))
                    .values(status=Status.ENTERED_IN_ERROR)
                )
            for change in changes:
                standing = change.standing
                values = {"status": change.before.status, **change.values}
                write_visit(session, change.before.id, values)
    except IntegrityError as error:
        if violated(error) is None or standing is None:
            raise
        place, facts = standing
        raise taken(session, facts.settings, place, facts.doctor, ids) from error
