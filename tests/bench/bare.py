"""The statements of a booking, taken down as they are sent, and sent again by the driver alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.access import Actor
from clinic_tui.domain.errors import CannotBook
from clinic_tui.domain.staff.sign_ins import current_actor
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from tests.small_clinic import NOW


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as the driver gets it."""

    text: str
    parameters: Any
    many: bool


@dataclass(frozen=True, slots=True)
class Script:
    """The statements of one booking that never happened, and the number it would have had."""

    statements: tuple[Statement, ...]
    appointment_id: int


class _NeverMindError(Exception):
    pass


@contextmanager
def taken_down(database: Database) -> Iterator[list[Statement]]:
    """The statements that are sent to the database meanwhile, without the COMMIT."""
    sent: list[Statement] = []

    def listen(_: Any, __: Any, text: str, parameters: Any, ___: Any, many: bool) -> None:
        sent.append(Statement(text, parameters, many))

    event.listen(database.engine, "before_cursor_execute", listen)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", listen)


def script_of(database: Database, actor: Actor, request: BookingRequest) -> Script | None:
    """What that booking would send; None when it is refused. Nothing is booked."""
    answers: list[int] = []

    def book_and_undo(session: Session) -> None:
        now_actor = current_actor(session, actor)
        answers.append(book_appointment(session, now_actor, request, NOW).appointment_id)
        raise _NeverMindError

    with taken_down(database) as sent:
        try:
            database.transact(book_and_undo)
        except _NeverMindError:
            return Script(tuple(sent), answers[0])
        except CannotBook:
            return None
    raise AssertionError("unreachable")


def connect(database: Database) -> Any:
    """A connection of the driver's own, set up as the program sets its up."""
    raw = database.engine.raw_connection()
    connection = raw.driver_connection
    raw.detach()
    return connection


def send(connection: Any, script: Script) -> None:
    """Send the statements and fetch what they answer, in one transaction.

    The number that the database gives to the new appointment now takes the place of the one
    that it gave then.
    """
    appointment_id = script.appointment_id
    for statement in script.statements:
        parameters = statement.parameters
        if appointment_id != script.appointment_id:
            parameters = _renumbered(parameters, script.appointment_id, appointment_id)
        if statement.many:
            connection.cursor().executemany(statement.text, parameters)
            continue
        cursor = connection.execute(statement.text, parameters)
        rows = cursor.fetchall() if cursor.description else []
        if statement.text.startswith("INSERT INTO appointments"):
            appointment_id = rows[0][0]
    connection.commit()


def _renumbered(value: Any, old: int, new: int) -> Any:
    if isinstance(value, dict):
        return {name: _renumbered(inner, old, new) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_renumbered(inner, old, new) for inner in value)
    return new if type(value) is int and value == old else value
