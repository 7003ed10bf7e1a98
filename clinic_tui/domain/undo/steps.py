"""The steps that lead back from what an account did: the last twenty of a day, then forgotten.

A way back may hold what was typed, which is why nothing keeps it longer than it is of use.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from ..models import UndoStep, table
from .ways_back import WayBack, read_way_back

_STEPS = table(UndoStep)
_KEPT = 20
_LIFE = timedelta(days=1)
_UNDOING = 7424
"""What the locks of accounts that undo are called, beside the account's number."""


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of an account, and what leads back from it."""

    step_id: int
    at: datetime
    operation: str
    way_back: WayBack
    undone: bool


def lock_steps(session: Session, account_id: int) -> None:
    """Let one terminal of an account undo at a time: never do two undo the same.

    On SQLite one writer at a time does that. Locked before anything is read, because a row that
    was waited for is read again and those that were not are not.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_UNDOING, account_id)))


def newest_steps(session: Session, account_id: int, now: datetime) -> list[Step]:
    """The account's last twenty steps of a day, the newest first, undone ones among them."""
    rows = session.execute(
        select(_STEPS)
        .where(_STEPS.c.account_id == account_id, _STEPS.c.at >= now - _LIFE)
        .order_by(_STEPS.c.id.desc())
        .limit(_KEPT)
    )
    return [
        Step(row.id, row.at, row.operation, read_way_back(row.way_back), row.undone_at is not None)
        for row in rows
    ]


def forget_old_steps(session: Session, account_id: int, now: datetime) -> None:
    """Delete everybody's steps older than a day, and this account's beyond its last twenty."""
    oldest_kept = (
        select(_STEPS.c.id)
        .where(_STEPS.c.account_id == account_id, _STEPS.c.at >= now - _LIFE)
        .order_by(_STEPS.c.id.desc())
        .offset(_KEPT - 1)
        .limit(1)
        .scalar_subquery()
    )
    beyond = (_STEPS.c.account_id == account_id) & (_STEPS.c.id < oldest_kept)
    session.execute(delete(_STEPS).where(or_(_STEPS.c.at < now - _LIFE, beyond)))


def forget_step(session: Session, step_id: int) -> None:
    """Nothing leads back from that step any more."""
    session.execute(delete(_STEPS).where(_STEPS.c.id == step_id))


def mark_undone(session: Session, step_id: int, now: datetime) -> None:
    """That step has been gone back."""
    session.execute(update(_STEPS).where(_STEPS.c.id == step_id).values(undone_at=now))


def keep_way_back(session: Session, step_id: int, way_back: WayBack) -> None:
    """Replace what leads back from a step."""
    session.execute(update(_STEPS).where(_STEPS.c.id == step_id).values(way_back=way_back.stored()))
