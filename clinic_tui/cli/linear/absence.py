"""A doctor ill or away: each visit in the way, and what is proposed; then all of it at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...domain.absence.absence import Acceptance, PlanChanged, accept_plan, plan_absence
from ...domain.absence.calls import visits_to_call
from ...domain.absence.causes import Cause, DoctorAway
from ...domain.absence.lines import AbsencePlan, Decision, PlanLine, PlanWish
from ...domain.absence.openings import other_openings
from ...domain.codes import Fate, Prefer
from ...domain.errors import BadInput
from ...domain.patients.contact import show_phone
from ...domain.times.timeofday import start_of
from ...domain.times.walltime import day_bounds, local_day, say_moment
from ...domain.visits.requests import new_key
from ..absence import moment
from ..bar_line import vocabulary
from ..who import today
from . import words
from .places import place_said
from .talk import Back

if TYPE_CHECKING:
    from ...desk import Desk
    from ...domain.absence.absence import AcceptedPlan
    from .talk import Talk

_FATES = {Fate.CALL: "to be called", Fate.CANCEL: "is cancelled", Fate.KEEP: "stays"}
_BY_HAND = (Fate.CALL, Fate.CANCEL, Fate.KEEP)
_ANEW = {"same": Prefer.SAME_DOCTOR, "colleague": Prefer.COLLEAGUE, "call": Prefer.CALL}
_QUESTION = (
    "y does all of it, a number decides about that visit, same, colleague or call plans anew"
)


def away(desk: Desk, talk: Talk, text: str) -> None:
    """Plan the visits in the way of a doctor's absence, as in away lee today, away lee tue 13."""
    cause = _cause(desk, talk, text)
    plan = desk.read_now(plan_absence, cause, desk.now())
    acceptance = Acceptance(plan.cause, plan.decisions(), key=new_key())
    by_hand: dict[int, Decision] = {}
    _say_plan(desk, talk, plan)
    while True:
        answer = talk.ask(_QUESTION if plan.lines else "Write it down? y or n").lower()
        acceptance = replace(acceptance, decisions=plan.decisions())
        if answer in ("y", "yes"):
            done, plan = _accepted(desk, talk, acceptance, plan)
            if done is not None:
                _say_done(desk, talk, cause, done)
                return
            _say_plan(desk, talk, plan)
        elif answer in ("n", "no"):
            raise Back
        elif answer in _ANEW:
            acceptance = replace(acceptance, wish=PlanWish(_ANEW[answer]))
            decided = tuple(by_hand.values())
            plan = desk.read_now(plan_absence, cause, desk.now(), acceptance.wish, decided)
            _say_plan(desk, talk, plan)
        elif answer.isdecimal() and (line := _numbered(plan, int(answer))) is not None:
            decided_line = _decided(desk, talk, acceptance, line)
            by_hand[line.appointment_id] = decided_line.decision()
            lines = (decided_line if one is line else one for one in plan.lines)
            plan = replace(plan, lines=tuple(lines))
            talk.say(f"{line.number}. {_say_line(desk, decided_line)}.")
        elif answer:
            talk.say(f"“{answer}” is none of these; Enter says the plan again.")
        else:
            _say_plan(desk, talk, plan)


def _cause(desk: Desk, talk: Talk, text: str) -> DoctorAway:
    """Who is away, from when, until when and why; today it begins now."""
    text = text or talk.ask("Who is away, and from when: lee today, lee fri, lee tue 13:00")
    said = place_said(desk, text, vocabulary(desk))
    doctor_id = said.doctors[0].id if len(said.doctors) == 1 else desk.actor.doctor_id
    if doctor_id is None:
        raise BadInput("Doctor", "Whose absence? Name one doctor, as in away lee today.")
    day, now = said.day or today(desk), desk.now()
    starts_at = day_bounds(day, desk.zone)[0]
    if said.minute is not None:
        starts_at = start_of(day, said.minute, desk.zone).at
    starts_at = max(starts_at, now) if day == today(desk) else starts_at
    until = talk.ask("Until when: a day or a day and a time; Enter for the end of that day")
    ends_at = day_bounds(local_day(starts_at, desk.zone), desk.zone)[1]
    if until:
        ends_at = moment(desk, until, end=True)
    reason = talk.ask("Why, for the desk alone; Enter for nothing")
    return DoctorAway(doctor_id, starts_at, ends_at, reason)


def _say_plan(desk: Desk, talk: Talk, plan: AbsencePlan) -> None:
    cause = plan.cause
    if isinstance(cause, DoctorAway):
        begins, ends = (say_moment(at, desk.zone) for at in (cause.starts_at, cause.ends_at))
        talk.say(f"Away from {begins} to {ends}. Nothing is written yet.")
    if not plan.lines:
        talk.say("No visit is in the way.")
    talk.tell(f"{line.number}. {_say_line(desk, line)}." for line in plan.lines)


def _say_line(desk: Desk, line: PlanLine) -> str:
    if line.to is not None:
        fate = f"moves to {words.opening(line.to, desk.zone)}"
    else:
        fate = "decide" if line.here and line.fate is Fate.CALL else _FATES[line.fate]
    here = "is here" if line.here else ""
    when = words.when(line.starts_at, line.ends_at, desk.zone)
    parts = (line.patient, when, line.visit_type, here, fate, line.why)
    return ", ".join(filter(None, parts))


def _numbered(plan: AbsencePlan, number: int) -> PlanLine | None:
    return next((one for one in plan.lines if one.number == number), None)


def _decided(desk: Desk, talk: Talk, acceptance: Acceptance, line: PlanLine) -> PlanLine:
    """That visit as somebody wants it: at another place, or called about, cancelled, kept."""
    talk.say(f"{_say_line(desk, line)}.")
    openings = desk.read_now(other_openings, acceptance, line.appointment_id, desk.now())
    lines = [f"Move to {words.opening(one, desk.zone)}" for one in openings]
    later = "Decide later" if line.here else "Call about it"
    chosen = talk.choose("What becomes of it", [*lines, later, "Cancel it", "Keep it"])
    if chosen < len(openings):
        return replace(line, fate=Fate.MOVE, to=openings[chosen], why="")
    return replace(line, fate=_BY_HAND[chosen - len(openings)], to=None, why="")


def _accepted(
    desk: Desk, talk: Talk, acceptance: Acceptance, plan: AbsencePlan
) -> tuple[AcceptedPlan | None, AbsencePlan]:
    """What came of it; where the book has changed meanwhile, the plan as it is now."""
    try:
        done = talk.answered(lambda: desk.run_now(accept_plan, acceptance, desk.now()))
    except PlanChanged as refusal:
        talk.say(str(refusal))
        return None, refusal.plan
    return done, plan


def _say_done(desk: Desk, talk: Talk, cause: Cause, done: AcceptedPlan) -> None:
    talk.say(f"{done.moved} moved, {done.cancelled} cancelled, {done.kept} kept as they are.")
    if done.notices:
        talk.say(f"{done.notices} messages are queued. undo takes it back.")
    if not done.to_call or not isinstance(cause, DoctorAway):
        return
    talk.say("To call about:")
    region = desk.settings.region
    for one in desk.read_now(visits_to_call, (cause.doctor_id,), desk.now()):
        phone = show_phone(one.phone, region) if one.phone else "no phone on record"
        reach = "is here" if one.here else phone
        when = words.when(one.starts_at, one.ends_at, desk.zone)
        talk.say(f"{one.patient}, {reach}, {when}, visit {one.appointment_id}.")
