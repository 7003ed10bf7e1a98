"""The index that tells when a doctor is taken without a look at the visits themselves.

It takes the place of the one that begins with the same columns.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the wider index, then drop the one that it makes needless."""
    op.create_index(
        "ix_appointments_busy",
        "appointments",
        ["doctor_id", "blocked_from", "blocked_until", "status", "held_until"],
        unique=False,
    )
    op.drop_index("ix_appointments_doctor_id_blocked_from", table_name="appointments")
