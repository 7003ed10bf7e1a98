"""The one who is cut off: a terminal that books and books, and says what it was answered."""

from __future__ import annotations

from contextlib import closing
from multiprocessing.connection import Connection

import psycopg  # noqa: F401 - loaded once, in the process that all of them are forked from
import sqlalchemy.dialects.postgresql.psycopg
import sqlalchemy.dialects.sqlite.pysqlite  # noqa: F401
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.access import Actor
from clinic_tui.domain.errors import ClinicUnavailable
from clinic_tui.domain.models import Appointment, AuditEntry, table
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from tests.races.racing import NO_OVERLAPS, overlaps
from tests.small_clinic import NOW

from .told import untrue

_APPOINTMENTS, _AUDIT = table(Appointment), table(AuditEntry)


def book_all(url: str, actor: Actor, requests: list[BookingRequest], pipe: Connection) -> None:
    """Book one after another; say of each when it begins and, after its commit, that it is done.

    Where the database has gone, wait for the word that it is back and ask for the same again;
    the word "last" means that no other is to follow. At the end of the list wait for that too.
    """
    with closing(Database(url)) as database:
        database.check_revision()
        pipe.send(("ready",))
        for request in requests:
            if not _says_done(database, actor, request, pipe):
                word = pipe.recv()
                assert _says_done(database, actor, request, pipe)
                if word == "last":
                    return
        pipe.recv()


def _says_done(database: Database, actor: Actor, request: BookingRequest, pipe: Connection) -> bool:
    pipe.send(("begun", request.key))
    try:
        made = database.transact(book_appointment, actor, request, NOW)
    except ClinicUnavailable as gone:
        pipe.send(("unavailable", request.key, gone.outcome_known))
        return False
    pipe.send(("done", request.key, made.appointment_id))
    return True


def trail(session: Session) -> dict[str, int]:
    """The visit that stands for each request; a failure where a request was done twice."""
    rows = list(
        session.execute(
            select(_AUDIT.c.request_key, _AUDIT.c.appointment_id).where(
                _AUDIT.c.operation == "book"
            )
        )
    )
    found: dict[str, int] = {row.request_key: row.appointment_id for row in rows}
    assert len(rows) == len(found) == len(set(found.values()))
    return found


def whole(database: Database) -> dict[str, int]:
    """The same of a book at rest, and that there is nothing besides, overlaps or is not told of."""
    found = database.read(trail)
    visits = database.read(lambda session: set(session.scalars(select(_APPOINTMENTS.c.id))))
    assert visits == set(found.values())
    assert database.read(overlaps) == NO_OVERLAPS
    assert database.read(untrue, NOW) == []
    return found
