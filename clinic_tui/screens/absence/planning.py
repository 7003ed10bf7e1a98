"""An absence as one story: plan, decide, accept; come back re-planned; then call who is left."""

from __future__ import annotations

from dataclasses import replace
from weakref import WeakKeyDictionary

from ...domain.absence.absence import AcceptedPlan, accept_plan, plan_absence
from ...domain.absence.calls import visits_to_call
from ...domain.absence.causes import Cause, RoomOut
from ...domain.absence.lines import AS_USUAL, Decision, PlanWish
from ...domain.codes import Fate
from ...domain.errors import Refusal
from ..base import ClinicScreen
from ..saving import saved
from ..visits.visits import cancel_visit, move_visit, show_visit
from .call_list import CallAnswer, CallDeed, CallList
from .plan_dialog import PlanAnswer, PlanDialog, Then
from .plan_draft import PlanDraft, draft_of

_left: WeakKeyDictionary[ClinicScreen, dict[int, Decision]] = WeakKeyDictionary()
"""What was decided by hand in plans that were left, by visit."""


async def plan_and_accept(
    screen: ClinicScreen, cause: Cause, title: str, *, unasked: bool = False
) -> bool:
    """Show what becomes of the visits in the way and bring it about; whether that was done.

    ``unasked``: where no visit is in the way it is brought about at once. A refusal before
    anything was shown is the caller's.
    """
    desk, left = screen.desk, _left.setdefault(screen, {})
    draft = await _planned(screen, cause, AS_USUAL)
    while True:
        if draft.rows or draft.refusal is not None or not unasked:
            dialog = PlanDialog(desk, title, draft)
            answer: PlanAnswer = await screen.app.push_screen_wait(dialog)
            draft = answer.draft
            left.update({one.appointment_id: one for one in draft.by_hand})
            if answer.then is Then.LEAVE:
                return False
            if answer.then is Then.ANEW:
                draft = await _planned_anew(screen, draft)
                continue
        try:
            done = await saved(screen, accept_plan, draft.acceptance, desk.now())
        except Refusal as refusal:
            if unasked and not draft.rows:
                raise
            draft = draft.refused(refusal)
        else:
            break
    left.clear()
    screen.tell(f"{title} · {_told(done)}")
    # Who stands in a room that is out stands within the hours: the same plan again lists them.
    if done.to_call and not isinstance(cause, RoomOut):
        left_to_call = {row.line.doctor_id for row in draft.rows if row.line.fate is Fate.CALL}
        await work_off_calls(screen, *left_to_call)
    return True


async def work_off_calls(screen: ClinicScreen, *doctor_ids: int) -> None:
    """The visits that stand outside those doctors' hours, until each was moved or cancelled."""
    desk, at = screen.desk, 0
    while True:
        try:
            visits = await desk.read(visits_to_call, doctor_ids, desk.now())
        except Refusal as refusal:
            screen.refuse(refusal)
            return
        if not visits:
            screen.tell("Nobody is left to call.")
            return
        answer: CallAnswer | None = await screen.app.push_screen_wait(CallList(desk, visits, at))
        if answer is None:
            return
        at = answer.at
        await _CALL_DEEDS[answer.deed](screen, answer.appointment_id)


_CALL_DEEDS = {
    CallDeed.MOVE: move_visit,
    CallDeed.CANCEL: cancel_visit,
    CallDeed.OPEN: show_visit,
}


async def _planned(screen: ClinicScreen, cause: Cause, wish: PlanWish) -> PlanDraft:
    """A plan, with what had been decided by hand in one that was left."""
    desk, left = screen.desk, tuple(_left[screen].values())
    plan = await desk.read(plan_absence, cause, desk.now(), wish, left)
    return draft_of(plan, wish, left)


async def _planned_anew(screen: ClinicScreen, draft: PlanDraft) -> PlanDraft:
    """The same plan another way; where that is refused as it was, with the sentence."""
    try:
        anew = await _planned(screen, draft.cause, draft.wish)
    except Refusal as refusal:
        return replace(draft, refusal=refusal)
    return replace(anew, key=draft.key, at=draft.at)


def _told(done: AcceptedPlan) -> str:
    """ "12 moved, 1 cancelled, 1 to call. 24 messages wait to be sent. u takes it back."."""
    counted = (
        (done.moved, "moved"),
        (done.cancelled, "cancelled"),
        (done.kept, "kept"),
        (len(done.to_call), "to call"),
    )
    parts = [f"{count} {words}" for count, words in counted if count]
    messages = "1 message waits" if done.notices == 1 else f"{done.notices} messages wait"
    told = f" {messages} to be sent." if done.notices else ""
    return f"{', '.join(parts) or 'no visit was in the way'}.{told} u takes it back."
