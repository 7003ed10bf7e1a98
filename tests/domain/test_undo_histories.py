"""Whatever one account does: taken back step by step, everything is as it was before each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.access import Actor
from clinic_tui.domain.codes import CancelledBy
from clinic_tui.domain.errors import Refusal
from clinic_tui.domain.hours.hours import add_extra_hours
from clinic_tui.domain.models import UndoStep, table
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import change_patient
from clinic_tui.domain.undo.undo import undo_last, undoable
from clinic_tui.domain.visits import flow
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.cancelling import (
    CancelRequest,
    cancel_appointment,
    reinstate_appointment,
)
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from clinic_tui.domain.visits.requests import new_key
from tests.small_clinic import NOW, SmallClinic

from .given import APPOINTMENTS, at, booking
from .undoing import as_it_was, both_of, send, untrue

_STEPS = table(UndoStep)
_STARTS = ("09:20", "09:40", "10:00", "13:00")
_State = tuple[dict[str, Any], list[str]]
_Turn = tuple[str, int, int, int]
_Act = Callable[[Session, SmallClinic, Actor, _Turn], Any]


def _doctor(clinic: SmallClinic, number: int) -> int:
    return (clinic.lee, clinic.okafor, clinic.park)[number % 3]


def _when(number: int) -> Any:
    """Mostly today, where a visit's day can be run."""
    return at(_STARTS[number % 4], number // 4 % 2)


def _book(session: Session, clinic: SmallClinic, actor: Actor, turn: _Turn) -> None:
    patient = (clinic.maria, clinic.ozlem)[turn[1] % 2]
    request = booking(
        clinic, doctor_id=_doctor(clinic, turn[2]), patient_id=patient, starts_at=_when(turn[3])
    )
    book_appointment(session, actor, request, NOW)


def _visit(session: Session, turn: _Turn) -> int:
    numbers = session.scalars(select(APPOINTMENTS.c.id).order_by(APPOINTMENTS.c.id)).all()
    return numbers[turn[1] % len(numbers)] if numbers else 0


def _move(session: Session, clinic: SmallClinic, actor: Actor, turn: _Turn) -> None:
    doctor = _doctor(clinic, turn[2])
    wanted = MoveRequest(_visit(session, turn), doctor, _when(turn[3]), 20, None)
    move_appointment(session, actor, wanted, NOW)


def _cancel(session: Session, _: SmallClinic, actor: Actor, turn: _Turn) -> None:
    request = CancelRequest(_visit(session, turn), CancelledBy.CLINIC)
    cancel_appointment(session, actor, request, NOW)


def _of_its_day(step: Any) -> _Act:
    def take(session: Session, _: SmallClinic, actor: Actor, turn: _Turn) -> None:
        step(session, actor, _visit(session, turn), NOW, new_key())

    return take


def _extra_hours(session: Session, clinic: SmallClinic, actor: Actor, turn: _Turn) -> None:
    add_extra_hours(session, actor, _doctor(clinic, turn[2]), NOW.date(), 1080, 1140, NOW)


def _patient(session: Session, clinic: SmallClinic, actor: Actor, turn: _Turn) -> None:
    details = PatientDetails(f"García {turn[3]}", "Maria", phones=("+4915123456789",))
    change_patient(session, actor, clinic.sam, details, NOW)


_ACTS: dict[str, _Act] = {
    "book": _book,
    "move": _move,
    "cancel": _cancel,
    "reinstate": _of_its_day(reinstate_appointment),
    "arrive": _of_its_day(flow.arrive),
    "check in": _of_its_day(flow.check_in),
    "finish": _of_its_day(flow.finish),
    "step back": _of_its_day(flow.step_back),
    "extra hours": _extra_hours,
    "patient": _patient,
}
_NUMBER = st.integers(0, 7)
_TURNS = st.tuples(
    st.sampled_from(["book", "move", *_ACTS, "send", "undo"]), _NUMBER, _NUMBER, _NUMBER
)


def _walk(session: Session, clinic: SmallClinic, turns: list[_Turn]) -> None:
    """Do them; take back now and then and, at the end, all that is left."""
    actor = both_of(clinic)
    states: list[_State] = []
    for turn in [("book", 0, 0, 4), *turns]:
        if turn[0] == "send":
            send(session)
        elif turn[0] == "undo" and states:
            _take_back(session, actor, states.pop())
        elif turn[0] in _ACTS:
            before = as_it_was(session), untrue(session, NOW)
            with suppress(Refusal), session.begin_nested():
                _ACTS[turn[0]](session, clinic, actor, turn)
                states.append(before)
    assert len(undoable(session, actor, NOW)) == len(states)
    while states:
        _take_back(session, actor, states.pop())


def _take_back(session: Session, actor: Actor, state: _State) -> None:
    """Everything is as it was, and nobody believes anything untrue that they did not before."""
    before, believed = state
    undo_last(session, actor, NOW, new_key())
    assert as_it_was(session, before) == before
    assert set(untrue(session, NOW)) <= set(believed)


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(turns=st.lists(_TURNS, min_size=2, max_size=10))
def test_step_by_step(clinic: SmallClinic, database: Database, turns: list[_Turn]) -> None:
    with Session(database.engine) as session:
        _walk(session, clinic, turns)
        session.rollback()
