"""The index by which the messages of a day are counted, however many there were before.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_outbox_sent_at", "outbox", ["sent_at"], unique=False)
