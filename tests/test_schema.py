"""The tables as the migrations leave them: the same as the models', and guarded by themselves."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic_tui.database import HEAD, Database
from clinic_tui.domain.codes import Status
from clinic_tui.domain.models import Appointment, Base, table
from clinic_tui.domain.visits.guards import (
    DOCTOR_FREE,
    OCCUPYING,
    PATIENT_FREE,
    ROOM_FREE,
    violated,
)

from .small_clinic import NOW, SmallClinic

_APPOINTMENTS = table(Appointment)
_CATALOGUE = {
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
               pg_get_expr(d.adbin, d.adrelid), l.collname
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        LEFT JOIN pg_collation l ON l.oid = a.attcollation
        WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
          AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
          AND conrelid::regclass::text <> 'alembic_version'""",
    "indexes": """
        SELECT indexdef FROM pg_indexes
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'""",
    "triggers": """
        SELECT pg_get_triggerdef(oid), tgenabled FROM pg_trigger WHERE NOT tgisinternal""",
    "functions": """
        SELECT pg_get_functiondef(p.oid) FROM pg_proc p
        WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS (
            SELECT 1 FROM pg_depend WHERE objid = p.oid AND deptype = 'e')""",
    "extensions": "SELECT extname FROM pg_extension",
}


def _items(sql: str) -> frozenset[str]:
    """The columns and constraints of a CREATE TABLE, whatever their order and white space."""
    items, depth = [""], 0
    for char in sql[sql.index("(") + 1 : sql.rindex(")")]:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "," and depth == 0:
            items.append("")
        else:
            items[-1] += char
    return frozenset(" ".join(item.split()) for item in items)


def _schema(connection: Connection) -> dict[str, Any]:
    """All that the database knows of its own structure, comparable."""
    if connection.dialect.name == "postgresql":
        return {
            name: frozenset(tuple(row) for row in connection.execute(text(query)))
            for name, query in _CATALOGUE.items()
        }
    rows = connection.exec_driver_sql(
        "SELECT type, name, sql FROM sqlite_master"
        " WHERE sql IS NOT NULL AND name <> 'alembic_version'"
    )
    return {
        f"{type_} {name}": _items(sql) if type_ == "table" else " ".join(sql.split())
        for type_, name, sql in rows
    }


def test_migrations_lead_to_the_models(database: Database, fresh_url: str) -> None:
    with closing(Database(fresh_url)) as modelled:
        with modelled.engine.begin() as connection:
            Base.metadata.create_all(connection)
        with modelled.engine.begin() as connection:
            from_models = _schema(connection)
    with database.engine.begin() as connection:
        from_migrations = _schema(connection)
    for part in from_migrations.keys() | from_models.keys():
        assert from_migrations.get(part) == from_models.get(part), part
    guards = {DOCTOR_FREE, PATIENT_FREE, ROOM_FREE, "audit_append_only"}
    assert all(guard in str(from_migrations) for guard in guards)


def test_head_is_the_newest_script() -> None:
    config = Config()
    config.set_main_option("script_location", "clinic_tui:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_every_constraint_has_a_name() -> None:
    unnamed = [
        f"{owner.name}: {constraint!r}"
        for owner in Base.metadata.sorted_tables
        for constraint in owner.constraints
        if not constraint.name
    ]
    assert unnamed == []


def test_the_trail_is_append_only(clinic: SmallClinic, database: Database) -> None:
    def entries(session: Session) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in session.execute(text("SELECT * FROM audit ORDER BY id"))]

    changes = ["UPDATE audit SET operation = 'nothing'", "DELETE FROM audit"]
    if not database.is_sqlite:
        changes.append("TRUNCATE audit")
    before = database.read(entries)
    assert len(before) > 0
    for change in changes:
        with pytest.raises(IntegrityError, match="audit_append_only"):
            database.transact(lambda session, sql: session.execute(text(sql)), change)
    assert database.read(entries) == before


def _columns(clinic: SmallClinic, **changed: Any) -> dict[str, Any]:
    """An appointment's columns. ``at`` is in minutes after NOW, as are the block's ends.

    Without more it is Lee's visit with Maria in room 1 from 100 to 120, blocked 95 to 130.
    """
    at, until = changed.pop("at", 100), changed.pop("until", None)
    until = at + 20 if until is None else until
    minutes = {
        "starts_at": at,
        "ends_at": until,
        "blocked_from": changed.pop("blocked_from", at - 5),
        "blocked_until": changed.pop("blocked_until", until + 10),
    }
    return {
        "doctor_id": clinic.lee,
        "patient_id": clinic.maria,
        "room_id": clinic.room_one,
        "visit_type_id": clinic.new_patient,
        "status": Status.BOOKED,
        "overbooked": False,
        "sequence": 0,
        "note": "",
        "cancel_reason": "",
        "created_at": NOW,
        **{name: NOW + timedelta(minutes=minute) for name, minute in minutes.items()},
        **changed,
    }


def _add(session: Session, columns: dict[str, Any]) -> int:
    added: int = session.execute(
        insert(_APPOINTMENTS).values(columns).returning(_APPOINTMENTS.c.id)
    ).scalar_one()
    return added


def _change(session: Session, appointment_id: int, columns: dict[str, Any]) -> None:
    session.execute(
        update(_APPOINTMENTS).where(_APPOINTMENTS.c.id == appointment_id).values(columns)
    )


def _all_but(same: str, clinic: SmallClinic) -> dict[str, Any]:
    """Another doctor, patient and room than the first visit's, but for the one that is shared."""
    others = {"doctor": clinic.park, "patient": clinic.jonas, "room": clinic.room_two}
    return {f"{party}_id": other for party, other in others.items() if party != same}


_GUARD_OF = {"doctor": DOCTOR_FREE, "patient": PATIENT_FREE, "room": ROOM_FREE}
_HALF_A_DAY = {"at": 110 - 720, "until": 110, "blocked_from": 110 - 720, "blocked_until": 110}
_LONGEST_BLOCK = {"at": 0, "until": 720, "blocked_from": -120, "blocked_until": 840}
CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any], str | None]] = {
    # What it shares with the first visit; the first visit; the second; which guard refuses.
    "same doctor and time": ("doctor", {}, {}, DOCTOR_FREE),
    "one minute of the doctor": ("doctor", {}, {"at": 129, "blocked_from": 129}, DOCTOR_FREE),
    "the doctor's blocks touch": ("doctor", {}, {"at": 130, "blocked_from": 130}, None),
    "the doctor's blocks touch before": ("doctor", {}, {"at": 65}, None),
    "only buffers meet": ("doctor", {}, {"at": 134}, DOCTOR_FREE),
    "buffers add up": ("doctor", {}, {"at": 135}, None),
    "within": ("doctor", {}, {"at": 105, "until": 110}, DOCTOR_FREE),
    "around": ("doctor", {}, {"at": 50, "until": 200}, DOCTOR_FREE),
    "twelve hours before": ("doctor", {}, _HALF_A_DAY, DOCTOR_FREE),
    "into twelve hours": ("doctor", _HALF_A_DAY, {"at": 114, "until": 119}, DOCTOR_FREE),
    "the last minute of the longest block": (
        "doctor",
        _LONGEST_BLOCK,
        {"at": 839, "blocked_from": 839},
        DOCTOR_FREE,
    ),
    "after the longest block": ("doctor", _LONGEST_BLOCK, {"at": 840, "blocked_from": 840}, None),
    "same patient": ("patient", {}, {}, PATIENT_FREE),
    "one minute of the patient": ("patient", {}, {"at": 119}, PATIENT_FREE),
    "the patient's visits touch": ("patient", {}, {"at": 120}, None),
    "the patient within twelve hours": ("patient", _HALF_A_DAY, {"at": 109}, PATIENT_FREE),
    "same room": ("room", {}, {}, ROOM_FREE),
    "one minute of the room": ("room", {}, {"at": 81}, ROOM_FREE),
    "the room's visits touch": ("room", {}, {"at": 80}, None),
    "the room within twelve hours": ("room", _HALF_A_DAY, {"at": 109}, ROOM_FREE),
    "no room twice": ("", {"room_id": None}, {"room_id": None}, None),
    "nothing shared": ("", {}, {}, None),
    "overbooked for the doctor": ("doctor", {}, {"overbooked": True}, None),
    "over one that was overbooked": ("doctor", {"overbooked": True}, {}, None),
    "overbooked for the patient": ("patient", {}, {"overbooked": True}, PATIENT_FREE),
    "overbooked for the room": ("room", {}, {"overbooked": True}, ROOM_FREE),
    "a hold without a patient": (
        "doctor",
        {},
        {"status": Status.HELD, "patient_id": None},
        DOCTOR_FREE,
    ),
    **{
        f"over {status} for the {party}": (
            party,
            {"status": status},
            {},
            guard if status in OCCUPYING else None,
        )
        for status in Status
        for party, guard in _GUARD_OF.items()
    },
    **{
        f"being {status} for the {party}": (
            party,
            {},
            {"status": status},
            guard if status in OCCUPYING else None,
        )
        for status in Status
        for party, guard in _GUARD_OF.items()
    },
}


@pytest.mark.parametrize("case", CASES)
def test_no_overlap_by_insert_or_update(clinic: SmallClinic, database: Database, case: str) -> None:
    same, first, second, guard = CASES[case]
    database.transact(_add, _columns(clinic, **first))
    wanted = _columns(clinic, **{**_all_but(same, clinic), **second})
    elsewhere = _columns(clinic, at=5000, patient_id=clinic.sam)
    moving = database.transact(_add, elsewhere)

    _refused(database, guard, _change, moving, wanted)
    if guard is None:
        database.transact(_change, moving, elsewhere)
    _refused(database, guard, _add, wanted)


def _refused(database: Database, guard: str | None, write: Any, *args: Any) -> None:
    """Write, and see that the guard refuses it, or that none does."""
    if guard is None:
        database.transact(write, *args)
        return
    with pytest.raises(IntegrityError) as refusal:
        database.transact(write, *args)
    assert violated(refusal.value) == guard


@pytest.mark.parametrize(
    ("same", "before", "column", "after", "guard"),
    [
        ("doctor", {"status": Status.CANCELLED}, "status", Status.BOOKED, DOCTOR_FREE),
        ("doctor", {"overbooked": True}, "overbooked", False, DOCTOR_FREE),
        ("", {}, "doctor_id", "lee", DOCTOR_FREE),
        ("", {}, "patient_id", "maria", PATIENT_FREE),
        ("", {}, "room_id", "room_one", ROOM_FREE),
        ("doctor", {"at": 140}, "blocked_from", 129, DOCTOR_FREE),
        ("doctor", {"at": 60}, "blocked_until", 96, DOCTOR_FREE),
        ("patient", {"at": 125, "blocked_from": 110}, "starts_at", 119, PATIENT_FREE),
        ("patient", {"at": 70, "blocked_until": 110}, "ends_at", 101, PATIENT_FREE),
        ("room", {"at": 125, "blocked_from": 110}, "starts_at", 119, ROOM_FREE),
        ("room", {"at": 70, "blocked_until": 110}, "ends_at", 101, ROOM_FREE),
    ],
)
def test_one_changed_column_is_enough(
    clinic: SmallClinic,
    database: Database,
    same: str,
    before: dict[str, Any],
    column: str,
    after: Any,
    guard: str,
) -> None:
    database.transact(_add, _columns(clinic))
    second = database.transact(_add, _columns(clinic, **_all_but(same, clinic), **before))
    if column.endswith("_id"):
        after = getattr(clinic, after)
    elif isinstance(after, int) and column != "overbooked":
        after = NOW + timedelta(minutes=after)
    _refused(database, guard, _change, second, {column: after})


def test_a_visit_never_stands_in_its_own_way(clinic: SmallClinic, database: Database) -> None:
    appointment_id = database.transact(_add, _columns(clinic))
    database.transact(_change, appointment_id, _columns(clinic, at=105))
    database.transact(_change, appointment_id, {"note": "called", "status": Status.ARRIVED})


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"until": 105}, None),
        ({"until": 104}, "length"),
        ({"until": 100 + 720}, None),
        ({"until": 100 + 721}, "length"),
        ({"until": 100}, "length|order"),
        ({"until": 90, "blocked_until": 120}, "length|order"),
        ({"blocked_from": 101}, "buffers"),
        ({"blocked_until": 119}, "buffers"),
        ({"until": 820, "blocked_from": -20, "blocked_until": 940}, None),
        ({"until": 820, "blocked_from": -21, "blocked_until": 940}, "length"),
        ({"patient_id": None}, "patient"),
        ({"patient_id": None, "status": Status.HELD}, None),
    ],
)
def test_lengths_and_buffers(
    clinic: SmallClinic, database: Database, changed: dict[str, Any], constraint: str | None
) -> None:
    wanted = _columns(clinic, **changed)
    elsewhere = _columns(clinic, at=5000)
    moving = database.transact(_add, elsewhere)
    if constraint is None:
        database.transact(_change, moving, wanted)
        database.transact(_change, moving, elsewhere)
        database.transact(_add, wanted)
        return
    for write, args in ((_change, (moving, wanted)), (_add, (wanted,))):
        with pytest.raises(IntegrityError, match=f"ck_appointments_({constraint})\\b") as refusal:
            database.transact(write, *args)
        assert violated(refusal.value) is None
