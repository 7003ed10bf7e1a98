"""What changed, said by the tables themselves: which doctor, patient and day, never the content.

Triggers see every change, whatever code made it. PostgreSQL's notify whoever listens, once the
change is committed; SQLite has nobody to notify, so there they write into ``changes``, which
forgets all but the newest few thousand lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import DDL, MetaData, event

from .times.walltime import from_seconds


class ChangeKind(StrEnum):
    """What sort of thing changed."""

    VISIT = "visit"
    HOURS = "hours"
    DOCTOR = "doctor"
    PATIENT = "patient"
    WAITLIST = "waitlist"
    MESSAGES = "messages"
    CLINIC = "clinic"


@dataclass(frozen=True, slots=True)
class Change:
    """One change; ``at`` is when the visit starts, or started before it was moved (aware UTC)."""

    kind: ChangeKind
    doctor_id: int | None = None
    patient_id: int | None = None
    at: datetime | None = None


CHANNEL = "clinic_changes"
"""What PostgreSQL's notifications are called."""
KEPT_LINES = 4096
"""Who has missed more than these on SQLite is told that everything may have changed."""

_NULL = "NULL"
_WATCHED: dict[str, tuple[ChangeKind, str, str, str]] = {
    # table: what it is, and its columns for the doctor, the patient and the instant.
    "appointments": (ChangeKind.VISIT, "doctor_id", "patient_id", "starts_at"),
    "weekly_hours": (ChangeKind.HOURS, "doctor_id", _NULL, _NULL),
    "extra_hours": (ChangeKind.HOURS, "doctor_id", _NULL, _NULL),
    "time_off": (ChangeKind.HOURS, "doctor_id", _NULL, _NULL),
    "reserved_hours": (ChangeKind.HOURS, "doctor_id", _NULL, _NULL),
    "doctors": (ChangeKind.DOCTOR, "id", _NULL, _NULL),
    "doctor_specialties": (ChangeKind.DOCTOR, "doctor_id", _NULL, _NULL),
    "patients": (ChangeKind.PATIENT, _NULL, "id", _NULL),
    "patient_phones": (ChangeKind.PATIENT, _NULL, "patient_id", _NULL),
    "waitlist": (ChangeKind.WAITLIST, _NULL, "patient_id", _NULL),
    "offers": (ChangeKind.WAITLIST, "doctor_id", _NULL, "starts_at"),
    "outbox": (ChangeKind.MESSAGES, _NULL, _NULL, _NULL),
    "replies": (ChangeKind.MESSAGES, _NULL, "patient_id", _NULL),
    "clinic": (ChangeKind.CLINIC, _NULL, _NULL, _NULL),
    "closures": (ChangeKind.CLINIC, _NULL, _NULL, _NULL),
    "rooms": (ChangeKind.CLINIC, _NULL, _NULL, _NULL),
    "specialties": (ChangeKind.CLINIC, _NULL, _NULL, _NULL),
    "visit_types": (ChangeKind.CLINIC, _NULL, _NULL, _NULL),
    "visit_type_specialties": (ChangeKind.CLINIC, _NULL, _NULL, _NULL),
}


def postgresql_statements() -> list[str]:
    """A function that notifies, and a trigger on every table that is watched."""
    function = (
        "CREATE FUNCTION clinic_changed() RETURNS trigger LANGUAGE plpgsql AS $$"
        " DECLARE seen jsonb; BEGIN"
        " FOREACH seen IN ARRAY CASE TG_OP WHEN 'INSERT' THEN ARRAY[to_jsonb(NEW)]"
        " WHEN 'DELETE' THEN ARRAY[to_jsonb(OLD)] ELSE ARRAY[to_jsonb(OLD), to_jsonb(NEW)] END"
        f" LOOP PERFORM pg_notify('{CHANNEL}', concat(TG_ARGV[0], '|', seen ->> TG_ARGV[1], '|',"
        " seen ->> TG_ARGV[2], '|', extract(epoch FROM (seen ->> TG_ARGV[3])::timestamptz)"
        "::bigint)); END LOOP; RETURN NULL; END $$"
    )
    return [
        function,
        *(
            f"CREATE TRIGGER {table}_changed AFTER INSERT OR UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION clinic_changed("
            + ", ".join(f"'{word}'" for word in (kind.value, *columns))
            + ")"
            for table, (kind, *columns) in _WATCHED.items()
        ),
    ]


def sqlite_statements() -> list[str]:
    """The table of changes, what keeps it short, and triggers on every table that is watched."""
    statements = [
        "CREATE TABLE changes (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, doctor_id INTEGER,"
        " patient_id INTEGER, at BIGINT)",
        "CREATE TRIGGER changes_pruned AFTER INSERT ON changes WHEN NEW.id % 256 = 0 BEGIN"
        f" DELETE FROM changes WHERE id <= NEW.id - {KEPT_LINES}; END",
    ]
    for table, (kind, *columns) in _WATCHED.items():
        for moment, versions in (
            ("INSERT", ("NEW",)),
            ("UPDATE", ("OLD", "NEW")),
            ("DELETE", ("OLD",)),
        ):
            lines = "; ".join(_line(kind, columns, version) for version in versions)
            statements.append(
                f"CREATE TRIGGER {table}_changed_{moment.lower()} AFTER {moment} ON {table}"
                f" BEGIN {lines}; END"
            )
    return statements


def _line(kind: ChangeKind, columns: list[str], version: str) -> str:
    values = ", ".join(_NULL if name == _NULL else f"{version}.{name}" for name in columns)
    return (
        f"INSERT INTO changes (kind, doctor_id, patient_id, at) VALUES ('{kind.value}', {values})"
    )


def read_notification(payload: str) -> Change:
    """The change that a notification of ``postgresql_statements`` speaks of."""
    kind, doctor, patient, at = payload.split("|")
    return Change(
        ChangeKind(kind),
        int(doctor) if doctor else None,
        int(patient) if patient else None,
        from_seconds(int(at)) if at else None,
    )


def read_line(kind: str, doctor_id: int | None, patient_id: int | None, at: int | None) -> Change:
    """The change that a line of SQLite's table speaks of."""
    instant = None if at is None else from_seconds(at // 1_000_000)
    return Change(ChangeKind(kind), doctor_id, patient_id, instant)


def attach_change_log(metadata: MetaData) -> None:
    """Create the triggers whenever all tables are created from the models."""
    for dialect, statements in (
        ("postgresql", postgresql_statements()),
        ("sqlite", sqlite_statements()),
    ):
        for statement in statements:
            # DDL formats with %, which is an operator here.
            ddl = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            event.listen(metadata, "after_create", ddl)
