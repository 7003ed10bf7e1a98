"""The first tables: patients, doctors, schedules, appointments, accounts, outbox and audit.

The guards against double-booking are written out here and not taken from the models: a migration
must go on meaning what it meant on the day it was written.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ExcludeConstraint

revision = "0001"
down_revision = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
OCCUPYING = "'held', 'pending', 'booked', 'arrived', 'checked-in', 'fulfilled'"
LONGEST_BLOCK = 57_600_000_000
"""16 hours in microseconds: 12 of a visit, 2 of each buffer."""
RULES = (
    ("appointments_doctor_free", "doctor_id", "blocked_from", "blocked_until", True),
    ("appointments_patient_free", "patient_id", "starts_at", "ends_at", False),
    ("appointments_room_free", "room_id", "starts_at", "ends_at", False),
)


def choice(name: str, *codes: str) -> sa.Enum:
    """Text with a named check."""
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=24)


def length_checks() -> list[sa.CheckConstraint]:
    """5 minutes to 12 hours, in each database's arithmetic."""
    in_sqlite = (
        "ends_at - starts_at BETWEEN 300000000 AND 43200000000"
        " AND blocked_until - blocked_from <= 57600000000"
    )
    in_postgresql = (
        "ends_at - starts_at BETWEEN interval '5 minutes' AND interval '720 minutes'"
        " AND blocked_until - blocked_from <= interval '960 minutes'"
    )
    name = op.f("ck_appointments_length")
    return [
        sa.CheckConstraint(in_sqlite, name=name).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(in_postgresql, name=name).ddl_if(dialect="postgresql"),
    ]


def exclusions() -> list[ExcludeConstraint]:
    """PostgreSQL's guards against double-booking."""
    return [
        ExcludeConstraint(
            (sa.column(owner), "="),
            (sa.text(f"tstzrange({first}, {last}, '[)')"), "&&"),
            name=name,
            using="gist",
            where=sa.text(
                f"status IN ({OCCUPYING})" + (" AND NOT overbooked" if may_overbook else "")
            ),
        ).ddl_if(dialect="postgresql")
        for name, owner, first, last, may_overbook in RULES
    ]


def triggers() -> list[str]:
    """SQLite's guards against double-booking."""
    statements = []
    for name, owner, first, last, may_overbook in RULES:
        mine = " AND NOT NEW.overbooked" if may_overbook else ""
        theirs = " AND NOT other.overbooked" if may_overbook else ""
        for moment, when in (
            ("insert", "INSERT"),
            ("update", f"UPDATE OF {owner}, {first}, {last}, status, overbooked"),
        ):
            statements.append(
                f"CREATE TRIGGER {name}_{moment} BEFORE {when} ON appointments"
                f" WHEN NEW.status IN ({OCCUPYING}){mine} AND EXISTS ("
                f"SELECT 1 FROM appointments AS other WHERE other.{owner} = NEW.{owner}"
                f" AND other.{first} < NEW.{last} AND other.{first} > NEW.{first} - {LONGEST_BLOCK}"
                f" AND other.{last} > NEW.{first} AND other.status IN ({OCCUPYING}){theirs}"
                f" AND other.id IS NOT NEW.id)"
                f" BEGIN SELECT RAISE(ABORT, '{name}'); END"
            )
    return statements


AUDIT_IS_APPEND_ONLY = {
    "sqlite": [
        "CREATE TRIGGER audit_append_only_update BEFORE UPDATE ON audit"
        " BEGIN SELECT RAISE(ABORT, 'audit_append_only'); END",
        "CREATE TRIGGER audit_append_only_delete BEFORE DELETE ON audit"
        " BEGIN SELECT RAISE(ABORT, 'audit_append_only'); END",
    ],
    "postgresql": [
        "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN RAISE EXCEPTION ''audit_append_only'' USING ERRCODE = ''23514''; END'",
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
    ],
}


def upgrade() -> None:
    """Create every table, index and guard."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS btree_gist")
    create_tables()
    if connection.dialect.name == "sqlite":
        for statement in triggers():
            connection.exec_driver_sql(statement)
    for statement in AUDIT_IS_APPEND_ONLY[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def create_tables() -> None:
    """The tables and their indexes."""
    op.create_table(
        "clinic",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("holiday_country", sa.Text(), nullable=True),
        sa.Column("holiday_subdivision", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("grid_minutes", sa.Integer(), nullable=False),
        sa.Column("grace_seconds", sa.Integer(), nullable=False),
        sa.Column("reminder_hours", sa.Integer(), nullable=False),
        sa.CheckConstraint("grace_seconds BETWEEN 0 AND 3600", name=op.f("ck_clinic_grace")),
        sa.CheckConstraint("grid_minutes IN (5, 10, 15, 20, 30, 60)", name=op.f("ck_clinic_grid")),
        sa.CheckConstraint("id = 1", name=op.f("ck_clinic_one_row")),
        sa.CheckConstraint("reminder_hours BETWEEN 1 AND 336", name=op.f("ck_clinic_reminder")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinic")),
    )
    op.create_table(
        "closures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_closures_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closures")),
    )
    op.create_index(op.f("ix_closures_last_day"), "closures", ["last_day"], unique=False)
    op.create_table(
        "doctors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("outside_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doctors")),
        sa.UniqueConstraint("outside_id", name=op.f("uq_doctors_outside_id")),
    )
    op.create_index(op.f("ix_doctors_name_key"), "doctors", ["name_key"], unique=False)
    op.create_table(
        "patients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_number", KEY, nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("sex", choice("sex", "female", "male", "other", "unknown"), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("prefers", choice("prefers", "email", "sms"), nullable=True),
        sa.Column("email_consent_at", INSTANT, nullable=True),
        sa.Column("sms_consent_at", INSTANT, nullable=True),
        sa.Column("alert", sa.Text(), nullable=False),
        sa.Column("outside_id", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patients")),
        sa.UniqueConstraint("outside_id", name=op.f("uq_patients_outside_id")),
        sa.UniqueConstraint("record_number", name=op.f("uq_patients_record_number")),
    )
    op.create_index(op.f("ix_patients_birth_date"), "patients", ["birth_date"], unique=False)
    op.create_table(
        "rooms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms")),
        sa.UniqueConstraint("name_key", name=op.f("uq_rooms_name_key")),
    )
    op.create_table(
        "specialties",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_specialties")),
        sa.UniqueConstraint("name_key", name=op.f("uq_specialties_name_key")),
    )
    op.create_table(
        "visit_types",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_before", sa.Integer(), nullable=False),
        sa.Column("buffer_after", sa.Integer(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "buffer_before BETWEEN 0 AND 120 AND buffer_after BETWEEN 0 AND 120",
            name=op.f("ck_visit_types_buffers"),
        ),
        sa.CheckConstraint("minutes BETWEEN 5 AND 720", name=op.f("ck_visit_types_minutes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_types")),
        sa.UniqueConstraint("name_key", name=op.f("uq_visit_types_name_key")),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("doctor_id", sa.Integer(), nullable=True),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("grants", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctors.id"], name=op.f("fk_accounts_doctor_id")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_accounts_patient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("username", name=op.f("uq_accounts_username")),
    )
    op.create_table(
        "appointments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.Column("visit_type_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("blocked_from", INSTANT, nullable=False),
        sa.Column("blocked_until", INSTANT, nullable=False),
        sa.Column(
            "status",
            choice(
                "status",
                "held",
                "pending",
                "booked",
                "arrived",
                "checked-in",
                "fulfilled",
                "cancelled",
                "noshow",
                "entered-in-error",
            ),
            nullable=False,
        ),
        sa.Column("overbooked", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("arrived_at", INSTANT, nullable=True),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("cancelled_by", choice("cancelled_by", "patient", "clinic"), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.Column("outside_id", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "status = 'held' OR patient_id IS NOT NULL", name=op.f("ck_appointments_patient")
        ),
        sa.CheckConstraint(
            "blocked_from <= starts_at AND ends_at <= blocked_until",
            name=op.f("ck_appointments_buffers"),
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_appointments_order")),
        *length_checks(),
        *exclusions(),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctors.id"], name=op.f("fk_appointments_doctor_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_appointments_patient_id")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_appointments_room_id")),
        sa.ForeignKeyConstraint(
            ["visit_type_id"], ["visit_types.id"], name=op.f("fk_appointments_visit_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
        sa.UniqueConstraint("outside_id", name=op.f("uq_appointments_outside_id")),
    )
    op.create_index(
        op.f("ix_appointments_doctor_id_blocked_from"),
        "appointments",
        ["doctor_id", "blocked_from"],
        unique=False,
    )
    op.create_index(
        op.f("ix_appointments_patient_id_starts_at"),
        "appointments",
        ["patient_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_appointments_room_id_starts_at"),
        "appointments",
        ["room_id", "starts_at"],
        unique=False,
    )
    op.create_index(op.f("ix_appointments_starts_at"), "appointments", ["starts_at"], unique=False)
    op.create_table(
        "doctor_specialties",
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.Column("specialty_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctors.id"], name=op.f("fk_doctor_specialties_doctor_id")
        ),
        sa.ForeignKeyConstraint(
            ["specialty_id"], ["specialties.id"], name=op.f("fk_doctor_specialties_specialty_id")
        ),
        sa.PrimaryKeyConstraint("doctor_id", "specialty_id", name=op.f("pk_doctor_specialties")),
    )
    op.create_index(
        op.f("ix_doctor_specialties_specialty_id"),
        "doctor_specialties",
        ["specialty_id"],
        unique=False,
    )
    op.create_table(
        "extra_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "0 <= starts AND starts < ends AND ends <= 1440", name=op.f("ck_extra_hours_order")
        ),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctors.id"], name=op.f("fk_extra_hours_doctor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extra_hours")),
    )
    op.create_index(
        op.f("ix_extra_hours_doctor_id_day"), "extra_hours", ["doctor_id", "day"], unique=False
    )
    op.create_table(
        "patient_phones",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("reversed_digits", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_patient_phones_patient_id")
        ),
        sa.PrimaryKeyConstraint("patient_id", "position", name=op.f("pk_patient_phones")),
    )
    op.create_index(
        op.f("ix_patient_phones_reversed_digits"),
        "patient_phones",
        ["reversed_digits"],
        unique=False,
    )
    op.create_table(
        "patient_words",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("word", KEY, nullable=False),
        sa.Column("name_key", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_patient_words_patient_id")
        ),
        sa.PrimaryKeyConstraint("patient_id", "word", name=op.f("pk_patient_words")),
    )
    op.create_index(
        op.f("ix_patient_words_word_name_key_patient_id"),
        "patient_words",
        ["word", "name_key", "patient_id"],
        unique=False,
    )
    op.create_table(
        "time_off",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_time_off_order")),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctors.id"], name=op.f("fk_time_off_doctor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_off")),
    )
    op.create_index(
        op.f("ix_time_off_doctor_id_ends_at"), "time_off", ["doctor_id", "ends_at"], unique=False
    )
    op.create_table(
        "visit_type_specialties",
        sa.Column("visit_type_id", sa.Integer(), nullable=False),
        sa.Column("specialty_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["specialty_id"],
            ["specialties.id"],
            name=op.f("fk_visit_type_specialties_specialty_id"),
        ),
        sa.ForeignKeyConstraint(
            ["visit_type_id"],
            ["visit_types.id"],
            name=op.f("fk_visit_type_specialties_visit_type_id"),
        ),
        sa.PrimaryKeyConstraint(
            "visit_type_id", "specialty_id", name=op.f("pk_visit_type_specialties")
        ),
    )
    op.create_table(
        "weekly_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 <= starts AND starts < ends AND ends <= 1440", name=op.f("ck_weekly_hours_order")
        ),
        sa.CheckConstraint(
            "every_weeks BETWEEN 1 AND 52 AND (every_weeks = 1 OR valid_from IS NOT NULL)",
            name=op.f("ck_weekly_hours_every_weeks"),
        ),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_weekly_hours_validity")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_weekly_hours_weekday")),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctors.id"], name=op.f("fk_weekly_hours_doctor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_hours")),
    )
    op.create_index(op.f("ix_weekly_hours_doctor_id"), "weekly_hours", ["doctor_id"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("doctor_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_audit_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("request_key", name=op.f("uq_audit_request_key")),
    )
    op.create_index(op.f("ix_audit_appointment_id"), "audit", ["appointment_id"], unique=False)
    op.create_index(op.f("ix_audit_patient_id_at"), "audit", ["patient_id", "at"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            choice("kind", "confirmation", "reminder", "changed", "cancelled"),
            nullable=False,
        ),
        sa.Column("channel", choice("channel", "email", "sms"), nullable=False),
        sa.Column("doctor_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column(
            "status",
            choice("status", "queued", "sending", "sent", "failed", "withdrawn"),
            nullable=False,
        ),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_outbox_appointment_id")
        ),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctors.id"], name=op.f("fk_outbox_doctor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    op.create_index(
        "ix_outbox_open",
        "outbox",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('queued', 'sending')"),
        sqlite_where=sa.text("status IN ('queued', 'sending')"),
    )
    op.create_index(
        "uq_outbox_doctor",
        "outbox",
        ["appointment_id", "sequence", "kind", "channel", "doctor_id"],
        unique=True,
        postgresql_where=sa.text("doctor_id IS NOT NULL"),
        sqlite_where=sa.text("doctor_id IS NOT NULL"),
    )
    op.create_index(
        "uq_outbox_patient",
        "outbox",
        ["appointment_id", "sequence", "kind", "channel"],
        unique=True,
        postgresql_where=sa.text("doctor_id IS NULL"),
        sqlite_where=sa.text("doctor_id IS NULL"),
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_sign_ins_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_ins_token_hash")),
    )
    op.create_index(op.f("ix_sign_ins_account_id"), "sign_ins", ["account_id"], unique=False)
