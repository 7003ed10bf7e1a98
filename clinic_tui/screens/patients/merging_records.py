"""Making two records of one person one, as one story: which pair, side by side, done, told."""

from __future__ import annotations

from ...domain.errors import Refusal
from ...domain.patients.duplicates import DuplicatePair, find_duplicates
from ...domain.patients.history import patient_record
from ...domain.patients.merging import merge_patients
from ..absence.plan_draft import count_visits
from ..base import ClinicScreen
from ..saving import saved
from .merge_dialog import MergeAnswer, MergeDialog
from .pairs_dialog import PairsDialog

_MOST = 100


async def merge_records(screen: ClinicScreen, patient_id: int | None) -> int | None:
    """Show who may be on record twice, pairs with that patient first; returns who was kept."""
    desk = screen.desk
    while True:
        try:
            pairs = await desk.read(find_duplicates, _MOST)
        except Refusal as refusal:
            screen.refuse(refusal)
            return None
        if not pairs:
            screen.tell("No two records look like one person's.")
            return None
        first = sorted(pairs, key=lambda pair: patient_id not in _ids(pair))
        pair: DuplicatePair | None = await screen.app.push_screen_wait(PairsDialog(first))
        if pair is None:
            return None
        kept = await _merge(screen, pair, patient_id)
        if kept is not None:
            return kept


async def _merge(screen: ClinicScreen, pair: DuplicatePair, patient_id: int | None) -> int | None:
    """Compare the two and make them one; None where they stay two.

    The one that was being looked at is kept, or the older, until it is said otherwise.
    """
    desk = screen.desk
    kept_id, merged_id = _ids(pair)
    if merged_id == patient_id:
        kept_id, merged_id = merged_id, kept_id
    refused: Refusal | None = None
    while True:
        try:
            records = [
                await desk.read(patient_record, one, desk.now()) for one in (kept_id, merged_id)
            ]
        except Refusal as refusal:
            screen.refuse(refusal)
            return None
        dialog = MergeDialog(desk, records[0], records[1], refused)
        answer: MergeAnswer = await screen.app.push_screen_wait(dialog)
        kept_id, merged_id = answer.kept_id, answer.merged_id
        if not answer.merge:
            return None
        try:
            done = await saved(screen, merge_patients, kept_id, merged_id, desk.now())
        except Refusal as refusal:
            refused = refusal
        else:
            screen.tell(
                f"{done.merged} is now part of {done.kept}; {count_visits(done.visits)} followed."
                f" u takes it back, and later “clinic patient part {done.merge_id}”.",
                title="One record",
            )
            return done.kept_id


def _ids(pair: DuplicatePair) -> tuple[int, int]:
    return pair.one.patient_id, pair.other.patient_id
