"""The desk's tools: holds, overbooking, reserved hours, series, the waitlist, the tray, undo.

Columns are added to the tables that are there without a check of their own: SQLite could only
take one by rebuilding the table, which drops its triggers.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

INSTANT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def choice(name: str, *codes: str) -> sa.Enum:
    """Text with a named check."""
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    """Add the columns and the tables."""
    add_columns()
    reserve_hours()
    keep_series()
    keep_waitlist()
    keep_offers()
    serve_desks()


def add_columns() -> None:
    """Of holds, of overbooked visits, of visit types."""
    op.add_column(
        "appointments", sa.Column("overbook_reason", sa.Text(), server_default="", nullable=False)
    )
    op.add_column("appointments", sa.Column("held_until", INSTANT, nullable=True))
    op.add_column("appointments", sa.Column("held_by", sa.Integer(), nullable=True))
    op.add_column("appointments", sa.Column("held_desk", sa.Text(), nullable=True))
    op.add_column(
        "visit_types",
        sa.Column("notice_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("visit_types", sa.Column("horizon_days", sa.Integer(), nullable=True))
    op.get_bind().exec_driver_sql(
        "CREATE INDEX ix_appointments_held ON appointments (held_until) WHERE status = 'held'"
    )


def reserve_hours() -> None:
    """Part of a doctor's hours kept for a visit type."""
    op.create_table(
        "reserved_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.Column("visit_type_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("release_minute", sa.Integer(), nullable=True),
        sa.Column("release_hours", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "0 <= starts AND starts < ends AND ends <= 1440", name=op.f("ck_reserved_hours_order")
        ),
        sa.CheckConstraint(
            "release_hours BETWEEN 1 AND 8760", name=op.f("ck_reserved_hours_release_hours")
        ),
        sa.CheckConstraint(
            "release_minute IS NULL OR"
            " (release_minute BETWEEN 0 AND 1440 AND release_hours IS NULL)",
            name=op.f("ck_reserved_hours_release"),
        ),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_reserved_hours_validity")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_reserved_hours_weekday")),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctors.id"], name=op.f("fk_reserved_hours_doctor_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_type_id"], ["visit_types.id"], name=op.f("fk_reserved_hours_visit_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reserved_hours")),
    )
    op.create_index(
        op.f("ix_reserved_hours_doctor_id"), "reserved_hours", ["doctor_id"], unique=False
    )


def keep_series() -> None:
    """Visits that repeat by a rule."""
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name=op.f("ck_series_minute")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_series_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
    )
    op.create_index(op.f("ix_series_patient_id"), "series", ["patient_id"], unique=False)
    op.create_table(
        "series_visits",
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_series_visits_appointment_id")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_series_visits_series_id")
        ),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_series_visits")),
    )
    op.create_index(
        op.f("ix_series_visits_series_id_day"), "series_visits", ["series_id", "day"], unique=False
    )


def keep_waitlist() -> None:
    """Who waits for what."""
    op.create_table(
        "waitlist",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("visit_type_id", sa.Integer(), nullable=False),
        sa.Column("specialty_id", sa.Integer(), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.Column("until_minute", sa.Integer(), nullable=False),
        sa.Column("urgency", choice("urgency", "routine", "soon", "urgent"), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "status", choice("status", "waiting", "offered", "booked", "withdrawn"), nullable=False
        ),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "0 <= from_minute AND from_minute < until_minute AND until_minute <= 1440",
            name=op.f("ck_waitlist_minutes_of_day"),
        ),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_waitlist_dates")),
        sa.CheckConstraint("minutes BETWEEN 5 AND 720", name=op.f("ck_waitlist_minutes")),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name=op.f("ck_waitlist_weekdays")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_waitlist_appointment_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_waitlist_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["specialty_id"], ["specialties.id"], name=op.f("fk_waitlist_specialty_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_type_id"], ["visit_types.id"], name=op.f("fk_waitlist_visit_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist")),
    )
    op.create_index(op.f("ix_waitlist_patient_id"), "waitlist", ["patient_id"], unique=False)
    op.create_index(
        op.f("ix_waitlist_status_visit_type_id"),
        "waitlist",
        ["status", "visit_type_id"],
        unique=False,
    )
    op.create_table(
        "waitlist_doctors",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctors.id"], name=op.f("fk_waitlist_doctors_doctor_id")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["waitlist.id"], name=op.f("fk_waitlist_doctors_entry_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", "doctor_id", name=op.f("pk_waitlist_doctors")),
    )
    op.get_bind().exec_driver_sql(
        "CREATE UNIQUE INDEX uq_waitlist_earlier ON waitlist (appointment_id)"
        " WHERE appointment_id IS NOT NULL AND status IN ('waiting', 'offered')"
    )


def keep_offers() -> None:
    """What was offered to them."""
    op.create_table(
        "offers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("hold_id", sa.Integer(), nullable=False),
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column(
            "status", choice("status", "open", "accepted", "declined", "expired"), nullable=False
        ),
        sa.Column("offered_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_offers_order")),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctors.id"], name=op.f("fk_offers_doctor_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["waitlist.id"], name=op.f("fk_offers_entry_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_offers_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
    )
    op.create_index(op.f("ix_offers_entry_id"), "offers", ["entry_id"], unique=False)
    op.create_index(
        op.f("ix_offers_status_expires_at"), "offers", ["status", "expires_at"], unique=False
    )
    op.get_bind().exec_driver_sql(
        "CREATE UNIQUE INDEX uq_offers_open ON offers (entry_id) WHERE status = 'open'"
    )


def serve_desks() -> None:
    """Each account's carry tray and its ways back."""
    op.create_table(
        "tray",
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("lifted_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_tray_account_id")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_tray_appointment_id")
        ),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_tray")),
    )
    op.create_index(
        op.f("ix_tray_account_id_lifted_at"), "tray", ["account_id", "lifted_at"], unique=False
    )
    op.create_table(
        "undo_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("way_back", sa.JSON(), nullable=False),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_undo_steps_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undo_steps")),
    )
    op.create_index(
        op.f("ix_undo_steps_account_id_id"), "undo_steps", ["account_id", "id"], unique=False
    )
    op.create_index(op.f("ix_undo_steps_at"), "undo_steps", ["at"], unique=False)
