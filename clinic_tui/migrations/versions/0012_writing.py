"""How the clinic writes clocks and dates, and on which day its weeks begin.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the columns: until somebody says otherwise all is written as before."""
    op.add_column(
        "clinic",
        sa.Column("clock_hours", sa.Integer(), server_default=sa.text("24"), nullable=False),
    )
    op.add_column(
        "clinic",
        sa.Column("first_weekday", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("clinic", sa.Column("date_order", sa.Text(), nullable=True))
