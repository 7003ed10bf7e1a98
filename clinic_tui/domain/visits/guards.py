"""The last word on double-booking: what the database itself refuses.

No two visits that occupy time may overlap for one doctor (buffers included, unless one is marked
overbooked), one patient or one room, whatever code wrote them. PostgreSQL says so with exclusion
constraints, SQLite with triggers on INSERT and UPDATE. Both carry the same three names, which
``violated`` finds again in a driver's error. Intervals are half-open.
"""

from __future__ import annotations

from sqlalchemy import DDL, CheckConstraint, FromClause, event
from sqlalchemy.exc import IntegrityError

OCCUPYING = ("held", "pending", "booked", "arrived", "checked-in", "fulfilled")
"""The statuses that occupy time; a cancelled visit frees its time at once."""

MIN_MINUTES, MAX_MINUTES = 5, 720
MAX_BUFFER = 120
MAX_BLOCK_MINUTES = MAX_MINUTES + 2 * MAX_BUFFER
"""No visit blocks a doctor longer, so an overlap is never sought further back than this."""

DOCTOR_FREE = "appointments_doctor_free"
PATIENT_FREE = "appointments_patient_free"
ROOM_FREE = "appointments_room_free"
GUARDS = (DOCTOR_FREE, PATIENT_FREE, ROOM_FREE)

_MICROSECONDS_PER_MINUTE = 60_000_000
_STATUSES = ", ".join(f"'{status}'" for status in OCCUPYING)


def length_checks() -> list[CheckConstraint]:
    """5 minutes to 12 hours, and a bound on the buffers; in each database's arithmetic."""
    shortest, longest = MIN_MINUTES, MAX_MINUTES
    in_sqlite = (
        f"ends_at - starts_at BETWEEN {shortest * _MICROSECONDS_PER_MINUTE}"
        f" AND {longest * _MICROSECONDS_PER_MINUTE}"
        f" AND blocked_until - blocked_from <= {MAX_BLOCK_MINUTES * _MICROSECONDS_PER_MINUTE}"
    )
    in_postgresql = (
        f"ends_at - starts_at BETWEEN interval '{shortest} minutes'"
        f" AND interval '{longest} minutes'"
        f" AND blocked_until - blocked_from <= interval '{MAX_BLOCK_MINUTES} minutes'"
    )
    return [
        CheckConstraint(in_sqlite, name="length").ddl_if(dialect="sqlite"),
        CheckConstraint(in_postgresql, name="length").ddl_if(dialect="postgresql"),
    ]


def exclusion_statements() -> list[str]:
    """PostgreSQL: one exclusion constraint each for doctor, patient and room.

    Statements as the triggers are, and not SQLAlchemy's constraints: those would make everybody
    on SQLite wait 40 ms for the import of PostgreSQL's dialect.
    """
    return [
        f"ALTER TABLE appointments ADD CONSTRAINT {name} EXCLUDE USING gist"
        f" ({owner} WITH =, tstzrange({first}, {last}, '[)') WITH &&)"
        f" WHERE (status IN ({_STATUSES}){unless})"
        for name, owner, first, last, unless in _RULES
    ]


_RULES = (
    (DOCTOR_FREE, "doctor_id", "blocked_from", "blocked_until", " AND NOT overbooked"),
    (PATIENT_FREE, "patient_id", "starts_at", "ends_at", ""),
    (ROOM_FREE, "room_id", "starts_at", "ends_at", ""),
)


def trigger_statements() -> list[str]:
    """SQLite: a trigger before INSERT and one before UPDATE for each of the three.

    The search for an overlap is bounded below by the longest block there may be; without that
    bound it costs a hundred times more in a full book.
    """
    reach = MAX_BLOCK_MINUTES * _MICROSECONDS_PER_MINUTE
    statements = []
    for name, owner, first, last, unless in _RULES:
        mine = unless.replace("overbooked", "NEW.overbooked")
        theirs = unless.replace("overbooked", "other.overbooked")
        for moment, when in (
            ("insert", "INSERT"),
            ("update", f"UPDATE OF {owner}, {first}, {last}, status, overbooked"),
        ):
            statements.append(
                f"CREATE TRIGGER {name}_{moment} BEFORE {when} ON appointments"
                f" WHEN NEW.status IN ({_STATUSES}){mine} AND EXISTS ("
                f"SELECT 1 FROM appointments AS other WHERE other.{owner} = NEW.{owner}"
                f" AND other.{first} < NEW.{last} AND other.{first} > NEW.{first} - {reach}"
                f" AND other.{last} > NEW.{first} AND other.status IN ({_STATUSES}){theirs}"
                f" AND other.id IS NOT NEW.id)"
                f" BEGIN SELECT RAISE(ABORT, '{name}'); END"
            )
    return statements


def _ddl(statement: str, dialect: str) -> DDL:
    """A statement for one database; DDL formats with %, which ours do not use."""
    return DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]


def attach_guards(table: FromClause) -> None:
    """Create what guards the table whenever it is created from the models."""
    event.listen(
        table,
        "before_create",
        _ddl("CREATE EXTENSION IF NOT EXISTS btree_gist", "postgresql"),
    )
    for statement in exclusion_statements():
        event.listen(table, "after_create", _ddl(statement, "postgresql"))
    for statement in trigger_statements():
        event.listen(table, "after_create", _ddl(statement, "sqlite"))


def audit_statements() -> dict[str, list[str]]:
    """By database, what makes the audit trail append-only."""
    return {
        "sqlite": [
            f"CREATE TRIGGER audit_append_only_{what.lower()} BEFORE {what} ON audit"
            " BEGIN SELECT RAISE(ABORT, 'audit_append_only'); END"
            for what in ("UPDATE", "DELETE")
        ],
        "postgresql": [
            "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN RAISE EXCEPTION ''audit_append_only'' USING ERRCODE = ''23514''; END'",
            "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
        ],
    }


def audit_is_append_only() -> list[DDL]:
    """The statements of ``audit_statements`` for the models."""
    return [
        _ddl(statement, dialect)
        for dialect, statements in audit_statements().items()
        for statement in statements
    ]


def violated(error: IntegrityError) -> str | None:
    """Which of the three guards refused, or None when it was something else.

    Only names are read from the error: a driver's full text holds values of the row.
    """
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    if constraint in GUARDS:
        return str(constraint)
    return next((name for name in GUARDS if str(error.orig) == name), None)
