"""The index that shows a day of the calendar without a look at the visits themselves.

It takes the place of the one that begins with the same column.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the wider index, then drop the one that it makes needless."""
    op.create_index(
        "ix_appointments_day",
        "appointments",
        [
            *("starts_at", "id", "ends_at", "status", "held_until", "doctor_id", "patient_id"),
            *("visit_type_id", "room_id", "blocked_from", "blocked_until", "overbooked"),
            "confirmed_at",
        ],
        unique=False,
    )
    op.drop_index("ix_appointments_starts_at", table_name="appointments")
