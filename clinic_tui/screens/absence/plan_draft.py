"""A plan of an absence while it is decided about: proposed, changed by hand, made anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ...domain.absence.absence import Acceptance, PlanChanged
from ...domain.absence.causes import Cause
from ...domain.absence.lines import AS_USUAL, AbsencePlan, Decision, PlanWish
from ...domain.codes import Fate, Prefer
from ...domain.errors import Refusal
from ...domain.visits.requests import new_key
from ..widgets.lists.plan_list import PlanRow

_WISHES = tuple(Prefer)


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """The lines as they stand, the cursor among them, and why it was refused, if it was."""

    cause: Cause
    rows: tuple[PlanRow, ...]
    wish: PlanWish = AS_USUAL
    at: int = 0
    refusal: Refusal | None = None
    key: str = field(default_factory=new_key)

    @property
    def acceptance(self) -> Acceptance:
        """As it would be accepted now. The key stays: a try that got through is not made twice."""
        decisions = tuple(row.line.decision() for row in self.rows)
        return Acceptance(self.cause, decisions, self.wish, self.key)

    @property
    def by_hand(self) -> tuple[Decision, ...]:
        """What was decided by hand so far."""
        return tuple(row.line.decision() for row in self.rows if row.by_hand)

    @property
    def other_wish(self) -> PlanWish:
        """The next of the three ways to plan."""
        at = _WISHES.index(self.wish.prefer) + 1
        return replace(self.wish, prefer=_WISHES[at % len(_WISHES)])

    def with_row(self, at: int, row: PlanRow) -> PlanDraft:
        """Another row there."""
        return replace(self, rows=(*self.rows[:at], row, *self.rows[at + 1 :]))

    def refused(self, refusal: Refusal) -> PlanDraft:
        """As it is to come back: where the book has changed, only lines that are others now are
        marked; all others stay as they were decided.
        """
        if not isinstance(refusal, PlanChanged):
            return replace(self, refusal=refusal)
        before = {row.line.decision(): row for row in self.rows}
        rows = tuple(
            replace(row, anew=False)
            if (row := before.get(line.decision())) is not None
            else PlanRow(line, anew=True)
            for line in refusal.plan.lines
        )
        return replace(
            self, cause=refusal.plan.cause, rows=rows, at=first_to_see(rows), refusal=refusal
        )


def draft_of(plan: AbsencePlan, wish: PlanWish, left: Iterable[Decision]) -> PlanDraft:
    """A plan with what had been decided by hand before, as far as it could be kept."""
    decided = set(left)
    rows = tuple(PlanRow(line, by_hand=line.decision() in decided) for line in plan.lines)
    return PlanDraft(plan.cause, rows, wish, first_to_see(rows))


def first_to_see(rows: tuple[PlanRow, ...], after: int = -1) -> int:
    """The row of the next visit that wants somebody to look, or else where the cursor was."""
    later = range(after + 1, len(rows))
    wants = (at for at in (*later, *range(after + 1)) if rows[at].wants_somebody)
    return next(wants, max(after, 0))


def summary(draft: PlanDraft) -> str:
    """ "14 visits, 2 here: 9 same doctor · 3 colleague · 2 to call"."""
    lines = [row.line for row in draft.rows]
    if not lines:
        return "No visit is in the way."
    to = [line.to.doctor_id == line.doctor_id for line in lines if line.to is not None]
    fates = Counter(line.fate for line in lines)
    decide = sum(line.here and line.fate is Fate.CALL for line in lines)
    counted = (
        (decide, "to decide"),
        (to.count(True), "same doctor"),
        (to.count(False), "colleague"),
        (fates[Fate.CALL] - decide, "to call"),
        (fates[Fate.CANCEL], "cancelled"),
        (fates[Fate.KEEP], "staying"),
    )
    parts = [f"{count} {words}" for count, words in counted if count]
    here = sum(line.here for line in lines)
    known = f", {here} here" if here else ""
    return f"{count_visits(len(lines))}{known}: {' · '.join(parts)}"


def count_visits(count: int) -> str:
    """ "1 visit", "14 visits"."""
    return "1 visit" if count == 1 else f"{count} visits"
