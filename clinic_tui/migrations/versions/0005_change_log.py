"""Tables tell what changes in them: PostgreSQL's notify, SQLite's write it down.

Which doctor, patient and day, never the content.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

NULL = "NULL"
WATCHED: dict[str, tuple[str, str, str, str]] = {
    # table: what it is, and its columns for the doctor, the patient and the instant.
    "appointments": ("visit", "doctor_id", "patient_id", "starts_at"),
    "weekly_hours": ("hours", "doctor_id", NULL, NULL),
    "extra_hours": ("hours", "doctor_id", NULL, NULL),
    "time_off": ("hours", "doctor_id", NULL, NULL),
    "reserved_hours": ("hours", "doctor_id", NULL, NULL),
    "doctors": ("doctor", "id", NULL, NULL),
    "doctor_specialties": ("doctor", "doctor_id", NULL, NULL),
    "patients": ("patient", NULL, "id", NULL),
    "patient_phones": ("patient", NULL, "patient_id", NULL),
    "waitlist": ("waitlist", NULL, "patient_id", NULL),
    "offers": ("waitlist", "doctor_id", NULL, "starts_at"),
    "outbox": ("messages", NULL, NULL, NULL),
    "replies": ("messages", NULL, "patient_id", NULL),
    "clinic": ("clinic", NULL, NULL, NULL),
    "closures": ("clinic", NULL, NULL, NULL),
    "rooms": ("clinic", NULL, NULL, NULL),
    "specialties": ("clinic", NULL, NULL, NULL),
    "visit_types": ("clinic", NULL, NULL, NULL),
    "visit_type_specialties": ("clinic", NULL, NULL, NULL),
}


def upgrade() -> None:
    """Watch every table that a screen shows."""
    connection = op.get_bind()
    on_sqlite = connection.dialect.name == "sqlite"
    for statement in sqlite_statements() if on_sqlite else postgresql_statements():
        connection.exec_driver_sql(statement)


def postgresql_statements() -> list[str]:
    """A function that notifies, and a trigger on every table that is watched."""
    function = (
        "CREATE FUNCTION clinic_changed() RETURNS trigger LANGUAGE plpgsql AS $$"
        " DECLARE seen jsonb; BEGIN"
        " FOREACH seen IN ARRAY CASE TG_OP WHEN 'INSERT' THEN ARRAY[to_jsonb(NEW)]"
        " WHEN 'DELETE' THEN ARRAY[to_jsonb(OLD)] ELSE ARRAY[to_jsonb(OLD), to_jsonb(NEW)] END"
        " LOOP PERFORM pg_notify('clinic_changes', concat(TG_ARGV[0], '|', seen ->> TG_ARGV[1],"
        " '|', seen ->> TG_ARGV[2], '|', extract(epoch FROM (seen ->> TG_ARGV[3])::timestamptz)"
        "::bigint)); END LOOP; RETURN NULL; END $$"
    )
    return [
        function,
        *(
            f"CREATE TRIGGER {table}_changed AFTER INSERT OR UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION clinic_changed("
            + ", ".join(f"'{word}'" for word in (kind, *columns))
            + ")"
            for table, (kind, *columns) in WATCHED.items()
        ),
    ]


def sqlite_statements() -> list[str]:
    """The table of changes, what keeps it short, and triggers on every table that is watched."""
    statements = [
        "CREATE TABLE changes (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, doctor_id INTEGER,"
        " patient_id INTEGER, at BIGINT)",
        "CREATE TRIGGER changes_pruned AFTER INSERT ON changes WHEN NEW.id % 256 = 0 BEGIN"
        " DELETE FROM changes WHERE id <= NEW.id - 4096; END",
    ]
    for table, (kind, *columns) in WATCHED.items():
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


def _line(kind: str, columns: list[str], version: str) -> str:
    values = ", ".join(NULL if name == NULL else f"{version}.{name}" for name in columns)
    return f"INSERT INTO changes (kind, doctor_id, patient_id, at) VALUES ('{kind}', {values})"
