"""Messages that failed, found by the start of the visit of which they speak.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the index: a day in the calendar marks the visits whose message was not sent."""
    op.execute("CREATE INDEX ix_outbox_failed_of ON outbox (starts_at) WHERE status = 'failed'")
