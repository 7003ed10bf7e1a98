"""A clinic of an older program: its tables are brought up to date and nothing in them is lost."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, bindparam, insert, select, text
from sqlalchemy.exc import IntegrityError

from clinic_tui.database import HEAD, Database
from clinic_tui.domain.errors import Refusal
from clinic_tui.domain.models import Appointment, Notice, table
from clinic_tui.domain.visits.guards import DOCTOR_FREE, violated

_APPOINTMENTS, _OUTBOX = table(Appointment), table(Notice)
_AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_FIRST = {
    "doctor_id": 1, "patient_id": 1, "visit_type_id": 1, "status": "booked",
    "starts_at": _AT, "ends_at": _AT + timedelta(minutes=20),
    "blocked_from": _AT, "blocked_until": _AT + timedelta(minutes=20),
    "overbooked": False, "sequence": 0, "note": "Knee", "cancel_reason": "", "created_at": _AT,
}  # fmt: skip
_ANOTHER = {
    "appointment_id": 1, "kind": "confirmation", "channel": "sms", "starts_at": _AT,
    "due_at": _AT, "status": "queued", "message_id": "two@clinic", "created_at": _AT,
}  # fmt: skip
_PEOPLE = (
    "INSERT INTO doctors (id, title, given_name, family_name, name_key, email, phone, colour,"
    " profile, active) VALUES (1, 'Dr', 'Hannah', 'Lee', 'lee hannah', '', '', '', '', :yes),"
    " (2, 'Dr', 'Mei', 'Lee', 'lee mei', '', '', '', '', :yes),"
    " (3, 'Dr', 'Yui', 'Sato', 'sato yui', '', '', '', '', :yes)",
    "INSERT INTO visit_types (id, name, name_key, short_name, minutes, buffer_before,"
    " buffer_after, colour, active) VALUES (1, 'Visit', 'visit', 'v', 20, 0, 0, 'blue', :yes)",
    *(
        "INSERT INTO patients (id, record_number, family_name, given_name, sex, email, address,"
        f" language, alert, created_at) VALUES ({one}, 'P{one}', 'Garcia', 'Maria', 'female', '',"
        f" '', '', '', {{at}})"
        for one in (1, 2)
    ),
)


def _first_tables(connection: Connection) -> None:
    """The tables of the first program, and one visit in them."""
    config = Config()
    config.set_main_option("script_location", "clinic_tui:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")
    at = "0" if connection.dialect.name == "sqlite" else "now()"
    for statement in _PEOPLE:
        connection.execute(text(statement.format(at=at)), {"yes": True})
    _insert(connection, _FIRST)
    connection.execute(
        text(
            "INSERT INTO outbox (id, appointment_id, sequence, kind, channel, starts_at, due_at,"
            f" status, message_id, created_at) VALUES (7, 1, 0, 'reminder', 'sms', {at}, {at},"
            f" 'queued', 'one@clinic', {at})"
        )
    )


def _insert(connection: Connection, values: dict[str, Any]) -> None:
    """By the columns named alone: the model knows more of them than the first tables had."""
    bound = [bindparam(name, value, _APPOINTMENTS.c[name].type) for name, value in values.items()]
    statement = f"INSERT INTO appointments ({', '.join(values)}) VALUES (:{', :'.join(values)})"
    connection.execute(text(statement).bindparams(*bound))


def test_an_upgrade_keeps_what_is_there(fresh_url: str) -> None:
    """A visit booked with the first program stands, and the guards still stand over it."""
    with closing(Database(fresh_url)) as database:
        with database.engine.begin() as connection:
            _first_tables(connection)
        with pytest.raises(Refusal, match="older clinic_tui"):
            database.check_revision()
        database.upgrade()
        assert database.revision() == HEAD
        with database.engine.begin() as connection:
            kept = connection.execute(select(_APPOINTMENTS)).one()
            notices = connection.execute(select(_OUTBOX)).all()
            names = connection.scalars(text("SELECT shown_name FROM doctors ORDER BY id")).all()
        assert names == ["Dr Lee H", "Dr Lee M", "Dr Sato"]
        assert {name: kept._mapping[name] for name in _FIRST} == _FIRST
        assert (kept.overbook_reason, kept.held_until) == ("", None)
        assert [(row.id, row.message_id, row.attempts) for row in notices] == [(7, "one@clinic", 0)]
        with database.engine.begin() as connection:
            added = connection.execute(insert(_OUTBOX).values(_ANOTHER).returning(_OUTBOX.c.id))
            assert added.scalar_one() == 8
        with pytest.raises(IntegrityError) as refused, database.engine.begin() as connection:
            _insert(connection, _FIRST | {"patient_id": 2})
        assert violated(refused.value) == DOCTOR_FREE
