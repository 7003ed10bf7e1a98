"""A day's visits are found by when they end, too.

A visit may reach past midnight, so a day is looked for from half a day before; the index says
which of those visits are over by then without looking at each.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Put the wider index in the place of the narrow one."""
    op.create_index("ix_appointments_starts_at_ends_at", "appointments", ["starts_at", "ends_at"])
    op.drop_index("ix_appointments_starts_at", "appointments")
