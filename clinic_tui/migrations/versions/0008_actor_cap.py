"""How many messages an hour one account's acts may lead to.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column."""
    op.add_column(
        "clinic",
        sa.Column("actor_cap", sa.Integer(), server_default=sa.text("300"), nullable=False),
    )
