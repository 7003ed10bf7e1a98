"""What is done to one visit: a step on or back, moved, cancelled; and the last step undone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ...domain.bar.bar import Meaning
from ...domain.bar.words import Word
from ...domain.codes import CancelledBy, Status
from ...domain.errors import BadInput, NotFound, Refusal, WrongStatus
from ...domain.overview.board import BoardVisit, board_of_today
from ...domain.text import full_name, search_key, search_words
from ...domain.times.walltime import day_bounds, say_time
from ...domain.undo.undo import undo_last, undoable
from ...domain.visits import flow
from ...domain.visits.appointments import appointment_details
from ...domain.visits.cancelling import CancelRequest, cancel_appointment
from ...domain.visits.moving import MoveRequest, move_appointment
from ...domain.visits.requests import MOVABLE, new_key
from ...domain.visits.status_words import visit_stands
from ..bar_line import Vocabulary, vocabulary
from ..who import today
from . import words
from .people import is_patient, patient_on_record, whom
from .places import Place, Wanted, place_said, settled
from .waiting import fill

if TYPE_CHECKING:
    from ...desk import Desk, Operation
    from ...domain.visits.appointments import AppointmentDetails, BookedAppointment
    from .talk import Talk

_MINUTE = timedelta(minutes=1)
_LAST = 2**31
_STEPS_ON = {
    Status.PENDING: flow.confirm_request,
    Status.BOOKED: flow.arrive,
    Status.ARRIVED: flow.check_in,
    Status.CHECKED_IN: flow.finish,
}
_HERE = (Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED, Status.NOSHOW)
_WISHES = (CancelledBy.PATIENT, CancelledBy.CLINIC)


def step_on(desk: Desk, talk: Talk, text: str) -> None:
    """One step on: asked for, booked, arrived, in the room, done."""
    visit = _the_visit(desk, talk, text, tuple(_STEPS_ON), today_alone=True)
    step = _STEPS_ON.get(visit.status)
    if step is None:
        raise WrongStatus(f"That visit {visit_stands(visit.status)}: there is no step on.")
    _take(desk, talk, visit, step)


def step_back(desk: Desk, talk: Talk, text: str) -> None:
    """One step back."""
    _take(desk, talk, _the_visit(desk, talk, text, _HERE, today_alone=True), flow.step_back)


def came(desk: Desk, talk: Talk, text: str) -> None:
    """They came, which nobody wrote down at the time."""
    open_ones = (Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN)
    _take(desk, talk, _the_visit(desk, talk, text, open_ones), flow.mark_came)


def missed(desk: Desk, talk: Talk, text: str) -> None:
    """They did not come."""
    visit = _the_visit(desk, talk, text, (Status.BOOKED,))
    talk.say(f"{words.details(visit, desk.zone)}.")
    if talk.agreed("They did not come?"):
        _take(desk, talk, visit, flow.mark_noshow)


def move(desk: Desk, talk: Talk, text: str) -> None:
    """The same visit elsewhere; where that is refused it stays where it was."""
    visit = _the_visit(desk, talk, text, MOVABLE)
    talk.say(f"{words.details(visit, desk.zone)}.")
    clinic = vocabulary(desk)
    said = _to_where(desk, talk, clinic)
    stays = any(one.doctor_id == visit.doctor_id for one in clinic.doctors)
    if stays and not (said.doctors or said.specialty):
        # Whoever has retired meanwhile gives the visit to anybody who does such visits.
        said = replace(said, doctors=(Word(visit.doctor_id, visit.doctor),))
    said = replace(said, minutes=said.minutes or _length(visit))
    visit_type = next(
        (one for one in clinic.types if one.visit_type_id == visit.visit_type_id), None
    )
    if visit_type is None:
        raise NotFound(f"{visit.visit_type} is not booked any more: there are no openings for it.")
    wanted = Wanted(visit.patient_id, visit_type, said)
    done = settled(
        desk, talk, wanted, clinic, lambda place, now: _put(desk, talk, visit, place, now)
    )
    talk.tell(words.outcome(done, desk.zone))
    fill(desk, talk, done.freed)


def cancel(desk: Desk, talk: Talk, text: str) -> None:
    """Cancel, with whose wish it is and why; then who on the waitlist would fit."""
    visit = _the_visit(desk, talk, text, MOVABLE)
    talk.say(f"{words.details(visit, desk.zone)}.")
    wish = CancelledBy.PATIENT
    if not is_patient(desk):
        wish = _WISHES[talk.choose("Whose wish is it", ("The patient's", "The clinic's"))]
    reason = talk.ask("Why, in a few words; Enter for nothing")
    if not talk.agreed("Cancel it?"):
        talk.say("It stands as it was.")
        return
    request = CancelRequest(visit.appointment_id, wish, reason)
    done = talk.answered(lambda: desk.run_now(cancel_appointment, request, desk.now()))
    talk.tell(words.outcome(done, desk.zone))
    fill(desk, talk, done.freed)


def undo(desk: Desk, talk: Talk, _: str) -> None:
    """Take back one's own last step."""
    steps = desk.read_now(undoable, desk.now())
    if not steps:
        raise NotFound("There is nothing to undo.")
    talk.say(f"Your last step: {steps[0].sentence}")
    if not talk.agreed("Take it back?"):
        return
    key = new_key()
    done = talk.answered(lambda: desk.run_now(undo_last, desk.now(), key))
    talk.say(done.sentence)


def _take(
    desk: Desk,
    talk: Talk,
    visit: AppointmentDetails,
    step: Operation[..., BookedAppointment],
) -> None:
    key = new_key()
    done = talk.answered(lambda: desk.run_now(step, visit.appointment_id, desk.now(), key))
    talk.tell(words.outcome(done, desk.zone))


def _to_where(desk: Desk, talk: Talk, clinic: Vocabulary) -> Meaning:
    """The day, time or doctor that is said; nothing where openings are to be listed."""
    while True:
        line = talk.ask("To when, and to whom if to somebody else; Enter lists openings")
        try:
            return place_said(desk, line, clinic)
        except BadInput as wrong:
            talk.say(str(wrong))


def _put(
    desk: Desk, talk: Talk, visit: AppointmentDetails, place: Place, wanted: Wanted
) -> BookedAppointment | None:
    """Read the new place back, and move the visit there on a yes."""
    minutes = wanted.said.minutes or _length(visit)
    span = words.when(place.starts_at, place.starts_at + minutes * _MINUTE, desk.zone)
    talk.say(f"{visit.patient}, {span}, {place.doctor}.")
    if not talk.agreed("Move it there?"):
        return None
    request = MoveRequest(
        visit.appointment_id,
        place.doctor_id,
        place.starts_at,
        minutes,
        visit.room_id,
        visit.sequence,
    )
    return talk.answered(lambda: desk.run_now(move_appointment, request, desk.now()))


def _length(visit: AppointmentDetails) -> int:
    return (visit.ends_at - visit.starts_at) // _MINUTE


def _the_visit(
    desk: Desk,
    talk: Talk,
    text: str,
    statuses: Collection[Status],
    *,
    today_alone: bool = False,
) -> AppointmentDetails:
    """The visit of that number, or which of a patient's own it is."""
    if not text and not is_patient(desk):
        text = talk.ask("Which visit: its number, or whose it is")
    number = _number(text)
    if number is None:
        number = _of_patient(desk, talk, text, statuses, today_alone=today_alone)
    return desk.read_now(appointment_details, number)


def _number(text: str) -> int | None:
    """A visit's number; more digits are somebody's phone."""
    digits = text.removeprefix("visit ").strip()
    if not digits.isdecimal() or len(digits) > 10 or int(digits) >= _LAST:
        return None
    return int(digits)


def _on_board(desk: Desk, text: str, statuses: Collection[Status]) -> list[BoardVisit]:
    """Today's visits of patients of that name with which it can be done."""
    board, sought = desk.read_now(board_of_today, desk.now()), search_words(text)
    return [
        one
        for one in board.visits
        if one.status in statuses
        and not board.is_of_an_earlier_day(one)
        and sought
        and all(word in search_key(f"{one.given_name} {one.family_name}") for word in sought)
    ]


def _board_line(one: BoardVisit, zone: str) -> str:
    """A visit of today in a line."""
    who = full_name(one.given_name, one.family_name)
    return f"{who}, {say_time(one.starts_at, zone)}, {one.doctor}, {one.visit_type}"


def _of_patient(
    desk: Desk, talk: Talk, text: str, statuses: Collection[Status], *, today_alone: bool
) -> int:
    if today_alone and not is_patient(desk) and (expected := _on_board(desk, text, statuses)):
        if len(expected) == 1:
            return expected[0].appointment_id
        lines = [_board_line(one, desk.zone) for one in expected]
        return expected[talk.choose("Which visit", lines)].appointment_id
    known = whom(desk, talk, text, or_new=False)
    midnight, next_midnight = day_bounds(today(desk), desk.zone)
    found = [
        one
        for one in reversed(patient_on_record(desk, known.patient_id).history)
        if one.status in statuses and (not today_alone or midnight <= one.starts_at < next_midnight)
    ]
    if not found:
        day = " today" if today_alone else ""
        raise Refusal(f"{known.name} has no visit{day} for which that can be done.")
    if len(found) == 1:
        return found[0].appointment_id
    lines = [words.past(one, desk.zone) for one in found]
    return found[talk.choose("Which visit", lines)].appointment_id
