"""What is written for a patient keeps the record from being merged away until the commit.

Whoever merges locks both records FOR UPDATE, and so waits for everybody who has written something
that refers to one of them: it is there when the visits follow. Whoever comes later locks FOR KEY
SHARE, as a foreign key does anyway, waits for the merge and finds the record merged. Moves and
changes of a record lock it less strictly and keep no booking waiting. On SQLite one writer at a
time does the same.
"""

from __future__ import annotations

from sqlalchemy import BindParameter, Select, select
from sqlalchemy.orm import Session

from ..errors import NotFound
from ..models import Patient, table

_PATIENTS = table(Patient)


def kept_record(patient_id: int | BindParameter[int] | None) -> Select[int]:
    """The number of a patient's record, unless it was merged; locked against merging."""
    return (
        select(_PATIENTS.c.id)
        .where(_PATIENTS.c.id == patient_id, _PATIENTS.c.merged_into.is_(None))
        .with_for_update(read=True, key_share=True)
    )


def merged_away() -> NotFound:
    """The refusal of a record that was merged into another."""
    return NotFound("That record was merged into another: search for the patient again.")


def refuse_merged(session: Session, *patient_ids: int) -> None:
    """Refuse with ``NotFound`` where one of the records was merged into another."""
    merged = select(_PATIENTS.c.id).where(
        _PATIENTS.c.id.in_(patient_ids), _PATIENTS.c.merged_into.is_not(None)
    )
    if session.scalars(merged).first() is not None:
        raise merged_away()
