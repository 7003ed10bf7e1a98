"""Messages: all that is known of sending them, how they are worded, and the replies.

The outbox is made anew with its rows in it: SQLite cannot widen a check of a table that is
there. Nothing refers to it and it has no triggers, so that nothing is lost on the way.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
KEPT = (
    "id, appointment_id, sequence, kind, channel, doctor_id, starts_at, due_at, status,"
    " message_id, created_at"
)
INDEXES = (
    "CREATE UNIQUE INDEX uq_outbox_visit ON outbox"
    " (appointment_id, sequence, kind, channel, lead_hours, coalesce(doctor_id, 0))"
    " WHERE appointment_id IS NOT NULL",
    "CREATE UNIQUE INDEX uq_outbox_offer ON outbox (offer_id, channel) WHERE offer_id IS NOT NULL",
    "CREATE UNIQUE INDEX uq_outbox_day ON outbox (about_day, doctor_id, channel)"
    " WHERE about_day IS NOT NULL",
    "CREATE INDEX ix_outbox_open ON outbox (due_at)"
    " WHERE status IN ('queued', 'sending', 'unknown')",
    "CREATE INDEX ix_outbox_failed ON outbox (id) WHERE status = 'failed'",
)


def choice(name: str, *codes: str) -> sa.Enum:
    """Text with a named check."""
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=24)


KINDS = choice(
    "kind",
    "confirmation", "reminder", "changed", "cancelled", "offer", "absence", "agenda", "reset",
)  # fmt: skip


def upgrade() -> None:
    """Settings, the outbox, and what belongs to it."""
    set_rules()
    widen_outbox()
    word_messages()
    take_replies()


def set_rules() -> None:
    """Of quiet hours, the doctors' agenda and the caps."""
    op.add_column("clinic", sa.Column("quiet_from", sa.Integer(), nullable=True))
    op.add_column("clinic", sa.Column("quiet_until", sa.Integer(), nullable=True))
    op.add_column("clinic", sa.Column("agenda_minute", sa.Integer(), nullable=True))
    op.add_column(
        "clinic", sa.Column("sms_countries", sa.Text(), server_default="", nullable=False)
    )
    op.add_column(
        "clinic",
        sa.Column("daily_cap", sa.Integer(), server_default=sa.text("2000"), nullable=False),
    )
    op.add_column(
        "clinic",
        sa.Column("patient_cap", sa.Integer(), server_default=sa.text("10"), nullable=False),
    )


def widen_outbox() -> None:
    """A new table with the rows of the old one."""
    connection = op.get_bind()
    connection.exec_driver_sql("CREATE TEMPORARY TABLE kept AS SELECT * FROM outbox")
    op.drop_table("outbox")
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("offer_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("about_day", sa.Date(), nullable=True),
        sa.Column("sequence", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("lead_hours", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("kind", KINDS, nullable=False),
        sa.Column("channel", choice("channel", "email", "sms"), nullable=False),
        sa.Column("doctor_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", INSTANT, nullable=True),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column(
            "status",
            choice(
                "status", "queued", "sending", "unknown", "sent", "delivered", "failed", "withdrawn"
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "appointment_id IS NOT NULL OR offer_id IS NOT NULL OR account_id IS NOT NULL"
            " OR about_day IS NOT NULL",
            name=op.f("ck_outbox_about"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_outbox_account_id")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_outbox_appointment_id")
        ),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctors.id"], name=op.f("fk_outbox_doctor_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_outbox_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    connection.exec_driver_sql(f"INSERT INTO outbox ({KEPT}) SELECT {KEPT} FROM kept")
    connection.exec_driver_sql("DROP TABLE kept")
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "SELECT setval(pg_get_serial_sequence('outbox', 'id'),"
            " (SELECT coalesce(max(id), 0) + 1 FROM outbox), false)"
        )
    connection.exec_driver_sql(
        "UPDATE outbox SET lead_hours = coalesce((SELECT reminder_hours FROM clinic), 24)"
        " WHERE kind = 'reminder'"
    )
    for statement in INDEXES:
        connection.exec_driver_sql(statement)


def word_messages() -> None:
    """The clinic's own words, and how often each visit type reminds."""
    op.create_table(
        "templates",
        sa.Column("kind", KINDS, nullable=False),
        sa.Column("channel", choice("channel", "email", "sms"), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "channel", "language", name=op.f("pk_templates")),
    )
    op.create_table(
        "visit_type_reminders",
        sa.Column("visit_type_id", sa.Integer(), nullable=False),
        sa.Column("hours", sa.Integer(), autoincrement=False, nullable=False),
        sa.CheckConstraint("hours BETWEEN 1 AND 2160", name=op.f("ck_visit_type_reminders_hours")),
        sa.ForeignKeyConstraint(
            ["visit_type_id"],
            ["visit_types.id"],
            name=op.f("fk_visit_type_reminders_visit_type_id"),
        ),
        sa.PrimaryKeyConstraint("visit_type_id", "hours", name=op.f("pk_visit_type_reminders")),
    )


def take_replies() -> None:
    """What came back, and how each channel fares."""
    op.create_table(
        "replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("channel", choice("channel", "email", "sms"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "meaning", choice("meaning", "yes", "no", "stop", "start", "other"), nullable=False
        ),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("status", choice("status", "open", "done"), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.Column("done_by", sa.Integer(), nullable=True),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_replies_appointment_id")
        ),
        sa.ForeignKeyConstraint(["done_by"], ["accounts.id"], name=op.f("fk_replies_done_by")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_replies_patient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint("sid", name=op.f("uq_replies_sid")),
    )
    op.create_index(op.f("ix_replies_patient_id"), "replies", ["patient_id"], unique=False)
    op.create_index(
        op.f("ix_replies_status_received_at"), "replies", ["status", "received_at"], unique=False
    )
    op.create_table(
        "channels",
        sa.Column("channel", choice("channel", "email", "sms"), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("open_until", INSTANT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("read_until", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channels")),
    )
